"""The contributions behind a number, and the row of the file behind a contribution."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from insight.database import Snapshot, cached_per_publication
from insight.measures import Amount, Kind, Metric, NotAddableError, variant_key


@dataclass(frozen=True, slots=True)
class Question:
    """Which number is opened; None leaves a dimension open.

    Raises:
        NotAddableError: a dimension is open over which the metric must not be added.
    """

    metric: Metric
    definition_code: str
    start: date
    end: date
    store_id: str | None = None
    platform: str | None = None
    employee_ids: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        key = variant_key(self.metric, self.definition_code, None, self.platform or "", self.store_id or "")
        if (key.platform is not None and self.platform is None) or (
            key.store_id is not None and self.store_id is None
        ):
            raise NotAddableError(f"{self.metric.metric_id} of all platforms or stores")


class Sums(NamedTuple):
    """The parts of a question's number, and how many rows they were made of."""

    amount: Amount
    rows: int


class Side(NamedTuple):
    """A rule, platform and store that a metric has numbers of."""

    definition_code: str
    platform: str
    store_id: str


class Contribution(NamedTuple):
    """One thing that happened, and where it was read."""

    business_date: date
    store_id: str
    platform: str
    employee_id: str
    description: str | None
    numerator: Decimal | None
    denominator: Decimal | None
    event_model: str
    load_id: int | None
    row_number: int | None
    file_name: str | None


class SourceFile(NamedTuple):
    """The file a row came from."""

    load_id: int
    file_name: str
    file_path: str
    report: str | None
    state: str
    store_id: str
    records_read: int
    records_loaded: int
    records_quarantined: int
    extracted_at: datetime | None
    finished_at: datetime | None
    file_sha256: str


FILTER = """
where metric_id = %(metric_id)s and definition_code = %(definition_code)s
    and business_date between %(start)s and %(end)s
    and (%(store_id)s::text is null or store_id = %(store_id)s)
    and (%(platform)s::text is null or platform = %(platform)s)
    and (%(employee_ids)s::text[] is null or employee_id = any(%(employee_ids)s))
"""


def _parameters(question: Question) -> dict[str, Any]:
    people = question.employee_ids
    return {
        "metric_id": question.metric.metric_id,
        "definition_code": question.definition_code,
        "start": question.start,
        "end": question.end,
        "store_id": question.store_id,
        "platform": question.platform,
        "employee_ids": None if people is None else list(people),
    }


@cached_per_publication
def read_sides(snapshot: Snapshot, metric_id: str) -> list[Side]:
    """Where a metric has numbers."""
    rows = snapshot.rows(
        "select distinct definition_code, platform, store_id from marts.fct_metric_daily "
        "where metric_id = %(metric_id)s order by 1, 2, 3",
        {"metric_id": metric_id},
    )
    return [Side(*row) for row in rows]


def _sums(snapshot: Snapshot, relation: str, question: Question) -> Sums:
    metric = question.metric
    if metric.kind is Kind.SNAPSHOT and question.start != question.end:
        raise NotAddableError(f"{metric.metric_id} from {question.start} to {question.end}")
    numerator, denominator, event_count, days, rows = snapshot.rows(
        f"select sum(numerator), sum(denominator), sum(event_count)::numeric, "  # noqa: S608
        f"array_agg(distinct business_date), count(*) from marts.{relation} {FILTER}",
        _parameters(question),
    )[0]
    key = variant_key(
        metric, question.definition_code, None, question.platform or "", question.store_id or ""
    )
    amount = Amount(
        key, numerator, denominator, event_count or Decimal(0), is_mature=True, days=frozenset(days or ())
    )
    return Sums(amount, rows)


def sum_published(snapshot: Snapshot, question: Question) -> Sums:
    """The parts as they are published."""
    return _sums(snapshot, "fct_metric_daily", question)


def sum_contributions(snapshot: Snapshot, question: Question) -> Sums:
    """The same parts, added up from the contributions."""
    return _sums(snapshot, "metric_evidence", question)


def last_day_with_data(snapshot: Snapshot, question: Question) -> date | None:
    """The last day of the question's period that has a value: the one a metric taken at a day is read
    from."""
    row = snapshot.rows(
        f"select max(business_date) from marts.fct_metric_daily {FILTER}",  # noqa: S608
        _parameters(question),
    )[0]
    return row[0]


def read_contributions(snapshot: Snapshot, question: Question, limit: int, offset: int) -> list[Contribution]:
    """Contributions, the largest first."""
    rows = snapshot.rows(
        f"""
        with contributions as (
            select business_date, store_id, platform, employee_id, description, numerator, denominator,
            event_model,
                load_id, row_number
            from marts.metric_evidence
            {FILTER}
            order by abs(coalesce(numerator, 0)) desc, business_date desc, load_id, row_number, employee_id
            limit %(limit)s offset %(offset)s
        )
        select c.*, l.file_name
        from contributions as c
        left join ops.load as l on l.load_id = c.load_id
        order by
            abs(coalesce(c.numerator, 0)) desc, c.business_date desc, c.load_id, c.row_number, c.employee_id
        """,  # noqa: S608 - the filter is a constant
        {**_parameters(question), "limit": limit, "offset": offset},
    )
    return [Contribution(*row) for row in rows]


def read_source_file(snapshot: Snapshot, load_id: int) -> SourceFile | None:
    """The file of a load."""
    rows = snapshot.rows(
        f"select {', '.join(SourceFile._fields)} from ops.load where load_id = %(load_id)s",  # noqa: S608
        {"load_id": load_id},
    )
    return SourceFile(*rows[0]) if rows else None


def read_raw_record(snapshot: Snapshot, load_id: int, row_number: int) -> dict[str, Any] | None:
    """The raw row as it stands in the file, personal columns masked by the database."""
    rows = snapshot.rows(
        "select ops.raw_record(%(load_id)s, %(row_number)s)", {"load_id": load_id, "row_number": row_number}
    )
    return rows[0][0]
