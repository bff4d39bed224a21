"""The arithmetic of the pages: parts are added, ratios are made last, and what must not be added is kept
apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from math import sqrt

Z_95 = 1.959964


class Kind(StrEnum):
    """What may be done with the parts of a metric, as `marts.dim_metric` says it."""

    SUM = "sum"
    EVENTS = "events"
    RATIO = "ratio"
    DURATION = "duration"
    SCORE = "score"
    DISTINCT = "distinct"  # a count of different visitors: adding days gives visitor-days, not visitors
    SNAPSHOT = "snapshot"  # a ratio of distinct counts, taken at a day: neither days nor stores are added

    @property
    def is_quotient(self) -> bool:
        """Whether its parts are divided last."""
        return self not in (Kind.SUM, Kind.EVENTS, Kind.DISTINCT)


@dataclass(frozen=True, slots=True)
class Metric:
    """One of the 45 indices, as `marts.dim_metric` describes it."""

    metric_id: str
    post_id: str
    name: str
    kind: Kind
    unit: str
    direction: str
    is_implemented: bool
    is_additive_across_platforms: bool
    headline_definition_code: str | None
    min_denominator: Decimal | None
    waiting_for: str
    rule_units: Mapping[str, str] = field(default_factory=dict)

    def unit_of(self, definition_code: str) -> str:
        """The unit of a rule's value: revenue over spend is read as a multiple, profit over spend as a
        percentage."""
        return self.rule_units.get(definition_code, self.unit)


@dataclass(frozen=True, slots=True)
class Amount:
    """Summed parts of a metric over some days; `days` counts days that have data."""

    numerator: Decimal | None
    denominator: Decimal | None
    event_count: Decimal
    days: int
    is_mature: bool

    def __add__(self, other: Amount) -> Amount:
        return Amount(
            _add(self.numerator, other.numerator),
            _add(self.denominator, other.denominator),
            self.event_count + other.event_count,
            max(self.days, other.days),
            self.is_mature and other.is_mature,
        )


def _add(first: Decimal | None, second: Decimal | None) -> Decimal | None:
    if first is None or second is None:
        return second if first is None else first
    return first + second


def add_up(amounts: Iterable[Amount]) -> Amount | None:
    """The sum of amounts, None where there are none."""
    total: Amount | None = None
    for amount in amounts:
        total = amount if total is None else total + amount
    return total


def value_of(kind: Kind, amount: Amount | None) -> Decimal | None:
    """The figure to show: the sum, the ratio (None for a zero denominator), or visitors on an average day."""
    if amount is None or amount.numerator is None:
        return None
    if kind.is_quotient:
        return amount.numerator / amount.denominator if amount.denominator else None
    if kind is Kind.DISTINCT:
        return amount.numerator / amount.days if amount.days else None
    return amount.numerator


def wilson_interval(numerator: Decimal, denominator: Decimal) -> tuple[float, float] | None:
    """95 % interval of a share by Wilson's score; None where parts are no count of successes among trials."""
    successes, trials = float(numerator), float(denominator)
    if trials <= 0 or not 0 <= successes <= trials:
        return None
    share = successes / trials
    centre = share + Z_95**2 / (2 * trials)
    half = Z_95 * sqrt(share * (1 - share) / trials + Z_95**2 / (4 * trials**2))
    scale = 1 + Z_95**2 / trials
    return max((centre - half) / scale, 0.0), min((centre + half) / scale, 1.0)


def is_small(metric: Metric, amount: Amount) -> bool:
    """Whether there is too little behind the value to compare it with others."""
    if not metric.kind.is_quotient or not metric.min_denominator:
        return False
    return (amount.denominator or Decimal(0)) < metric.min_denominator


class Standing(StrEnum):
    """How a value stands to its target."""

    ON = "on"
    NEAR = "near"
    OFF = "off"
    NO_TARGET = "no_target"
    NO_VALUE = "no_value"


@dataclass(frozen=True, slots=True)
class Target:
    """A dated target of a scope; money in `currency`, for the whole of its days where the metric is a sum."""

    metric_id: str
    scope_type: str
    scope_id: str
    floor: Decimal | None
    target: Decimal | None
    stretch: Decimal | None
    currency: str | None
    valid_from: date
    valid_to: date | None


# short of the target by up to a twentieth is near, where the target has no floor of its own
NEAR_SHARE = Decimal("0.05")


def stand(direction: str, value: Decimal | None, target: Target | None) -> Standing:
    """How a value stands to a target, by the metric's direction."""
    if target is None or target.target is None:
        return Standing.NO_TARGET
    if value is None:
        return Standing.NO_VALUE
    if direction == "zero":
        return Standing.ON if value == 0 else Standing.OFF
    if direction == "band":
        low, high = target.floor or target.target, target.stretch or target.target
        return Standing.ON if low <= value <= high else Standing.OFF
    sign = -1 if direction == "lower" else 1
    goal = target.target * sign
    floor = target.floor * sign if target.floor is not None else goal - abs(goal) * NEAR_SHARE
    if value * sign >= goal:
        return Standing.ON
    return Standing.NEAR if value * sign >= floor else Standing.OFF


def target_over(targets: Iterable[Target], kind: Kind, start: date, end: date) -> Target | None:
    """The target that holds for days `start` to `end`.

    A sum's target is for the whole of its own days, so it counts by the share of them that lie in the period,
    and only where every day of the period has one. Any other target is the one valid at the end.
    """
    ordered = sorted(targets, key=lambda row: row.valid_from)
    if kind is not Kind.SUM:
        valid = [
            row for row in ordered if row.valid_from <= end and (row.valid_to is None or row.valid_to >= end)
        ]
        return valid[-1] if valid else None
    parts = [row for row in ordered if row.valid_to and row.valid_from <= end and row.valid_to >= start]
    shares = [_share_of_days(row, start, end) for row in parts]
    covered = sum(share[1] for share in shares)
    if not parts or covered != (end - start).days + 1:
        return None
    return Target(
        parts[0].metric_id,
        parts[0].scope_type,
        parts[0].scope_id,
        _weighted([row.floor for row in parts], shares),
        _weighted([row.target for row in parts], shares),
        _weighted([row.stretch for row in parts], shares),
        parts[0].currency,
        start,
        end,
    )


def _share_of_days(row: Target, start: date, end: date) -> tuple[Decimal, int]:
    last_day = row.valid_to or end
    overlap = (min(last_day, end) - max(row.valid_from, start)).days + 1
    return Decimal(overlap) / Decimal((last_day - row.valid_from).days + 1), overlap


def _weighted(values: list[Decimal | None], shares: list[tuple[Decimal, int]]) -> Decimal | None:
    if any(value is None for value in values):
        return None
    return sum(
        (value * share for value, (share, _) in zip(values, shares, strict=True) if value is not None),
        Decimal(0),
    )
