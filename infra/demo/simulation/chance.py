"""Draws from a seeded generator, and the rhythms of the week, the sale and the season."""

from __future__ import annotations

import math
import random
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from infra.demo.company import FIRST_DAY, SALE_FIRST_DAY, SALE_LAST_DAY, SEED

CENT = Decimal("0.01")


def stream(name: str) -> random.Random:
    """A generator for each part of the story, so that changing one part leaves the others alone."""
    return random.Random(f"{SEED}:{name}")  # noqa: S311  a story, not a secret


def count(generator: random.Random, mean: float) -> int:
    """A number of events with the mean given (Poisson; normal where the mean is large)."""
    if mean <= 0:
        return 0
    if mean > 50:
        return max(0, round(generator.gauss(mean, math.sqrt(mean))))
    limit, product, events = math.exp(-mean), generator.random(), 0
    while product > limit:
        product *= generator.random()
        events += 1
    return events


def money(amount: float) -> Decimal:
    """An amount in whole cents."""
    return Decimal(repr(amount)).quantize(CENT, ROUND_HALF_UP)


def is_sale(day: date) -> bool:
    """Whether the midyear sale is on."""
    return SALE_FIRST_DAY <= day <= SALE_LAST_DAY


def rhythm(day: date, *, weekend: float, sale: float, monthly_growth: float = 0.0) -> float:
    """How busy a day is beside an ordinary weekday of the first month."""
    busy = weekend if day.weekday() >= 5 else (1.06 if day.weekday() == 0 else 1.0)
    if is_sale(day):
        busy *= sale
    return busy * (1 + monthly_growth) ** ((day - FIRST_DAY).days / 30)
