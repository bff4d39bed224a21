"""Who came back: distinct customers with one order, and with two, in the days up to the last one."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from infra.demo.company import LAST_DAY
from infra.demo.events import World

WINDOWS = (90, 180, 365)


def repurchase(world: World, last_day: date = LAST_DAY) -> list[dict[str, object]]:
    """Per store and window: customers with an order in the window, and those with two or more.

    A window of n days holds the last day and the n - 1 days before it. Guests are nobody, and an order that
    was cancelled counts as placed.
    """
    purchases = _purchases(world)
    answers: list[dict[str, object]] = []
    for store_id in sorted({store for store, _, _, _ in purchases}):
        for days in WINDOWS:
            first_day = last_day - timedelta(days=days - 1)
            orders = Counter(
                customer
                for store, customer, day, _ in purchases
                if store == store_id and first_day <= day <= last_day
            )
            answers.append(
                {
                    "metric_id": "ops_repeat_purchase_rate",
                    "definition_code": f"window_{days}d",
                    "store_id": store_id,
                    "business_date": last_day.isoformat(),
                    "numerator": sum(1 for n in orders.values() if n >= 2),
                    "denominator": len(orders),
                }
            )
    return answers


def _purchases(world: World) -> set[tuple[str, int, date, str]]:
    """(store, customer, business date, order number), each order once."""
    placed = {
        (order.store_id, order.customer, order.placed_at.date(), str(order.number))
        for order in world.orders
        if not order.is_spoilt
    }
    invoiced = {
        ("lumen-trade", line.customer, line.placed_at.date(), line.invoice)
        for line in world.invoices
        if line.customer and line.quantity > 0 and line.unit_price > 0
    }
    return placed | invoiced
