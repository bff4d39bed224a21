"""Amazon's business reports (English and German), settlements (wide layout) and search terms (workbook)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from infra.demo.company import FIRST_DAY, LAST_DAY, MONTHS, STORES
from infra.demo.events import AdDay, ListingDay, MarketplaceOrder, World
from infra.demo.exports.landing import Landing, csv_text, day_after, month_closed, month_of, names
from infra.demo.exports.workbook import workbook_bytes
from infra.demo.products import BY_SKU

BYTE_ORDER_MARK = "\ufeff"
ENGLISH_COLUMNS = (
    "(Parent) ASIN,(Child) ASIN,Title,SKU,Sessions – Total,Sessions – Total – B2B,"
    "Session percentage – Total,Session percentage – Total – B2B,Page views – Total,"
    "Page views – Total – B2B,Page views percentage – Total,Page views percentage – Total – B2B,"
    "Featured Offer (Buy Box) percentage,Featured Offer (Buy Box) percentage – B2B,Units ordered,"
    "Units ordered – B2B,Unit Session Percentage,Unit session percentage – B2B,Ordered Product Sales,"
    "Ordered product sales – B2B,Total order items,Total order items – B2B"
)
GERMAN_COLUMNS = (
    "(Übergeordnete) ASIN,(Untergeordnete) ASIN,Titel,SKU,Sitzungen – Summe,Seitenaufrufe – Summe,"
    "Bestellte Einheiten,Durch bestellte Produkte erzielter Umsatz,Zahl der Bestellposten"
)
SETTLEMENT_COLUMNS = (
    "settlement-id,settlement-start-date,settlement-end-date,deposit-date,total-amount,currency,"
    "transaction-type,order-id,merchant-order-id,adjustment-id,shipment-id,marketplace-name,"
    "shipment-fee-type,shipment-fee-amount,order-fee-type,order-fee-amount,fulfillment-id,posted-date,"
    "order-item-code,merchant-order-item-id,merchant-adjustment-item-id,sku,quantity-purchased,"
    "price-type,price-amount,item-related-fee-type,item-related-fee-amount,misc-fee-amount,"
    "other-fee-amount,other-fee-reason-description,promotion-id,promotion-type,promotion-amount,"
    "direct-payment-type,direct-payment-amount,other-amount"
)
# some names end with a blank in the platform's own file
SEARCH_TERM_COLUMNS = (
    "Start Date|End Date|Portfolio name|Currency|Campaign Name|Ad Group Name|Targeting|Match Type|"
    "Customer Search Term|Impressions|Clicks|Click-Thru Rate (CTR)|Cost Per Click (CPC)|Spend|"
    "7 Day Total Sales |Total Advertising Cost of Sales (ACOS) |Total Return on Advertising Spend (ROAS)|"
    "7 Day Total Orders (#)|7 Day Total Units (#)|7 Day Conversion Rate|7 Day Advertised SKU Units (#)|"
    "7 Day Other SKU Units (#)|7 Day Advertised SKU Sales |7 Day Other SKU Sales "
)
STORE_IDS = ("lumen-uk", "lumen-de")
MARKETPLACE_NAMES = {"lumen-uk": "Amazon.co.uk", "lumen-de": "Amazon.de"}
FORTNIGHT = timedelta(days=14)
REFUND_KEPT_BACK = Decimal("0.80")


def write(world: World, landing: Landing) -> None:
    """Write both stores' business reports (daily), settlements (a fortnight each), search terms (monthly)."""
    for store_id in STORE_IDS:
        _write_business_reports(world, landing, store_id)
        _write_settlements(world, landing, store_id)
        _write_search_terms(world, landing, store_id)


def _write_business_reports(world: World, landing: Landing, store_id: str) -> None:
    days: dict[date, list[ListingDay]] = {}
    for listing in world.listings:
        if listing.store_id == store_id:
            days.setdefault(listing.day, []).append(listing)
    columns, to_row = (
        (ENGLISH_COLUMNS, _english_row) if store_id == "lumen-uk" else (GERMAN_COLUMNS, _german_row)
    )
    for day, listings in days.items():
        sessions = sum(listing.sessions for listing in listings)
        rows = [
            to_row(listing, sessions)
            for listing in sorted(listings, key=lambda listing: -listing.order_items)
        ]
        landing.write(
            f"store={store_id}/business_reports/date={day}/BusinessReport-{day + timedelta(1):%d-%m-%Y}.csv",
            (BYTE_ORDER_MARK + csv_text(columns, rows)).encode(),
            day_after(day),
            report="amazon_business_report_asin",
            records=len(rows),
        )


def _english_row(listing: ListingDay, sessions: int) -> tuple[str, ...]:
    product = BY_SKU[listing.sku]
    business_items = listing.business_units
    business_sales = listing.sales / listing.units * listing.business_units if listing.units else Decimal(0)
    return (
        product.asin,
        product.asin,
        product.title,
        product.sku,
        f"{listing.sessions:,}",
        "0",
        _percent(listing.sessions, sessions),
        "0.00%",
        f"{listing.page_views:,}",
        "0",
        _percent(listing.page_views, sessions),
        "0.00%",
        f"{listing.buy_box}.00%",
        "0.00%",
        f"{listing.units:,}",
        str(listing.business_units),
        _percent(listing.units, listing.sessions),
        "0.00%",
        f"£{listing.sales:,.2f}",
        f"£{business_sales:,.2f}",
        f"{listing.order_items:,}",
        str(min(business_items, listing.order_items)),
    )


def _german_row(listing: ListingDay, sessions: int) -> tuple[str, ...]:
    # money the German way, whole numbers with the comma of the English layout: so the platform writes them
    product = BY_SKU[listing.sku]
    sales = f"{listing.sales:,.2f}".translate(str.maketrans(",.", ".,"))
    return (
        product.asin,
        product.asin,
        product.title,
        product.sku,
        f"{listing.sessions:,}",
        f"{listing.page_views:,}",
        f"{listing.units:,}",
        f"{sales} €",
        f"{listing.order_items:,}",
    )


def _percent(part: int, whole: int) -> str:
    return f"{Decimal(part) * 100 / whole:.2f}%" if whole else "0.00%"


def _write_settlements(world: World, landing: Landing, store_id: str) -> None:
    postings = sorted(_postings(world, store_id), key=lambda posting: posting[0])
    start = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=UTC)
    columns = names(SETTLEMENT_COLUMNS)
    number = 23_874_390_000 + 1_000 * STORE_IDS.index(store_id)
    while (start + FORTNIGHT).date() <= LAST_DAY:
        end = start + FORTNIGHT
        number += 1
        cells = [
            posting | {"posted-date": moment.isoformat()}
            for moment, posting in postings
            if start <= moment < end
        ]
        amounts = (
            Decimal(amount) for posting in cells for key, amount in posting.items() if key.endswith("-amount")
        )
        head = {
            "settlement-start-date": start.isoformat(),
            "settlement-end-date": end.isoformat(),
            "deposit-date": (end + timedelta(days=2)).isoformat(),
            "total-amount": str(sum(amounts, Decimal(0))),
            "currency": STORES[store_id].currency,
        }
        rows = [{"settlement-id": str(number), **posting} for posting in (head, *cells)]
        lines = [columns, *([row.get(column, "") for column in columns] for row in rows)]
        text = "".join("\t".join(line) + "\n" for line in lines)
        landing.write(
            f"store={store_id}/settlements/{number}.txt",
            text.encode(),
            end + timedelta(days=2, hours=9),
            report="amazon_settlement",
            records=len(rows),
        )
        start = end


def _postings(world: World, store_id: str) -> Iterator[tuple[datetime, dict[str, str]]]:
    """Every row of the store's settlements but the heads, with its moment."""
    for order in world.marketplace_orders:
        if order.store_id == store_id:
            item = _settled_item(order)
            for amounts in _sale(order):
                yield order.posted_at, item | {"transaction-type": "Order"} | amounts
            for amounts in _refund(order) if order.refunded_at else ():
                back = {"transaction-type": "Refund", "adjustment-id": f"amzn1:crow:{order.order_id}"}
                yield order.refunded_at or order.posted_at, item | back | amounts
    for charge in world.ad_charges:
        if charge.store_id == store_id:
            yield (
                charge.posted_at,
                {
                    "transaction-type": "ServiceFee",
                    **_fee("Cost of Advertising", -charge.amount),
                    "other-fee-amount": str(-charge.tax),
                    "other-fee-reason-description": "TaxAmount",
                },
            )


def _settled_item(order: MarketplaceOrder) -> dict[str, str]:
    return {
        "marketplace-name": MARKETPLACE_NAMES[order.store_id],
        "fulfillment-id": "AFN",
        "order-id": order.order_id,
        "merchant-order-id": order.order_id,
        "order-item-code": str(135_000_000_000_000 + int(order.order_id.replace("-", "")[-9:])),
        "sku": order.sku,
    }


def _sale(order: MarketplaceOrder) -> list[dict[str, str]]:
    return [
        {"quantity-purchased": str(order.quantity)},
        {"price-type": "Principal", "price-amount": str(order.principal)},
        _fee("FBAPerUnitFulfillmentFee", order.fulfilment_fee),
        _fee("Commission", order.commission),
    ]


def _refund(order: MarketplaceOrder) -> list[dict[str, str]]:
    return [
        {"price-type": "Principal", "price-amount": str(-order.principal)},
        _fee("Commission", -order.commission),
        _fee("RefundCommission", -REFUND_KEPT_BACK),
    ]


def _fee(name: str, amount: Decimal) -> dict[str, str]:
    return {"item-related-fee-type": name, "item-related-fee-amount": str(amount)}


def _write_search_terms(world: World, landing: Landing, store_id: str) -> None:
    for month in MONTHS:
        ads = [
            ad
            for ad in world.ads
            if ad.store_id == store_id and ad.day.month == month.month and ad.impressions
        ]
        rows = [_search_term_row(ad) for ad in ads]
        landing.write(
            f"store={store_id}/amazon_ads/Sponsored Products Search term report {month_of(month)}.xlsx",
            workbook_bytes("Sponsored Product Search Term R", [names(SEARCH_TERM_COLUMNS, "|"), *rows]),
            month_closed(month),
            report="amazon_ads_search_term",
            records=len(rows),
        )


def _search_term_row(ad: AdDay) -> list[str | int | Decimal | date | None]:
    orders = int(ad.conversions)
    return [
        ad.day,
        ad.day,
        "Lumen Home",
        ad.currency,
        ad.campaign,
        f"{ad.campaign} – group 1",
        ad.group,
        ad.campaign_type,
        ad.group,
        ad.impressions,
        ad.clicks,
        _rate(ad.clicks, ad.impressions),
        _rate(ad.spend, ad.clicks),
        ad.spend,
        ad.conversion_value,
        _rate(ad.spend, ad.conversion_value) if ad.conversion_value else None,
        _rate(ad.conversion_value, ad.spend),
        orders,
        orders,
        _rate(orders, ad.clicks),
        orders,
        0,
        ad.conversion_value,
        Decimal("0.00"),
    ]


def _rate(part: Decimal | int, whole: Decimal | int) -> Decimal:
    return (Decimal(part) / whole).quantize(Decimal("0.0001")) if whole else Decimal(0)
