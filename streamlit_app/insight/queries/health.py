"""The state of the data: files, records set aside, checks, publications, model times."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from insight.database import Snapshot

LOAD_STATES = ("loaded", "refused", "waiting", "held", "superseded", "duplicate")


class Load(NamedTuple):
    """One file offered for loading."""

    load_id: int
    file_name: str
    file_path: str
    report: str | None
    state: str
    store_id: str
    records_read: int
    records_loaded: int
    records_quarantined: int
    records_ignored: int
    reason_code: str | None
    reason: str | None
    reason_details: dict[str, Any]
    warnings: list[dict[str, Any]]
    duplicate_of: int | None
    superseded_by: int | None
    started_at: datetime
    finished_at: datetime | None


class Files(NamedTuple):
    """Numbers of files: loaded, waiting for the rest of themselves, loaded and not yet in a build."""

    loaded: int
    waiting: int
    pending: int


class Source(NamedTuple):
    """One report type: its files and how fresh they are."""

    report: str
    title: str
    platform: str
    files: int
    records_read: Decimal
    records_loaded: Decimal
    records_quarantined: Decimal
    files_refused: int
    last_file_at: datetime | None
    last_file_name: str | None


class QuarantinedRow(NamedTuple):
    """One record that could not be loaded; its bytes are not shown."""

    load_id: int
    file_name: str
    report: str | None
    row_number: int
    column_name: str | None
    reason_code: str
    reason: str
    reason_details: dict[str, Any]


class Check(NamedTuple):
    """One expectation as it was checked in a build; `observed` holds counts."""

    build_id: int
    gate: str
    suite: str
    expectation: str
    column_name: str | None
    success: bool
    severity: str
    why: str
    observed: dict[str, Any]
    checked_at: datetime


class Publication(NamedTuple):
    """One attempt to publish."""

    publication_id: int
    build_id: int
    state: str
    reason_code: str | None
    reason: str | None
    rows_inserted: int
    rows_deleted: int
    decided_at: datetime
    files: int
    build_seconds: Decimal | None


class ModelTime(NamedTuple):
    """One model, seed or test of the latest build that ran models."""

    build_id: int
    node: str
    resource_type: str
    status: str
    execution_seconds: Decimal
    rows_affected: int | None
    failures: int | None
    message: str | None


class Exclusion(NamedTuple):
    """Records that a rule keeps out of a number, or that have something odd about them."""

    rule_code: str
    report: str
    records: int
    first_day: date | None
    last_day: date | None


def count_files(snapshot: Snapshot) -> Files:
    """How many files are loaded, and how many on their way."""
    return Files(
        *snapshot.rows(
            "select count(*) filter (where state = 'loaded'), count(*) filter (where state = 'waiting'), "
            "(select count(*) from ops.pending_load) from ops.load"
        )[0]
    )


def read_loads(snapshot: Snapshot, state: str | None, report: str | None, limit: int) -> list[Load]:
    """The newest files first."""
    rows = snapshot.rows(
        f"""
        select {", ".join(Load._fields)} from ops.load
        where (%(state)s::text is null or state = %(state)s)
            and (%(report)s::text is null or report = %(report)s)
        order by load_id desc limit %(limit)s
        """,  # noqa: S608 - column names of a constant
        {"state": state, "report": report, "limit": limit},
    )
    return [Load(*row) for row in rows]


def read_load(snapshot: Snapshot, load_id: int) -> Load | None:
    """One file."""
    rows = snapshot.rows(
        f"select {', '.join(Load._fields)} from ops.load where load_id = %(load_id)s",  # noqa: S608
        {"load_id": load_id},
    )
    return Load(*rows[0]) if rows else None


def count_loads(snapshot: Snapshot) -> dict[str, int]:
    """Number of files by state."""
    return {row[0]: row[1] for row in snapshot.rows("select state, count(*) from ops.load group by 1")}


def read_sources(snapshot: Snapshot, language: str) -> list[Source]:
    """One row a report type that the warehouse can load, those with files first; titles in the language."""
    rows = snapshot.rows(
        """
        with latest as (
            select distinct on (report) report, file_name from ops.load
            where state = 'loaded' order by report, finished_at desc nulls last, load_id desc
        )
        select r.report, coalesce(r.contract #>> array['titles', %(language)s], r.title), r.platform,
            count(l.load_id) filter (where l.state = 'loaded'),
            coalesce(sum(l.records_read) filter (where l.state = 'loaded'), 0),
            coalesce(sum(l.records_loaded) filter (where l.state = 'loaded'), 0),
            coalesce(sum(l.records_quarantined) filter (where l.state = 'loaded'), 0),
            count(l.load_id) filter (where l.state = 'refused'),
            max(l.finished_at) filter (where l.state = 'loaded'), max(n.file_name)
        from ops.report as r
        left join ops.load as l on l.report = r.report
        left join latest as n on n.report = r.report
        group by r.report
        order by count(l.load_id) = 0, r.platform, r.title
        """,
        {"language": language},
    )
    return [Source(*row) for row in rows]


def read_quarantine(snapshot: Snapshot, load_id: int | None, limit: int) -> list[QuarantinedRow]:
    """Records set aside, newest file first, in the file's order."""
    rows = snapshot.rows(
        """
        select q.load_id, l.file_name, l.report, q.row_number, q.column_name, q.reason_code, q.reason,
            q.reason_details
        from ops.quarantined_row as q
        inner join ops.load as l on l.load_id = q.load_id
        where (%(load_id)s::bigint is null or q.load_id = %(load_id)s)
        order by q.load_id desc, q.row_number limit %(limit)s
        """,
        {"load_id": load_id, "limit": limit},
    )
    return [QuarantinedRow(*row) for row in rows]


def count_quarantine(snapshot: Snapshot) -> list[tuple[str, int, int]]:
    """(reason code, records, files) of all that is set aside, most first."""
    rows = snapshot.rows(
        "select reason_code, count(*), count(distinct load_id) from ops.quarantined_row "
        "group by 1 order by 2 desc"
    )
    return [(row[0], row[1], row[2]) for row in rows]


def count_set_aside(snapshot: Snapshot) -> int:
    """Records set aside in all."""
    return int(snapshot.rows("select count(*) from ops.quarantined_row")[0][0])


def read_exclusions(snapshot: Snapshot) -> list[Exclusion]:
    """Loaded records that a rule keeps out of a number."""
    rows = snapshot.rows(
        "select rule_code, report, count(*), min(business_date), max(business_date) "
        "from marts.fct_record_exclusion group by 1, 2 order by 3 desc"
    )
    return [Exclusion(*row) for row in rows]


def read_flags(snapshot: Snapshot) -> list[Exclusion]:
    """Records that count and that somebody should look at."""
    rows = snapshot.rows(
        "select flag_code, report, count(*), min(business_date), max(business_date) "
        "from marts.fct_record_flag group by 1, 2 order by 3 desc"
    )
    return [Exclusion(*row) for row in rows]


def read_checks(snapshot: Snapshot) -> list[Check]:
    """The checks of the latest build that was checked, failures first."""
    rows = snapshot.rows(
        f"""
        select {", ".join(Check._fields)} from ops.gate_result
        where build_id = (select max(build_id) from ops.gate_result)
        order by success, gate, suite, expectation, column_name
        """  # noqa: S608 - column names of a constant
    )
    return [Check(*row) for row in rows]


def read_publications(snapshot: Snapshot, limit: int) -> list[Publication]:
    """The latest decisions first."""
    rows = snapshot.rows(
        """
        select p.publication_id, p.build_id, p.state, p.reason_code, p.reason, p.rows_inserted,
        p.rows_deleted,
            p.decided_at, (select count(*) from ops.build_load as bl where bl.build_id = p.build_id),
            round(extract(epoch from p.decided_at - b.started_at), 1)
        from ops.publication as p
        inner join ops.build as b on b.build_id = p.build_id
        order by p.publication_id desc limit %(limit)s
        """,
        {"limit": limit},
    )
    return [Publication(*row) for row in rows]


def read_model_times(snapshot: Snapshot) -> list[ModelTime]:
    """What dbt did in the latest build that ran it, slowest first."""
    rows = snapshot.rows(
        f"""
        select {", ".join(ModelTime._fields)} from ops.dbt_result
        where build_id = (select max(build_id) from ops.dbt_result)
        order by execution_seconds desc, node
        """  # noqa: S608 - column names of a constant
    )
    return [ModelTime(*row) for row in rows]


def seconds_of(times: Sequence[ModelTime]) -> Decimal:
    """Seconds that nodes took together."""
    return sum((row.execution_seconds for row in times), Decimal(0))


def read_header(snapshot: Snapshot, report: str) -> list[str]:
    """The columns of a report, in the order of its contract."""
    rows = snapshot.rows(
        """
        select c.value ->> 'name'
        from ops.report as r
        cross join lateral jsonb_array_elements(r.contract -> 'columns') with ordinality as c (value, place)
        where r.report = %(report)s
        order by c.place
        """,
        {"report": report},
    )
    return [row[0] for row in rows]


def read_template(snapshot: Snapshot, report: str, language: str) -> list[str]:
    """The headers that a template of ours is filled in under, in the reader's language where it has them."""
    rows = snapshot.rows(
        """
        select coalesce(c.value #>> array['headers', %(language)s, '0'], c.value ->> 'name')
        from ops.report as r
        cross join lateral jsonb_array_elements(r.contract -> 'columns') with ordinality as c (value, place)
        -- what no contract describes is no column to fill in
        where r.report = %(report)s and c.value ->> 'name' <> 'extra_columns'
        order by c.place
        """,
        {"report": report, "language": language},
    )
    return [row[0] for row in rows]
