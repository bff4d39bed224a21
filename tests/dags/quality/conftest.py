"""A warehouse with the raw tables of all contracts, and a way to land rows of a report in a running build."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
import yaml
from psycopg import sql

from tradewind.quality.validation import open_warehouse
from tradewind.settings import PROJECT_ROOT, Settings
from tradewind.warehouse import Role, connect

CONTRACTS = PROJECT_ROOT / "dags" / "tradewind" / "exports" / "contracts"
Land = Callable[..., int]
numbers = itertools.count(1)


def contract_columns(report: str) -> list[str]:
    """The columns of a raw table, from its contract."""
    contract = yaml.safe_load((CONTRACTS / f"{report}.yml").read_text())
    return [column["name"] for column in contract["columns"]]


@pytest.fixture(scope="session")
def raw_warehouse(server_settings: Settings) -> Settings:
    """The server with an empty raw table for each contract."""
    with connect(Role.LOADER, server_settings, autocommit=True) as loader:
        for file in CONTRACTS.glob("*.yml"):
            columns = sql.SQL(", ").join(
                sql.SQL("{} text").format(sql.Identifier(name)) for name in contract_columns(file.stem)
            )
            loader.execute(
                sql.SQL(
                    "create table if not exists {} (load_id bigint not null, row_number bigint not null, {},"
                    " primary key (load_id, row_number))"
                ).format(sql.Identifier("raw", file.stem), columns)
            )
    return server_settings


@pytest.fixture
def warehouse(raw_warehouse: Settings) -> Settings:
    """The same, without loads and builds."""
    with connect(Role.ADMIN, raw_warehouse) as admin:
        admin.execute("truncate ops.build, ops.load, ops.report cascade")
    return raw_warehouse


@pytest.fixture(scope="session")
def great_expectations(raw_warehouse: Settings) -> Any:
    """The data source that all checks of the session share."""
    return open_warehouse(raw_warehouse)


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
            loader.execute(
                "insert into ops.report (report, platform, title, description, contract, contract_sha256)"
                " values (%s, split_part(%s, '_', 1), '', '', '{}', '') on conflict do nothing",
                [report, report],
            )
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
