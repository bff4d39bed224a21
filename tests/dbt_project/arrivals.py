"""Files as the loader would have left them: ledger rows with ids of the test's choice, and raw rows."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from tradewind.building import open_build, run_models
from tradewind.exports.personal import Pseudonymiser, subject_of
from tradewind.landing.personal import read_key
from tradewind.oddities import warn_by_rows
from tradewind.publishing import publish
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

DIGEST = "select count(*) || ' ' || md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {} as t"


@dataclass(frozen=True)
class Arrival:
    """One loaded file; cells that a row does not name are blank."""

    load_id: int
    report: str
    rows: list[dict[str, str]]
    store_id: str = "unassigned"
    extracted_at: str = "2026-05-01"
    period: tuple[str | None, str | None] = (None, None)
    currency: str | None = None
    dialect: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, str | list[str]] = field(default_factory=dict)


def arrive(settings: Settings, *arrivals: Arrival) -> None:
    """Write the files' ledger rows and raw rows."""
    pseudonymise = read_key(settings)
    with connect(Role.ADMIN, settings) as connection:
        for arrival in arrivals:
            _write_ledger(connection, arrival)
            _write_rows(connection, arrival, pseudonymise)


def supersede(settings: Settings, load_id: int) -> None:
    """Take a load out, as an operator does."""
    with connect(Role.ADMIN, settings) as connection:
        connection.execute("update ops.load set state = 'superseded' where load_id = %s", [load_id])


def build(settings: Settings, *, full_refresh: bool | None = None) -> int:
    """Build what is pending and publish it; returns the build's id."""
    opened = open_build(settings, full_refresh=full_refresh)
    assert opened is not None
    run_models(opened, settings)
    warn_by_rows(opened.build_id, settings)
    publish(opened.build_id, settings)
    return opened.build_id


def forget_everything(settings: Settings) -> None:
    """No load, no build: as on the first day, but for the tables that builds have left."""
    with connect(Role.ADMIN, settings) as connection:
        connection.execute("truncate ops.load, ops.build restart identity cascade")
        for (table,) in connection.execute(
            "select table_name::text from information_schema.tables where table_schema = 'raw'"
        ).fetchall():
            connection.execute(sql.SQL("truncate {}").format(sql.Identifier("raw", table)))


def mart_digests(settings: Settings, schema: str) -> dict[str, str]:
    """A digest of each table's rows, whatever their order."""
    with connect(Role.ADMIN, settings) as connection:
        tables = connection.execute(
            "select tablename::text from pg_tables where schemaname = %s order by 1", [schema]
        ).fetchall()
        return {
            table: connection.execute(
                sql.SQL(DIGEST).format(sql.Identifier(schema, table))
            ).fetchall()[0][0]
            for (table,) in tables
        }  # fmt: skip


def _write_ledger(connection: psycopg.Connection, arrival: Arrival) -> None:
    digest = hashlib.sha256(repr(arrival).encode()).hexdigest()
    connection.execute(
        "insert into ops.load (load_id, file_name, file_path, file_sha256, file_size, file_modified_at,"
        " report, state, store_id, extracted_at, period_start, period_end, currency, dialect,"
        " file_attributes, records_read, records_loaded) overriding system value"
        " values (%s, %s, %s, %s, 1, %s, %s, 'loaded', %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            arrival.load_id, f"{arrival.report}-{arrival.load_id}.csv", arrival.report, digest,
            arrival.extracted_at, arrival.report, arrival.store_id, arrival.extracted_at, *arrival.period,
            arrival.currency, json.dumps(arrival.dialect), json.dumps(arrival.attributes), len(arrival.rows),
            len(arrival.rows),
        ],
    )  # fmt: skip


def _write_rows(connection: psycopg.Connection, arrival: Arrival, pseudonymise: Pseudonymiser) -> None:
    [(contract,)] = connection.execute(
        "select contract from ops.report where report = %s", [arrival.report]
    ).fetchall()
    rules = {
        column["name"]: column.get("pseudonym_of")
        for column in contract["columns"]
        if column.get("personal") and not column.get("kept")
    }
    for number, row in enumerate(arrival.rows, start=1):
        for name in row.keys() & rules.keys():
            subject = subject_of(row[name], re.compile(rules[name]) if rules[name] else None)
            row = {**row, name: pseudonymise(subject) if subject else row[name]}
        names = ["load_id", "row_number", *row]
        connection.execute(
            sql.SQL("insert into {} ({}) values ({})").format(
                sql.Identifier("raw", arrival.report),
                sql.SQL(", ").join(map(sql.Identifier, names)),
                sql.SQL(", ").join([sql.Placeholder()] * len(names)),
            ),
            [arrival.load_id, number, *row.values()],
        )
