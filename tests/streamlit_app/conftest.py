"""A published warehouse for the pages, and a way to run a page on it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import dashboard
import tradewind.settings
from insight import database
from insight.database import Snapshot, Warehouse
from insight.text import get_text
from tests.streamlit_app import warehouse
from tradewind.settings import Settings

APP = Path(dashboard.__file__).resolve().parents[1]
RunPage = Callable[..., AppTest]
ADDRESSES = {
    "network_promotion": "network-promotion",
    "site_operation": "site-operation",
    "metric_catalogue": "metrics",
    "data_health": "health",
    "evidence": "evidence",
}
TITLES = {"overview": "overview", **{page: address.replace("-", "_") for page, address in ADDRESSES.items()}}


@pytest.fixture(scope="module")
def page_settings(database_settings: Settings) -> Settings:
    """Settings of a database whose marts are filled and published."""
    warehouse.create_marts(database_settings)
    warehouse.fill(database_settings)
    return database_settings


@pytest.fixture
def snapshot(page_settings: Settings) -> Iterator[Snapshot]:
    """A transaction on the published warehouse."""
    with Warehouse(page_settings).snapshot() as opened:
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
        if page != "overview":
            # switch_page() goes by the file's name, which a page with an address of its own does not go by
            test._page_hash = calc_hash(ADDRESSES[page])
        shown = test.run()
        assert shown.title[0].value == get_text(parameters.get("lang", "en"))(f"titles.{TITLES[page]}")
        return shown

    yield run
    database._warehouse.cache_clear()
