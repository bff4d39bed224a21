"""Fixtures that all rooms share: a database server of the tests' own, and the folder of real exports."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.stack.database import ensure_database
from infra.stack.postgres import free_port
from tradewind.settings import PROJECT_ROOT, Settings


def pytest_configure() -> None:
    """End by SIGTERM as by Ctrl-C: the servers that the tests started end with them."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="session")
def server_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of an embedded server that lives as long as the test session."""
    settings = Settings(
        _env_file=None,
        state_dir=tmp_path_factory.mktemp("state"),
        postgres_port=free_port(),
        settle_seconds=0,
    )
    server = ensure_database(settings)
    yield settings
    if server is not None:
        server.stop("immediate")


@pytest.fixture(scope="session")
def real_exports() -> Path:
    """The folder of real export files beside the repository; a test that needs it is skipped without it."""
    folder = Path(os.environ.get("TRADEWIND_TEST_EXPORTS", PROJECT_ROOT.parent / "shared" / "exports"))
    if not folder.is_dir():
        pytest.skip(f"the real export files are not here: {folder} (set TRADEWIND_TEST_EXPORTS)")
    return folder
