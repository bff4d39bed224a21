"""Files that shops and warehouses downloaded go in by recognition alone; counts and cells by an independent
reader.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.dags.landing.conftest import Query
from tests.dags.landing.real_files import FACTS_OF_FILES, independent_rows
from tests.dags.landing.test_real_exports import FILES as FILES_ELSEWHERE
from tradewind.landing import load_files
from tradewind.settings import Settings

# report, lines above the header, header of a number (or of a text where there is none), its column
FILES = {
    "amazon/Amazon Sale Report.csv": ("amazon_orders_india", 0, "Amount", "amount"),
    "amazon/fba_customer_returns_row.txt": ("amazon_fba_returns", 0, "quantity", "quantity"),
    "amazon/fixture_awd_report.csv": (
        "amazon_awd_inventory", 2, "Available in AWD (units)", "available_in_awd_units",
    ),
    "amazon/fixture_fba_report.csv": ("amazon_fba_inventory", 0, "Available", "available"),
    "amazon_shipping/shipments-2026-01-03 (3).csv": (
        "amazon_shipping_shipments", 0, "Label Cost(GBP)", "label_cost",
    ),
    "ebay/ebay_2026-09.csv": ("ebay_orders", 0, "Sold For", "sold_for"),
    "etsy/EtsyListingsDownload.csv": ("etsy_listings", 0, "PRICE", "price"),
    "etsy/EtsySoldOrderItems2020.csv": ("etsy_order_items", 0, "Item Total", "item_total"),
    "etsy/EtsySoldOrders2022_masked.csv": ("etsy_orders", 0, "Order Net", "order_net"),
    "flexport/flexport_inbound.csv": ("flexport_inbound", 0, "RECEIVED_UNITS", "received_units"),
    "misc/amazon_customer_reviews.csv": ("amazon_reviews", 0, "Time", "time"),
    "sage200/sagejack.csv": ("sage_stock", 0, "Actual Quantity", "actual_quantity"),
    "shopify/Product-data.csv": ("shopify_products", 0, "Variant Price", "variant_price"),
    "shopify/inventory_export_1.csv": ("shopify_inventory", 0, "On hand", "on_hand"),
    "shopify/payment_transactions_export_1.csv": ("shopify_payment_transactions", 0, "Net", "net"),
    "tiktok_shop/fbt_inventory.csv": ("tiktok_shop_fbt_inventory", 0, "Total inventory", "total_inventory"),
    "tiktok_shop/tiktok_shop_orders.csv": (
        "tiktok_shop_orders", 0, "SKU Subtotal After Discount", "sku_subtotal_after_discount",
    ),
    "walmart/walmart_inventory.csv": ("walmart_wfs_inventory", 0, "Daily sales", "daily_sales"),
    "warehouse/marketplace_ratings_2026-09.csv": ("marketplace_ratings", 0, "Sessions", "sessions"),
    "warehouse/production_tracking_2026-09.head.csv": (
        "warehouse_production_tracking", 3, "Sent to E-Com", "sent_to_e_com",
    ),
    "warehouse/timekeeping_2026-09.head.csv": ("warehouse_timekeeping", 0, "Hours", "hours"),
    "warehouse/upright_inventory_2026-09.head.csv": (
        "warehouse_listed_inventory", 0, "List Price", "list_price",
    ),
    "woocommerce/sample_products.csv": ("woocommerce_products", 0, "Regular price", "regular_price"),
}  # fmt: skip
# official header lines without records
HEADERS_ALONE = {
    "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA": "amazon_fba_returns",
    "GET_FBA_REIMBURSEMENTS_DATA": "amazon_fba_reimbursements",
    "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL": "amazon_all_orders",
    "GET_FLAT_FILE_ARCHIVED_ORDERS_DATA_BY_ORDER_DATE": "amazon_all_orders",
    "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE": "amazon_returns",
    "GET_LEDGER_DETAIL_VIEW_DATA": "amazon_inventory_ledger_detail",
    "GET_LEDGER_SUMMARY_VIEW_DATA": "amazon_inventory_ledger_summary",
    "GET_SELLER_FEEDBACK_DATA": "amazon_seller_feedback",
    "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2": "amazon_settlement_v2",
}
REFUSED = {
    # its only row has the word "scrubbed" for the number of the order: nothing is left to load
    "amazon/all_orders_scrubbed_row.txt": ("amazon_all_orders", "too_many_bad_records"),
    # sales of days that the file does not state
    "shopify/fixture_shopify_sales.csv": ("shopify_sales_by_channel", "period_unknown"),
}
# turned before it is read: tested with the sheets that lie on their side
TRANSPOSED = "warehouse/amazon hours.csv"
FOLDERS = [
    "amazon", "amazon_shipping", "ebay", "etsy", "flexport", "misc", "sage200", "shopify", "tiktok_shop",
    "walmart", "warehouse", "woocommerce",
]  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_real_file_is_recognised_and_loaded_whole(
    landing: Settings, query: Query, real_exports: Path, name: str
) -> None:
    report, above, header, column = FILES[name]
    result = load_files([real_exports / name], landing)[0]
    delimiter = "\t" if name.endswith(".txt") else ","
    rows = independent_rows(real_exports / name, delimiter=delimiter, above=above)
    assert (result.state, result.report, result.records_quarantined) == ("loaded", report, 0)
    assert result.records_loaded == len(rows)
    loaded = [cell for (cell,) in query(f"select {column} from raw.{report} order by row_number")]
    assert [cell or "" for cell in loaded] == [row[header] for row in rows]
    assert load_files([real_exports / name], landing)[0].state == "duplicate"


@pytest.mark.parametrize("name", HEADERS_ALONE)
def test_header_without_records_is_loaded_as_no_records(
    landing: Settings, real_exports: Path, name: str
) -> None:
    result = load_files([real_exports / "amazon" / "headers_only" / f"{name}.txt"], landing)[0]
    assert (result.state, result.report) == ("loaded", HEADERS_ALONE[name])
    assert (result.records_loaded, result.records_quarantined) == (0, 0)


@pytest.mark.parametrize("name", REFUSED)
def test_real_file_that_cannot_be_used_is_refused_with_its_reason(
    landing: Settings, query: Query, real_exports: Path, name: str
) -> None:
    report, reason = REFUSED[name]
    result = load_files([real_exports / name], landing)[0]
    assert (result.state, result.reason_code) == ("refused", reason)
    assert query(f"select count(*) from raw.{report}") == [(0,)]


def test_sales_by_channel_are_loaded_once_a_folder_states_their_days(
    landing: Settings, query: Query, real_exports: Path
) -> None:
    folder = landing.landing / "store=shop" / "date=2026-09-30"
    folder.mkdir(parents=True)
    file = Path(shutil.copy(real_exports / "shopify" / "fixture_shopify_sales.csv", folder))
    result = load_files([file], landing)[0]
    assert (result.state, result.records_loaded) == ("loaded", 5)
    assert query("select sum(net_sales::numeric)::text from raw.shopify_sales_by_channel") == [("240.99",)]
    assert query("select period_start::text, store_id from ops.load") == [("2026-09-30", "shop")]


def test_days_and_currencies_that_stand_outside_the_rows_are_read(
    landing: Settings, query: Query, real_exports: Path
) -> None:
    load_files([real_exports / name for name in FILES], landing)
    assert query(FACTS_OF_FILES) == [
        ("fixture_awd_report.csv", "2026-02-11", "2026-02-11", None),
        ("production_tracking_2026-09.head.csv", "2026-09-01", "2026-09-30", None),
        ("shipments-2026-01-03 (3).csv", None, None, "GBP"),
    ]


def test_every_column_of_the_real_files_is_known_but_those_that_are_set_aside(
    landing: Settings, query: Query, real_exports: Path
) -> None:
    load_files([real_exports / name for name in FILES], landing)
    extra = query(
        "select file_name, file_attributes -> 'extra_columns' from ops.load "
        "where file_attributes ? 'extra_columns' order by file_name"
    )
    assert extra == [
        ("Amazon Sale Report.csv", ["index", "Unnamed: 22"]),
        ("sample_products.csv", ["Meta: _wpcom_is_markdown", "Meta: _generate-sidebar-layout-meta"]),
    ]


def test_every_file_of_these_folders_is_tested(real_exports: Path) -> None:
    known = {*FILES, *REFUSED, *FILES_ELSEWHERE, TRANSPOSED}
    known |= {f"amazon/headers_only/{name}.txt" for name in HEADERS_ALONE}
    found = {
        str(file.relative_to(real_exports))
        for folder in FOLDERS
        for file in (real_exports / folder).rglob("*")
        if file.suffix in (".csv", ".txt")
    }
    assert found - known == set()
