"""One module a block of a page: its sentence and its chart."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from insight.figures import Figure


@dataclass(frozen=True, slots=True)
class Block:
    """A finding in words (safe markdown), the chart that shows it, and what the chart is to those who do not
    see it."""

    sentence: str
    figure: Figure
    alt: str


def as_float(value: Decimal | None) -> float | None:
    """A value as charts take it."""
    return None if value is None else float(value)
