"""What only rows tell that is odd about a load is said by the build that reads them, whatever came before."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.dbt_project.arrivals import build
from tests.dbt_project.test_identity import ALL_ORDERS, MADE, amazon_order, load_id, put, rows, warnings
from tests.warehouses import own_warehouse
from tradewind.building import close_build, open_build, run_models
from tradewind.landing import reject
from tradewind.oddities import warn_by_rows
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

LATER = MADE + timedelta(days=1)
ORDERS = (
    "Name,Financial Status,Currency,Subtotal,Total,Discount Amount,Created at,Lineitem quantity,"
    "Lineitem name,Lineitem price,Lineitem sku\n"
)
MANY = 20_000
# rows of one load more, of orders that no other has
FILL = """
    insert into staging.{table}
    select (jsonb_populate_record(
        null::staging.{table},
        to_jsonb(t) || jsonb_build_object('row_number', 1 + n, 'record_key', t.record_key || n)
    )).*
    from (select * from staging.{table} where load_id = %s limit 1) as t, generate_series(1, %s) as n
"""
# what a session has read is counted when it ends, at the latest; the one with a build's lock reads nothing
OTHERS = """
    select count(*) from pg_stat_activity
    where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
        and pid not in (select pid from pg_locks where locktype = 'advisory')
"""
READ = """
    select sum(seq_tup_read + idx_tup_fetch)::bigint from pg_stat_user_tables
    where schemaname = 'staging' and relname in ('stg_shopify__order_lines', 'stg_shapes__orders')
"""


def shopify(number: int, zone: str = "10:00:00 -0500") -> str:
    return f"{ORDERS}#{number},paid,USD,9,9,0,2026-03-02 {zone},1,Lamp,9,A\n"


def amazon(number: int, channel: str = "Amazon.de") -> str:
    order = f"302-0000001-{number:07}"
    return ALL_ORDERS + amazon_order(order, channel, "EUR", "9.00", "2026-03-02T10:00:00+00:00")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A warehouse with a file of each report, built."""
    with own_warehouse(tmp_path_factory.mktemp("oddities")) as settings:
        put(settings, "store=old/a.csv", shopify(9000))
        put(settings, "store=old/a.txt", amazon(9000))
        build(settings)
        yield settings


def read_so_far(settings: Settings) -> int:
    """Rows of the two tables that all sessions have read, once none but ours is left."""
    deadline = time.monotonic() + 60
    while rows(settings, OTHERS)[0][0]:
        assert time.monotonic() < deadline, "a session does not end"
        time.sleep(0.05)
    return rows(settings, READ)[0][0]


def execute(settings: Settings, statement: str, *parameters: object) -> None:
    with connect(Role.ADMIN, settings) as connection:
        connection.execute(statement.encode(), parameters)


def test_a_record_in_two_stores_is_said_of_the_later_however_its_moment_is_written(
    warehouse: Settings,
) -> None:
    put(warehouse, "store=one/a.csv", shopify(1))
    put(warehouse, "store=one/a.txt", amazon(1))
    build(warehouse)
    put(warehouse, "store=two/a.csv", shopify(1, "15:00:00 +0000"))
    put(warehouse, "store=two/a.txt", amazon(1) + "\n")
    put(warehouse, "store=one/account=x/a.csv", shopify(1, "16:00:00 +0100"))
    build(warehouse)
    first, platform = load_id(warehouse, "store=one/a.csv"), load_id(warehouse, "store=one/a.txt")
    said = [("counted_elsewhere", {"load_id": first, "count": 1}), ("store_undeclared", {"store": "two"})]
    assert warnings(warehouse, "store=two/a.csv") == said
    assert warnings(warehouse, "store=one/account=x/a.csv")[0] == said[0]
    assert warnings(warehouse, "store=two/a.txt")[0] == (
        "same_records_elsewhere", {"load_id": platform, "count": 1}
    )  # fmt: skip
    assert warnings(warehouse, "store=one/a.csv") == [("store_undeclared", {"store": "one"})]


def test_a_warning_goes_with_the_load_that_it_names_and_comes_back_with_it(warehouse: Settings) -> None:
    put(warehouse, "store=here/b.csv", shopify(2))
    put(warehouse, "store=there/b.csv", shopify(2, "15:00:00 +0000"))
    build(warehouse)
    first = load_id(warehouse, "store=here/b.csv")
    said = [("counted_elsewhere", {"load_id": first, "count": 1}), ("store_undeclared", {"store": "there"})]
    assert warnings(warehouse, "store=there/b.csv") == said
    for state in ("held", "loaded"):
        execute(warehouse, "update ops.load set state = %s where load_id = %s", state, first)
        build(warehouse, full_refresh=False)
        assert warnings(warehouse, "store=there/b.csv") == (said if state == "loaded" else said[1:])
    reject(first, "wrong folder", warehouse)
    build(warehouse, full_refresh=False)
    assert warnings(warehouse, "store=there/b.csv") == said[1:]


def test_a_build_that_ended_before_it_warned_leaves_that_to_the_next(warehouse: Settings) -> None:
    put(warehouse, "store=here/c.csv", shopify(3))
    put(warehouse, "store=there/c.csv", shopify(3, "15:00:00 +0000"))
    opened = open_build(warehouse)
    assert opened is not None
    run_models(opened, warehouse)
    close_build(opened.build_id, "failed", "a test's", warehouse)
    build(warehouse, full_refresh=False)
    assert [code for code, _ in warnings(warehouse, "store=there/c.csv")] == [
        "counted_elsewhere", "store_undeclared"
    ]  # fmt: skip


def test_what_a_warning_costs_does_not_grow_with_what_is_stored(warehouse: Settings) -> None:
    for table, path in (("stg_shopify__order_lines", "a.csv"), ("stg_shapes__orders", "a.txt")):
        execute(warehouse, FILL.format(table=table), load_id(warehouse, f"store=old/{path}"), MANY)
    put(warehouse, "store=new/d.csv", shopify(4))
    put(warehouse, "store=new/d.txt", amazon(4))
    opened = open_build(warehouse)
    assert opened is not None
    run_models(opened, warehouse)
    before = read_so_far(warehouse)
    warn_by_rows(opened.build_id, warehouse)
    assert read_so_far(warehouse) - before < 100
    close_build(opened.build_id, "failed", "a test's", warehouse)
