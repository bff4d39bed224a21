"""All live metrics of some posts, read at once and held against their targets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from insight.context import Context
from insight.database import keep_for_publication
from insight.measures import Amount, Metric, Standing, Target, VariantKey, stand, value_of
from insight.periods import Period
from insight.queries.catalogue import read_targets
from insight.queries.metrics import Coverage, Total, read_coverage, read_series, read_totals
from insight.readings import Goals, Reading, course, off_since, read_metric, worst
from insight.selection import Filters

WEEKS = 13
COMPARABLE_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Judged:
    """A reading with its target and how it stands."""

    reading: Reading
    target: Target | None
    standing: Standing
    since: date | None
    weeks: dict[VariantKey, list[tuple[date, Amount]]]

    @property
    def weeks_known(self) -> int | None:
        """The number of weeks looked at, where the metric was off in all of them and may have been before."""
        first = min((days[0][0] for days in self.weeks.values() if days), default=None)
        if first is None or self.since is None or self.since >= first:
            return None
        return max(len(days) for days in self.weeks.values())


def judge(
    reading: Reading,
    target: Target | None,
    weeks: dict[VariantKey, list[tuple[date, Amount]]],
    since: date | None,
) -> Judged:
    """How a reading stands: by its worst variant."""
    standing = worst(
        stand(reading.metric.direction, reading.value(variant), target) for variant in reading.variants
    )
    return Judged(
        reading, target, standing, since if standing in (Standing.OFF, Standing.NEAR) else None, weeks
    )


def sparkline(judged: Judged) -> Sequence[float] | None:
    """The values of the last weeks, where there is one value a week."""
    if len(judged.reading.variants) != 1:
        return None
    weeks = judged.weeks.get(judged.reading.variants[0].key, [])
    kind = judged.reading.metric.kind
    values = [float(value) for _, amount in weeks if (value := value_of(kind, amount)) is not None]
    return values if len(values) > 1 else None


@dataclass(frozen=True, slots=True)
class Board:
    """The judged metrics, and the totals they were made of."""

    judged: dict[str, Judged]
    totals: list[Total]
    goals: Goals


def read_board(context: Context, filters: Filters, post_ids: tuple[str, ...]) -> Board:
    """Totals, coverage and thirteen weeks of every live metric of the posts, judged once a publication."""
    return keep_for_publication(
        context.snapshot,
        "read_board",
        (context.text.language, filters, post_ids),
        lambda: _read_board(context, filters, post_ids),
    )


def _read_board(context: Context, filters: Filters, post_ids: tuple[str, ...]) -> Board:
    metrics = [
        metric for metric in context.metrics.values() if metric.post_id in post_ids and metric.is_implemented
    ]
    names = tuple(metric.metric_id for metric in metrics)
    scope = filters.scope(context, names)
    coverage = read_coverage(context.snapshot, scope)
    totals = [
        total
        for total in read_totals(context.snapshot, scope)
        if total.is_current or is_comparable(total.metric_id, total.definition_code, coverage)
    ]
    end = filters.period.end
    weeks_scope = filters.scope(context, names, Period(end - timedelta(days=7 * WEEKS - 1), end))
    points = read_series(context.snapshot, weeks_scope, 7)
    goals = Goals(read_targets(context.snapshot), context.format.currency)
    judged = {}
    for metric in metrics:
        reading = read_metric(metric, totals, coverage)
        weeks = course(metric, points)
        target = goal_for(context, goals, filters, metric, filters.period)
        judged[metric.metric_id] = judge(
            reading,
            target,
            weeks,
            _since(reading, weeks, partial(goal_for, context, goals, filters, metric)),
        )
    return Board(judged, totals, goals)


def is_comparable(
    metric_id: str, definition_code: str, coverage: Mapping[tuple[str, str, bool], Coverage]
) -> bool:
    """Whether the compared period has nearly as many days with data; half a period beside a whole one
    misleads."""
    now, before = (coverage.get((metric_id, definition_code, is_current)) for is_current in (True, False))
    return now is not None and before is not None and before.days >= COMPARABLE_SHARE * now.days


def goal_for(
    context: Context, goals: Goals, filters: Filters, metric: Metric, period: Period
) -> Target | None:
    """The target that what is chosen is held against over a period."""
    found = goals.find(metric, period, filters.target_scopes(context, metric))
    if found is None and filters.store_id is None and filters.people is None:
        declared = [store.store_id for store in context.stores.values() if store.is_declared]
        found = goals.add_up(metric, period, declared)
    return found


def _since(
    reading: Reading,
    weeks: dict[VariantKey, list[tuple[date, Amount]]],
    goal_over: Callable[[Period], Target | None],
) -> date | None:
    def goal_of_week(day: date) -> Target | None:
        return goal_over(Period(day - timedelta(days=6), day))

    runs = [
        off_since(reading.metric, weeks.get(variant.key, []), goal_of_week) for variant in reading.variants
    ]
    known = [day for day in runs if day is not None]
    return min(known) - timedelta(days=6) if known else None
