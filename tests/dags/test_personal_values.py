"""Canaries: an e-mail address, a phone, a name and a street go in, and are nowhere to be seen."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.warehouses import own_warehouse
from tradewind.building import open_build, run_models
from tradewind.landing import LoadResult, erase, load_files
from tradewind.publishing import publish
from tradewind.quality import run_gate
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

CANARIES = ("canary.vogel@example.org", "+49 151 5550199", "Kanaria Vogel", "Vogelweg 17")
EMAIL, PHONE, NAME, STREET = CANARIES
HEADER = (
    "Name,Email,Financial Status,Currency,Subtotal,Total,Created at,Lineitem quantity,Lineitem name,"
    "Lineitem price,Lineitem sku,Billing Name,Billing Street,Billing Phone,Guardian\n"
)
LINE = "#{},{},paid,USD,10.00,{},2026-04-01 10:00:00 -0500,1,{},10.00,A,{},{},{},{}\n"
OF_OTHERS = "".join(
    LINE.format(n, f"buyer{n}@example.org", "10.00", "Lamp", f"Buyer {n}", "Lane 1", "1", "")
    for n in range(300)
)
GOOD = LINE.format(900, EMAIL, "10.00", "Lamp", NAME, STREET, PHONE, NAME)
BAD = LINE.format(901, EMAIL, PHONE, "Lamp", NAME, STREET, PHONE, EMAIL)
BROKEN = LINE.format(902, EMAIL, "10.00", "unwanted", NAME, STREET, PHONE, EMAIL)
TABLES = """
select n.nspname, c.relname, array_agg(a.attname::text order by a.attnum)
from pg_class as c
inner join pg_namespace as n on n.oid = c.relnamespace
inner join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relkind in ('r', 'v', 'm', 'p') and n.nspname !~ '^(pg_.*|information_schema|personal)$'
    and (n.nspname, c.relname, a.attname) <> ('ops', 'quarantined_row', 'raw_record')
    and has_schema_privilege(n.oid, 'usage') and has_column_privilege(c.oid, a.attnum, 'select')
group by 1, 2
"""


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with own_warehouse(tmp_path_factory.mktemp("canaries")) as settings:
        yield settings


def put(settings: Settings, name: str, content: str) -> Path:
    file = settings.landing / "store=us" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)
    return file


def load_everything(settings: Settings) -> list[LoadResult]:
    """Good and bad rows, refused files, an unknown column, and two errors of the database."""
    files = [
        put(settings, "orders.csv", HEADER + OF_OTHERS + GOOD + BAD),
        put(settings, "bad.csv", HEADER + GOOD + BAD),
        put(settings, "headless.csv", GOOD * 3),
        put(settings, "half_a_header.csv", HEADER.replace("Lineitem price,", "") + GOOD),
        put(settings, "visitors.csv", f"Day,Online store visitors,Sessions,Host\n2026-04-01,1,2,{NAME}\n"),
    ]
    results = load_files(files, settings)
    with connect(Role.ADMIN, settings, autocommit=True) as connection:
        for table, condition in (
            ("raw.shopify_orders", "lineitem_name <> 'unwanted'"), ("personal.incoming", "value <> 'Lane 2'"),
        ):  # fmt: skip
            connection.execute(f"alter table {table} add constraint broken check ({condition})".encode())
        refused = [
            put(settings, "broken.csv", HEADER + BROKEN),
            put(settings, "original.csv", HEADER + GOOD.replace(STREET, "Lane 2").replace(PHONE, STREET)),
        ]
        results += load_files(refused, settings)
        for table in ("raw.shopify_orders", "personal.incoming"):
            connection.execute(f"alter table {table} drop constraint broken".encode())
    return results


def build(settings: Settings) -> int:
    opened = open_build(settings)
    assert opened is not None
    run_gate("landing", opened.build_id, settings)
    run_models(opened, settings)
    run_gate("marts", opened.build_id, settings)
    publish(opened.build_id, settings)
    return opened.build_id


def places_with(values: tuple[str, ...], connection: psycopg.Connection) -> tuple[list[str], int]:
    """The tables and views in whose readable columns one of the values stands, and how many were searched."""
    found = []
    tables = connection.execute(TABLES).fetchall()
    for schema, table, columns in tables:
        statement = sql.SQL(
            "select 1 from {} as t where lower(array_to_string(array[{}], '|')) ~ {} limit 1"
        ).format(
            sql.Identifier(schema, table),
            sql.SQL(", ").join(sql.SQL("t.{}::text").format(sql.Identifier(name)) for name in columns),
            "|".join(value.lower().replace("+", r"\+").replace(".", r"\.") for value in values),
        )
        if connection.execute(statement).fetchall():
            found.append(f"{schema}.{table}")
    return found, len(tables)


def test_s11_s12_canaries_and_passwords_are_seen_nowhere(
    warehouse: Settings, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    results = load_everything(warehouse)
    build(warehouse)
    states = [result.reason_code or f"loaded {result.records_quarantined}" for result in results]
    assert states == [
        "loaded 1", "too_many_bad_records", "resembles_no_report", "unknown_report", "loaded 0",
        "database_refused", "database_refused",
    ]  # fmt: skip
    with connect(Role.ADMIN, warehouse) as admin:
        found, searched = places_with(CANARIES, admin)
        # the search does find what is there
        assert "marts.fct_sales_line" in places_with(("Lamp",), admin)[0]
        originals = admin.execute("select value from personal.original").fetchall()
        assert {(value,) for value in CANARIES} <= set(originals)
        rows = admin.execute("select load_id, row_number from raw.shopify_orders").fetchall()
        assert admin.execute("select count(*) > 20 from ops.gate_result").fetchall() == [(True,)]
    with connect(Role.APP, warehouse) as reader:
        found_by_reader, searched_by_reader = places_with(CANARIES, reader)
        shown = [reader.execute("select ops.raw_record(%s, %s)", row).fetchall() for row in rows]
    assert (found, found_by_reader) == ([], [])
    assert searched > searched_by_reader > 20
    output = capfd.readouterr()
    server_log = next(warehouse.state_dir.rglob("server.log")).read_text()
    assert "broken" in server_log
    told = (caplog.text, output.out, output.err, repr(results), server_log, repr(shown))
    assert not [canary for canary in CANARIES for text in told if canary.lower() in text.lower()]
    passwords = [
        word for word in json.loads(warehouse.secrets_file.read_text())["passwords"].values() if word
    ]
    logs = [file.read_text(errors="replace") for file in warehouse.state_dir.rglob("*.log*")]
    assert len(passwords) > 4 and logs
    assert not [place for place, text in enumerate((*told, *logs)) for word in passwords if word in text]
    with connect(Role.ADMIN, warehouse) as admin:
        assert places_with(tuple(passwords), admin)[0] == []


def test_erased_person_leaves_the_marts_and_the_numbers_stay(warehouse: Settings) -> None:
    """Goes on from the test before: one of two customers is erased, and there are two still."""
    sums = (
        "select metric_id, definition_code, business_date, sum(numerator), sum(denominator)"
        " from marts.fct_metric_daily group by 1, 2, 3 order by 1, 2, 3"
    )
    key = "select distinct customer_key from marts.fct_sales_line where order_id = '#900'"
    with connect(Role.ADMIN, warehouse, autocommit=True) as admin:
        before, old_key = admin.execute(sums).fetchall(), admin.execute(key).fetchall()
        erasure = erase(EMAIL, warehouse)
        build(warehouse)
        assert erasure.before["raw.shopify_orders"] == 1 and not any(erasure.after.values())
        assert admin.execute(sums).fetchall() == before
        new_key = admin.execute(key).fetchall()
        assert len(new_key) == 1 and new_key != old_key
        for table in ("staging.stg_shopify__order_lines", "marts.fct_sales_line"):
            statement = sql.SQL("select count(*) from {} where customer_key = %s").format(
                sql.Identifier(*table.split("."))
            )
            assert admin.execute(statement, old_key[0]).fetchall() == [(0,)]
