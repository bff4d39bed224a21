"""Whose a row is and of which day: what looks alike takes nobody's place, and nothing counts twice.

Files go through the loader into one warehouse, a store or two for each case.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.dbt_project.arrivals import build, mart_digests
from tests.warehouses import own_warehouse
from tradewind.landing import load_files, reject
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

MADE = datetime(2026, 8, 1, 12, tzinfo=UTC)

STORES = (
    "store_id,store_name,platform,country,timezone,currency,opened_on,sales_channel\n"
    + "".join(
        f"{name},{name},shopify,US,America/New_York,USD,2026-01-01,\n"
        for name in (
            "terms", "mixed", "oneday", "cut", "edited", "default", "accounts", "ids", "window", "fresh",
            "corrected", "shops", "right", "wrong", "moved",
        )
    )
    + "eu-de,DE,amazon,DE,Europe/Berlin,EUR,2026-01-01,Amazon.de\n"
    + "eu-uk,UK,amazon,GB,Europe/London,GBP,2026-01-01,amazon.co.uk\n"
    + "eu-fr,FR,amazon,FR,Europe/Paris,EUR,2026-01-01,\n"
)  # fmt: skip
TERMS = (
    "Start Date,End Date,Portfolio name,Currency,Campaign Name,Ad Group Name,Targeting,Match Type,"
    "Customer Search Term,Impressions,Clicks,Spend,7 Day Total Sales,7 Day Total Orders (#)\n"
)
SUMMARY = TERMS + (
    "2026-07-01,2026-07-30,,USD,C1,G1,lamp,BROAD,lamp,9000,90,90.00,300.00,9\n"
    "2026-07-12,2026-07-12,,USD,C1,G1,lamp,BROAD,blue lamp,5,1,1.00,0.00,0\n"
    "2026-07-20,2026-07-20,,USD,C1,G1,lamp,BROAD,red lamp,5,2,2.00,20.00,1\n"
)
BY_DAY = TERMS + "2026-07-12,2026-07-12,,USD,C1,G1,lamp,BROAD,blue lamp,5,1,1.00,0.00,0\n"
META = "{days},Campaign name,Amount spent (USD),Impressions,Link clicks,Purchases"
META += ",Purchases conversion value\n"
SALES = (
    "Day,Product title,Product variant SKU,Net items sold,Gross sales,Discounts,Returns,Net sales,Taxes,"
    "Total sales,Orders\n"
)
CUT_SALES = (
    "Day,Product title,Product variant SKU,Net items sold,Gross sales,Net sales,Total sales,Orders\n"
    "2026-03-02,P A,A,1,63.62,63.62,63.62,1\n"
    "2026-03-02,P B,B,2,100.00,90.00,90.00,1\n"
    "2026-03-03,P A,A,3,190.86,127.24,127.24,1\n"
    "2026-03-03,P B,B,1,50.00,50.00,50.00,1\n"
)
ORDERS = (
    "Name,Email,Financial Status,Currency,Subtotal,Total,Discount Amount,Refunded Amount,Created at,"
    "Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku\n"
)
CUT_ORDERS = (
    "Name,Email,Financial Status,Currency,Subtotal,Total,Created at,Lineitem quantity,Lineitem name,"
    "Lineitem price,Lineitem sku\n"
    "#1,1@x.example,refunded,USD,100,100,2026-03-04 10:00:00 -0500,1,Lamp,50,A\n"
    "#1,1@x.example,,,,,2026-03-04 10:00:00 -0500,1,Lamp,50,B\n"
)
GOOGLE = "Day,Campaign,Currency code,Cost,Clicks,Impr.,Conversions,Conv. value\n"
ACCOUNTS = (
    GOOGLE + "2026-03-02,Brand,USD,10.00,5,100,1.00,50.00\n",
    GOOGLE + "2026-03-02,Brand,USD,70.00,7,700,2.00,90.00\n",
)
WITH_ID = "Day,Customer ID," + GOOGLE.removeprefix("Day,")
ALL_ORDERS = (
    "amazon-order-id\tmerchant-order-id\tpurchase-date\tlast-updated-date\torder-status\tfulfillment-channel\t"
    "sales-channel\torder-channel\tship-service-level\tproduct-name\tsku\tasin\titem-status\tquantity\t"
    "currency\titem-price\titem-tax\titem-promotion-discount\tship-city\tship-country\n"
)


def amazon_order(number: str, channel: str, currency: str, price: str, moment: str) -> str:
    cells = [
        number, "", moment, moment, "Shipped", "Amazon", channel, "", "Standard", "Lamp", "L-1", "B000000001",
        "Shipped", "1", currency, price, "", "", "", "DE",
    ]  # fmt: skip
    return "\t".join(cells) + "\n"


EUROPE = ALL_ORDERS + "".join([
    # half past eleven in London is tomorrow in Berlin
    amazon_order("302-0000001-0000001", "Amazon.de", "EUR", "100.00", "2026-03-02T23:30:00+00:00"),
    amazon_order("202-0000001-0000001", "Amazon.co.uk", "GBP", "50.00", "2026-03-02T23:30:00+00:00"),
    amazon_order("S02-0000001-0000001", "Non-Amazon", "", "", "2026-03-02T10:00:00+00:00"),
])  # fmt: skip
FRENCH = ALL_ORDERS + "".join([
    amazon_order("402-0000001-0000001", "Amazon.fr", "EUR", "5.00", "2026-03-02T10:00:00+00:00"),
    amazon_order("402-0000002-0000001", "Amazon.it", "EUR", "6.00", "2026-03-02T10:00:00+00:00"),
])  # fmt: skip

FIRST = {
    "stores.csv": STORES,
    "store=terms/summary.csv": SUMMARY,
    "store=mixed/by day.csv": BY_DAY,
    "store=oneday/by day.csv": META.format(days="Day") + "2026-03-02,Brand,10.00,100,5,1,50\n",
    "store=cut/sales.csv": CUT_SALES,
    "store=cut/orders.csv": CUT_ORDERS,
    "store=edited/sales.csv": SALES
    + "2026-03-02,P,A,1,100.00,-10.00,0,90.00,0,90.00,1\n2026-03-02,P,B,1,100.00,0,0,90.00,0,90.00,1\n",
    "store=edited/orders.csv": ORDERS
    + "#1,,paid,USD,90,90,10,0,2026-03-05 10:00:00 -0500,1,Lamp,100,A\n"
    + "#2,,paid,USD,80,80,10,0,2026-03-05 10:00:00 -0500,1,Lamp,100,A\n",
    "store=default/meta.csv": "Day,Campaign name,Results,Reach,Impressions,Amount spent (USD)\n"
    "2026-03-02,Brand,3,900,1000,25.00\n",
    "store=accounts/1.csv": ACCOUNTS[0],
    "store=ids/1.csv": WITH_ID + "2026-03-02,111-111-1111,Brand,USD,10.00,5,100,1.00,50.00\n",
    "store=window/1.csv": GOOGLE
    + "2026-07-20,Brand,USD,10.00,5,100,1.00,50.00\n2026-08-01,Brand,USD,1.00,1,10,0,0\n",
    "store=fresh/1.csv": GOOGLE + "2026-08-01,Brand,USD,1.00,1,10,0,0\n",
    "store=corrected/1.csv": ACCOUNTS[0],
    "store=shops/a.csv": ORDERS + "#1001,,paid,USD,100,100,0,0,2026-03-02 10:00:00 -0500,1,Lamp,100,A\n",
    "store=right/sales.csv": SALES + "2026-03-02,P,A,1,63.62,0,0,63.62,0,63.62,1\n",
    "moved.csv": SALES + "2026-03-06,P,A,1,8.00,0,0,8.00,0,8.00,1\n",
    "store=eu-de/all orders.txt": EUROPE,
    "store=eu-fr/all orders.txt": FRENCH,
    "store=nobody/orders.csv": ORDERS
    + "#1,,paid,USD,1,1,0,0,2026-03-02 23:30:00 -0500,1,Lamp,1,A\n"
    + "#2,,paid,USD,2,2,0,0,2026-03-03 00:30:00 -0500,1,Lamp,2,A\n",
    "store=nobody/all orders.txt": ALL_ORDERS
    + amazon_order("111-0000001-0000009", "Amazon.com", "USD", "4.00", "2026-03-05T23:30:00-08:00"),
}
LATER = {
    "store=mixed/summary.csv": SUMMARY,
    "store=oneday/total.csv": META.format(days="Reporting starts,Reporting ends")
    + "2026-03-02,2026-03-02,Brand,10.00,100,5,1,50\n",
    "store=accounts/2.csv": ACCOUNTS[1],
    "store=ids/2.csv": WITH_ID + "2026-03-02,222-222-2222,Brand,USD,70.00,7,700,2.00,90.00\n",
    # the day of the first download was not over; conversions of earlier days came late
    "store=window/2.csv": GOOGLE
    + "2026-07-20,Brand,USD,10.05,5,100,4.00,200.00\n2026-08-01,Brand,USD,9.00,9,90,0,0\n"
    + "2026-08-02,Brand,USD,2.00,2,20,0,0\n",
    "store=fresh/2.csv": GOOGLE + "2026-08-01,Brand,USD,9.00,9,90,0,0\n",
    "store=corrected/2.csv": ACCOUNTS[1],
    "store=shops/b.csv": ORDERS
    # the first shop's order again, shown on another clock, and paid back in part
    + "#1001,,partially_refunded,USD,100,100,0,30,2026-03-02 15:00:00 +0000,1,Lamp,100,A\n"
    + "#1001,,paid,USD,7,7,0,0,2026-03-02 11:00:00 -0500,1,Lamp,7,A\n",
    "store=wrong/sales.csv": SALES + "2026-03-02,P,A,1,63.62,0,0,63.62,0,63.62,1\n",
    # the same order as of another day: not the same bytes
    "store=wrong/orders.csv": ORDERS
    + "#1001,,partially_refunded,USD,100,100,0,30,2026-03-02 10:00:00 -0500,1,Lamp,100,A\n",
    "store=moved/moved.csv": SALES + "2026-03-06,P,A,1,8.00,0,0,8.00,0,8.00,1\n",
    "store=eu-uk/all orders.txt": EUROPE,
}


# the advice of the refusals is taken, and the first file gets a folder of its own as well
ADVICE = {
    "store=accounts/account=2/2.csv": ACCOUNTS[1],
    "store=accounts/account=1/1.csv": ACCOUNTS[0],
    "store=corrected/3.csv": ACCOUNTS[1],
}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The first files loaded and built, the others on top of them."""
    with own_warehouse(tmp_path_factory.mktemp("identity")) as settings:
        for name, content in FIRST.items():
            put(settings, name, content)
        build(settings)
        for name, content in LATER.items():
            put(settings, name, content, MADE.replace(day=3))
        reject(load_id(settings, "store=corrected/1.csv"), "wrong currency", settings)
        for name, content in ADVICE.items():
            put(settings, name, content, MADE.replace(day=4))
        build(settings, full_refresh=False)
        yield settings


def put(settings: Settings, name: str, content: str, made: datetime = MADE) -> str:
    """Load one file, made at a time; its state, or the reason for which it is refused."""
    file = settings.landing / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, encoding="utf-8")
    os.utime(file, (made.timestamp(), made.timestamp()))
    (result,) = load_files([file], settings)
    return result.reason_code or result.state


def rows(settings: Settings, statement: str, *parameters: object) -> list[tuple]:
    with connect(Role.ADMIN, settings) as connection:
        return connection.execute(statement.encode(), parameters).fetchall()


def spend(settings: Settings, store: str) -> Decimal | None:
    [(amount,)] = rows(
        settings,
        "select sum(spend_amount) from marts.fct_ad_activity where is_counted and store_id = %s",
        store,
    )
    return amount


def sold(settings: Settings, store: str) -> list[tuple]:
    return rows(
        settings,
        "select business_date::text, sum(gross_amount), sum(net_amount) from marts.fct_sales_line"
        " where is_counted and is_sale and store_id = %s group by 1 order by 1",
        store,
    )


def warnings(settings: Settings, path: str) -> list[tuple]:
    return rows(
        settings,
        "select item ->> 'code', item -> 'details' from ops.load, jsonb_array_elements(warnings) as item"
        " where file_path = %s and state = 'loaded' order by 1",
        path,
    )


def load_id(settings: Settings, path: str) -> int:
    return rows(settings, "select max(load_id) from ops.load where file_path = %s", path)[0][0]


def test_a_summary_is_a_report_over_a_period_even_where_a_term_was_seen_on_one_day(company: Settings) -> None:
    assert spend(company, "terms") is None
    assert rows(
        company, "select count(*), sum(spend_amount) from marts.fct_period_report where store_id = 'terms'"
    ) == [(3, Decimal("93.00"))]
    assert rows(
        company,
        "select rule_code, count(*) from marts.fct_record_exclusion where store_id = 'terms' group by 1",
    ) == [("multi_day_period", 3)]


def test_a_summary_does_not_take_the_place_of_a_day_of_the_report_by_day(company: Settings) -> None:
    assert spend(company, "mixed") == Decimal("1.00")


def test_a_day_exported_with_and_without_its_column_counts_once(company: Settings) -> None:
    assert spend(company, "oneday") == Decimal("10.00")


def test_a_column_that_the_export_lacks_is_not_known_and_the_files_own_net_is(company: Settings) -> None:
    assert sold(company, "cut") == [
        ("2026-03-02", Decimal("163.62"), Decimal("153.62")),
        ("2026-03-03", Decimal("240.86"), Decimal("177.24")),
        ("2026-03-04", Decimal(100), None),
    ]
    assert rows(
        company,
        "select rule_code, report, count(*) from marts.fct_record_exclusion"
        " where store_id = 'cut' and rule_code like '%%_not_known' group by 1, 2 order by 1",
    ) == [("discount_not_known", "shopify_orders", 2), ("refund_not_known", "shopify_orders", 2)]


def test_a_net_that_is_not_gross_less_discounts_and_returns_is_flagged(company: Settings) -> None:
    assert rows(
        company,
        "select report, row_number from marts.fct_record_flag where store_id = 'edited'"
        " and flag_code = 'net_differs' order by 1, 2",
    ) == [("shopify_orders", 2), ("shopify_sales_by_variant", 2)]
    assert rows(company, "select count(*) from marts.fct_record_flag where flag_code = 'net_differs'") == [
        (2,)
    ]


def test_clicks_and_sales_of_an_ads_export_without_their_columns_are_not_known(company: Settings) -> None:
    assert rows(
        company,
        "select impression_count, click_count, conversion_quantity, conversion_value_amount"
        " from marts.fct_ad_activity where store_id = 'default'",
    ) == [(1000, None, None, None)]


def test_campaigns_of_two_accounts_with_one_name_both_count_once_it_is_said_whose_they_are(
    company: Settings,
) -> None:
    [(reason, details)] = rows(
        company, "select reason_code, reason_details from ops.load where file_path = 'store=accounts/2.csv'"
    )
    first = load_id(company, "store=accounts/1.csv")
    assert (reason, details) == ("account_unclear", {"load_id": first})
    assert (spend(company, "accounts"), spend(company, "ids")) == (Decimal("80.00"), Decimal("80.00"))
    # a file that does not say its account may be of either of those that do
    assert put(company, "store=ids/3.csv", ACCOUNTS[0]) == "account_unclear"


def test_a_later_download_of_a_moving_window_replaces_the_days_that_both_hold(company: Settings) -> None:
    assert spend(company, "window") == Decimal("21.05")
    assert spend(company, "fresh") == Decimal("9.00")


def test_a_correction_replaces_what_an_operator_takes_out_for_it(company: Settings) -> None:
    [(reason,)] = rows(company, "select reason_code from ops.load where file_path = 'store=corrected/2.csv'")
    assert reason == "account_unclear"
    assert spend(company, "corrected") == Decimal("70.00")


def test_orders_of_two_shops_with_one_number_both_count_and_each_is_updated(company: Settings) -> None:
    assert sold(company, "shops") == [("2026-03-02", Decimal("107"), Decimal("77"))]


def test_the_same_bytes_under_another_store_are_said_with_the_load_that_has_them(company: Settings) -> None:
    first = load_id(company, "store=right/sales.csv")
    assert warnings(company, "store=wrong/sales.csv") == [
        ("same_bytes_elsewhere", {"load_id": first, "store": "right"})
    ]
    assert warnings(company, "store=right/sales.csv") == []
    assert warnings(company, "store=wrong/orders.csv") == [
        ("counted_elsewhere", {"load_id": load_id(company, "store=shops/a.csv"), "count": 1})
    ]


def test_a_file_that_is_moved_into_its_stores_folder_counts_there_alone(company: Settings) -> None:
    assert sold(company, "moved") == [("2026-03-06", Decimal("8.00"), Decimal("8.00"))]
    assert sold(company, "unassigned") == []
    assert warnings(company, "store=moved/moved.csv") == []


def test_a_report_of_several_marketplaces_is_split_by_its_sales_channels_and_counts_once(
    company: Settings,
) -> None:
    assert sold(company, "eu-de") == [("2026-03-03", Decimal("100.00"), Decimal("100.00"))]
    assert sold(company, "eu-uk") == [("2026-03-02", Decimal("50.00"), Decimal("50.00"))]
    first = load_id(company, "store=eu-de/all orders.txt")
    assert warnings(company, "store=eu-uk/all orders.txt") == [
        ("same_records_elsewhere", {"load_id": first, "count": 3})
    ]
    assert warnings(company, "store=eu-de/all orders.txt") == []


def test_channels_that_no_store_names_stay_in_the_folders_store_with_a_warning(company: Settings) -> None:
    assert sold(company, "eu-fr") == [("2026-03-02", Decimal("11.00"), Decimal("11.00"))]
    assert warnings(company, "store=eu-fr/all orders.txt") == [("several_channels", {"count": 2})]


def test_a_store_that_is_not_declared_has_the_days_of_its_cells_and_a_warning(company: Settings) -> None:
    assert sold(company, "nobody") == [
        ("2026-03-02", Decimal(1), Decimal(1)),
        ("2026-03-03", Decimal(2), Decimal(2)),
        ("2026-03-05", Decimal("4.00"), Decimal("4.00")),
    ]
    assert warnings(company, "store=nobody/orders.csv") == [("store_undeclared", {"store": "nobody"})]


def test_all_of_it_built_step_by_step_is_what_a_full_refresh_builds(company: Settings) -> None:
    stepwise = mart_digests(company, "candidate")
    build(company, full_refresh=True)
    assert mart_digests(company, "candidate") == stepwise


def test_a_stores_file_that_comes_later_ends_the_warning(company: Settings) -> None:
    later = STORES + "nobody,Nobody,shopify,JP,Asia/Tokyo,JPY,2026-01-01,\n"
    assert put(company, "stores.csv", later) == "loaded"
    assert warnings(company, "store=nobody/orders.csv") == []
    assert warnings(company, "store=wrong/sales.csv") != []
