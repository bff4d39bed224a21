"""Bad business data, named for the cases of the fault catalogue: counted, flagged or left out, and listed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
import yaml

from tests.dbt_project.arrivals import Arrival, arrive, build
from tests.dbt_project.company import INVOICE, ORDER, RATES, _table
from tests.warehouses import own_warehouse
from tradewind.exports.contract import Contract
from tradewind.landing import ensure_raw_tables
from tradewind.landing.raw_tables import ensure_tables
from tradewind.pipeline import build_and_publish
from tradewind.publishing import release
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect
from tradewind.work import find_untried_loads

TICKETS = """
report: desk_tickets
platform: desk
title: Desk > Tickets
description: One row per ticket.
key: [number]
columns:
  - {name: number, headers: [Number], type: text, required: true, not_empty: true}
  - {name: opened, headers: [Opened], type: datetime, formats: ["%Y-%m-%d %H:%M:%S%z"]}
  - {name: answered, headers: [Answered], type: datetime, formats: ["%Y-%m-%d %H:%M:%S%z"]}
  - {name: solved, headers: [Solved], type: datetime, formats: ["%Y-%m-%d %H:%M:%S%z"]}
shape: tickets
mapping: {ticket_id: number, created_at: opened, first_replied_at: answered, resolved_at: solved}
"""
STORES = Arrival(1, "tradewind_stores", _table(
    "store_id | store_name | platform | country | timezone | currency | opened_on",
    "us | US shop | shopify | US | America/New_York | USD | 2026-01-01",
    "trade | Trade | webshop | GB | Europe/London | GBP |",
    "desk | Desk | desk | GB | Europe/London | GBP |",
))  # fmt: skip
INVOICES = Arrival(52, "online_retail", _table(
    INVOICE,
    "1 | 11111A | HEART | 6 | 2026-04-01 08:26:00 | 2.55 | 17850.0 | France",
    "1 | 11111A | HEART | 6 | 2026-04-01 08:26:00 | 2.55 | 17850.0 | France",
    "2 | 11111A | given away | 5 | 2026-04-01 09:00:00 | 0.00 | | France",
    "3 | 11111A | adjusted | 1 | 2026-04-01 09:00:00 | -11062.06 | | France",
    "4 | 00111 | LEADING | 1 | 2026-04-01 09:00:00 | 1.00 | | France",
    "4 | 111 | OTHER | 1 | 2026-04-01 09:00:00 | 2.00 | | France",
), store_id="trade", extracted_at="2026-04-02")  # fmt: skip
ORDERS = Arrival(53, "shopify_orders", _table(
    ORDER,
    # 02:30 does not exist on 8 March in New York, and 01:30 comes twice on 1 November
    "#1 | a@x.test | paid | USD | US | 2026-03-08 00:30:00 -0500 | 1 | Lamp | 10.00 | A | 0.00 | 0.00",
    "#2 | a@x.test | paid | USD | US | 2026-03-08 03:30:00 -0400 | 1 | Lamp | 10.00 | A | 0.00 | 0.00",
    "#3 | a@x.test | paid | USD | US | 2026-03-09 03:59:59 +0000 | 1 | Lamp | 10.00 | A | 0.00 | 0.00",
    "#4 | a@x.test | paid | USD | US | 2026-11-01 01:30:00 -0400 | 1 | Lamp | 1.00 | A | 0.00 | 0.00",
    "#5 | a@x.test | paid | USD | US | 2026-11-01 01:30:00 -0500 | 1 | Lamp | 1.00 | A | 0.00 | 0.00",
    "#6 | a@x.test | paid | USD | US | 2026-11-02 04:59:59 +0000 | 1 | Lamp | 1.00 | A | 0.00 | 0.00",
    "#7 | a@x.test | refunded | USD | US | 2026-04-01 12:00:00 -0400 | 1 | Lamp | 10.00 | A | 1.00 | 25.00",
    "#8 | a@x.test | paid | CHF | US | 2026-04-01 12:00:00 -0400 | 1 | Lamp | 99.00 | A | 0.00 | 0.00",
    "#9 | a@x.test | paid | GBP | US | 2026-04-01 12:00:00 -0400 | 1 | Lamp | 7.00 | A | 0.00 | 0.00",
    "#10 | a@x.test | paid | USD | US | 2027-12-31 12:00:00 -0500 | 1 | Lamp | 1.00 | A | 0.00 | 0.00",
), store_id="us", extracted_at="2026-11-03")  # fmt: skip
DESK = Arrival(54, "desk_tickets", _table(
    "number | opened | answered | solved",
    "1 | 2026-04-01 10:00:00+0000 | 2026-04-01 10:05:00+0000 | 2026-04-02 10:00:00+0000",
    "2 | 2026-04-01 10:00:00+0000 | 2026-04-01 09:00:00+0000 | 2026-03-31 10:00:00+0000",
), store_id="desk", extracted_at="2026-04-03")  # fmt: skip
# 45 days late, and of a store that no file has told of yet
LATE = Arrival(55, "shopify_orders", _table(
    ORDER, "#20 | b@x.test | paid | USD | US | 2026-04-03 03:30:00 +0000 | 1 | Lamp | 4.00 | A | 0 | 0",
), store_id="pop-up", extracted_at="2026-05-17")  # fmt: skip
LATE_STORE = Arrival(56, "tradewind_stores", _table(
    "store_id | store_name | platform | country | timezone | currency | opened_on",
    "pop-up | Pop-up | shopify | US | America/New_York | USD |",
), extracted_at="2026-05-20")  # fmt: skip
VISITS = Arrival(57, "shopify_visitors", _table(
    "day | online_store_visitors | sessions", "2026-04-01 | 0 | 0"
), store_id="us", extracted_at="2026-11-03")  # fmt: skip
# the day is the key: a file is whole for each day that it names
REPORTED = (
    "day | product_title | product_variant_sku | net_items_sold | gross_sales | discounts | returns"
    " | net_sales | orders"
)
SALES = Arrival(58, "shopify_sales_by_variant", _table(
    REPORTED,
    "2026-05-20 | Lamp | A | 1 | 10.00 | 0 | 0 | 10.00 | 1",
    "2026-05-20 | Bulb | B | 1 | 3.00 | 0 | 0 | 3.00 | 1",
    "2026-05-21 | Lamp | A | 1 | 10.00 | 0 | 0 | 10.00 | 1",
), store_id="us", extracted_at="2026-05-22")  # fmt: skip
RESTATED = Arrival(59, "shopify_sales_by_variant", _table(
    REPORTED, "2026-05-20 | Lamp | A | 1 | 11.00 | 0 | 0 | 11.00 | 1",
), store_id="us", extracted_at="2026-05-23")  # fmt: skip
ASSIGNED = (
    "employee_id | post_id | object_type | object_id | store_id | platform | share | valid_from | valid_to"
)
ASSIGNMENTS = Arrival(62, "tradewind_assignments", _table(
    ASSIGNED,
    "A1 | site_operation | store | us | us | | 1 | 2026-01-01 | 2026-03-31",
    "A2 | site_operation | store | us | us | | 1 | 2026-04-01 | 2026-06-30",
), extracted_at="2026-01-02")  # fmt: skip


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with own_warehouse(tmp_path_factory.mktemp("faulty")) as settings:
        ensure_raw_tables(settings)
        with connect(Role.LOADER, settings) as connection:
            ensure_tables(connection, [Contract.model_validate(yaml.safe_load(TICKETS))])
        arrive(settings, STORES, RATES, INVOICES, ORDERS, DESK, LATE, VISITS, SALES, RESTATED, ASSIGNMENTS)
        build(settings)
        yield settings


def rows(settings: Settings, statement: str) -> list[tuple]:
    with connect(Role.ADMIN, settings) as connection:
        return connection.execute(statement.encode()).fetchall()


def flagged(settings: Settings, code: str) -> list[tuple]:
    return rows(
        settings,
        f"select load_id, row_number from marts.fct_record_flag where flag_code = '{code}' order by 1, 2",
    )


def test_d1_a_price_of_nothing_or_less_is_loaded_and_is_no_sale(faulty: Settings) -> None:
    assert rows(faulty, "select count(*) from raw.online_retail") == [(6,)]
    assert rows(
        faulty, "select row_number, gross_amount from marts.fct_sales_line where not is_sale order by 1"
    ) == [(3, Decimal(0)), (4, Decimal(0))]
    assert rows(
        faulty, "select row_number from marts.fct_record_exclusion where rule_code = 'not_a_sale' order by 1"
    ) == [(3,), (4,)]


def test_d2_currencies_are_never_added_and_an_unknown_rate_is_left_out(faulty: Settings) -> None:
    of_the_day = "from marts.fct_sales_line where store_id = 'us' and business_date = '2026-04-01'"
    amounts = f"select currency, sum(gross_amount_reporting) {of_the_day} group by 1 order by 1"
    assert rows(faulty, amounts) == [
        ("CHF", None), ("GBP", Decimal(14)), ("USD", Decimal(10)),
    ]  # fmt: skip
    assert rows(
        faulty, "select row_number from marts.fct_record_exclusion where rule_code = 'no_exchange_rate'"
    ) == [(8,)]
    assert rows(
        faulty,
        "select sum(numerator) from marts.fct_metric_daily where metric_id = 'ops_gross_merchandise_value'"
        " and definition_code = 'gross_sales' and store_id = 'us' and business_date = '2026-04-01'",
    ) == [(Decimal(24),)]


def test_d3_a_refund_above_the_goods_is_flagged_and_net_still_balances(faulty: Settings) -> None:
    assert flagged(faulty, "refund_above_goods") == [(53, 7)]
    assert rows(
        faulty,
        "select count(*) from marts.fct_sales_line"
        " where net_amount <> gross_amount - discount_amount - refund_amount",
    ) == [(0,)]
    assert rows(
        faulty, "select net_amount from marts.fct_sales_line where load_id = 53 and row_number = 7"
    ) == [(Decimal("-16.00"),)]


def test_d4_what_ends_before_it_begins_and_what_lies_ahead_are_flagged(faulty: Settings) -> None:
    assert flagged(faulty, "replied_before_created") == [(54, 2)]
    assert flagged(faulty, "resolved_before_created") == [(54, 2)]
    assert flagged(faulty, "dated_after_export") == [(53, 10)]


def test_d6_equal_lines_within_a_file_are_two_sales(faulty: Settings) -> None:
    assert rows(
        faulty,
        "select count(*), sum(gross_amount) from marts.fct_sales_line where load_id = 52 and order_id = '1'",
    ) == [(2, Decimal("30.60"))]


def test_d11_a_row_that_a_newer_file_of_its_day_lacks_is_gone_and_other_days_stay(faulty: Settings) -> None:
    assert rows(
        faulty,
        "select business_date::text, sku, gross_amount from marts.fct_sales_line"
        " where report = 'shopify_sales_by_variant' order by 1, 2",
    ) == [("2026-05-20", "A", Decimal("11.00")), ("2026-05-21", "A", Decimal("10.00"))]


def test_d14_work_counts_for_who_had_it_on_its_day(faulty: Settings) -> None:
    """That two have more than the whole between them breaks `shares_add_up_to_one` (tests/dags/quality)."""
    assert rows(
        faulty,
        "select business_date::text, employee_id, numerator from marts.fct_metric_daily"
        " where metric_id = 'ops_gross_merchandise_value' and definition_code = 'gross_sales'"
        " and store_id = 'us' and business_date in ('2026-03-08', '2026-05-20', '2026-11-01') order by 1, 2",
    ) == [
        ("2026-03-08", "A1", Decimal(30)),
        ("2026-05-20", "A2", Decimal(11)),
        ("2026-11-01", "unassigned", Decimal(3)),
    ]


def test_d12_a_day_is_the_stores_own_whatever_the_clock_does(faulty: Settings) -> None:
    assert rows(
        faulty,
        "select business_date, array_agg(order_id order by row_number) from marts.fct_sales_line"
        " where load_id = 53 and row_number <= 6 group by 1 order by 1",
    ) == [(date(2026, 3, 8), ["#1", "#2", "#3"]), (date(2026, 11, 1), ["#4", "#5", "#6"])]


def test_d13_weeks_are_iso_weeks_and_leap_days_exist(faulty: Settings) -> None:
    assert rows(
        faulty,
        "select date_day::text, iso_year, iso_week, week_start::text from marts.dim_date"
        " where date_day in ('2026-12-31', '2027-01-03', '2027-01-04', '2028-02-29') order by 1",
    ) == [
        ("2026-12-31", 2026, 53, "2026-12-28"),
        ("2027-01-03", 2026, 53, "2026-12-28"),
        ("2027-01-04", 2027, 1, "2027-01-04"),
        ("2028-02-29", 2028, 9, "2028-02-28"),
    ]
    assert rows(
        faulty,
        "select sum(gross_amount) = (select sum(gross_amount) from marts.fct_sales_line) from ("
        " select d.iso_year, d.iso_week, sum(s.gross_amount) as gross_amount from marts.fct_sales_line as s"
        " inner join marts.dim_date as d on d.date_day = s.business_date group by 1, 2) as weeks",
    ) == [(True,)]


def test_d15_leading_zeros_are_kept_and_what_is_unknown_is_counted_as_unassigned(faulty: Settings) -> None:
    assert rows(
        faulty,
        "select sku from marts.fct_sales_line where load_id = 52 and order_id = '4' order by row_number",
    ) == [("00111",), ("111",)]
    assert rows(
        faulty, "select distinct employee_id from marts.fct_metric_daily where store_id = 'trade'"
    ) == [("unassigned",)]


def test_d16_nothing_divided_by_nothing_is_no_number(faulty: Settings) -> None:
    assert rows(
        faulty,
        "select sum(denominator), sum(numerator) / nullif(sum(denominator), 0) from marts.fct_metric_daily"
        " where metric_id = 'ops_conversion_rate' and definition_code = 'shopify_session' and store_id = 'us'"
        " and business_date = '2026-04-01'",
    ) == [(Decimal(0), None)]


def test_d10_a_late_order_lands_on_its_day_and_a_late_store_repairs_it(faulty: Settings) -> None:
    of_the_store = (
        "select business_date::text, gross_amount from marts.fct_sales_line where store_id = 'pop-up'"
    )
    declared = "select store_name, is_declared from marts.dim_store where store_id = 'pop-up'"
    assert rows(faulty, of_the_store) == [("2026-04-03", Decimal("4.00"))]
    assert rows(faulty, declared) == [("pop-up", False)]
    arrive(faulty, LATE_STORE)
    build(faulty)
    assert rows(faulty, of_the_store) == [("2026-04-02", Decimal("4.00"))]
    assert rows(faulty, declared) == [("Pop-up", True)]


def test_d17_a_jump_holds_its_load_until_a_person_confirms_it(faulty: Settings) -> None:
    days = [date(2026, 4, 3) + timedelta(days=number) for number in range(20)]
    usual = [
        f"#{100 + number} | c@x.test | paid | USD | US | {day} 12:00:00 -0400 | 1 | Lamp | 10.00 | A | 0 | 0"
        for number, day in enumerate(days)
    ]
    jump = "#200 | c@x.test | paid | USD | US | 2026-04-23 12:00:00 -0400 | 100 | Lamp | 10.00 | A | 0 | 0"
    arrive(
        faulty, Arrival(60, "shopify_orders", _table(ORDER, *usual), store_id="us", extracted_at="2026-04-30")
    )
    assert build_and_publish(faulty).state == "published"
    arrive(
        faulty, Arrival(61, "shopify_orders", _table(ORDER, jump), store_id="us", extracted_at="2026-05-01")
    )
    held = build_and_publish(faulty)
    assert held.state == "published"
    (sentence,) = held.held_loads
    assert sentence.startswith(
        "shopify_orders-61.csv (load 61, report shopify_orders, store us): What it says"
    )
    assert "2026-04-23" in sentence
    assert "make release LOAD=61 REASON=" in sentence
    assert rows(faulty, "select count(*) from marts.fct_sales_line where load_id = 61") == [(0,)]
    assert find_untried_loads(faulty) == []

    assert release(held.build_id, "a hotel's order", "ann", faulty) == 1
    assert find_untried_loads(faulty) == [61]
    assert build_and_publish(faulty).state == "published"
    assert rows(faulty, "select load_id, reason, released_by from ops.load_release") == [
        (61, "a hotel's order", "ann")
    ]
    assert rows(faulty, "select gross_amount from marts.fct_sales_line where load_id = 61") == [
        (Decimal("1000.00"),)
    ]
