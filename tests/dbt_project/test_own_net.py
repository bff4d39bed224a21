"""A report's own net is ours, however its parts are written; and which source of a day counts."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from tests.dbt_project.arrivals import Arrival, arrive, build
from tests.dbt_project.company import RATES, _table
from tests.warehouses import own_warehouse
from tradewind.landing import ensure_raw_tables
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

SALES = (
    "day | product_title | product_variant_sku | net_items_sold | gross_sales | discounts | returns"
    " | net_sales | orders"
)
ORDER = (
    "name | financial_status | currency | created_at | lineitem_quantity | lineitem_name | lineitem_price"
    " | lineitem_sku | subtotal | discount_amount | refunded_amount"
)
AMAZON = "amazon_order_id | purchase_date | sku | quantity | currency | item_price | item_promotion_discount"
TIKTOK = (
    "order_id | created_time | seller_sku | quantity | sku_subtotal_before_discount | sku_platform_discount"
    " | sku_seller_discount | sku_subtotal_after_discount"
)
TIKTOK_REFUND = (
    "order_id | created_time | seller_sku | quantity | sku_subtotal_before_discount"
    " | sku_subtotal_after_discount | order_amount | order_refund_amount"
)
WOOCOMMERCE = (
    "order_number | order_date | order_status | item_name | quantity | item_cost | discount_amount"
    " | order_total_amount | order_refund_amount"
)
LISTING = "child_asin | title | units_ordered | ordered_product_sales | total_order_items"
STORES = Arrival(1, "tradewind_stores", _table(
    "store_id | store_name | platform | country | timezone | currency | opened_on",
    *(f"{name} | {name} | shopify | US | UTC | USD | 2026-01-01" for name in (
        "asis", "turned", "mixed", "blank", "unproven", "orders", "tiktok", "two", "part", "whole", "lacks",
        "noon", "filtered", "spoilt", "cancelled", "sums", "back", "shop",
    )),
))  # fmt: skip
NUMBERS = iter(range(100, 1000))


def sales(store: str, *amounts: str) -> Arrival:
    """A sales report: gross | discounts | returns | net a row."""
    lines = [f"2026-04-01 | Lamp | A | 1 | {row} | 1" for row in amounts]
    return Arrival(next(NUMBERS), "shopify_sales_by_variant", _table(SALES, *lines), store_id=store)


def orders(store: str, *rows: str, missing: tuple[str, ...] = ()) -> Arrival:
    """An orders export: name | quantity | price | subtotal | discount | refund a line."""
    cells = [[cell.strip() for cell in row.split("|")] for row in rows]
    lines = [
        f"{name} | paid | USD | 2026-04-01 10:00:00 +0000 | {quantity} | Lamp | {price} | A | {rest}"
        for name, quantity, price, rest in ((c[0], c[1], c[2], " | ".join(c[3:])) for c in cells)
    ]
    attributes = {"missing_columns": list(missing)} if missing else {}
    return Arrival(
        next(NUMBERS), "shopify_orders", _table(ORDER, *lines), store_id=store,
        attributes=attributes,  # type: ignore[arg-type]
    )  # fmt: skip


def amazon(store: str, *prices: str) -> Arrival:
    lines = [
        f"111-{number} | 2026-04-01T10:00:00+00:00 | S | 1 | USD | {price} | 0"
        for number, price in enumerate(prices, start=next(NUMBERS) * 100)
    ]
    return Arrival(next(NUMBERS), "amazon_all_orders", _table(AMAZON, *lines), store_id=store)


def listings(store: str, *amounts: str) -> Arrival:
    lines = [f"B{number} | Lamp | 1 | {amount} | 1" for number, amount in enumerate(amounts)]
    return Arrival(
        next(NUMBERS), "amazon_business_report_asin", _table(LISTING, *lines), store_id=store,
        period=("2026-04-01", "2026-04-01"), currency="USD",
    )  # fmt: skip


FILES = (
    sales("asis", "100 | -10 | -5 | 85", "50 | 0 | 0 | 50", "0 | 0 | 5 | 5"),
    sales("turned", "100 | 10 | 0 | 90", "50 | 0 | 5 | 45", "20 | 4 | 6 | 10"),
    sales(
        "mixed", "100 | 10 | 0 | 90", "50 | 5 | 0 | 45", "70 | -7 | 0 | 63", "30 | 3 | 0 | 33",
        "40 | 4 | 0 | 36",
    ),
    sales("blank", "100 | | | 90", "100 | | 0 | 100", "100 | -10 | 0 |", "60 | | | "),
    sales("unproven", "100 | 10 | 0 | ", "100 | 0 | 10 |"),
    orders(
        "orders", "#1 | 1 | 100 | 90 | -10 | 0", "#2 | 2 | 50 | 90 | | 0", "#3 | 1 | 60 | 60 | 5 | 10",
        "#4 | 1 | 10 | | -1 | 0", "#5 | 1 | 10 | 10 | 0 | -3",
    ),
    Arrival(next(NUMBERS), "tiktok_shop_orders", _table(
        TIKTOK,
        "1 | 04/01/2026 10:00:00 AM | A | 1 | 100 | 4 | 6 | 90",
        "2 | 04/01/2026 10:00:00 AM | A | 1 | 100 | | | 80",
    ), store_id="tiktok", currency="USD", dialect={"locale": "en"}),
    Arrival(next(NUMBERS), "tiktok_shop_orders", _table(
        TIKTOK_REFUND,
        # all of it, with its postage; a part of two lines; nothing; more than there was; total not known
        "21 | 04/01/2026 10:00:00 AM | A | 1 | 100 | 90 | 95 | 95",
        "22 | 04/01/2026 10:00:00 AM | A | 1 | 60 | 60 | 90 | 30",
        "22 | 04/01/2026 10:00:00 AM | B | 1 | 30 | 30 | 90 | 30",
        "23 | 04/01/2026 10:00:00 AM | A | 1 | 10 | 10 | 10 | ",
        "24 | 04/01/2026 10:00:00 AM | A | 1 | 10 | 10 | 10 | 12",
        "25 | 04/01/2026 10:00:00 AM | A | 1 | 10 | 10 | | 4",
    ), store_id="back", currency="USD", dialect={"locale": "en"}),
    Arrival(next(NUMBERS), "woocommerce_orders", _table(
        WOOCOMMERCE,
        # a coupon of 2, in the cost already; all paid back; a part; one of two pieces sent back
        "1 | 2026-04-01 10:00 | Completed | Lamp | 1 | 8 | 2 | 8 | 0",
        "2 | 2026-04-01 10:00 | Refunded | Lamp | 1 | 10 | 0 | 13 | 13",
        "3 | 2026-04-01 10:00 | Completed | Lamp | 2 | 10 | 0 | 20 | 5",
    ), store_id="shop", currency="USD"),
    amazon("two", "10.00"), sales("two", "163.62 | 0 | 0 | 163.62"),
    orders("part", "#1 | 1 | 1 | 1 | 0 | 0"), sales("part", "163.62 | -10 | 0 | 153.62"),
    orders("whole", "#1 | 1 | 100 | 100 | 0 | 0"), sales("whole", "100 | 0 | -20 | 80"),
    orders("lacks", "#1 | 2 | 50 | 100 | | ", missing=("discount_amount", "refunded_amount")),
    sales("lacks", "100 | -10 | -5 | 85"),
    amazon("noon", "100.00"), listings("noon", "200.00", "100.00"),
    orders("filtered", "#1 | 1 | 100 | 100 | 0 | 0"), sales("filtered", "20 | 0 | 0 | 20"),
    orders("spoilt", "#1 | 1 | 96 | 96 | 0 | 0"), sales("spoilt", "100 | 0 | 0 | 100"),
    Arrival(next(NUMBERS), "amazon_all_orders", _table(
        AMAZON + " | item_status", "111-9 | 2026-04-01T10:00:00+00:00 | S | 1 | USD | 300 | 0 | Cancelled",
        "111-8 | 2026-04-01T10:00:00+00:00 | S | 1 | USD | 10 | 0 | Shipped",
    ), store_id="cancelled"),
    listings("cancelled", "310.00"),
    orders("sums", "#1 | 1 | 500 | 500 | 0 | ", missing=("refunded_amount",)),
    sales("sums", "20 | 0 | 0 | 20"),
    orders("undeclared", "#1 | 1 | 1 | 1 | 0 | 0"), sales("undeclared", "50 | 0 | 0 | 50"),
)  # fmt: skip


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with own_warehouse(tmp_path_factory.mktemp("own_net")) as settings:
        ensure_raw_tables(settings)
        arrive(settings, STORES, RATES, *FILES)
        build(settings)
        yield settings


def rows(settings: Settings, statement: str, store: str) -> list[tuple]:
    with connect(Role.ADMIN, settings) as connection:
        return connection.execute(statement.encode(), [store]).fetchall()


def nets(settings: Settings, store: str) -> list[Decimal | None]:
    found = rows(
        settings, "select net_amount from marts.fct_sales_line where store_id = %s order by row_number", store
    )
    return [row[0] for row in found]


def counted(settings: Settings, store: str) -> list[tuple]:
    return rows(
        settings,
        "select report, sum(gross_amount), sum(net_amount) from marts.fct_sales_line"
        " where is_counted and store_id = %s group by 1 order by 1",
        store,
    )


def left_out(settings: Settings, store: str) -> list[tuple]:
    return rows(
        settings,
        "select rule_code, report, count(*) from marts.fct_record_exclusion"
        " where store_id = %s and rule_code <> 'guest_without_id' group by 1, 2 order by 1",
        store,
    )


def flags(settings: Settings, store: str) -> list[int]:
    return [
        row[0]
        for row in rows(
            settings,
            "select row_number from marts.fct_record_flag where store_id = %s and flag_code = 'net_differs'"
            " order by 1",
            store,
        )
    ]


@pytest.mark.parametrize(
    ("store", "expected"),
    [
        ("asis", [85, 50, 5]),
        ("turned", [90, 45, 10]),
        ("mixed", [90, 45, 63, 33, 36]),
        ("blank", [90, 100, 90, 60]),
        ("unproven", [None, None]),
    ],
)
def test_the_net_of_a_sales_report_is_its_own_whatever_signs_and_blanks_it_has(
    company: Settings, store: str, expected: list[int | None]
) -> None:
    assert nets(company, store) == expected


def test_the_sign_of_discounts_is_the_files_and_a_row_against_it_is_said(company: Settings) -> None:
    statement = "select discount_amount from marts.fct_sales_line where store_id = %s order by row_number"
    assert [row[0] for row in rows(company, statement, "turned")] == [10, 0, 4]
    assert [row[0] for row in rows(company, statement, "mixed")] == [10, 5, None, None, 4]
    assert flags(company, "turned") == []
    assert flags(company, "mixed") == [3, 4]


def test_a_discount_of_a_sign_that_nothing_proves_leaves_the_net_unknown_and_says_so(
    company: Settings,
) -> None:
    assert left_out(company, "unproven") == [
        ("discount_not_known", "shopify_sales_by_variant", 1),
        ("refund_not_known", "shopify_sales_by_variant", 1),
    ]


def test_what_is_left_of_an_order_is_its_own_subtotal(company: Settings) -> None:
    """Written negative, left blank, of the shipping alone; a refund below zero is proven by nothing."""
    assert nets(company, "orders") == [90, 90, 50, 9, None]
    assert left_out(company, "orders") == [("refund_not_known", "shopify_orders", 1)]


def test_a_mapped_report_is_held_to_its_own_net(company: Settings) -> None:
    assert nets(company, "tiktok") == [90, 80]


def test_what_a_whole_order_got_back_is_shared_out_over_its_lines(company: Settings) -> None:
    """As far as the order's total tells it: not where pieces that came back are off the quantities."""
    assert nets(company, "back") == [0, 40, 20, 10, 0, None]
    assert left_out(company, "back") == [("refund_not_known", "tiktok_shop_orders", 1)]
    assert nets(company, "shop") == [8, 0, None]
    assert left_out(company, "shop") == [("refund_not_known", "woocommerce_orders", 1)]


def test_each_platform_of_a_store_has_a_source_of_its_own(company: Settings) -> None:
    assert counted(company, "two") == [
        ("amazon_all_orders", Decimal("10.00"), Decimal("10.00")),
        ("shopify_sales_by_variant", Decimal("163.62"), Decimal("163.62")),
    ]
    assert left_out(company, "two") == []


def test_orders_that_are_a_part_of_the_day_stand_back_before_the_report_of_all_of_it(
    company: Settings,
) -> None:
    assert counted(company, "part") == [("shopify_sales_by_variant", Decimal("163.62"), Decimal("153.62"))]
    assert left_out(company, "part") == [("covered_by_sales_report", "shopify_orders", 1)]
    assert counted(company, "noon") == [("amazon_business_report_asin", Decimal(300), Decimal(300))]
    assert counted(company, "undeclared") == [("shopify_sales_by_variant", Decimal(50), Decimal(50))]
    assert left_out(company, "noon") == [("covered_by_sales_report", "amazon_all_orders", 1)]


def test_orders_that_lack_the_columns_of_a_net_stand_back_before_the_report_that_knows_it(
    company: Settings,
) -> None:
    assert counted(company, "lacks") == [("shopify_sales_by_variant", Decimal(100), Decimal(85))]
    assert left_out(company, "lacks") == [("covered_by_sales_report", "shopify_orders", 1)]


def test_orders_that_hold_the_day_count_before_its_report(company: Settings) -> None:
    """All of it, more than a report that was filtered, nearly all of it, all but its cancelled orders."""
    assert counted(company, "whole") == [("shopify_orders", Decimal(100), Decimal(100))]
    assert left_out(company, "whole") == [("covered_by_order_lines", "shopify_sales_by_variant", 1)]
    assert counted(company, "filtered") == [("shopify_orders", Decimal(100), Decimal(100))]
    assert counted(company, "spoilt") == [("shopify_orders", Decimal(96), Decimal(96))]
    assert counted(company, "cancelled") == [("amazon_all_orders", Decimal(10), Decimal(10))]


def test_a_filtered_report_that_knows_its_net_does_not_stand_for_the_day(company: Settings) -> None:
    assert counted(company, "sums") == [("shopify_orders", Decimal(500), None)]
    assert ("refund_not_known", "shopify_orders", 1) in left_out(company, "sums")


def test_a_day_of_which_one_net_is_not_known_has_no_net(company: Settings) -> None:
    daily = "select net_amount from marts.fct_sales_country_daily where store_id = %s"
    assert rows(company, daily, "orders") == [(None,)]
    assert rows(company, daily, "whole") == [(Decimal(100),)]
