"""Whole warehouses for tests that load, build and publish."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.stack.database import ensure_database
from infra.stack.postgres import free_port
from tradewind.settings import Settings


@contextmanager
def own_warehouse(folder: Path, **settings: object) -> Iterator[Settings]:
    """An embedded server of the test's own in `folder`, its landing folder made; ended with the block."""
    chosen = Settings(
        _env_file=None, state_dir=folder, postgres_port=free_port(), settle_seconds=0, **settings
    )
    server = ensure_database(chosen)
    chosen.landing.mkdir(parents=True, exist_ok=True)
    try:
        yield chosen
    finally:
        if server is not None:
            server.stop("immediate")
