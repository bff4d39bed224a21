"""The arithmetic of the pages: parts are added, ratios are made last, and what must not be added is kept
apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from math import sqrt
from typing import NamedTuple

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
    def counts_people(self) -> bool:
        """Whether its parts are distinct counts: another store or platform may have counted the same
        people."""
        return self in (Kind.DISTINCT, Kind.SNAPSHOT)

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
    rule_units: Mapping[str, str] = field(default_factory=dict, hash=False)

    def unit_of(self, definition_code: str) -> str:
        """The unit of a rule's value: revenue over spend is read as a multiple, profit over spend as a
        percentage."""
        return self.rule_units.get(definition_code, self.unit)


class NotAddableError(TypeError):
    """A total was asked for of what must not be added."""


class VariantKey(NamedTuple):
    """What an amount is of. Amounts of another metric, rule or currency are never added; nor are those of
    platforms that claim the same sales or of stores that count the same people: these are named here, and
    None where they may be added."""

    metric_id: str
    definition_code: str
    currency: str | None
    platform: str | None
    store_id: str | None


def variant_key(
    metric: Metric, definition_code: str, currency: str | None, platform: str, store_id: str
) -> VariantKey:
    """What a part of a metric by a rule is of, and so what it may be added to."""
    apart = metric.kind.counts_people
    return VariantKey(
        metric.metric_id,
        definition_code,
        currency,
        platform if apart or not metric.is_additive_across_platforms else None,
        store_id if apart else None,
    )


@dataclass(frozen=True, slots=True)
class Amount:
    """Summed parts of a metric by one rule over some days.

    `days` are those that have data, where the value depends on them: an average day's, or the one day of a
    metric that is `taken_on` it.
    """

    key: VariantKey
    numerator: Decimal | None
    denominator: Decimal | None
    event_count: Decimal
    is_mature: bool
    days: frozenset[date] = frozenset()
    taken_on: date | None = None

    def __add__(self, other: Amount) -> Amount:
        """Both together.

        Raises:
            NotAddableError: they are not of the same, or were taken on two days.
        """
        if (self.key, self.taken_on) != (other.key, other.taken_on):
            raise NotAddableError(f"{self.key} on {self.taken_on} and {other.key} on {other.taken_on}")
        return Amount(
            self.key,
            _add(self.numerator, other.numerator),
            _add(self.denominator, other.denominator),
            self.event_count + other.event_count,
            self.is_mature and other.is_mature,
            self.days | other.days,
            self.taken_on,
        )


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency."""

    amount: Decimal
    currency: str

    def __add__(self, other: Money) -> Money:
        """Both together.

        Raises:
            NotAddableError: they are in two currencies.
        """
        if self.currency != other.currency:
            raise NotAddableError(f"{self.currency} and {other.currency}")
        return Money(self.amount + other.amount, self.currency)

    def share_of(self, whole: Money) -> Decimal | None:
        """The part of a whole that this is; None where the whole is not above 0.

        Raises:
            NotAddableError: they are in two currencies.
        """
        if self.currency != whole.currency:
            raise NotAddableError(f"{self.currency} and {whole.currency}")
        return self.amount / whole.amount if whole.amount > 0 else None


def _add(first: Decimal | None, second: Decimal | None) -> Decimal | None:
    if first is None or second is None:
        return second if first is None else first
    return first + second


def add_up(amounts: Iterable[Amount]) -> Amount | None:
    """The sum of amounts, None where there are none.

    Raises:
        NotAddableError: they are not of the same.
    """
    total: Amount | None = None
    for amount in amounts:
        total = amount if total is None else total + amount
    return total


def sum_of(amount: Amount | None) -> Decimal:
    """The numerator of an amount, 0 where there is none."""
    return (amount.numerator if amount else None) or Decimal(0)


def difference(now: Amount | None, before: Amount | None) -> Decimal:
    """How much more there is of a sum now than before.

    Raises:
        NotAddableError: they are not of the same.
    """
    if now is not None and before is not None and now.key != before.key:
        raise NotAddableError(f"{now.key} and {before.key}")
    return sum_of(now) - sum_of(before)


def share_of(part: Amount | None, whole: Amount | None) -> Decimal | None:
    """The part of a sum that an amount is; None where the sum is not above 0.

    Raises:
        NotAddableError: they are not of the same.
    """
    if part is not None and whole is not None and part.key != whole.key:
        raise NotAddableError(f"{part.key} and {whole.key}")
    return sum_of(part) / sum_of(whole) if sum_of(whole) > 0 else None


def value_of(kind: Kind, amount: Amount | None) -> Decimal | None:
    """The figure to show: the sum, the ratio (None for a zero denominator), or visitors on an average day."""
    if amount is None or amount.numerator is None:
        return None
    if kind.is_quotient:
        return amount.numerator / amount.denominator if amount.denominator else None
    if kind is Kind.DISTINCT:
        return amount.numerator / len(amount.days) if amount.days else None
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


def interval_of(amount: Amount) -> tuple[Decimal, Decimal] | None:
    """95 % interval of the share that an amount is."""
    bounds = wilson_interval(sum_of(amount), amount.denominator or Decimal(0))
    return bounds and (Decimal(str(round(bounds[0], 6))), Decimal(str(round(bounds[1], 6))))


def shortfall(goal: Decimal, amount: Amount) -> Decimal:
    """How much the numerator of a ratio lacks to reach a goal; below 0 where it is above."""
    return goal * (amount.denominator or 0) - sum_of(amount)


def parts_of(kind: Kind, amount: Amount) -> dict[str, Decimal]:
    """The parts that a value of the kind is made of, by name."""
    parts = {"numerator": sum_of(amount)}
    if kind.is_quotient:
        parts["denominator"] = amount.denominator or Decimal(0)
    return parts


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
