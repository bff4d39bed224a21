"""The parts of metrics over a period: totals by who and where, and their course over time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from dashboard.database import Snapshot, cached_per_publication
from dashboard.measures import Amount
from dashboard.periods import Period


@dataclass(frozen=True, slots=True)
class Scope:
    """What a page asks about; `snapshot_metrics` are those of `metrics` that are taken at a day, not
    added over days."""

    metrics: tuple[str, ...]
    snapshot_metrics: tuple[str, ...]
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
    """How much of a period a metric has data for."""

    metric_id: str
    is_current: bool
    days: int
    last_day: date
    # by rule, where one has days that may still change
    immature_from: Mapping[str, date]


CELLS = """
with cells as (
    select
        metric_id, definition_code, platform, store_id, employee_id, business_date, numerator, denominator,
        event_count, coalesce(matures_on <= %(published_on)s, false) as is_mature,
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

TOTALS = (
    CELLS.format(grouping="business_date between %(start)s and %(end)s")
    + """
select metric_id, definition_code, platform, store_id, employee_id, grouping_value, sum(numerator),
    sum(denominator), sum(event_count)::numeric, count(distinct business_date)::int, bool_and(is_mature)
from counted
group by 1, 2, 3, 4, 5, 6
"""
)

SERIES = (
    CELLS.format(grouping="%(end)s - (%(end)s - business_date) / %(bucket_days)s * %(bucket_days)s")
    + """
select metric_id, definition_code, platform, store_id, grouping_value, sum(numerator), sum(denominator),
    sum(event_count)::numeric, count(distinct business_date)::int, bool_and(is_mature)
from counted
group by 1, 2, 3, 4, 5
order by 5
"""
)

COVERAGE = (
    CELLS.format(grouping="business_date between %(start)s and %(end)s")
    + """
select metric_id, grouping_value, count(distinct business_date)::int, max(business_date)
from cells
group by 1, 2
"""
)

IMMATURE = (
    CELLS.format(grouping="business_date between %(start)s and %(end)s")
    + """
select metric_id, grouping_value, definition_code, min(business_date)
from cells
where not is_mature
group by 1, 2, 3
"""
)


def _parameters(snapshot: Snapshot, scope: Scope) -> dict[str, object]:
    compared = scope.comparison or scope.period
    return {
        "metrics": list(scope.metrics),
        "snapshot_metrics": list(scope.snapshot_metrics),
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
    rows = snapshot.rows(TOTALS, _parameters(snapshot, scope))
    return [Total._make((*row[:6], Amount(*row[6:]))) for row in rows]


@cached_per_publication
def read_series(snapshot: Snapshot, scope: Scope, bucket_days: int) -> list[Point]:
    """The course over the scope's period in steps of `bucket_days` counted back from its end, oldest
    first."""
    alone = Scope(
        scope.metrics, scope.snapshot_metrics, scope.period, None, scope.store_id, scope.employee_ids
    )
    rows = snapshot.rows(SERIES, {**_parameters(snapshot, alone), "bucket_days": bucket_days})
    return [Point._make((*row[:5], Amount(*row[5:]))) for row in rows]


@cached_per_publication
def read_coverage(snapshot: Snapshot, scope: Scope) -> dict[tuple[str, bool], Coverage]:
    """Days with data and the first that may still change, by metric and by whether it is the period asked
    for."""
    parameters = _parameters(snapshot, scope)
    immature: dict[tuple[str, bool], dict[str, date]] = defaultdict(dict)
    for metric_id, is_current, code, day in snapshot.rows(IMMATURE, parameters):
        immature[metric_id, is_current][code] = day
    rows = snapshot.rows(COVERAGE, parameters)
    return {
        (metric_id, is_current): Coverage(
            metric_id, is_current, days, last_day, immature[metric_id, is_current]
        )
        for metric_id, is_current, days, last_day in rows
    }
