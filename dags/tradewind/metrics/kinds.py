"""SQL of the kinds, over one event model: what is added, histograms of durations, distinct counts by period.

Each function gives a select; `events` and `owners` are relations, `owners` with the columns of
`bridge_ownership`. Columns stand in for what they are called in: `segment` is NULL for a rule without one.
"""

from __future__ import annotations

from tradewind.metrics.definition import MetricError, Rule, Term
from tradewind.metrics.events import EventModel

KEYS = ("employee_id", "store_id", "platform", "segment", "business_date")
SCOPES = ("employee_id", "store_id", "platform", "segment")
PERIODS = ("day", "week", "month", "quarter")
UNASSIGNED = "unassigned"
# bucket 0 is below one second; the others grow by a twentieth of the natural logarithm, about 5 % each
BUCKETS_PER_E = 20


def daily_parts(rule: Rule, model: EventModel, events: str, owners: str, post_id: str) -> str:
    """Numerator, denominator and number of events by employee, store, platform, segment and day.

    An owner's parts are those of the event times the share; an event counts whole for each of its owners.
    """
    _refuse(rule, "distinct", "snapshot")
    numerator, denominator = _sides(rule, rule.terms[0])
    total = f"sum(({denominator}) * share)" if denominator else "cast(null as numeric)"
    return (
        f"select '{rule.metric_id}' as metric_id, '{rule.code}' as definition_code, {', '.join(KEYS)},"  # noqa: S608
        f" sum(({numerator}) * share) as numerator, {total} as denominator, count(*) as event_count,"
        f" business_date + {rule.matures_after} as matures_on"
        f" from ({_credited(rule, model, events, owners, post_id)}) as credited"
        f" group by {', '.join(KEYS)}"
    )


def histogram(rule: Rule, model: EventModel, events: str, owners: str, post_id: str) -> str:
    """Events of each bucket of a duration, by employee, store, platform, segment and day.

    Buckets are the same everywhere, so those of days, people and stores are added. An event stands whole with
    each of its owners: a share of a reply time is no reply time.
    """
    if rule.kind != "duration":
        raise MetricError(f"rule {rule.code} of {rule.metric_id} is a {rule.kind}, which has no histogram")
    seconds = rule.terms[0].value
    bucket = f"case when {seconds} < 1 then 0 else 1 + floor(ln({seconds}) * {BUCKETS_PER_E}) end"
    return (
        f"select '{rule.metric_id}' as metric_id, '{rule.code}' as definition_code, {', '.join(KEYS)},"  # noqa: S608
        f" cast({bucket} as integer) as bucket, count(*) as event_count"
        f" from ({_credited(rule, model, events, owners, post_id)}) as credited"
        f" group by {', '.join(KEYS)}, cast({bucket} as integer)"
    )


def quantile(histograms: str, by: tuple[str, ...], share: str) -> str:
    """The duration in seconds that `share` of the events does not exceed, for each value of columns `by`.

    Right to the width of its bucket, within which events are taken as spread evenly.
    """
    scope = ", ".join(by)
    window = f"partition by {scope}" if by else ""
    selected = f"{scope}, " if by else ""
    lower = f"case when bucket = 0 then 0 else exp((bucket - 1) / {BUCKETS_PER_E}.0) end"
    upper = f"exp(bucket / {BUCKETS_PER_E}.0)"
    return (
        f"select {selected}round({lower}"  # noqa: S608
        f" + ({upper} - {lower}) * ({share} * of_all - (so_far - events)) / events, 3) as seconds from ("
        f"select {selected}bucket, events, sum(events) over ({window} order by bucket) as so_far,"
        f" sum(events) over ({window}) as of_all from ("
        f"select {selected}bucket, sum(event_count) as events from {histograms} group by {selected}bucket"
        f") as merged) as running"
        f" where so_far >= {share} * of_all and so_far - events < {share} * of_all"
    )


def distinct_counts(rule: Rule, model: EventModel, events: str, owners: str, post_id: str) -> str:
    """How many different things there were, by period and every combination of scopes; NULL is all of one.

    Of a distinct count these are its values, of a score those who rated. Each row is counted by itself from
    the events: rows are never added, and nothing is shared out.
    """
    key = rule.terms[0].rater if rule.kind == "score" else rule.terms[0].key
    if key is None:
        raise MetricError(f"rule {rule.code} of {rule.metric_id} names nothing that is counted once")
    credited = _credited(rule, model, events, owners, post_id)
    scopes = [name for name in SCOPES if name != "segment" or rule.segment]
    shown = [name if name in scopes else "cast(null as text) as segment" for name in SCOPES]
    return " union all ".join(
        f"select '{rule.metric_id}' as metric_id, '{rule.code}' as definition_code, {', '.join(shown)},"  # noqa: S608
        f" '{period}' as period_type, cast(date_trunc('{period}', business_date) as date) as period_start,"
        f" count(distinct {key}) as distinct_count"
        f" from ({credited}) as credited"
        f" group by cast(date_trunc('{period}', business_date) as date), cube ({', '.join(scopes)})"
        for period in PERIODS
    )


def _sides(rule: Rule, term: Term) -> tuple[str, str | None]:
    if rule.kind == "duration":
        return f"{term.value}", "1"
    if rule.kind == "score":
        weight = term.weight or "1"
        return (
            f"({weight}) * (({term.value}) - ({term.lowest}))",
            f"({weight}) * (({term.highest}) - ({term.lowest}))",
        )
    if rule.kind == "ratio":
        return term.numerator or "0", term.denominator or "0"
    return term.value or "1", None


def _refuse(rule: Rule, *kinds: str) -> None:
    if rule.kind in kinds:
        raise MetricError(
            f"rule {rule.code} of {rule.metric_id} is a {rule.kind}, whose days are never added"
        )
    if len(rule.terms) > 1:
        raise MetricError(f"rule {rule.code} of {rule.metric_id} counts several event models: one at a time")


def _credited(rule: Rule, model: EventModel, events: str, owners: str, post_id: str) -> str:
    """The events that take part, once for each of those credited, on the rule's day and in its segment."""
    taken = f"{model.counted} and ({rule.filter_of(rule.terms[0])})"
    replaced = {"business_date": rule.date, "segment": rule.segment or "cast(null as text)"}
    kept = ", ".join(name for name in model.columns if name not in {*replaced, "employee_id"})
    own = ", ".join(f"{sql} as {name}" for name, sql in replaced.items())
    if rule.credit == "actor":
        who = f"coalesce({model.meta.actor}, '{UNASSIGNED}') as employee_id, 1 as share"
        return f"select {kept}, {own}, {who} from {events} where {taken}"  # noqa: S608
    owner = model.meta.owner if rule.credit == "owner" else None
    kind, thing = (owner.type, owner.id) if owner else ("'store'", "store_id")
    whose = f"{kind} as credited_type, {thing} as credited_id"
    objects = f"select {kept}, {own}, {whose} from {events} where {taken}"  # noqa: S608
    return (
        f"select objects.*, owners.employee_id, owners.share from ({objects}) as objects"  # noqa: S608
        f" inner join {owners} as owners on owners.post_id = '{post_id}'"
        " and owners.object_type = objects.credited_type and owners.object_id = objects.credited_id"
        " and owners.store_id = objects.store_id and owners.platform = objects.platform"
        " and owners.business_date = objects.business_date"
    )
