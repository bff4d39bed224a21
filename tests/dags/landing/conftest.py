"""A landing folder of each test's own, and an empty ledger."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

Query = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def landing(database_settings: Settings, tmp_path: Path) -> Settings:
    """Settings with a landing folder of the test's own; ledger and raw tables are empty."""
    settings = database_settings.model_copy(
        update={
            "landing_dir": tmp_path / "landing",
            "archive_dir": tmp_path / "archive",
            "settle_seconds": 0.0,
        }
    )
    settings.landing.mkdir()
    with connect(Role.ADMIN, settings) as connection:
        # truncating one of the 160 raw tables costs as much where it is empty
        tables = connection.execute(
            "select format('raw.%I', relname) from pg_class"
            " where relnamespace = 'raw'::regnamespace and relkind = 'r' and pg_relation_size(oid) > 0"
        )
        names = ", ".join(["ops.load", *(name for (name,) in tables.fetchall())])
        connection.execute(f"truncate {names} restart identity cascade".encode())
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
