"""A report that only a contract describes reaches the metrics: its mapping is all the SQL there is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import yaml

from tests.dbt_project.arrivals import Arrival, arrive, build, supersede
from tests.dbt_project.company import RATES, STORES, _table
from tests.warehouses import own_warehouse
from tradewind.exports.contract import Contract
from tradewind.landing import ensure_raw_tables
from tradewind.landing.raw_tables import ensure_tables
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

ORDERS = """
report: bazaar_orders
platform: bazaar
title: Bazaar > Orders
description: One row per order line.
null_tokens: ["--"]
key: [order_id, line]
columns:
  - {name: order_id, headers: [Order], type: text, required: true, not_empty: true}
  - {name: line, headers: [Line], type: integer}
  - name: sold
    headers: {en: [Sold], de: [Verkauft]}
    type: datetime
    formats:
      en: ["%m/%d/%Y %I:%M:%S %p", "%d/%b/%y %H:%M (%Z)", "%Y-%m-%dT%H:%M:%S%z"]
      de: ["%d.%m.%Y %H:%M"]
  - {name: item, headers: [Item], type: text}
  - name: pieces
    headers: [Pieces]
    type: integer
  - {name: price, headers: [Price], type: money, formats: {en: [en], de: [de]}}
  - {name: coupon, headers: [Coupon], type: decimal, formats: {en: [en], de: [de]}}
  - {name: voucher, headers: [Voucher], type: decimal, formats: {en: [en], de: [de]}}
  - {name: state, headers: [State], type: text}
  - {name: buyer, headers: [Buyer], type: text, personal: true}
shape: orders
mapping:
  order_id: order_id
  ordered_at: sold
  sku: item
  quantity: pieces
  unit_price_amount: price
  discount_amount: {sum: [coupon, voucher]}
  is_cancelled: {column: state, in: [Cancelled, Storniert]}
  is_paid: {column: state, not_in: [Unpaid]}
  customer: buyer
  currency: {value: GBP}
where:
  state: {not: [Draft, "Buyer's hold", ""]}
  item: [A, B]
"""
STOCK = """
report: bazaar_stock
platform: bazaar
title: Bazaar > Stock
description: One row per product.
facts:
  period: [{from: file_name, one_day: true, because: "the keeper names it by the day of the count"}]
  attributes: [{name: depot, from: file_name, pattern: "(?P<value>\\\\w+)"}]
key: [load.period_end, load.depot, item]
columns:
  - {name: item, headers: [Item], type: text, required: true, not_empty: true}
  - {name: dozens, headers: [Dozens], type: decimal}
shape: stock
mapping:
  sku: item
  on_hand_quantity: {column: dozens, times: "12"}
"""
TICKETS = """
report: bazaar_tickets
platform: bazaar
title: Bazaar > Help desk
description: One row per ticket, and again each time it changed.
key: [ticket]
latest_by: changed
columns:
  - {name: ticket, headers: [Ticket], type: text, required: true, not_empty: true}
  - {name: written, headers: [Written], type: datetime, formats: ["%Y-%m-%d %H:%M"]}
  - {name: changed, headers: [Changed], type: datetime, formats: ["%d.%m.%Y %H:%M"]}
  - {name: state, headers: [State], type: text}
shape: tickets
mapping:
  ticket_id: ticket
  created_at: written
  status: state
"""
HEADER = "order_id | line | sold | item | pieces | price | coupon | voucher | state | buyer"
BAZAAR = Arrival(50, "bazaar_orders", _table(
    HEADER,
    "1 | 1 | 04/01/2026 11:30:00 PM | A | 2 | $1,000.50 | 1.25 | | Shipped | p1",
    "2 | 1 | 02/Apr/26 23:30 (UTC) | A | 1 | 10 | -- | -- | Unpaid | p1",
    "3 | 1 | 2026-04-03T10:00:00+0200 | B | 1 | 7 | | | Cancelled | p2",
), store_id="bazaar", extracted_at="2026-04-04", dialect={"locale": "en"})  # fmt: skip
GERMAN = Arrival(51, "bazaar_orders", _table(
    HEADER, "4 | 1 | 03.04.2026 00:15 | A | 1 | 1.234,50 € | 0,50 | 1 | Versandt |",
), store_id="bazaar", extracted_at="2026-04-05", dialect={"locale": "de"})  # fmt: skip
CORRECTED = Arrival(52, "bazaar_orders", _table(
    HEADER, "1 | 1 | 04/01/2026 11:30:00 PM | A | 3 | $1,000.50 | 0 | | Shipped | p1",
), store_id="bazaar", extracted_at="2026-04-06", dialect={"locale": "en"})  # fmt: skip
SHELVES = Arrival(
    53, "bazaar_stock", _table("item | dozens", "A | 1.5", "B |"), store_id="bazaar",
    period=("2026-04-01", "2026-04-01"), attributes={"depot": "north"},
)  # fmt: skip
TICKET = "ticket | written | changed | state"
PAGE = Arrival(54, "bazaar_tickets", _table(
    TICKET,
    "1 | 2026-04-01 09:00 | 03.04.2026 10:00 | solved",
    "1 | 2026-04-01 09:00 | 02.05.2025 10:00 | open",
    "2 | 2026-04-01 09:00 | 02.04.2026 10:00 | open",
    "2 | 2026-04-01 09:00 | 02.04.2026 10:00 | pending",
    "3 | 2026-04-01 09:00 | 03.04.2026 10:00 | solved",
), store_id="bazaar", extracted_at="2026-04-04")  # fmt: skip
NEXT_PAGE = Arrival(55, "bazaar_tickets", _table(
    TICKET,
    "1 | 2026-04-01 09:00 | 02.04.2026 12:00 | open",
    "2 | 2026-04-01 09:00 | 02.04.2026 10:00 | solved",
    "3 | 2026-04-01 09:00 | | open",
), store_id="bazaar", extracted_at="2026-04-05")  # fmt: skip
TABBED = [
    Arrival(60, "bazaar_tickets", [{"ticket": "9", "written": "2026-04-01 09:00"}], store_id="bazaar"),
    Arrival(61, "bazaar_tickets", [{"ticket": "\u00a09\t", "written": "2026-04-01 09:00"}], store_id="bazaar",
            extracted_at="2026-05-02"),
]  # fmt: skip
UNDATED = Arrival(
    62, "bazaar_stock", _table("item | dozens", "A | 2"), store_id="bazaar", extracted_at="2026-04-08T23:30Z",
    attributes={"depot": "south"},
)  # fmt: skip
KINDS = Arrival(63, "bazaar_orders", _table(
    HEADER,
    "7 | 1 | 2026-04-03T10:00:00+0200 | A | 1 | 7 | | | Shipped | p2",
    "8 | 1 | 2026-04-03T10:00:00+0200 | A | 1 | 7 | | | BUYER'S HOLD | p2",
    "9 | 1 | 2026-04-03T10:00:00+0200 | A | 1 | 7 | | | | p2",
    "10 | 1 | 2026-04-03T10:00:00+0200 | C | 1 | 7 | | | Shipped | p2",
), store_id="bazaar", extracted_at="2026-04-07", dialect={"locale": "en"})  # fmt: skip
DRAFT = Arrival(64, "bazaar_orders", _table(
    HEADER, "7 | 1 | 2026-04-03T10:00:00+0200 | A | 1 | 7 | | | draft | p2",
), store_id="bazaar", extracted_at="2026-04-08", dialect={"locale": "en"})  # fmt: skip
CURRENT_TICKETS = """
    select ticket_id, load_id, row_number from staging.stg_shapes__tickets where is_current order by 1, 2, 3
"""
SALES = """
    select order_id, business_date, quantity, gross_amount, discount_amount, is_sale, is_paid,
        case customer_key
            when md5('bazaar|bazaar|' || left(ops.pseudonym('p1'), 32)) then 'p1'
            when md5('bazaar|bazaar|' || left(ops.pseudonym('p2'), 32)) then 'p2'
        end as customer,
        gross_amount_reporting
    from marts.fct_sales_line where platform = 'bazaar' and is_counted order by order_id
"""
# the store's own clock is London's, an hour ahead of UTC in April
FIRST = [
    ("1", date(2026, 4, 1), 2, Decimal("2001.00"), Decimal("1.25"), True, True, "p1", Decimal("4002.00")),
    ("2", date(2026, 4, 3), 1, Decimal(10), Decimal(0), True, False, "p1", Decimal(20)),
    ("3", date(2026, 4, 3), 1, Decimal(0), Decimal(0), False, True, "p2", Decimal(0)),
]
FOURTH = ("4", date(2026, 4, 3), 1, Decimal("1234.50"), Decimal("1.50"), True, True, None, Decimal("2469.00"))


@pytest.fixture(scope="module")
def bazaar(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with own_warehouse(tmp_path_factory.mktemp("bazaar")) as settings:
        ensure_raw_tables(settings)
        contracts = [Contract.model_validate(yaml.safe_load(text)) for text in (ORDERS, STOCK, TICKETS)]
        with connect(Role.LOADER, settings) as connection:
            ensure_tables(connection, contracts)
        stores = [
            {**STORES.rows[1], "store_id": "bazaar", "store_name": "Bazaar", "platform": "bazaar"},
            *STORES.rows,
        ]
        arrive(settings, Arrival(1, "tradewind_stores", stores), RATES, BAZAAR, SHELVES, PAGE)
        build(settings)
        yield settings


def rows(settings: Settings, statement: str) -> list[tuple]:
    with connect(Role.ADMIN, settings) as connection:
        return connection.execute(statement.encode()).fetchall()


def test_a_mapped_report_counts_and_its_later_files_correct_it(bazaar: Settings) -> None:
    assert rows(bazaar, SALES) == FIRST
    arrive(bazaar, GERMAN, CORRECTED)
    build(bazaar)
    first = ("1", date(2026, 4, 1), 3, Decimal("3001.50"), Decimal(0), True, True, "p1", Decimal("6003.00"))
    assert rows(bazaar, SALES) == [first, *FIRST[1:], FOURTH]
    supersede(bazaar, CORRECTED.load_id)
    build(bazaar)
    assert rows(bazaar, SALES) == [*FIRST, FOURTH]


def test_moments_are_read_by_the_format_they_have(bazaar: Settings) -> None:
    moments = dict(
        rows(bazaar, "select order_id, ordered_at from staging.stg_shapes__orders where load_id = 50")
    )
    assert moments == {
        "1": datetime(2026, 4, 1, 22, 30, tzinfo=UTC),
        "2": datetime(2026, 4, 2, 23, 30, tzinfo=UTC),
        "3": datetime(2026, 4, 3, 8, 0, tzinfo=UTC),
    }


def test_a_shape_takes_its_day_and_its_key_from_the_file(bazaar: Settings) -> None:
    assert rows(
        bazaar,
        "select record_key, business_date, sku, on_hand_quantity, available_quantity, is_current "
        "from staging.stg_shapes__stock order by row_number",
    ) == [
        ("bazaar_stock|bazaar||2026-04-01|north|A", date(2026, 4, 1), "A", Decimal("18.0"), None, True),
        ("bazaar_stock|bazaar||2026-04-01|north|B", date(2026, 4, 1), "B", None, None, True),
    ]


def test_of_several_versions_of_a_row_the_one_changed_last_counts(bazaar: Settings) -> None:
    assert rows(bazaar, CURRENT_TICKETS) == [("1", 54, 1), ("2", 54, 4), ("3", 54, 5)]
    arrive(bazaar, NEXT_PAGE)
    build(bazaar)
    # 1 was changed later in the older file, 2 at the same minute; 3 does not say it: its file's time stands
    assert rows(bazaar, CURRENT_TICKETS) == [("1", 54, 1), ("2", 55, 2), ("3", 55, 3)]
    supersede(bazaar, NEXT_PAGE.load_id)
    build(bazaar)
    assert rows(bazaar, CURRENT_TICKETS) == [("1", 54, 1), ("2", 54, 4), ("3", 54, 5)]


def test_blanks_around_a_key_make_no_other_key(bazaar: Settings) -> None:
    arrive(bazaar, *TABBED)
    build(bazaar)
    assert rows(
        bazaar,
        "select load_id, record_key, is_current from staging.stg_shapes__tickets "
        "where ticket_id = '9' order by 1",
    ) == [(60, "bazaar_tickets|bazaar||9", False), (61, "bazaar_tickets|bazaar||9", True)]


def test_rows_of_another_kind_are_none_of_the_shape_and_replace_what_they_were(bazaar: Settings) -> None:
    current = "select order_id from staging.stg_shapes__orders where load_id > 60 and is_current order by 1"
    arrive(bazaar, KINDS)
    build(bazaar)
    assert rows(bazaar, current) == [("7",)]
    arrive(bazaar, DRAFT)
    build(bazaar)
    assert rows(bazaar, current) == []


def test_stock_whose_day_nothing_states_is_of_the_day_its_file_was_made(bazaar: Settings) -> None:
    arrive(bazaar, UNDATED)
    build(bazaar)
    # half past eleven at night in UTC is the next day in London
    assert rows(
        bazaar,
        "select load_id, business_date, period_start, date_source from staging.stg_shapes__stock "
        "where sku = 'A' order by 1",
    ) == [
        (53, date(2026, 4, 1), date(2026, 4, 1), "file"),
        (62, date(2026, 4, 9), date(2026, 4, 9), "file_time"),
    ]


def test_a_changed_mapping_builds_everything_anew(bazaar: Settings) -> None:
    content = yaml.safe_load(ORDERS)
    del content["mapping"]["discount_amount"]
    with connect(Role.LOADER, bazaar) as connection:
        ensure_tables(connection, [Contract.model_validate(content)])
    build(bazaar)
    assert [row[4] for row in rows(bazaar, SALES)] == [Decimal(0)] * 4
