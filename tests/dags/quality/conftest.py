"""An empty ledger, and a way to land rows of a report in a running build."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tradewind.quality.validation import open_warehouse
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

Land = Callable[..., int]
numbers = itertools.count(1)


@pytest.fixture
def warehouse(database_settings: Settings) -> Settings:
    """The module's database without loads and builds."""
    with connect(Role.ADMIN, database_settings) as admin:
        admin.execute("truncate ops.build, ops.load cascade")
    return database_settings


@pytest.fixture(scope="module")
def great_expectations(database_settings: Settings) -> Any:
    """The data source that all checks of the module share."""
    return open_warehouse(database_settings)


@pytest.fixture
def builder(warehouse: Settings) -> Iterator[psycopg.Connection]:
    """An autocommit connection of the builder."""
    with connect(Role.BUILDER, warehouse, autocommit=True) as connection:
        yield connection


@pytest.fixture
def build_id(builder: psycopg.Connection) -> int:
    """A running build."""
    return builder.execute(
        "insert into ops.build (state, project_sha256) values ('running', 'x') returning build_id"
    ).fetchall()[0][0]


@pytest.fixture
def land(warehouse: Settings, builder: psycopg.Connection, build_id: int) -> Land:
    """Land rows (column to text) as a load of the newest build; keywords are columns of ops.load."""

    def _land(report: str, rows: list[dict[str, str | None]], **load: Any) -> int:
        number = next(numbers)
        facts = {
            "file_name": f"{report}.csv",
            "file_path": f"{report}.csv",
            "file_sha256": f"{number:064x}",
            "file_size": 1,
            "file_modified_at": "2026-04-03",
            "extracted_at": "2026-04-03",
            "report": report,
            "state": "loaded",
            "store_id": "lumen-au",
            "currency": "EUR",
            "period_start": "2026-04-01",
            "period_end": "2026-04-01",
            "records_read": len(rows),
            "records_loaded": len(rows),
            **load,
        }
        with connect(Role.LOADER, warehouse) as loader:
            load_id = loader.execute(
                sql.SQL("insert into ops.load ({}) values ({}) returning load_id").format(
                    sql.SQL(", ").join(map(sql.Identifier, facts)),
                    sql.SQL(", ").join(map(sql.Literal, facts.values())),
                )
            ).fetchall()[0][0]
            for row_number, row in enumerate(rows, start=1):
                cells = {"load_id": load_id, "row_number": row_number, **row}
                loader.execute(
                    sql.SQL("insert into {} ({}) values ({})").format(
                        sql.Identifier("raw", report),
                        sql.SQL(", ").join(map(sql.Identifier, cells)),
                        sql.SQL(", ").join(map(sql.Literal, cells.values())),
                    )
                )
        builder.execute(
            "insert into ops.build_load select max(build_id), %s, %s from ops.build",
            [load_id, facts["state"]],
        )
        return load_id

    return _land
