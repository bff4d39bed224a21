"""A large orders export: 31 columns, one line an order, spread over a year."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

COLUMNS = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Accepts Marketing,Currency,Subtotal,Shipping,"
    "Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,"
    "Lineitem price,Lineitem sku,Lineitem requires shipping,Lineitem taxable,Lineitem fulfillment status,"
    "Billing Country,Shipping Country,Cancelled at,Payment Method,Refunded Amount,Vendor,Id,Risk Level,Source"
)
FIRST_DAY = date(2025, 9, 1)
DAYS = 365
PERSONS = 300_000
TITLES = (
    '"Aurora Table Lamp, Opal Glass"',
    "Bouclé Cushion Cover 45 × 45 cm",
    "Cedar & Fig Candle",
    "Arch Mirror",
)


def write_orders(
    path: Path,
    rows: int,
    *,
    first_number: int = 1,
    first_day: date = FIRST_DAY,
    days: int = DAYS,
    persons: int | None = PERSONS,
) -> None:
    """Write `rows` orders of so many persons, with None of a person each; the same arguments give the same
    bytes.
    """
    generator = random.Random(f"bench:{first_number}")  # noqa: S311  figures for a measurement
    labels = [(first_day + timedelta(days=n)).isoformat() for n in range(days)]
    with path.open("w", encoding="utf-8", newline="\n", buffering=1 << 20) as file:
        file.write(COLUMNS + "\n")
        for n in range(rows):
            number, draw = first_number + n, generator.getrandbits(48)
            buyer = draw % persons if persons else PERSONS + number
            file.write(_order(number, buyer, labels[n * days // rows], draw))


def _order(number: int, buyer: int, day: str, draw: int) -> str:
    moment = f"{day} {draw % 24:02}:{draw // 24 % 60:02}:{draw // 1440 % 60:02} +0000"
    product, quantity, cents = draw % 4, draw // 7 % 3 + 1, 1500 + draw // 11 % 9000
    gross = cents * quantity
    tax, refund = gross // 10, 0 if draw % 40 else gross
    return (
        f"#{number},buyer{buyer}@example.com,paid,{moment},fulfilled,yes,USD,{gross / 100:.2f},0.00,"
        f"{tax / 100:.2f},{(gross + tax) / 100:.2f},,0.00,Standard,{moment},{quantity},{TITLES[product]},"
        f"{cents / 100:.2f},SKU-{product:03},true,true,fulfilled,US,US,,Shopify Payments,{refund / 100:.2f},"
        f"Lumen,{6_798_000_000_000 + number},Low,web\n"
    )
