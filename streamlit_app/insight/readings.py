"""What a card, a chart or a sentence says of a metric, from the parts that were read. Pure: no Streamlit,
no SQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from insight.measures import (
    Amount,
    Kind,
    Metric,
    Standing,
    Target,
    VariantKey,
    add_up,
    difference,
    stand,
    sum_of,
    target_over,
    value_of,
)
from insight.periods import Period
from insight.queries.metrics import Coverage, Point, Total


@dataclass(frozen=True, slots=True)
class Variant:
    """One value of a metric, now and before."""

    key: VariantKey
    now: Amount | None
    before: Amount | None


@dataclass(frozen=True, slots=True)
class Reading:
    """A metric over a period: one variant where all parts may be added, several side by side where not."""

    metric: Metric
    variants: tuple[Variant, ...]
    others: tuple[Variant, ...]
    coverage: Coverage | None = None

    @property
    def has_data(self) -> bool:
        """Whether the period has anything."""
        return any(variant.now is not None for variant in (*self.variants, *self.others))

    def value(self, variant: Variant) -> Decimal | None:
        """The variant's value now."""
        return value_of(self.metric.kind, variant.now)

    def earlier(self, variant: Variant) -> Decimal | None:
        """The variant's value in the period compared with."""
        return value_of(self.metric.kind, variant.before)


def read_metric(
    metric: Metric, totals: Iterable[Total], coverages: Mapping[tuple[str, str, bool], Coverage]
) -> Reading:
    """The reading of one metric; the headline rule's variants come first, other rules' beside them."""
    parts: dict[VariantKey, dict[bool, list[Amount]]] = defaultdict(lambda: {True: [], False: []})
    for total in totals:
        if total.metric_id == metric.metric_id:
            parts[total.amount.key][total.is_current].append(total.amount)
    variants = [
        Variant(key, add_up(sides[True]), add_up(sides[False]))
        for key, sides in sorted(parts.items(), key=lambda item: tuple(part or "" for part in item[0]))
    ]
    headline = metric.headline_definition_code
    codes = {variant.key.definition_code for variant in variants}
    shown = codes & {headline} or codes
    return Reading(
        metric,
        tuple(variant for variant in variants if variant.key.definition_code in shown),
        tuple(variant for variant in variants if variant.key.definition_code not in shown),
        _coverage_of(metric, shown, coverages),
    )


def _coverage_of(
    metric: Metric, codes: Iterable[str], coverages: Mapping[tuple[str, str, bool], Coverage]
) -> Coverage | None:
    """What there is of the rules that are shown: of several, the one with the fewest days."""
    found = [coverages.get((metric.metric_id, code, True)) for code in sorted(codes)]
    return min((known for known in found if known is not None), key=lambda known: known.days, default=None)


def total_of(metric: Metric, totals: Iterable[Total], definition_code: str) -> Amount | None:
    """All that a metric comes to over the period by one rule.

    Raises:
        NotAddableError: its parts must not be added, as platforms that claim the same sales.
    """
    return add_up(
        total.amount
        for total in totals
        if (total.metric_id, total.definition_code) == (metric.metric_id, definition_code)
        and total.is_current
    )


class Part(NamedTuple):
    """A store's or a person's share of a variant."""

    key: str
    variant: VariantKey
    now: Amount | None
    before: Amount | None


def break_down(
    metric: Metric, totals: Iterable[Total], definition_code: str, entity: Callable[[Total], str]
) -> list[Part]:
    """One row per entity and variant of one rule, by entity."""
    parts: dict[tuple[str, VariantKey], dict[bool, list[Amount]]] = defaultdict(lambda: {True: [], False: []})
    for total in totals:
        if total.metric_id == metric.metric_id and total.definition_code == definition_code:
            parts[(entity(total), total.amount.key)][total.is_current].append(total.amount)
    return [
        Part(name, key, add_up(sides[True]), add_up(sides[False]))
        for (name, key), sides in sorted(parts.items(), key=lambda item: (item[0][0], str(item[0][1])))
    ]


class Way(NamedTuple):
    """How a sum went from what it was to what it is: the difference that each entity made."""

    before: Decimal
    changes: list[tuple[str, Decimal]]
    after: Decimal


def way_of(parts: Sequence[Part]) -> Way:
    """The way of a sum's parts, the largest gain first.

    Raises:
        NotAddableError: the parts must not be added.
    """
    changes = [(part.key, difference(part.now, part.before)) for part in parts]
    return Way(
        sum_of(add_up(part.before for part in parts if part.before is not None)),
        sorted(changes, key=lambda change: -change[1]),
        sum_of(add_up(part.now for part in parts if part.now is not None)),
    )


def course(metric: Metric, points: Iterable[Point]) -> dict[VariantKey, list[tuple[date, Amount]]]:
    """The metric's course by variant, oldest first."""
    gathered: dict[VariantKey, dict[date, list[Amount]]] = defaultdict(lambda: defaultdict(list))
    for point in points:
        if point.metric_id == metric.metric_id:
            gathered[point.amount.key][point.day].append(point.amount)
    courses: dict[VariantKey, list[tuple[date, Amount]]] = {}
    for key, days in gathered.items():
        courses[key] = [(day, total) for day in sorted(days) if (total := add_up(days[day])) is not None]
    return courses


class Goals:
    """The targets that hold for a scope, nearest scope first."""

    def __init__(self, targets: Iterable[Target], currency: str) -> None:
        self._by_scope: dict[tuple[str, str, str], list[Target]] = defaultdict(list)
        for target in targets:
            # a target in a currency that is not reported is no yardstick for a reported amount
            if target.currency in (None, "", currency):
                # there is one company, whatever its targets call it
                scope_id = "" if target.scope_type == "company" else target.scope_id
                self._by_scope[(target.metric_id, target.scope_type, scope_id)].append(target)

    def find(self, metric: Metric, period: Period, scopes: Sequence[tuple[str, str]]) -> Target | None:
        """The target of the first of `scopes` (type, id) that has one for the whole period."""
        for scope_type, scope_id in scopes:
            rows = self._by_scope.get((metric.metric_id, scope_type, scope_id), [])
            target = target_over(rows, metric.kind, period.start, period.end)
            if target is not None:
                return target
        return None

    def add_up(self, metric: Metric, period: Period, store_ids: Sequence[str]) -> Target | None:
        """The stores' targets of a sum together; None unless every one of them has one for the whole
        period."""
        found = [self.find(metric, period, [("store", store_id)]) for store_id in store_ids]
        whole = [target for target in found if target is not None]
        if metric.kind is not Kind.SUM or not whole or len(whole) < len(found):
            return None
        return replace(
            whole[0],
            scope_type="company",
            scope_id="",
            floor=_total([target.floor for target in whole]),
            target=_total([target.target for target in whole]),
            stretch=_total([target.stretch for target in whole]),
        )


def _total(values: Sequence[Decimal | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if len(known) == len(values) else None


SEVERITY = (Standing.OFF, Standing.NEAR, Standing.ON)


def worst(standings: Iterable[Standing]) -> Standing:
    """The standing that needs attention first."""
    seen = set(standings)
    for standing in SEVERITY:
        if standing in seen:
            return standing
    return Standing.NO_VALUE if Standing.NO_VALUE in seen else Standing.NO_TARGET


def off_since(
    metric: Metric, weeks: Sequence[tuple[date, Amount]], target_of: Callable[[date], Target | None]
) -> date | None:
    """First day of the unbroken run of weeks, up to the last, that were not on target; None where the
    last is."""
    since: date | None = None
    for day, amount in reversed(weeks):
        standing = stand(metric.direction, value_of(metric.kind, amount), target_of(day))
        if standing not in (Standing.OFF, Standing.NEAR):
            break
        since = day
    return since
