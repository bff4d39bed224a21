"""The tables of schema raw: one a contract, all text, made and widened from the contracts."""

from __future__ import annotations

from collections.abc import Iterable

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from tradewind.exports.contract import EXTRA_COLUMNS, Contract, load_contracts
from tradewind.exports.shapes import load_shapes
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

# one lock for all changes of raw tables
RAW_TABLES_LOCK = 7_215_310


def ensure_raw_tables(settings: Settings) -> None:
    """Create the raw table of each contract, add new columns to it, and write `ops.report` and `ops.shape`.

    A column that a contract no longer has stays in its table. Costs two queries when nothing changed.
    """
    with connect(Role.LOADER, settings) as connection:
        ensure_tables(connection, load_contracts().values())


def ensure_tables(connection: psycopg.Connection, contracts: Iterable[Contract]) -> None:
    """The same, for given contracts, in the connection's transaction."""
    known: dict[str, str] = dict(
        connection.execute("select report, contract_sha256 from ops.report").fetchall()
    )
    changed = [contract for contract in contracts if known.get(contract.report) != contract.sha256]
    shapes = {name: shape.model_dump() for name, shape in load_shapes().items()}
    known_shapes: dict[str, dict] = dict(
        connection.execute("select shape, definition from ops.shape").fetchall()
    )
    if not changed and shapes == known_shapes:
        return
    connection.execute("select pg_advisory_xact_lock(%s)", [RAW_TABLES_LOCK])
    connection.cursor().executemany(
        "insert into ops.shape (shape, definition) values (%s, %s) on conflict (shape) do update"
        " set definition = excluded.definition, updated_at = clock_timestamp()",
        [(name, Jsonb(shape)) for name, shape in shapes.items() if shape != known_shapes.get(name)],
    )
    for contract in changed:
        _ensure_table(connection, contract)
        connection.execute(
            """
            insert into ops.report (report, platform, title, description, contract, contract_sha256)
            values (%s, %s, %s, %s, %s, %s)
            on conflict (report) do update set platform = excluded.platform, title = excluded.title,
                description = excluded.description, contract = excluded.contract,
                contract_sha256 = excluded.contract_sha256, updated_at = clock_timestamp()
            """,
            [contract.report, contract.platform, contract.title, contract.description, contract.as_json(),
             contract.sha256],
        )  # fmt: skip


def _ensure_table(connection: psycopg.Connection, contract: Contract) -> None:
    table = raw_table(contract.report)
    existing = connection.execute(
        "select column_name::text from information_schema.columns "
        "where table_schema = 'raw' and table_name = %s",
        [contract.report],
    ).fetchall()
    names = [column.name for column in contract.columns]
    if not existing:
        columns = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(name)) for name in names)
        connection.execute(
            sql.SQL(
                "create table {} (load_id bigint not null, row_number bigint not null, {}, {} jsonb)"
            ).format(table, columns, sql.Identifier(EXTRA_COLUMNS))
        )
        # rows only ever come behind the others, so that ranges of pages find one at next to no cost; a tree's
        # key would cost as much as the COPY itself, and a load's id is new in any case
        connection.execute(
            sql.SQL(
                "create index on {} using brin (load_id, row_number)"
                " with (pages_per_range = 16, autosummarize)"
            ).format(table)
        )
        if contract.settled:
            # asked at each load whose its rows are, before anything is known of the pages; numbers that only
            # grow cost a tree little
            connection.execute(sql.SQL("create index on {} (load_id)").format(table))
    for name in names if existing else ():
        if (name,) not in existing:
            connection.execute(
                sql.SQL("alter table {} add column {} text").format(table, sql.Identifier(name))
            )
    connection.execute(
        sql.SQL("comment on table {} is {}").format(
            table,
            sql.Literal(
                f"{contract.title}. Cells as in the file, personal ones as pseudonyms; a blank cell is null."
            ),
        )
    )


def raw_table(report: str) -> sql.Identifier:
    """The raw table of a report, for use in a statement."""
    return sql.Identifier("raw", report)
