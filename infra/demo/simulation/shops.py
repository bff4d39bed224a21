"""The two own shops: who visits, who buys, who comes back, who sends it back."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from infra.demo.company import DAYS, STORES
from infra.demo.events import Order, OrderLine, PageDay, Visits, World
from infra.demo.products import PRODUCTS, price
from infra.demo.simulation.chance import CENT, count, is_sale, rhythm, stream

GA4_FIRST_DAY = date(2026, 8, 2)
PAGES = (
    ("/", 0.22),
    ("/collections/lighting", 0.15),
    ("/collections/cushions", 0.09),
    ("/products/aurora-table-lamp-opal", 0.12),
    ("/products/moon-night-light", 0.09),
    ("/products/halcyon-floor-lamp", 0.06),
    ("/products/boucle-cushion-ivory", 0.07),
    ("/cart", 0.08),
    ("/pages/delivery-and-returns", 0.04),
    ("/blogs/living/warm-light-in-winter", 0.05),
    ("/search", 0.03),
)


@dataclass(frozen=True)
class Shop:
    """How a shop ticks: visits that no advertisement brought, and what comes of visits."""

    store_id: str
    organic_sessions: float
    organic_rate: float
    paid_rate: float
    tax_rate: str
    first_number: int
    monthly_growth: float


SHOPS = (
    Shop("lumen-au", 330, 0.023, 0.018, "0.10", 20451, 0.04),
    Shop("lumen-us", 520, 0.021, 0.0165, "0.07", 61830, 0.005),
)


@dataclass
class _Till:
    """State of a shop while its orders are drawn."""

    shop: Shop
    generator: random.Random
    number: int
    next_customer: int = 1
    known: list[int] = field(default_factory=list)


def run_shops(world: World) -> None:
    """Add visits, pages and orders of the shops; needs the campaigns' clicks."""
    for shop in SHOPS:
        clicks: dict[date, int] = {}
        for ad in world.ads:
            if ad.store_id == shop.store_id:
                clicks[ad.day] = clicks.get(ad.day, 0) + ad.clicks
        till = _Till(shop, stream(f"shop:{shop.store_id}"), shop.first_number)
        for day in DAYS:
            _open(world, till, day, clicks.get(day, 0))
    _spoil_two_orders(world)


def _open(world: World, till: _Till, day: date, clicks: int) -> None:
    shop, generator = till.shop, till.generator
    busy = rhythm(day, weekend=1.24, sale=1.7, monthly_growth=shop.monthly_growth)
    paid = round(clicks * generator.uniform(0.82, 0.9))
    organic = count(generator, shop.organic_sessions * busy)
    sessions = paid + organic
    world.visits.append(Visits(shop.store_id, day, round(sessions * generator.uniform(0.87, 0.93)), sessions))
    if day >= GA4_FIRST_DAY:
        world.pages.extend(_pages(shop.store_id, day, paid, generator))
    eager = 1.45 if is_sale(day) else 1.0
    for _ in range(count(generator, (organic * shop.organic_rate + paid * shop.paid_rate) * eager)):
        world.orders.append(_order(till, day))


def _pages(store_id: str, day: date, paid: int, generator: random.Random) -> list[PageDay]:
    seen = []
    for path, share in PAGES:
        sessions = count(generator, paid * share)
        if not sessions:
            continue
        users = max(1, round(sessions * generator.uniform(0.84, 0.97)))
        views = sessions + count(generator, sessions * 0.4)
        bounced = min(sessions, count(generator, sessions * 0.41))
        seen.append(
            PageDay(store_id, day, path, views, users, sessions, bounced, count(generator, sessions * 74))
        )
    return seen


def _order(till: _Till, day: date) -> Order:
    shop, generator = till.shop, till.generator
    zone = ZoneInfo(STORES[shop.store_id].timezone)
    placed_at = datetime.combine(day, time(), zone) + timedelta(seconds=generator.randrange(86_400))
    # a wall clock that was put forward skips an hour; the order is dated by the clock it was placed under
    placed_at = placed_at.astimezone(ZoneInfo("UTC")).astimezone(zone)
    till.number += 1
    lines = _basket(shop.store_id, generator)
    gross = sum((line.gross for line in lines), Decimal(0))
    code, discount = _discount(day, gross, generator)
    shipping = Decimal("0.00") if gross - discount > 120 else Decimal("9.95")
    tax = ((gross - discount) * Decimal(shop.tax_rate)).quantize(CENT, ROUND_HALF_UP)
    order = Order(
        shop.store_id, till.number, _customer(till), placed_at, lines, code, discount, shipping, tax
    )
    _regret(order, generator)
    return order


def _basket(store_id: str, generator: random.Random) -> list[OrderLine]:
    size = generator.choices((1, 2, 3, 4), (58, 27, 11, 4))[0]
    chosen: dict[str, int] = {}
    for product in generator.choices(PRODUCTS, [p.weight for p in PRODUCTS], k=size):
        chosen[product.sku] = chosen.get(product.sku, 0) + generator.choices((1, 2, 4), (84, 13, 3))[0]
    return [OrderLine(sku, quantity, price(store_id, sku)) for sku, quantity in chosen.items()]


def _discount(day: date, gross: Decimal, generator: random.Random) -> tuple[str, Decimal]:
    code, share = ("", Decimal(0))
    drawn = generator.random()
    if is_sale(day) and drawn < 0.62:
        code, share = "MIDYEAR15", Decimal("0.15")
    elif drawn < 0.08:
        code, share = "WELCOME10", Decimal("0.10")
    return code, (gross * share).quantize(CENT, ROUND_HALF_UP)


def _customer(till: _Till) -> int:
    if till.known and till.generator.random() < 0.27:
        return till.generator.choice(till.known[-900:])
    till.known.append(till.next_customer)
    till.next_customer += 1
    return till.known[-1]


def _regret(order: Order, generator: random.Random) -> None:
    drawn = generator.random()
    if drawn < 0.012:
        order.cancelled_at = order.placed_at + timedelta(minutes=generator.randrange(5, 300))
        order.refund, order.refunded_at = order.total, order.cancelled_at
    elif drawn < 0.055:
        returned = generator.choice(order.lines)
        order.refund = min(order.total, returned.gross)
        order.refunded_at = order.placed_at + timedelta(days=generator.randrange(2, 13))


def _spoil_two_orders(world: World) -> None:
    """Two one-line orders of August were damaged when somebody saved the file from a spreadsheet."""
    candidates = [
        order
        for order in world.orders
        if order.store_id == "lumen-us" and order.placed_at.month == 8 and len(order.lines) == 1
    ]
    # an odd number and an even one: each is spoilt in its own way when the file is written
    for parity, start in ((1, 40), (0, 90)):
        next(order for order in candidates[start:] if order.number % 2 == parity).is_spoilt = True
