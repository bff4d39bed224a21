"""Shops, marketplaces, warehouses: layouts and languages of their reports, what a damaged row breaks on."""

from __future__ import annotations

import csv
import io
import os
import re
from contextlib import contextmanager
from datetime import date
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import pytest

from tests.dags.exports.samples import sample
from tradewind.exports import Export, Header, RefusedFileError, load_contracts, open_export, recognise
from tradewind.exports.blocks import Block
from tradewind.exports.contract import CURRENCY, Column
from tradewind.exports.records import Record
from tradewind.exports.rows import RowReader

if TYPE_CHECKING:
    from collections.abc import Iterator

REPORTS = [
    "amazon_active_listings", "amazon_all_orders", "amazon_awd_inventory", "amazon_fba_inventory",
    "amazon_fba_reimbursements", "amazon_fba_returns", "amazon_inventory_ledger_detail",
    "amazon_inventory_ledger_summary", "amazon_orders_india", "amazon_returns", "amazon_reviews",
    "amazon_seller_feedback", "amazon_shipping_shipments", "amazon_sku_economics", "amazon_transactions",
    "ebay_orders", "etsy_listings", "etsy_order_items", "etsy_orders", "flexport_inbound",
    "flexport_inventory", "flexport_orders", "linnworks_inventory", "marketplace_ratings",
    "olist_order_items", "olist_order_payments", "olist_order_reviews", "olist_orders", "sage_stock",
    "shopify_inventory", "shopify_payment_transactions", "shopify_products", "shopify_sales_by_channel",
    "tiktok_shop_fbt_inventory", "tiktok_shop_orders", "tiktok_shop_product_analytics",
    "walmart_item_sales", "walmart_wfs_inventory", "warehouse_listed_inventory",
    "warehouse_production_tracking", "warehouse_timekeeping", "woocommerce_orders", "woocommerce_products",
]  # fmt: skip

TAKES_OFF = re.compile("refund|discount|return|promotion|coupon|rebate|voucher")
# amounts that take something off and that no line's net is less by, and why
NOT_OFF_GOODS = {
    ("amazon_all_orders", "ship_promotion_discount"): "off shipping",
    ("etsy_order_items", "shipping_discount"): "off shipping",
    ("tiktok_shop_orders", "shipping_fee_after_discount"): "shipping",
    ("tiktok_shop_orders", "shipping_fee_platform_discount"): "off shipping",
    ("tiktok_shop_orders", "shipping_fee_seller_discount"): "off shipping",
    ("tiktok_shop_orders", "payment_platform_discount"): "the platform pays it to the seller",
    ("tiktok_shop_orders", "sku_quantity_of_return"): "pieces; their money is in the order's refund",
    ("woocommerce_orders", "cart_discount_amount"): "a piece's cost is less it already",
    ("woocommerce_orders", "discount_amount"): "a piece's cost is less it already",
    ("woocommerce_orders", "discount_amount_tax"): "a piece's cost has no tax",
}  # fmt: skip


def reader(report: str) -> tuple[RowReader, list[Column], list[str]]:
    """The reader of a file with all columns of the contract, the columns, and a good row."""
    contract = load_contracts()[report]
    columns = contract.columns
    cells = tuple(column.all_headers()[0] for column in columns)
    header = Header(contract, cells, tuple(columns), contract.delimiters[0], (), "en", None, 0)
    return RowReader(header, str), columns, [sample(column) for column in columns]


def places_before_another(columns: list[Column]) -> range:
    """The places up to the last required column; no cell moves when the last one of a row is lost or won."""
    last = max(place for place, column in enumerate(columns) if column.required)
    return range(min(last + 1, len(columns) - 1))


def is_faulty(rows: RowReader, cells: list[str]) -> bool:
    return rows.judge(Record(b"", tuple(cells))).fault is not None


@pytest.mark.parametrize("report", REPORTS)
def test_row_that_lost_a_cell_is_seen_though_its_width_is_right(report: str) -> None:
    rows, columns, good = reader(report)
    assert not is_faulty(rows, good)
    unseen = [
        columns[place].name
        for place in places_before_another(columns)
        if not is_faulty(rows, [*good[:place], *good[place + 1 :], ""])
    ]
    assert not unseen


@pytest.mark.parametrize("report", REPORTS)
def test_row_that_won_a_cell_is_seen_though_its_width_is_right(report: str) -> None:
    rows, columns, good = reader(report)
    unseen = [
        columns[place].name
        for place in places_before_another(columns)
        if not is_faulty(rows, [*good[:place], "large", *good[place:-1]])
    ]
    assert not unseen


@contextmanager
def opened(folder: Path, content: bytes, path: str = "report.csv") -> Iterator[Export]:
    file = folder / "report"
    file.write_bytes(content)
    descriptor = os.open(file, os.O_RDONLY)
    try:
        yield open_export(descriptor, PurePath(path), load_contracts())
    finally:
        os.close(descriptor)


def read(export: Export) -> tuple[int, int, list[tuple[int, str, str | None]]]:
    """Counts of loaded and ignored lines, and what is wrong with the bad ones."""
    whole = Block()
    for block in export.blocks(export.rows(str), 1):
        whole.loaded += block.loaded
        whole.ignored += block.ignored
        whole.bad += block.bad
    return whole.loaded, whole.ignored, [(b.row_number, b.fault.code, b.fault.column) for b in whole.bad]


def table(report: str, *rows: dict[str, str]) -> str:
    """A file of a report whose rows hold the named values, and a sample wherever none is named."""
    contract = load_contracts()[report]
    columns = [column for column in contract.columns if column.required or (rows and column.name in rows[0])]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=contract.delimiters[0], lineterminator="\n")
    writer.writerow([column.all_headers()[0].replace(CURRENCY, "GBP") for column in columns])
    writer.writerows([[row.get(column.name, sample(column)) for column in columns] for row in rows])
    return out.getvalue()


def header_of(line: str) -> Header:
    return recognise(line + "\n", load_contracts())


@pytest.mark.parametrize(
    "more",
    [
        "ship-city\tship-state\tship-postal-code\tship-country\tpromotion-ids\tis-business-order\t"
        "purchase-order-number\tprice-designation",
        "ship-country\tship-promotion-id\tpromotion-ids\tis-business-order\tpurchase-order-number\t"
        "price-designation\tcustomized-url\tcustomized-page\tis-heavy-or-bulky\tis-replacement-order",
    ],
    ids=["general", "archived"],
)
def test_all_orders_are_known_in_both_layouts(more: str) -> None:
    header = header_of(
        "amazon-order-id\tmerchant-order-id\tpurchase-date\tlast-updated-date\torder-status\t"
        "fulfillment-channel\tsales-channel\torder-channel\turl\tship-service-level\tproduct-name\tsku\tasin\t"
        "item-status\tquantity\tcurrency\titem-price\titem-tax\tshipping-price\tshipping-tax\t"
        f"gift-wrap-price\tgift-wrap-tax\titem-promotion-discount\tship-promotion-discount\t{more}"
    )
    assert header.contract.report == "amazon_all_orders"
    assert not header.extra_names


def test_quotes_and_inches_in_a_flat_file_are_part_of_the_text(tmp_path: Path) -> None:
    content = table("amazon_all_orders", {"product_name": "PLATE", "is_business_order": "false"})
    with opened(tmp_path, content.replace("PLATE", 'Plate 12" "Rose').encode()) as export:
        assert read(export) == (1, 0, [])


ENGLISH = (
    '"date/time","settlement id","type","order id","sku","description","quantity","marketplace",'
    '"account type","fulfillment","order city","order state","order postal","tax collection model",'
    '"product sales","product sales tax","shipping credits","shipping credits tax","gift wrap credits",'
    '"giftwrap credits tax","Regulatory Fee","Tax On Regulatory Fee","promotional rebates",'
    '"promotional rebates tax","marketplace withheld tax","selling fees","fba fees",'
    '"other transaction fees","other","total","Transaction Status","Transaction Release Date"\n'
)
GERMAN = (
    '"Datum/Uhrzeit","Abrechnungsnummer","Typ","Bestellnummer","SKU","Beschreibung","Menge","Marketplace",'
    '"Versand","Ort der Bestellung","Bundesland","Postleitzahl","Steuererhebungsmodell","Umsätze",'
    '"Produktumsatzsteuer","Gutschrift für Versandkosten","Steuer auf Versandgutschrift",'
    '"Gutschrift für Geschenkverpackung","Steuer auf Geschenkverpackungsgutschriften",'
    '"Rabatte aus Werbeaktionen","Steuer auf Aktionsrabatte","Einbehaltene Steuer auf Marketplace",'
    '"Verkaufsgebühren","Gebühren zu Versand durch Amazon","Andere Transaktionsgebühren","Andere",'
    '"Gesamt"\n'
)
JAPANESE = (
    '"日付/時間","決済番号","トランザクションの種類","注文番号","SKU","説明","数量",'
    '"Amazon 出品サービス","フルフィルメント","市町村","都道府県","郵便番号","税金徴収型",'
    '"商品売上","商品の売上税","配送料","配送料の税金","ギフト包装手数料",'
    '"ギフト包装クレジットの税金","Amazonポイントの費用","プロモーション割引額",'
    '"プロモーション割引の税金","源泉徴収税を伴うマーケットプレイス","手数料","FBA 手数料",'
    '"トランザクションに関するその他の手数料","その他","合計"\n'
)


@pytest.mark.parametrize(
    ("header", "row", "locale"),
    [
        (
            ENGLISH,
            '"Sep 1, 2026 10:22:11 AM PDT","4711","Order","111-1111111-1111111","C1","Cup","1","amazon.com",'
            '"Standard Orders","Amazon","","WA","","","1,020.00","0","0","0","0","0","0","0","0","0","0",'
            '"-3.00","-4.10","0","0","1,012.90","Released","Sep 9, 2026 1:02:03 PM PDT"\n',
            "en",
        ),
        (
            GERMAN,
            '"01.09.2026 10:22:11 UTC","4711","Bestellung","111-1111111-1111111","C1","Tasse","1",'
            '"amazon.de","Amazon","","","","","1.020,00","0","0","0","0","0","0","0","0","-3,00","-4,10",'
            '"0","0","1.012,90"\n',
            "de",
        ),
        (
            JAPANESE,
            '"2026/09/01 8:22:11JST","4711","注文","111-1111111-1111111","C1","カップ","1","amazon.jp",'
            '"Amazon","","","","","1,020","0","0","0","0","0","0","0","0","0","-30","-41","0","0","949"\n',
            "ja",
        ),
    ],
    ids=["en", "de", "ja"],
)
def test_transactions_are_read_below_their_definitions_in_each_language(
    tmp_path: Path, header: str, row: str, locale: str
) -> None:
    above = (
        '"Includes Amazon Marketplace, Fulfillment by Amazon (FBA), and Amazon Webstore transactions"\n'
        '"All amounts in USD, unless specified"\n"Definitions:"\n'
        '"Sales tax collected: Includes sales tax collected from buyers for product sales, shipping."\n'
        '"Selling fees: Includes variable closing fees and referral fees."\n'
        '"Other transaction fees: Includes shipping chargebacks."\n'
        '"Other: Includes non-order transaction amounts."\n'
    )
    with opened(tmp_path, ("\ufeff" + above + header + row).encode()) as export:
        assert (export.contract.report, export.header.locale) == ("amazon_transactions", locale)
        assert export.facts.currency == "USD"
        assert not export.header.extra_names
        assert read(export) == (1, 0, [])


def test_german_decimals_under_an_english_header_are_quarantined(tmp_path: Path) -> None:
    content = table("amazon_transactions", {"total": "1.020,50"}, {"total": "20.50"})
    with opened(tmp_path, content.encode()) as export:
        assert read(export) == (1, 0, [(1, "decimal_comma", "total")])


@pytest.mark.parametrize(
    ("encoding", "header", "locale"),
    [
        ("cp932", "商品名,出品ID,出品者SKU,価格,数量,出品日,asin1,商品ID,フルフィルメント・チャンネル", "ja"),
        ("gb18030", "商品名称,卖家 SKU,价格,数量,开售日期,asin1,商品编码,配送渠道", "zh"),
        ("cp1252", "Artikelbezeichnung,Händler-SKU,Preis,Menge,Erstellungsdatum,ASIN 1,Versender", "de"),
        ("utf-8", "item-name,listing-id,seller-sku,price,quantity,open-date,fulfilment-channel", "en"),
    ],
)
def test_listings_are_known_in_the_language_and_encoding_of_the_account(
    tmp_path: Path, encoding: str, header: str, locale: str
) -> None:
    with opened(tmp_path, header.replace(",", "\t").encode(encoding) + b"\n") as export:
        assert (export.contract.report, export.header.locale) == ("amazon_active_listings", locale)
        assert not export.header.extra_names


@pytest.mark.parametrize(
    ("header", "day", "is_good"),
    [
        ("Date,Rating,Comments,Your Response,Order ID,Rater Email", "9/14/26", True),
        ("Date,Rating,Comments,Your Response,Order ID,Rater Email", "14/09/26", False),
        ("Datum,Bewertung,Kommentare,Ihre Antwort,Bestellnummer", "14.09.26", True),
    ],
)
def test_feedback_is_dated_as_its_language_says(
    tmp_path: Path, header: str, day: str, *, is_good: bool
) -> None:
    rest = ",x@shop.example" * ("Rater" in header)
    row = f'{day},5,"Fine, thanks",,111-1111111-1111111{rest}\n'
    with opened(tmp_path, f"{header}\n{row}".encode()) as export:
        assert export.contract.report == "amazon_seller_feedback"
        assert read(export)[0] == is_good


@pytest.mark.parametrize("spaced", [False, True])
def test_ledgers_are_known_with_and_without_blanks_in_their_headers(*, spaced: bool) -> None:
    summary = (
        "Date,FNSKU,ASIN,MSKU,Title,Disposition,StartingWarehouseBalance,InTransitBetweenWarehouses,Receipts,"
        "CustomerShipments,CustomerReturns,VendorReturns,WarehouseTransferIn/Out,Found,Lost,Damaged,Disposed,"
        "OtherEvents,EndingWarehouseBalance,UnknownEvents,Location"
    )
    detail = (
        "Date,FNSKU,ASIN,MSKU,Title,EventType,ReferenceID,Quantity,FulfillmentCenter,Disposition,Reason,"
        "Country,ReconciledQuantity,UnreconciledQuantity"
    )
    for cells, report in (
        (summary, "amazon_inventory_ledger_summary"),
        (detail, "amazon_inventory_ledger_detail"),
    ):
        line = "\t".join(with_blanks(cell) if spaced else cell for cell in cells.split(","))
        header = header_of(line)
        assert header.contract.report == report
        assert not header.extra_names


def with_blanks(header: str) -> str:
    if header.isupper():
        return header
    return (
        "".join(f" {char}" if char.isupper() else char for char in header)
        .strip()
        .replace("/ ", "/")
        .replace(" I D", " ID")
    )


def test_warehouse_report_of_amazon_states_its_day_above_the_header(tmp_path: Path) -> None:
    content = "Report Type,AWD Inventory Report\nGenerated,2026-02-11\n" + table("amazon_awd_inventory", {})
    with opened(tmp_path, content.encode()) as export:
        assert export.facts.period_start == date(2026, 2, 11)


def test_parcels_state_their_currency_in_the_header(tmp_path: Path) -> None:
    content = table("amazon_shipping_shipments", {})
    with opened(tmp_path, content.encode()) as export:
        assert export.facts.currency == "GBP"
        assert read(export) == (1, 0, [])


EBAY = (
    "Sales Record Number,Order Number,Buyer Username,Buyer Name,Item Number,Item Title,Custom Label,Quantity,"
    "Sold For,Shipping And Handling,Total Price,Sale Date,Paid On Date"
)
EBAY_BRITISH = (
    "Sales record number,Order number,Buyer username,Buyer name,Post to name,Post to address 1,"
    "Post to postcode,Item number,Item title,Custom label,Quantity,Sold for,Postage and packaging,"
    "Total price,Sale date,Paid on date,Post by date,Dispatched on date"
)
EBAY_OLDER = (
    "Sales Record Number,User Id,Buyer Fullname,Buyer Phone Number,Buyer Email,Buyer Address 1,"
    "Buyer Address 2,Buyer City,Buyer State,Buyer Zip,Buyer Country,Item ID,Item Title,Custom Label,Quantity,"
    "Sale Price,Shipping and Handling,US Tax,Insurance,Cash on delivery fee,Total Price,Payment Method,"
    "Sale Date,Checkout Date,Paid on Date,Notes to Yourself"
)


@pytest.mark.parametrize("line", [EBAY, EBAY_BRITISH, EBAY_OLDER])
def test_ebay_orders_are_known_in_american_british_and_older_spelling(line: str) -> None:
    header = header_of(line)
    assert header.contract.report == "ebay_orders"
    assert not header.extra_names


@pytest.mark.parametrize(
    ("sign", "day", "currency"),
    [("£", "14-Sep-26", "GBP"), ("$", "Sep-14-26", None), ("C$", "Sep-14-26", "CAD")],
)
def test_ebay_orders_with_summary_rows_blank_lines_and_footer(
    tmp_path: Path, sign: str, day: str, currency: str | None
) -> None:
    content = (
        f"\n{EBAY}\n,,,,,,,,,,,,\n"
        f"7,05-11111-22222,someone,A. Buyer,,,,2,,{sign}8.00,{sign}44.00,{day},{day}\n"
        f"7,05-11111-22222,someone,,316000000001,Cup,,1,{sign}20.00,,,{day},{day}\n"
        f"7,05-11111-22222,someone,,316000000002,Saucer,,1,{sign}16.00,,,{day},{day}\n"
        f'8,05-11111-33333,other,B. Buyer,316000000003,"Quilt, blue",,1,"{sign}1,064.00",{sign}0.00,'
        f'"{sign}1,064.00",{day},\n'
        '\n"2 record(s) downloaded,from Sep-01-26 to Sep-30-26"\nSeller ID : somebody\n'
    )
    with opened(tmp_path, content.encode()) as export:
        assert export.facts.currency == currency
        assert read(export) == (4, 4, [])


def test_tiktok_orders_with_explained_columns_and_tabs_behind_numbers(tmp_path: Path) -> None:
    header = (
        "Order ID,Order Status,Order Substatus,Cancelation/Return Type,Normal or Pre-order,SKU ID,Seller SKU,"
        "Product Name,Variation,Quantity,Sku Quantity of return,SKU Unit Original Price,"
        "SKU Subtotal Before Discount,SKU Subtotal After Discount,Shipping Fee After Discount,Order Amount,"
        "Created Time,Paid Time,Shipped Time,Fulfillment Type,Warehouse Name,Tracking ID,Payment Method,"
        "Buyer Username,Recipient,Country\n"
    )
    explained = (
        "Platform unique order ID.,Current order status.,,,,Platform SKU ID.,Seller sku input.,,,"
        "SKU sold quantity.,,Price in USD.,,It equals SKU Subtotal in USD,,,Order creation time.,,,,,"
        "The order's tracking number.,,,,\n"
    )
    rows = (
        "577000000000000001\t,Completed,Delivered,,Normal,1729000000000000001\t,C1,Cup,Blue,2,0,£10.00,£20.00,"
        "£18.00,£0.00,£18.00,03/21/2026 10:00:00 AM\t,,,Seller Shipping,FC1,,Card,someone,A. Buyer,UK\n"
        "577000000000000002\t,เสร็จสมบูรณ์,,,Normal,1729000000000000001\t,C1,Cup,Blue,1,0,£10.00,£10.00,£9.00,£0.00,"
        "£9.00,21/03/2026 22:05:43\t,,,Seller Shipping,FC1,,Card,someone,A. Buyer,UK\n"
    )
    with opened(tmp_path, (header + explained + rows).encode()) as export:
        assert export.contract.report == "tiktok_shop_orders"
        assert not export.header.extra_names
        assert export.facts.currency == "GBP"
        assert read(export) == (2, 1, [])


def test_place_that_does_not_stock_a_variant_is_no_fault_and_a_blank_is(tmp_path: Path) -> None:
    content = table(
        "shopify_inventory",
        {"available": "3", "on_hand": "4"},
        {
            "incoming": "not stocked",
            "committed": "not stocked",
            "available": "not stocked",
            "on_hand": "not stocked",
        },
        {"available": "", "on_hand": "4"},
    )
    with opened(tmp_path, content.encode()) as export:
        assert read(export) == (2, 0, [(3, "empty_value", "available")])


def test_columns_of_markets_and_custom_fields_are_set_aside() -> None:
    header = header_of(
        "Handle,Title,Body (HTML),Vendor,Type,Option1 Value,Variant SKU,Variant Price,Image Src,"
        "Image Position,Included / France,Price / France,Compare At Price / France,"
        "Fabric (product.metafields.custom.fabric),Status"
    )
    assert header.contract.report == "shopify_products"
    assert list(header.extra_names.values()) == [
        "Included / France",
        "Price / France",
        "Compare At Price / France",
        "Fabric (product.metafields.custom.fabric)",
    ]


def test_products_of_the_importers_layout_are_known_without_a_number() -> None:
    header = header_of(
        "Type,SKU,Name,Published,Is featured?,Visibility in catalog,Short description,Description,"
        "Date sale price starts,Date sale price ends,Tax status,Tax class,In stock?,Stock,"
        "Backorders allowed?,Sold individually?,Weight (kg),Length (cm),Width (cm),Height (cm),"
        "Allow customer reviews?,Purchase note,Sale price,Regular price,Categories,Tags,"
        "Shipping class,Images,Download limit,Download expiry days,Parent,Upsells,Cross-sells,"
        "Grouped products,External URL,BUTTON TEXT,Position,"
        "Attribute 1 Name,Attribute 1 Value(s),Attribute 2 name,Attribute 2 value(s),Attribute 1 default,"
        "Attribute 2 default,Download 1 name,Download 1 URL,Attribute 3 name"
    )
    assert header.contract.report == "woocommerce_products"
    assert list(header.extra_names.values()) == ["Attribute 3 name"]


def test_scans_of_the_warehouse_state_their_days_above_the_header(tmp_path: Path) -> None:
    content = "Production report,,,\nDate range: 09/01/2026 - 09/30/2026,,,\n,,,\n" + table(
        "warehouse_production_tracking", {}, {"sent_to_e_com": ""}
    )
    with opened(tmp_path, content.encode()) as export:
        assert (export.facts.period_start, export.facts.period_end) == (date(2026, 9, 1), date(2026, 9, 30))
        assert read(export) == (2, 0, [])


@pytest.mark.parametrize(
    "report", ["shopify_sales_by_channel", "tiktok_shop_product_analytics", "walmart_item_sales"]
)
def test_sales_without_days_are_refused_until_the_name_states_them(tmp_path: Path, report: str) -> None:
    content = table(report, {}).encode()
    with pytest.raises(RefusedFileError) as refused, opened(tmp_path, content):
        pass
    assert refused.value.code == "period_unknown"
    with opened(tmp_path, content, "sales-2026-09-01-to-2026-09-30.csv") as export:
        assert export.facts.period_end == date(2026, 9, 30)
        assert read(export) == (1, 0, [])


def test_what_an_order_report_takes_off_is_off_the_net_or_not_of_the_goods() -> None:
    """An amount nobody mapped would be none, and a refunded order a sale."""
    left = {
        (report, column.name)
        for report, contract in load_contracts().items()
        if contract.shape == "orders"
        for column in contract.columns
        if TAKES_OFF.search(column.name)
        and column.type in ("money", "decimal", "integer", "percent")
        and column.name not in {name for source in contract.mapping.values() for name in source.columns}
    }
    assert left == NOT_OFF_GOODS.keys()
