"""What the warehouse knows of metrics, posts, stores, people and targets."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from insight.database import Snapshot, cached_per_publication
from insight.measures import Target


class MetricRow(NamedTuple):
    """One documented index, in both languages; grain: metric."""

    metric_id: str
    post_id: str
    sort_order: int
    name_en: str
    name_zh: str
    seed_wording: str
    base_measure: str
    kind: str
    meaning_en: str
    meaning_zh: str | None
    numerator_text: str
    denominator_text: str
    grain: str
    unit: str
    direction: str
    default_target_text: str | None
    edge_cases: str | None
    source_exports: str | None
    sources: str | None
    waiting_for_en: str | None
    waiting_for_zh: str | None
    is_implemented: bool
    is_additive_across_platforms: bool
    headline_definition_code: str | None
    min_denominator: Decimal | None
    maturity_days: int | None
    origin: str


class Post(NamedTuple):
    """A post whose work is assessed."""

    post_id: str
    sort_order: int
    name_en: str
    name_zh: str


class Store(NamedTuple):
    """A store; `currency` is its own."""

    store_id: str
    store_name: str
    platform: str | None
    country: str | None
    currency: str | None
    is_declared: bool


class Employee(NamedTuple):
    """A person, with post and team."""

    employee_id: str
    employee_name: str
    post_id: str | None
    team_id: str | None
    team_name: str | None


class Definition(NamedTuple):
    """One of the rules by which a metric of that name is counted."""

    definition_code: str
    metric_id: str
    name_en: str
    name_zh: str
    note_en: str | None
    note_zh: str | None
    unit: str
    parts_unit: str


class Extent(NamedTuple):
    """First and last business date that has numbers, and the currency they are reported in."""

    first_day: date | None
    last_day: date | None
    currency: str | None


TARGETS = """
select
    t.metric_id,
    t.scope_type,
    t.scope_id,
    t.floor_value * coalesce(r.rate, 1),
    t.target_value * coalesce(r.rate, 1),
    t.stretch_value * coalesce(r.rate, 1),
    coalesce(r.reporting_currency, t.currency),
    t.valid_from,
    t.valid_to
from marts.dim_target as t
left join lateral (
    select rate, reporting_currency
    from marts.dim_exchange_rate
    where currency = t.currency and business_date >= t.valid_from
        and (t.valid_to is null or business_date <= t.valid_to)
    order by business_date
    limit 1
) as r on true
where t.valid_from is not null
"""


@cached_per_publication
def read_metrics(snapshot: Snapshot) -> list[MetricRow]:
    """All documented indices, by post and their order there."""
    rows = snapshot.rows(
        f"select {', '.join('m.' + name for name in MetricRow._fields)} from marts.dim_metric as m "  # noqa: S608
        "inner join marts.dim_post as p on p.post_id = m.post_id order by p.sort_order, m.sort_order"
    )
    return [MetricRow(*row) for row in rows]


@cached_per_publication
def read_posts(snapshot: Snapshot) -> list[Post]:
    """The five posts."""
    rows = snapshot.rows(
        "select post_id, sort_order, name_en, name_zh from marts.dim_post order by sort_order"
    )
    return [Post(*row) for row in rows]


@cached_per_publication
def read_stores(snapshot: Snapshot) -> list[Store]:
    """All stores, in an order that does not change with a filter, so that a store keeps its colour."""
    rows = snapshot.rows(
        "select store_id, coalesce(store_name, store_id) as store_name, platform, country, "
        "currency, is_declared "
        "from marts.dim_store order by is_declared desc, store_id"
    )
    return [Store(*row) for row in rows]


@cached_per_publication
def read_employees(snapshot: Snapshot) -> list[Employee]:
    """Everybody on the roster, by name."""
    rows = snapshot.rows(
        "select e.employee_id, coalesce(e.employee_name, e.employee_id), e.post_id, e.team_id, t.team_name "
        "from marts.dim_employee as e left join marts.dim_team as t on t.team_id = e.team_id "
        "order by 2, e.employee_id"
    )
    return [Employee(*row) for row in rows]


@cached_per_publication
def read_definitions(snapshot: Snapshot) -> list[Definition]:
    """The counting rules, named."""
    rows = snapshot.rows(
        f"select {', '.join(Definition._fields)} from marts.dim_definition"  # noqa: S608
    )
    return [Definition(*row) for row in rows]


@cached_per_publication
def read_targets(snapshot: Snapshot) -> list[Target]:
    """Every dated target; money in the reporting currency, at the rate of the first day that the target
    is for.

    An amount without a rate keeps its own currency.
    """
    return [Target(*row) for row in snapshot.rows(TARGETS)]


@cached_per_publication
def read_extent(snapshot: Snapshot) -> Extent:
    """The days that have numbers."""
    row = snapshot.rows(
        "select min(business_date), max(business_date), max(currency) from marts.fct_metric_daily"
    )[0]
    return Extent(*row)
