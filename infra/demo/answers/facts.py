"""What each event adds to which number: measures by store, platform, campaign and business date."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from infra.demo.answers.conversion import reporting
from infra.demo.company import STORES
from infra.demo.events import MarketplaceOrder, Order, World
from infra.demo.products import unit_cost

ZERO = Decimal(0)
REFUND_KEPT_BACK = Decimal("0.80")


@dataclass(frozen=True)
class Fact:
    """Measures of one record; money carries its own name with `_reporting` for the converted amount."""

    store_id: str
    platform: str
    campaign: str
    day: date
    measures: dict[str, Decimal]


def facts(world: World) -> Iterator[Fact]:
    """Every record that counts. What was spoilt in its file does not."""
    yield from _ad_facts(world)
    yield from _visit_facts(world)
    for order in world.orders:
        if not order.is_spoilt:
            yield from _order_facts(order)
    yield from _listing_facts(world)
    yield from _settlement_facts(world)
    yield from _invoice_facts(world)


def _money(store_id: str, day: date, **amounts: Decimal) -> dict[str, Decimal]:
    currency = STORES[store_id].currency
    converted = {f"{name}_reporting": reporting(amount, currency, day) for name, amount in amounts.items()}
    return amounts | converted


def _sale(
    store_id: str,
    day: date,
    sku: str,
    quantity: int,
    *,
    gross: Decimal = ZERO,
    discount: Decimal = ZERO,
    refund: Decimal = ZERO,
) -> dict[str, Decimal]:
    """A line's amounts, with its profit where the cost is known; goods taken back take their cost back."""
    measures = _money(store_id, day, gross=gross, discount=discount, refund=refund)
    cost = unit_cost(store_id, sku, day)
    if cost is not None:
        measures |= _money(store_id, day, cost=cost * quantity)
        net = measures["gross_reporting"] - measures["discount_reporting"] - measures["refund_reporting"]
        measures |= {"known_net_reporting": net, "profit_reporting": net - measures["cost_reporting"]}
    return measures


def _ad_facts(world: World) -> Iterator[Fact]:
    for ad in world.ads:
        yield Fact(
            ad.store_id,
            ad.platform,
            ad.campaign,
            ad.day,
            {
                "impressions": Decimal(ad.impressions),
                "clicks": Decimal(ad.clicks),
                "conversions": ad.conversions,
                **_money(ad.store_id, ad.day, spend=ad.spend, conversion_value=ad.conversion_value),
            },
        )


def _visit_facts(world: World) -> Iterator[Fact]:
    for visit in world.visits:
        yield Fact(
            visit.store_id,
            "shopify",
            "",
            visit.day,
            {
                "visitors": Decimal(visit.visitors),
                "sessions": Decimal(visit.sessions),
            },
        )
    for page in world.pages:
        yield Fact(page.store_id, "ga4", "", page.day, {"page_views": Decimal(page.views)})


def _order_facts(order: Order) -> Iterator[Fact]:
    """Discount and refund belong to the whole order: they stand at its first line, on the order's day."""
    day = order.placed_at.date()
    for position, line in enumerate(order.lines):
        is_first = position == 0
        measures = _sale(
            order.store_id,
            day,
            line.sku,
            line.quantity,
            gross=line.gross,
            discount=order.discount if is_first else ZERO,
            refund=order.refund if is_first else ZERO,
        )
        counts = {"orders": Decimal(is_first), "lines": Decimal(1), "units": Decimal(line.quantity)}
        yield Fact(order.store_id, "shopify", "", day, counts | measures)


def _listing_facts(world: World) -> Iterator[Fact]:
    for listing in world.listings:
        counts = {
            "sessions": Decimal(listing.sessions),
            "page_views": Decimal(listing.page_views),
            "orders": Decimal(listing.order_items),
            "units": Decimal(listing.units),
            "lines": Decimal(1),
        }
        sold = _sale(listing.store_id, listing.day, listing.sku, listing.units, gross=listing.sales)
        yield Fact(listing.store_id, "amazon", "", listing.day, counts | sold)


def _settlement_facts(world: World) -> Iterator[Fact]:
    """What was paid out, on the day of posting in the store's zone; fees are positive here."""
    for order in world.marketplace_orders:
        if is_settled(order.posted_at.date()):
            day = order.posted_at.astimezone(_zone(order.store_id)).date()
            # each fee is a row of its own, and a row is what is rounded
            yield _posted(order, day, fee=-order.commission, settled_principal=order.principal)
            yield _posted(order, day, fee=-order.fulfilment_fee)
        if order.refunded_at and is_settled(order.refunded_at.date()):
            day = order.refunded_at.astimezone(_zone(order.store_id)).date()
            yield _posted(order, day, fee=order.commission, settled_refund=order.principal)
            yield _posted(order, day, fee=REFUND_KEPT_BACK)
    for charge in world.ad_charges:
        if is_settled(charge.posted_at.date()):
            day = charge.posted_at.astimezone(_zone(charge.store_id)).date()
            yield Fact(
                charge.store_id,
                "amazon",
                "",
                day,
                _money(
                    charge.store_id,
                    day,
                    settled_advertising=charge.amount,
                    settled_advertising_tax=charge.tax,
                ),
            )


def is_settled(day_in_utc: date) -> bool:
    """Settlements cover thirteen fortnights from 1 April; what was posted later is not paid out yet."""
    return day_in_utc < date(2026, 9, 30)


def _zone(store_id: str) -> ZoneInfo:
    return ZoneInfo(STORES[store_id].timezone)


def _posted(order: MarketplaceOrder, day: date, **amounts: Decimal) -> Fact:
    return Fact(order.store_id, "amazon", "", day, _money(order.store_id, day, **amounts))


def _invoice_facts(world: World) -> Iterator[Fact]:
    """Goods at a price are sales, goods taken back are refunds of the day they came back."""
    seen: set[str] = set()
    for line in world.invoices:
        if line.unit_price == 0:
            continue
        day, is_sale = line.placed_at.date(), line.quantity > 0
        amount = line.unit_price * abs(line.quantity)
        counts = {
            "orders": Decimal(is_sale and line.invoice not in seen),
            "lines": Decimal(is_sale),
            "units": Decimal(max(line.quantity, 0)),
        }
        seen.add(line.invoice)
        kind = "gross" if is_sale else "refund"
        sold = _sale("lumen-trade", day, line.stock_code, line.quantity, **{kind: amount})
        yield Fact("lumen-trade", "webshop", "", day, counts | sold)
