"""A person is erased from raw, originals and quarantine, and stays erased when an old file comes again."""

from __future__ import annotations

import argparse
import io
import os

import psycopg
import pytest
from rich.console import Console

from tests.dags.landing.conftest import Query
from tests.dags.landing.test_load import load, put
from tradewind import cli
from tradewind.landing import erase
from tradewind.landing.erasure import NobodyNamedError
from tradewind.landing.personal import ERASURE_LOCK
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

ORDERS = (
    "Name,Email,Financial Status,Currency,Subtotal,Total,Created at,Lineitem quantity,Lineitem name,"
    "Lineitem price,Billing Name,Billing City,Loyalty\n"
)
LINE = "{},{},paid,USD,30,{},2026-04-01 10:00:00 -0500,1,Lamp,10,{},{},{}\n"
ANN = LINE.format("#1", "Ann@x.test", 30, "Ann Lee", "Hull", "gold")
ANN_AGAIN = LINE.format("#2", "ann@x.test", 30, "Ann Lee", "Hull", "")
BEN = LINE.format("#3", "ben@x.test", 30, "Ben Roe", "Hull", "gold") * 150
ANN_IN_QUARANTINE = LINE.format("#4", "ANN@x.test", "x", "Ann Lee", "Hull", "")
ROSTER = (
    "employee_id,employee_name,role_id,team_id,team_name,department,manager_id,country,hired_on,left_on\n"
    "E1,Ann Lee,store_operator,ops,Ops,Ops,,US,2020-01-01,\n"
    "E2,Ben Roe,store_operator,ops,Ops,Ops,,US,2020-01-01,\n"
)
ORIGINALS = """
    select value from (
        select pseudonym, value from personal.original union select pseudonym, value from personal.incoming
    ) as known
    order by 1
"""
MERGE = "select ops.merge_originals()"


@pytest.fixture(autouse=True)
def nobody_is_erased(landing: Settings) -> None:
    with connect(Role.ADMIN, landing) as connection:
        connection.execute(
            "truncate ops.erasure, ops.erased_pseudonym, personal.original, personal.incoming cascade"
        )


def test_raw_holds_pseudonyms_and_the_originals_stand_apart(landing: Settings, query: Query) -> None:
    result = load(landing, put(landing, "o.csv", ORDERS + ANN + ANN_AGAIN + BEN))
    raw = query("select row_number, email, billing_name, extra_columns ->> 'Loyalty' from raw.shopify_orders")
    emails = {number: email for number, email, _, _ in raw}
    assert emails[1] == emails[2] != emails[3]
    assert len({cell for row in raw for cell in row[1:]}) == 6
    assert query("select left(ops.pseudonym('ann@x.test'), 32)") == [(emails[1],)]
    assert query(MERGE) == [(6,)]
    originals = query("select value, first_load_id from personal.original order by lower(value)")
    assert originals == [
        (value, result.load_id)
        for value in ("Ann Lee", "Ann@x.test", "Ben Roe", "ben@x.test", "gold", "Hull")
    ]


@pytest.mark.parametrize("role", [Role.LOADER, Role.BUILDER, Role.PUBLISHER, Role.APP])
def test_nobody_reads_originals(landing: Settings, role: Role) -> None:
    statements = [
        "select value from personal.original", "update personal.original set value = ''",
        "select value from personal.incoming", "update personal.incoming set value = ''",
        "delete from personal.incoming",
    ]  # fmt: skip
    if role is not Role.LOADER:
        statements += [
            "insert into personal.original values (gen_random_uuid(), 'b', 1)",
            "insert into personal.incoming values (gen_random_uuid(), 'b', 1)",
            "select * from ops.pseudonym_pads()",
            "select personal.erase_originals('{}')", "select * from private.pseudonym_key",
        ]  # fmt: skip
    if role is not Role.BUILDER:
        statements += ["select ops.merge_originals()", "select ops.analyze_raw('shopify_orders')"]
    with connect(role, landing, autocommit=True) as connection:
        for statement in statements:
            with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)):
                connection.execute(statement.encode())


@pytest.mark.parametrize("are_merged", [True, False])
def test_person_is_erased_everywhere_and_nobody_else(
    landing: Settings, query: Query, are_merged: bool
) -> None:
    first = load(landing, put(landing, "o.csv", ORDERS + ANN + ANN_AGAIN + BEN + ANN_IN_QUARANTINE))
    load(landing, put(landing, "copy.csv", ORDERS + ANN + ANN_AGAIN + BEN + ANN_IN_QUARANTINE))
    load(landing, put(landing, "other.csv", ORDERS + BEN))
    if are_merged:
        query(MERGE)
    before = query("select * from raw.shopify_orders where row_number > 2 order by load_id, row_number")
    old = query("select email from raw.shopify_orders where row_number <= 2 and load_id = 1")
    erasure = erase("ann@X.test ", landing)
    assert erasure.before == {"raw.shopify_orders": 2, "personal.original": 2, "ops.quarantined_row": 1}
    assert set(erasure.after.values()) == {0}
    archived = [str(file) for file in landing.archive.rglob("*") if file.is_file()]
    assert erasure.load_ids == [first.load_id]
    assert erasure.files[:2] == ["copy.csv", "o.csv"]
    # the other file in the archive is Ben's alone
    assert len(erasure.files) == 3 and erasure.files[2] in archived
    assert len(archived) == 2
    assert query(ORIGINALS) == [("Ben Roe",), ("Hull",), ("ben@x.test",), ("gold",)]
    # two orders of one customer remain so, under a token that nothing leads to
    tokens = query("select email from raw.shopify_orders where row_number <= 2 and load_id = 1")
    assert len(set(tokens)) == 1 and not set(tokens) & set(old)
    after = query("select * from raw.shopify_orders where row_number > 2 order by load_id, row_number")
    assert after == before
    assert query("select raw_record, reason_code from ops.quarantined_row") == [(b"", "wrong_type")]
    assert query("select load_ids, counts from ops.erasure") == [([first.load_id], erasure.before)]


def test_old_file_brings_an_erased_person_back_neither_in_raw_nor_in_originals(
    landing: Settings, query: Query
) -> None:
    load(landing, put(landing, "o.csv", ORDERS + ANN + BEN))
    erase("ann@x.test", landing)
    load(landing, put(landing, "old.csv", ORDERS + ANN + ANN_AGAIN + BEN * 2))
    assert ("Ann Lee",) not in query(ORIGINALS)
    assert query(
        "select count(*) from raw.shopify_orders where email = left(ops.pseudonym('ann@x.test'), 32)"
    ) == [(0,)]
    query(MERGE)
    assert ("Ann Lee",) not in query(ORIGINALS)
    assert set(erase("ann@x.test", landing).before.values()) == {0}
    # within the file the two orders are one customer's
    assert query("select count(distinct email) from raw.shopify_orders where load_id = 2") == [(2,)]


def test_originals_are_not_moved_between_their_tables_while_a_person_is_erased(
    landing: Settings, query: Query
) -> None:
    load(landing, put(landing, "o.csv", ORDERS + ANN + BEN))
    with connect(Role.LOADER, landing) as erasing, connect(Role.BUILDER, landing) as building:
        erasing.execute("select pg_advisory_xact_lock(%s)", [ERASURE_LOCK])
        building.execute("set lock_timeout = '100ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            building.execute(MERGE)
    assert query(MERGE) == [(6,)]


def test_value_that_others_share_stays(landing: Settings, query: Query) -> None:
    load(landing, put(landing, "o.csv", ORDERS + ANN + BEN))
    erase("ann@x.test", landing)
    assert {("Hull",), ("gold",)} <= set(query(ORIGINALS))
    assert query("select count(distinct billing_city) from raw.shopify_orders") == [(1,)]


def test_name_that_pages_show_is_replaced_and_stays_so(landing: Settings, query: Query) -> None:
    load(landing, put(landing, "roster.csv", ROSTER))
    names = "select employee_name from raw.tradewind_roster order by load_id, row_number"
    assert query(names) == [("Ann Lee",), ("Ben Roe",)]
    erasure = erase(" ann lee", landing)
    assert erasure.before["raw.tradewind_roster"] == 1 and erasure.after["raw.tradewind_roster"] == 0
    load(landing, put(landing, "roster.csv", ROSTER + "E3,Cy,store_operator,ops,Ops,Ops,,US,2020-01-01,\n"))
    shown = [name for (name,) in query(names)]
    assert shown[1] == shown[3] == "Ben Roe"
    assert shown[0].startswith("erased ") and shown[2].startswith("erased ")


def test_customer_number_is_found_in_either_form(landing: Settings, query: Query) -> None:
    head = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
    row = "536365,85123A,HEART,6,2010-12-01 08:26:00,2.55,{},France\n"
    load(landing, put(landing, "i.csv", head + row.format("17850.0") + row.format("17850")))
    assert erase("17850.0", landing).before["raw.online_retail"] == 2
    assert query("select count(distinct customer_id) from raw.online_retail") == [(1,)]


def test_loads_of_an_erased_person_are_built_again(landing: Settings, query: Query) -> None:
    load_id = load(landing, put(landing, "o.csv", ORDERS + ANN + BEN)).load_id
    pending = "select load_id from ops.pending_load"
    publish = """
        with build as (
            insert into ops.build (state, is_full_refresh, project_sha256) values ('published', true, 'x')
            returning build_id
        ), load as (insert into ops.build_load select build_id, %s, 'loaded' from build)
        , publication as (
            insert into ops.publication (build_id, state) select build_id, 'published' from build
            returning publication_id
        )
        insert into ops.publication_load select publication_id, %s, 'loaded' from publication returning 1
    """
    query(publish, load_id, load_id)
    assert query(pending) == []
    erase("ann@x.test", landing)
    assert query(pending) == [(load_id,)]
    query(publish, load_id, load_id)
    assert query(pending) == []


def test_blank_names_nobody(landing: Settings) -> None:
    with pytest.raises(NobodyNamedError):
        erase(" \n", landing)


@pytest.mark.parametrize("is_typed", [True, False])
def test_command_proves_the_erasure_and_names_files_but_no_person(
    landing: Settings, monkeypatch: pytest.MonkeyPatch, is_typed: bool
) -> None:
    load(landing, put(landing, "store=us/o.csv", ORDERS + ANN + BEN))
    monkeypatch.setattr(cli, "_publish", lambda _settings, _console: 0)
    monkeypatch.setattr("sys.stdin", io.StringIO("ann@x.test\n" if is_typed else "nobody"))
    if not is_typed:
        monkeypatch.setenv("PERSON", "ann@x.test")
    output = io.StringIO()
    code = cli.erase(landing, argparse.Namespace(), Console(file=output, width=100))
    lines = [line.split() for line in output.getvalue().splitlines()]
    assert code == 0
    assert ["raw.shopify_orders", "1", "0"] in lines and ["store=us/o.csv"] in lines
    assert "ann@x" not in output.getvalue()
    assert "PERSON" not in os.environ
