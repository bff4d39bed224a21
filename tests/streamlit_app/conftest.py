"""A published warehouse for the pages, and a way to run a page on it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path

import psycopg
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import dashboard
import tradewind.settings
from dashboard import registry
from insight import database
from insight.database import Snapshot, Warehouse
from insight.text import get_text
from tests.dbt_project import company
from tests.dbt_project.arrivals import arrive, build
from tests.streamlit_app import warehouse
from tests.warehouses import own_warehouse
from tradewind.landing import ensure_raw_tables
from tradewind.settings import Settings
from tradewind.warehouse import Role, connection_url

APP = Path(dashboard.__file__).resolve().parents[1]
RunPage = Callable[..., AppTest]


def open_page(test: AppTest, name: str) -> AppTest:
    """As a click in the menu does; `switch_page()` knows pages that are files alone."""
    (address,) = [page.address for page in registry.PAGES if page.name == name]
    test._page_hash = calc_hash(address) if address else ""
    return test


def open_warehouse(settings: Settings) -> AbstractContextManager[Warehouse]:
    """A pool that is closed with the block."""
    return closing(Warehouse(settings))


@pytest.fixture(scope="session")
def built_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A server whose database dbt has built and published once a session; it is copied, never written to."""
    with own_warehouse(tmp_path_factory.mktemp("built_server")) as settings:
        ensure_raw_tables(settings)
        arrive(settings, *company.EVERYTHING)
        build(settings)
        with psycopg.connect(connection_url(Role.ADMIN, settings, database="postgres")) as administrator:
            # dbt keeps a connection, and what somebody is connected to cannot be copied
            administrator.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where datname is not null and pid <> pg_backend_pid()"
            )
        yield settings


@pytest.fixture(scope="module")
def page_settings(database_settings: Settings) -> Settings:
    """Settings of a database whose marts are filled and published."""
    warehouse.create_marts(database_settings)
    warehouse.fill(database_settings)
    return database_settings


@pytest.fixture
def snapshot(page_settings: Settings) -> Iterator[Snapshot]:
    """A transaction on the published warehouse."""
    with open_warehouse(page_settings) as pool, pool.snapshot() as opened:
        yield opened


@pytest.fixture
def run_page(page_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunPage]:
    """Run a page of the app with query parameters and return what it shows."""
    monkeypatch.setattr(database, "get_settings", lambda: page_settings)
    monkeypatch.setattr("dashboard.components.page.get_settings", lambda: page_settings)
    monkeypatch.setattr(sys, "path", [str(APP), *sys.path])
    tradewind.settings.get_settings.cache_clear()

    def run(page: str, **parameters: str) -> AppTest:
        test = AppTest.from_file(str(APP / "shell.py"), default_timeout=20)
        for name, value in parameters.items():
            test.query_params[name] = value
        shown = open_page(test, page).run()
        assert shown.title[0].value == get_text(parameters.get("lang", "en"))(f"titles.{page}")
        return shown

    yield run
    database.get_warehouse().close()
    database._warehouse.cache_clear()
