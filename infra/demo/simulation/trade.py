"""The trade shop: long invoices, guests, many countries, cancellations days later, stock corrections."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from infra.demo.company import DAYS
from infra.demo.events import InvoiceLine, World
from infra.demo.products import PRODUCTS, price
from infra.demo.simulation.chance import count, rhythm, stream

STORE = "lumen-trade"
FIRST_CUSTOMER = 12_346
COUNTRIES = (
    "United Kingdom",
    "Germany",
    "France",
    "EIRE",
    "Netherlands",
    "Spain",
    "Belgium",
    "Switzerland",
    "Sweden",
    "Norway",
    "Portugal",
    "Italy",
    "Denmark",
    "Austria",
    "Australia",
    "Japan",
    "USA",
    "Channel Islands",
)
COUNTRY_WEIGHTS = (62, 7, 6, 5, 4, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1)
CUSTOMERS = 210


def run_trade(world: World) -> None:
    """Add the trade shop's invoices in the order of time; it is closed on Saturdays."""
    generator = stream("trade")
    homes = generator.choices(COUNTRIES, COUNTRY_WEIGHTS, k=CUSTOMERS)
    lines: list[InvoiceLine] = []
    number = 600_117
    for day in DAYS:
        if day.weekday() == 5:
            continue
        for _ in range(count(generator, 7.5 * rhythm(day, weekend=0.55, sale=1.5, monthly_growth=0.01))):
            number += 1
            lines.extend(_invoice(str(number), day, homes, generator))
        if day.day % 14 == 3:
            number += 1
            lines.append(_correction(str(number), day, generator))
    lines.extend(_cancellations(lines, generator))
    world.invoices = sorted(lines, key=lambda line: line.placed_at)


def _invoice(number: str, day: date, homes: list[str], generator: random.Random) -> list[InvoiceLine]:
    # a few customers buy often, most seldom
    customer = min(int(generator.expovariate(1 / 55)), CUSTOMERS - 1)
    is_guest = generator.random() < 0.13
    country = "United Kingdom" if is_guest else homes[customer]
    placed_at = datetime.combine(day, time(8, 0)) + timedelta(minutes=generator.randrange(600))
    chosen = generator.sample(PRODUCTS, k=generator.randrange(2, 9))
    lines = [
        InvoiceLine(
            number,
            product.stock_code,
            product.title.upper(),
            generator.choice((1, 2, 2, 3, 4, 6)),
            placed_at,
            price(STORE, product.sku),
            None if is_guest else FIRST_CUSTOMER + customer,
            country,
        )
        for product in chosen
    ]
    if country != "United Kingdom":
        lines.append(
            InvoiceLine(number, "POST", "POSTAGE", 1, placed_at, Decimal("18.0"), lines[0].customer, country)
        )
    return lines


def _cancellations(lines: list[InvoiceLine], generator: random.Random) -> list[InvoiceLine]:
    cancelled = []
    number = 610_000
    for line in lines:
        if line.unit_price == 0 or generator.random() >= 0.018:
            continue
        back_at = line.placed_at + timedelta(days=generator.randrange(1, 9), minutes=7)
        if back_at.weekday() == 5:
            back_at += timedelta(days=2)
        if back_at.date() > DAYS[-1]:
            continue
        number += 1
        quantity = -generator.randrange(1, line.quantity + 1)
        cancelled.append(
            InvoiceLine(
                f"C{number}",
                line.stock_code,
                line.description,
                quantity,
                back_at,
                line.unit_price,
                line.customer,
                line.country,
            )
        )
    return cancelled


def _correction(number: str, day: date, generator: random.Random) -> InvoiceLine:
    product = generator.choice(PRODUCTS)
    placed_at = datetime.combine(day, time(17, 31))
    quantity = generator.choice((-14, -3, 6))
    return InvoiceLine(
        number, product.stock_code, "", quantity, placed_at, Decimal("0.0"), None, "United Kingdom"
    )
