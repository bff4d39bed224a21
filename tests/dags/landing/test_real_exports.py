"""Files that merchants downloaded go in by recognition alone; counts and sums by an independent reader."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.dags.landing.conftest import Query
from tests.dags.landing.real_files import FACTS_OF_FILES, independent_rows, total
from tradewind.landing import load_files
from tradewind.settings import Settings

# report, encoding, delimiter, lines above the header, header of an amount, its column, whether total rows
# end the file
FILES = {
    "shopify/orders_export_1.csv": ("shopify_orders", "utf-8", ",", 0, "Lineitem price", "lineitem_price"),
    "shopify/shopify_sales.csv": ("shopify_sales_by_variant", "utf-8", ",", 0, "Total sales", "total_sales"),
    "shopify/shopify_visitors.csv": ("shopify_visitors", "utf-8", ",", 0, "Sessions", "sessions"),
    "meta_ads/meta_ads.csv": (
        "meta_ads_campaign_daily", "utf-8", ",", 0, "Amount spent (AUD)", "amount_spent",
    ),
    "google_ads/google_ads.csv": ("google_ads_campaign_daily", "utf-8", ",", 0, "Cost", "cost"),
    "google_ads/Campaign report (1).csv": ("google_ads_campaign_period", "utf-8", ",", 2, "Cost", "cost"),
    "google_ads/Search keyword report.csv": ("google_ads_search_keyword", "utf-16", "\t", 2, "Cost", "cost"),
    "pinterest_ads/pinterest_ads.csv": (
        "pinterest_ads_daily", "utf-8", ",", 0, "Spend in account currency", "spend_in_account_currency",
    ),
    "amazon/BusinessReport-15-10-2025.csv": (
        "amazon_business_report_asin", "utf-8-sig", ",", 0, "Ordered Product Sales", "ordered_product_sales",
    ),
    "amazon/BusinessReport-23-07-2025.csv": (
        "amazon_business_report_asin", "utf-8-sig", ",", 0, "Ordered Product Sales", "ordered_product_sales",
    ),
    "amazon/50018020314.txt": ("amazon_settlement", "utf-8", "\t", 0, "price-amount", "price_amount"),
    "amazon/50034020328.txt": ("amazon_settlement", "utf-8", "\t", 0, "price-amount", "price_amount"),
    "ga4/Pages_and_screens_Page_path_and_screen_class (3).csv": (
        "ga4_pages", "utf-8", ",", 9, "Views", "views",
    ),
    "large/online_retail_by_day/2010-12-01.csv": (
        "online_retail", "utf-8", ",", 0, "UnitPrice", "unit_price",
    ),
}  # fmt: skip
# the file says nothing of its days, and its name the day of the download: a folder says them
DAYS = {
    "amazon/BusinessReport-15-10-2025.csv": "2025-10-15",
    "amazon/BusinessReport-23-07-2025.csv": "2025-06-01..2025-06-30",
}


def put(landing: Settings, real_exports: Path, name: str) -> Path:
    """The file where it lies, or in a folder that names its days."""
    if name not in DAYS:
        return real_exports / name
    folder = landing.landing / f"date={DAYS[name]}"
    folder.mkdir(exist_ok=True)
    return Path(shutil.copy2(real_exports / name, folder))


@pytest.mark.parametrize("name", FILES)
def test_d18_real_file_is_recognised_and_loaded_whole(
    landing: Settings, query: Query, real_exports: Path, name: str
) -> None:
    report, encoding, delimiter, above, header, column = FILES[name]
    file = put(landing, real_exports, name)
    result = load_files([file], landing)[0]
    rows = independent_rows(real_exports / name, encoding=encoding, delimiter=delimiter, above=above)
    assert (result.state, result.report, result.records_quarantined) == ("loaded", report, 0)
    assert result.records_loaded == len(rows)
    loaded = [cell for (cell,) in query(f"select {column} from raw.{report} order by row_number")]
    assert total(loaded) == total([row[header] for row in rows])
    assert load_files([file], landing)[0].state == "duplicate"


@pytest.mark.parametrize("name", DAYS)
def test_the_day_in_a_real_business_reports_name_is_not_that_of_its_rows(
    landing: Settings, real_exports: Path, name: str
) -> None:
    result = load_files([real_exports / name], landing)[0]
    assert (result.state, result.reason_code) == ("refused", "period_unknown")


def test_real_workbook_is_loaded_whole(landing: Settings, query: Query, real_exports: Path) -> None:
    file = real_exports / "amazon_ads" / "Sponsored Products Search term report.xlsx"
    result = load_files([file], landing)[0]
    assert (result.state, result.report, result.records_loaded) == ("loaded", "amazon_ads_search_term", 638)
    first = query(
        "select start_date, end_date, currency, impressions, clicks, click_thru_rate_ctr, spend, "
        "total_advertising_cost_of_sales_acos from raw.amazon_ads_search_term where row_number = 1"
    )
    assert first == [("2022-07-23", "2022-07-23", "USD", "2", "1", "0.5", "0.48", None)]
    assert load_files([file], landing)[0].state == "duplicate"


def test_a_year_of_daily_files_is_loaded_whole(landing: Settings, query: Query, real_exports: Path) -> None:
    files = sorted((real_exports / "large" / "online_retail_by_day").glob("*.csv"))
    results = load_files(files, landing)
    expected = sum(len(independent_rows(file)) for file in files)
    assert {result.state for result in results} == {"loaded"}
    assert sum(result.records_loaded for result in results) == expected
    assert query("select count(*) from raw.online_retail") == [(expected,)]
    assert {result.state for result in load_files(files, landing)} == {"duplicate"}
    assert query("select count(*) from raw.online_retail") == [(expected,)]


def test_facts_that_stand_outside_the_rows_are_read(
    landing: Settings, query: Query, real_exports: Path
) -> None:
    load_files([put(landing, real_exports, name) for name in FILES], landing)
    assert query(FACTS_OF_FILES) == [
        ("50018020314.txt", None, None, "CAD"),
        ("50034020328.txt", None, None, "CAD"),
        ("BusinessReport-15-10-2025.csv", "2025-10-15", "2025-10-15", "GBP"),
        ("BusinessReport-23-07-2025.csv", "2025-06-01", "2025-06-30", "GBP"),
        ("Campaign report (1).csv", "2026-01-27", "2026-02-23", None),
        ("Pages_and_screens_Page_path_and_screen_class (3).csv", "2025-01-01", "2025-12-31", None),
        ("Search keyword report.csv", "2026-05-01", "2026-05-08", None),
        ("meta_ads.csv", None, None, "AUD"),
    ]
