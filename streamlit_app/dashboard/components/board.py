"""All live metrics of some posts, read at once and held against their targets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from dashboard.components.cards import Judged, judge
from dashboard.components.filters import Filters
from dashboard.components.page import Context
from dashboard.measures import Amount, Metric, Target
from dashboard.periods import Period
from dashboard.queries.catalogue import read_targets
from dashboard.queries.metrics import Total, read_coverage, read_series, read_totals
from dashboard.readings import Goals, Reading, VariantKey, course, off_since, read_metric

WEEKS = 13


@dataclass(frozen=True, slots=True)
class Board:
    """The judged metrics, and the totals they were made of."""

    judged: dict[str, Judged]
    totals: list[Total]
    goals: Goals


def read_board(context: Context, filters: Filters, post_ids: tuple[str, ...]) -> Board:
    """Totals, coverage and thirteen weeks of every live metric of the posts."""
    metrics = [
        metric for metric in context.metrics.values() if metric.post_id in post_ids and metric.is_implemented
    ]
    names = tuple(metric.metric_id for metric in metrics)
    scope = filters.scope(context, names)
    totals = read_totals(context.snapshot, scope)
    coverage = read_coverage(context.snapshot, scope)
    end = filters.period.end
    weeks_scope = filters.scope(context, names, Period(end - timedelta(days=7 * WEEKS - 1), end))
    points = read_series(context.snapshot, weeks_scope, 7)
    goals = Goals(read_targets(context.snapshot), context.format.currency)
    judged = {}
    for metric in metrics:
        reading = read_metric(metric, totals, coverage)
        weeks = course(metric, points)
        scopes = filters.target_scopes(metric.post_id)
        target = goals.find(metric, filters.period, scopes)
        judged[metric.metric_id] = judge(
            reading, target, weeks, _since(metric, reading, weeks, goals, scopes)
        )
    return Board(judged, totals, goals)


def _since(
    metric: Metric,
    reading: Reading,
    weeks: dict[VariantKey, list[tuple[date, Amount]]],
    goals: Goals,
    scopes: list[tuple[str, str]],
) -> date | None:
    def target_of(day: date) -> Target | None:
        return goals.find(metric, Period(day - timedelta(days=6), day), scopes)

    starts = [off_since(metric, weeks.get(variant.key, []), target_of) for variant in reading.variants]
    known = [day for day in starts if day is not None]
    return min(known) - timedelta(days=6) if known else None
