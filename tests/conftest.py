"""Fixtures that all rooms share: a database of the module's own, and the folder of real exports."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from xdist.remote import Producer

from tests.distribution import Parts, put_longest_first
from tests.warehouses import own_database, own_warehouse
from tradewind.landing import ensure_raw_tables
from tradewind.settings import PROJECT_ROOT, Settings


def pytest_configure() -> None:
    """End by SIGTERM as by Ctrl-C: the servers that the tests started end with them."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Parts:
    """Divide the tests among processes by files and folders."""
    return Parts(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what takes longest, where the tests run in several processes."""
    if hasattr(config, "workerinput"):
        put_longest_first(items)


@pytest.fixture(scope="session")
def database_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A server that lives as long as the session; its database is copied and never written to."""
    with own_warehouse(tmp_path_factory.mktemp("server")) as settings:
        ensure_raw_tables(settings)
        yield settings


@pytest.fixture(scope="module")
def database_settings(
    database_server: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Settings of a database of the module's own: installed, with a raw table a contract, and empty."""
    with own_database(database_server, tmp_path_factory.mktemp("database")) as settings:
        yield settings


@pytest.fixture(scope="session")
def real_exports() -> Path:
    """The folder of real export files beside the repository; a test that needs it is skipped without it."""
    folder = Path(os.environ.get("TRADEWIND_TEST_EXPORTS", PROJECT_ROOT.parent / "shared" / "exports"))
    if not folder.is_dir():
        pytest.skip(
            "the real export files belong to others and are not part of the repository; they are not in "
            f"{folder} (TRADEWIND_TEST_EXPORTS names another place). Fixtures show the same formats"
        )
    return folder
