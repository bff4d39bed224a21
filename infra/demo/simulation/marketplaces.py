"""The two marketplace stores: listings seen and sold, and the orders that settlements pay out."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

from infra.demo.company import DAYS, STOCK_OUT
from infra.demo.events import AdCharge, ListingDay, MarketplaceOrder, World
from infra.demo.products import PRODUCTS, Product, price
from infra.demo.simulation.chance import CENT, count, rhythm, stream

# store -> sessions a weekday of all listings together, conversion, growth a month
MARKETPLACES = {"lumen-uk": (190.0, 0.082, 0.005), "lumen-de": (92.0, 0.078, 0.14)}
LISTED = PRODUCTS[:8] + PRODUCTS[10:14] + PRODUCTS[16:19]
BEST_SELLER = "LH-TL-001"
TAX_ON_ADS = Decimal("0.20")


def run_marketplaces(world: World) -> None:
    """Add the listings' days, the order items and what is charged for advertising."""
    for store_id in MARKETPLACES:
        generator = stream(f"marketplace:{store_id}")
        for day in DAYS:
            for product in LISTED:
                listing = _listing_day(store_id, product, day, generator)
                if listing.sessions:
                    world.listings.append(listing)
                    world.marketplace_orders.extend(_order_items(listing, generator))
        _charge_ads(world, store_id)


def _listing_day(store_id: str, product: Product, day: date, generator: random.Random) -> ListingDay:
    base, rate, growth = MARKETPLACES[store_id]
    busy = rhythm(day, weekend=1.12, sale=1.6, monthly_growth=growth)
    sessions = count(generator, base * busy * product.weight / sum(p.weight for p in LISTED))
    out = store_id == "lumen-de" and product.sku == BEST_SELLER and STOCK_OUT[0] <= day <= STOCK_OUT[1]
    items = 0 if out else min(sessions, count(generator, sessions * rate))
    units = items + sum(1 for _ in range(items) if generator.random() < 0.09)
    page_views = sessions + count(generator, sessions * 0.38)
    business_units = min(units, count(generator, units * 0.06))
    return ListingDay(
        store_id,
        day,
        product.sku,
        sessions,
        page_views,
        units,
        items,
        price(store_id, product.sku) * units,
        business_units,
        0 if out else generator.randrange(82, 101),
    )


def _order_items(listing: ListingDay, generator: random.Random) -> list[MarketplaceOrder]:
    items = []
    left = listing.units
    for position in range(listing.order_items):
        quantity = left - (listing.order_items - 1 - position) if position == listing.order_items - 1 else 1
        left -= quantity
        principal = price(listing.store_id, listing.sku) * quantity
        commission = -(principal * Decimal("0.15")).quantize(CENT, ROUND_HALF_UP)
        fulfilment = -Decimal("3.12") * quantity
        seconds = generator.randrange(86_400)
        posted = datetime.combine(listing.day, time(), UTC) + timedelta(
            days=generator.randrange(1, 3), seconds=seconds
        )
        refunded = posted + timedelta(days=generator.randrange(4, 15)) if generator.random() < 0.03 else None
        numbers = generator.randrange(1_000_000, 9_999_999), generator.randrange(1_000_000, 9_999_999)
        items.append(
            MarketplaceOrder(
                listing.store_id,
                f"{203 if listing.store_id == 'lumen-uk' else 305}-{numbers[0]}-{numbers[1]}",
                listing.sku,
                quantity,
                principal,
                commission,
                fulfilment,
                posted,
                refunded,
            )
        )
    return items


def _charge_ads(world: World, store_id: str) -> None:
    """Every Monday the marketplace charges last week's advertising."""
    spend: dict[date, Decimal] = {}
    for ad in world.ads:
        if ad.store_id == store_id:
            monday = ad.day + timedelta(days=7 - ad.day.weekday())
            spend[monday] = spend.get(monday, Decimal(0)) + ad.spend
    for monday, amount in sorted(spend.items()):
        tax = (amount * TAX_ON_ADS).quantize(CENT, ROUND_HALF_UP)
        world.ad_charges.append(
            AdCharge(store_id, datetime.combine(monday, time(4, 57, 20), UTC), amount, tax)
        )
