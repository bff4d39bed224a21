"""The parts of metrics over a period: totals by who and where, and their course over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from insight.database import Snapshot, cached_per_publication
from insight.measures import Amount, Kind, Metric, variant_key
from insight.periods import Period


@dataclass(frozen=True, slots=True)
class Scope:
    """What a page asks about."""

    metrics: tuple[Metric, ...]
    period: Period
    comparison: Period | None = None
    store_id: str | None = None
    employee_ids: tuple[str, ...] | None = None


class Total(NamedTuple):
    """Parts of a metric by definition, platform, store and person, over the period or the one compared
    with."""

    metric_id: str
    definition_code: str
    platform: str
    store_id: str
    employee_id: str
    is_current: bool
    amount: Amount


class Point(NamedTuple):
    """Parts of a metric by definition, platform and store, over the days up to `day`."""

    metric_id: str
    definition_code: str
    platform: str
    store_id: str
    day: date
    amount: Amount


class Coverage(NamedTuple):
    """How much of a period a metric has data for by a rule."""

    metric_id: str
    definition_code: str
    is_current: bool
    days: int
    last_day: date
    immature_from: date | None


CELLS = """
with cells as (
    select
        metric_id, definition_code, currency, platform, store_id, employee_id, business_date, numerator,
        denominator, event_count, coalesce(matures_on <= %(published_on)s, false) as is_mature,
        {grouping} as grouping_value
    from marts.fct_metric_daily
    where metric_id = any(%(metrics)s)
        and (
            business_date between %(start)s and %(end)s
            or business_date between %(comparison_start)s and %(comparison_end)s
        )
        and (%(store_id)s::text is null or store_id = %(store_id)s)
        and (%(employee_ids)s::text[] is null or employee_id = any(%(employee_ids)s))
),

-- of a metric that is taken at a day, only the last day counts
last_days as (
    select metric_id, definition_code, platform, store_id, grouping_value, max(business_date) as business_date
    from cells
    where metric_id = any(%(snapshot_metrics)s)
    group by 1, 2, 3, 4, 5
),

counted as (
    select c.*
    from cells as c
    left join last_days as l
        on l.metric_id = c.metric_id and l.definition_code = c.definition_code and l.platform = c.platform
        and l.store_id = c.store_id and l.grouping_value = c.grouping_value
    where l.business_date is null or l.business_date = c.business_date
)
"""
# what depends on days comes with them; of all others they would be many for nothing
PARTS = """
    sum(numerator), sum(denominator), sum(event_count)::numeric, bool_and(is_mature),
    array_agg(distinct business_date) filter (where metric_id = any(%(daily_metrics)s))
from counted
"""

TOTALS = (
    CELLS.format(grouping="business_date between %(start)s and %(end)s")
    + """
select metric_id, definition_code, currency, platform, store_id, employee_id, grouping_value,
"""
    + PARTS
    + """
group by 1, 2, 3, 4, 5, 6, 7
"""
)

SERIES = (
    CELLS.format(grouping="%(end)s - (%(end)s - business_date) / %(bucket_days)s * %(bucket_days)s")
    + """
select metric_id, definition_code, currency, platform, store_id, grouping_value,
"""
    + PARTS
    + """
group by 1, 2, 3, 4, 5, 6
order by 6
"""
)

COVERAGE = (
    CELLS.format(grouping="business_date between %(start)s and %(end)s")
    + """
select metric_id, definition_code, grouping_value, count(distinct business_date)::int, max(business_date),
    min(business_date) filter (where not is_mature)
from cells
group by 1, 2, 3
"""
)


def _parameters(snapshot: Snapshot, scope: Scope) -> dict[str, object]:
    compared = scope.comparison or scope.period
    return {
        "metrics": [metric.metric_id for metric in scope.metrics],
        "snapshot_metrics": [metric.metric_id for metric in scope.metrics if metric.kind is Kind.SNAPSHOT],
        "daily_metrics": [metric.metric_id for metric in scope.metrics if metric.kind.counts_people],
        "start": scope.period.start,
        "end": scope.period.end,
        "comparison_start": compared.start,
        "comparison_end": compared.end,
        "store_id": scope.store_id,
        "employee_ids": None if scope.employee_ids is None else list(scope.employee_ids),
        # the number is as old as its publication, however late it is read
        "published_on": snapshot.status.published_at and snapshot.status.published_at.date(),
    }


@cached_per_publication
def read_totals(snapshot: Snapshot, scope: Scope) -> list[Total]:
    """Totals of the period, and of the one compared with where the scope has one."""
    metrics = {metric.metric_id: metric for metric in scope.metrics}
    return [
        Total(
            metric_id, rule, platform, store_id, person, is_current,
            _amount(metrics[metric_id], rule, currency, platform, store_id, parts),
        )
        for metric_id, rule, currency, platform, store_id, person, is_current, *parts in snapshot.rows(
            TOTALS, _parameters(snapshot, scope)
        )
    ]  # fmt: skip


@cached_per_publication
def read_series(snapshot: Snapshot, scope: Scope, bucket_days: int) -> list[Point]:
    """The course over the scope's period in steps of `bucket_days` counted back from its end, oldest
    first."""
    metrics = {metric.metric_id: metric for metric in scope.metrics}
    rows = snapshot.rows(
        SERIES, {**_parameters(snapshot, replace(scope, comparison=None)), "bucket_days": bucket_days}
    )
    return [
        Point(
            metric_id, rule, platform, store_id, day,
            _amount(metrics[metric_id], rule, currency, platform, store_id, parts),
        )
        for metric_id, rule, currency, platform, store_id, day, *parts in rows
    ]  # fmt: skip


def _amount(
    metric: Metric, rule: str, currency: str | None, platform: str, store_id: str, parts: Sequence[Any]
) -> Amount:
    numerator, denominator, event_count, is_mature, days = parts
    return Amount(
        variant_key(metric, rule, currency, platform, store_id),
        numerator,
        denominator,
        event_count,
        is_mature,
        frozenset(days or ()),
        max(days) if metric.kind is Kind.SNAPSHOT else None,
    )


@cached_per_publication
def read_coverage(snapshot: Snapshot, scope: Scope) -> dict[tuple[str, str, bool], Coverage]:
    """Days with data and the first that may still change, by metric, rule, and whether it is the period
    asked for."""
    return {row[:3]: Coverage(*row) for row in snapshot.rows(COVERAGE, _parameters(snapshot, scope))}
