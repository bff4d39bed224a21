"""A landing folder of each test's own, and an empty ledger."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tradewind.landing import ensure_raw_tables
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

Query = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def landing(server_settings: Settings, tmp_path: Path) -> Settings:
    """Settings with a landing folder of the test's own; ledger and raw tables are empty."""
    settings = server_settings.model_copy(
        update={
            "landing_dir": tmp_path / "landing",
            "archive_dir": tmp_path / "archive",
            "settle_seconds": 0.0,
        }
    )
    settings.landing.mkdir()
    ensure_raw_tables(settings)
    with connect(Role.ADMIN, settings) as connection:
        tables = connection.execute(
            "select format('raw.%I', tablename) from pg_tables where schemaname = 'raw'"
        )
        names = ", ".join(name for (name,) in tables.fetchall())
        connection.execute(f"truncate ops.load, {names} restart identity cascade".encode())
    return settings


@pytest.fixture
def query(landing: Settings) -> Query:
    """Run a statement as administrator and return its rows."""

    def run(statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        with psycopg_connection(landing) as connection:
            return connection.execute(statement.encode(), parameters).fetchall()

    return run


def psycopg_connection(settings: Settings) -> psycopg.Connection:
    """A connection as administrator."""
    return connect(Role.ADMIN, settings, autocommit=True)
