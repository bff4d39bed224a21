"""Real exports of real merchants: what is published equals what an independent reader finds in the files."""

from __future__ import annotations

import csv
import hashlib
import shutil
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.warehouses import own_warehouse
from tradewind.landing import load_files, scan
from tradewind.pipeline import build_and_publish
from tradewind.reference.ecb_rates import write_ecb_rates
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

STORES = """store_id,store_name,platform,country,timezone,currency,opened_on
au-brand,Australian furniture brand,shopify,AU,Australia/Sydney,AUD,2020-01-01
uk-retailer,UK gift wholesaler,webshop,GB,Europe/London,GBP,2009-12-01
"""
AU_FILES = [
    "shopify/shopify_sales.csv",
    "shopify/shopify_visitors.csv",
    "meta_ads/meta_ads.csv",
    "google_ads/google_ads.csv",
    "pinterest_ads/pinterest_ads.csv",
]
UK_FOLDER = "large/online_retail_by_day"


def number(text: str) -> Decimal:
    """A cell as the exact number it shows."""
    return Decimal(text.replace(",", "") or "0")


def rows_of(file: Path) -> list[dict[str, str]]:
    """The file by the standard library's reader, which shares nothing with the loader."""
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def column_sum(file: Path, column: str) -> Decimal:
    return sum((number(row[column]) for row in rows_of(file)), Decimal(0))


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory, real_exports: Path) -> Iterator[Settings]:
    with own_warehouse(tmp_path_factory.mktemp("real"), reporting_currency="AUD") as settings:
        landing = settings.landing
        write_ecb_rates(landing / "reference" / "ecb_exchange_rates.csv")
        (landing / "company").mkdir()
        (landing / "company" / "stores.csv").write_text(STORES)
        for store, files in {"au-brand": AU_FILES, "uk-retailer": [UK_FOLDER]}.items():
            folder = landing / f"store={store}"
            folder.mkdir()
            for number_, file in enumerate(files):
                source = real_exports / file
                if source.is_dir():
                    shutil.copytree(source, folder / source.name)
                else:
                    # by recognition alone: the name says nothing
                    shutil.copy2(source, folder / f"download {number_}.csv")
        results = load_files(scan(settings), settings)
        assert not [r for r in results if r.state != "loaded"]
        publication = build_and_publish(settings)
        assert publication is not None and publication.state == "published", publication
        yield settings


def published(settings: Settings, query: str, *parameters: object) -> list[tuple]:
    with connect(Role.APP, settings) as connection:
        return connection.execute(query, parameters).fetchall()


def one(settings: Settings, query: str, *parameters: object) -> tuple:
    return published(settings, query, *parameters)[0]


@pytest.mark.parametrize(
    ("file", "platform", "columns"),
    [
        (
            "meta_ads/meta_ads.csv",
            "meta_ads",
            ["Amount spent (AUD)", "Impressions", "Link clicks", "Purchases", "Purchases conversion value"],
        ),
        (
            "google_ads/google_ads.csv",
            "google_ads",
            ["Cost", "Impr.", "Clicks", "Conversions", "Conv. value"],
        ),
        (
            "pinterest_ads/pinterest_ads.csv",
            "pinterest_ads",
            [
                "Spend in account currency",
                "Impressions",
                "Outbound clicks",
                "Total conversions (Checkout)",
                "Total order value (Checkout)",
            ],
        ),
    ],
)
def test_advertising_of_the_australian_brand_equals_the_file_to_the_cent(
    warehouse: Settings, real_exports: Path, file: str, platform: str, columns: list[str]
) -> None:
    expected = tuple(column_sum(real_exports / file, column) for column in columns)
    in_events = one(
        warehouse,
        "select sum(spend_amount), sum(impression_count), sum(click_count), sum(conversion_quantity),"
        " sum(conversion_value_amount) from marts.fct_ad_activity where platform = %s",
        platform,
    )
    assert in_events == expected
    # the reporting currency is the account's own, so the metrics must show the same sums
    daily = dict(
        published(
            warehouse,
            "select metric_id || ' ' || definition_code, sum(numerator) from marts.fct_metric_daily"
            " where platform = %s and metric_id in ('promo_attributed_sales', 'promo_click_through_rate')"
            " group by 1",
            platform,
        )
    )
    clicks = [value for name, value in daily.items() if name.startswith("promo_click_through_rate")]
    claimed = [value for name, value in daily.items() if name.startswith("promo_attributed_sales")]
    assert (clicks, claimed) == ([expected[2]], [expected[4]])


def test_spend_is_the_denominator_of_both_roi_and_roas(warehouse: Settings, real_exports: Path) -> None:
    spend = column_sum(real_exports / "meta_ads/meta_ads.csv", "Amount spent (AUD)")
    assert one(
        warehouse,
        "select sum(denominator) from marts.fct_metric_daily where metric_id = 'promo_return_on_investment'"
        " and definition_code = 'roas' and platform = 'meta_ads'",
    ) == (spend,)


def test_orders_and_sessions_of_the_australian_brand_equal_the_files(
    warehouse: Settings, real_exports: Path
) -> None:
    orders = column_sum(real_exports / "shopify/shopify_sales.csv", "Orders")
    sessions = column_sum(real_exports / "shopify/shopify_visitors.csv", "Sessions")
    assert one(
        warehouse,
        "select sum(numerator), sum(denominator) from marts.fct_metric_daily"
        " where metric_id = 'ops_conversion_rate' and definition_code = 'shopify_session'"
        " and store_id = 'au-brand'",
    ) == (orders, sessions)


def test_gross_sales_of_the_australian_brand_equal_the_file_to_the_cent(
    warehouse: Settings, real_exports: Path
) -> None:
    gross = column_sum(real_exports / "shopify/shopify_sales.csv", "Gross sales")
    assert one(
        warehouse,
        "select sum(numerator) from marts.fct_metric_daily"
        " where metric_id = 'ops_gross_merchandise_value' and definition_code = 'gross_sales'"
        " and store_id = 'au-brand'",
    ) == (gross,)


@pytest.fixture(scope="module")
def uk_lines(real_exports: Path) -> list[dict[str, str]]:
    return [row for file in sorted((real_exports / UK_FOLDER).glob("*.csv")) for row in rows_of(file)]


def is_sale(row: dict[str, str]) -> bool:
    return int(row["Quantity"]) > 0 and Decimal(row["UnitPrice"]) > 0


def test_gross_sales_and_orders_of_the_uk_retailer_equal_the_files(
    warehouse: Settings, uk_lines: list[dict[str, str]]
) -> None:
    gross = sum(int(r["Quantity"]) * Decimal(r["UnitPrice"]) for r in uk_lines if is_sale(r))
    orders = len({r["InvoiceNo"] for r in uk_lines if is_sale(r)})
    assert one(
        warehouse,
        "select sum(gross_amount), sum(order_count), max(currency), min(currency)"
        " from marts.fct_sales_line where store_id = 'uk-retailer'",
    ) == (gross, orders, "GBP", "GBP")


def test_every_line_of_the_uk_retailer_is_there_once(
    warehouse: Settings, uk_lines: list[dict[str, str]]
) -> None:
    assert one(warehouse, "select count(*) from marts.fct_sales_line where store_id = 'uk-retailer'") == (
        len(uk_lines),
    )


def test_cancellations_of_the_uk_retailer_are_refunds(
    warehouse: Settings, uk_lines: list[dict[str, str]]
) -> None:
    refunds = -sum(int(r["Quantity"]) * Decimal(r["UnitPrice"]) for r in uk_lines if int(r["Quantity"]) < 0)
    assert one(
        warehouse, "select sum(refund_amount) from marts.fct_sales_line where store_id = 'uk-retailer'"
    ) == (refunds,)


def test_sales_by_country_of_the_uk_retailer_equal_the_files(
    warehouse: Settings, uk_lines: list[dict[str, str]]
) -> None:
    expected: dict[str, Decimal] = defaultdict(Decimal)
    for row in uk_lines:
        if is_sale(row):
            expected[row["Country"]] += int(row["Quantity"]) * Decimal(row["UnitPrice"])
    found = dict(
        published(
            warehouse,
            "select country, sum(gross_amount) from marts.fct_sales_country_daily"
            " where store_id = 'uk-retailer' group by country having sum(gross_amount) <> 0",
        )
    )
    assert found == dict(expected)


@pytest.mark.parametrize("window", [90, 180, 365])
def test_repurchase_rate_of_the_uk_retailer_equals_the_files(
    warehouse: Settings, uk_lines: list[dict[str, str]], window: int
) -> None:
    last_day = max(date.fromisoformat(row["InvoiceDate"][:10]) for row in uk_lines)
    first_day = last_day - timedelta(days=window - 1)
    orders: dict[str, set[str]] = defaultdict(set)
    for row in uk_lines:
        if row["CustomerID"] and is_sale(row) and date.fromisoformat(row["InvoiceDate"][:10]) >= first_day:
            orders[row["CustomerID"]].add(row["InvoiceNo"])
    came_back = sum(len(invoices) > 1 for invoices in orders.values())
    assert one(
        warehouse,
        "select sum(numerator), sum(denominator) from marts.fct_metric_daily"
        " where metric_id = 'ops_repeat_purchase_rate' and store_id = 'uk-retailer'"
        " and definition_code = %s and business_date = %s",
        f"window_{window}d",
        last_day,
    ) == (came_back, len(orders))


def test_evidence_of_the_real_files_adds_up_and_names_the_file(warehouse: Settings) -> None:
    total, evidence, files = one(
        warehouse,
        "select (select sum(numerator) from marts.fct_metric_daily"
        "          where metric_id = 'ops_gross_merchandise_value' and definition_code = 'gross_sales'"
        "          and business_date = date '2011-06-30'),"
        " sum(e.numerator), array_agg(distinct l.file_name) from marts.metric_evidence as e"
        " inner join ops.load as l on l.load_id = e.load_id"
        " where e.metric_id = 'ops_gross_merchandise_value' and e.definition_code = 'gross_sales'"
        " and e.business_date = date '2011-06-30'",
    )
    assert total == evidence and total > 0
    assert files == ["2011-06-30.csv"]


def marts_digest(settings: Settings) -> str:
    rows = published(settings, "select t::text from marts.fct_metric_daily as t order by 1")
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def test_a_second_load_changes_nothing(warehouse: Settings, real_exports: Path, tmp_path: Path) -> None:
    before = marts_digest(warehouse)
    again = [shutil.copy2(real_exports / file, tmp_path / Path(file).name) for file in AU_FILES]
    assert {r.state for r in load_files([Path(p) for p in again], warehouse)} == {"duplicate"}
    build_and_publish(warehouse)
    assert marts_digest(warehouse) == before
