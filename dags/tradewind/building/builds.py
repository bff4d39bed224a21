"""The ledger of builds: which loads a build takes in, and how it ended."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from tradewind.building import lock
from tradewind.building.project import RELOADING_REPORTS, build_sha256
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

# what run_models leaves in ops.dbt_result when every node of a build succeeded
INVOCATION_NODE = "dbt build"
# records that a raw table must have grown by for its statistics to be worth renewing
ANALYZED_FROM = 1000


class BuildInProgressError(RuntimeError):
    """Another process builds now."""


class BuildNotRunningError(RuntimeError):
    """The build has ended already."""


@dataclass(frozen=True)
class Build:
    """A running build (a row of ops.build)."""

    build_id: int
    is_full_refresh: bool
    project_sha256: str


def open_build(
    settings: Settings, *, full_refresh: bool | None = None, run_id: str | None = None
) -> Build | None:
    """Begin a build of all pending loads, or return None when there is nothing to do.

    `full_refresh` None chooses: everything is built anew the first time, when the dbt project or the
    reporting currency changed, when a stores file came (its time zones move business dates), and after a
    person was erased (rows of raw have changed in place). True builds anew in any case, False never does. A
    build left running by a process that is gone is marked abandoned.

    Raises:
        BuildInProgressError: another process builds now; wait for it to end.
    """
    lock.release_finished(settings)
    if not lock.acquire(settings):
        raise BuildInProgressError("another process builds now: wait until it has ended, then try again")
    build: Build | None = None
    try:
        _finish_loads(settings)
        with connect(Role.BUILDER, settings) as connection:
            digest = build_sha256(connection, settings)
            _abandon_stale_build(connection)
            pending = _pending_reports(connection)
            is_known = _has_built_with(connection, digest)
            if pending or not is_known or full_refresh:
                needs_all = not is_known or bool(pending & RELOADING_REPORTS) or _has_erased(connection)
                build = _write_build(
                    connection, digest, needs_all if full_refresh is None else full_refresh, run_id
                )
    finally:
        if build is None:
            lock.release()
    if build is not None:
        lock.hold_for(build.build_id)
    return build


def find_build(build_id: int, settings: Settings) -> Build:
    """The running build of this number, for a process that did not open it.

    Raises:
        BuildNotRunningError: it has ended, or another build has taken its place.
    """
    with connect(Role.BUILDER, settings) as connection:
        row = connection.execute(
            "select build_id, is_full_refresh, project_sha256, state from ops.build where build_id = %s",
            [build_id],
        ).fetchone()
    if row is None or row[3] != "running":
        state = row[3] if row else "unknown"
        raise BuildNotRunningError(f"build {build_id} is {state}: its loads are taken in by a later build")
    return Build(*row[:3])


def close_build(build_id: int, state: str, reason: str | None, settings: Settings) -> None:
    """End a running build as `failed`, `held` or `abandoned`; one that has ended stays as it is."""
    with connect(Role.BUILDER, settings) as connection:
        connection.execute(
            "update ops.build set state = %s, reason = %s, finished_at = clock_timestamp()"
            " where build_id = %s and state = 'running'",
            [state, reason, build_id],
        )
    lock.release()


def incoming_loads(build_id: int, settings: Settings) -> dict[int, str]:
    """The loads that come in with a build, those tried without among them: id to report, oldest first."""
    with connect(Role.BUILDER, settings) as connection:
        rows = connection.execute(
            "select bl.load_id, l.report from ops.build_load as bl"
            " inner join ops.load as l on l.load_id = bl.load_id"
            " where bl.build_id = %s"
            " and (bl.load_state = 'loaded' or bl.load_state = 'held' and l.state = 'loaded')"
            " order by bl.load_id",
            [build_id],
        )
        return dict(rows.fetchall())


def leave_out(build_id: int, load_ids: Collection[int], settings: Settings) -> None:
    """Let a running build do without these of its loads, and take in all others that are not held."""
    parameters = {"build": build_id, "out": list(load_ids)}
    with connect(Role.BUILDER, settings) as connection:
        connection.execute(
            "update ops.build_load set load_state = 'held'"
            " where build_id = %(build)s and load_state = 'loaded' and load_id = any(%(out)s)",
            parameters,
        )
        connection.execute(
            "update ops.build_load as bl set load_state = 'loaded' from ops.load as l"
            " where bl.build_id = %(build)s and bl.load_state = 'held' and bl.load_id <> all(%(out)s)"
            " and l.load_id = bl.load_id and l.state = 'loaded'",
            parameters,
        )


def hold_load(
    build_id: int, load_id: int, reason_code: str, reason: str, details: Mapping[str, Any], settings: Settings
) -> None:
    """Hold a load of a running build: it counts nowhere until a person has decided.

    The version of the file that it replaced counts on, or is held on. What became of the load since the build
    began (it was rejected, or replaced) stands; the build does without it all the same.
    """
    with connect(Role.BUILDER, settings) as connection:
        connection.execute(
            "update ops.build_load set load_state = 'held' where build_id = %s and load_id = %s",
            [build_id, load_id],
        )
        held = connection.execute(
            "update ops.load set state = 'held', reason_code = %s, reason = %s, reason_details = %s"
            " where load_id = %s and state = 'loaded'",
            [reason_code, reason, Jsonb(dict(details)), load_id],
        )
        if held.rowcount:
            connection.execute(
                "with back as ("
                " update ops.load set state = case when reason_code is null then 'loaded' else 'held' end"
                " where superseded_by = %(load)s and state = 'superseded' and report is not null"
                " and reason_code is distinct from 'rejected' returning load_id, state)"
                " insert into ops.build_load (build_id, load_id, load_state)"
                " select %(build)s, load_id, state from back"
                " on conflict (build_id, load_id) do update set load_state = excluded.load_state",
                {"build": build_id, "load": load_id},
            )


def _abandon_stale_build(connection: psycopg.Connection) -> None:
    connection.execute(
        "update ops.build set state = 'abandoned', finished_at = clock_timestamp(),"
        " reason = 'its process ended before the build did; the next build takes its loads'"
        " where state = 'running'"
    )


def _finish_loads(settings: Settings) -> None:
    """Do once what each load left for later: statistics, page ranges, and the originals' key.

    Until then raw is as right as behind it, and only slower to search.
    """
    with connect(Role.BUILDER, settings, autocommit=True) as connection:
        grown = connection.execute(
            "select l.report from ops.pending_load as p inner join ops.load as l on l.load_id = p.load_id"
            " where p.load_state = 'loaded' group by l.report having sum(l.records_loaded) >= %s",
            [ANALYZED_FROM],
        ).fetchall()
        for (report,) in grown:
            connection.execute("select ops.analyze_raw(%s)", [report])
        connection.execute("select ops.merge_originals()")


def _pending_reports(connection: psycopg.Connection) -> set[str]:
    rows = connection.execute(
        "select distinct l.report from ops.pending_load as p"
        " inner join ops.load as l on l.load_id = p.load_id"
    )
    return {report for (report,) in rows.fetchall()}


def _has_erased(connection: psycopg.Connection) -> bool:
    """Whether the marts still show somebody who was erased from raw."""
    rows = connection.execute("select exists (select from ops.unpublished_erasure)")
    return bool(rows.fetchall()[0][0])


def _has_built_with(connection: psycopg.Connection, digest: str) -> bool:
    """Whether the candidate was last built by this very project, from the ground up.

    A later refresh that broke off has left some models built anew and some not.
    """
    rows = connection.execute(
        "select exists (select from ops.build as b"
        " inner join ops.dbt_result as r"
        " on r.build_id = b.build_id and r.node = %(node)s and r.status = 'success'"
        " where b.project_sha256 = %(digest)s and b.is_full_refresh and not exists ("
        "select from ops.build as later where later.build_id > b.build_id and (later.is_full_refresh"
        " or later.project_sha256 <> %(digest)s"
        " and exists (select from ops.dbt_result as lr where lr.build_id = later.build_id))))",
        {"node": INVOCATION_NODE, "digest": digest},
    )
    return bool(rows.fetchall()[0][0])


def _write_build(
    connection: psycopg.Connection, digest: str, full_refresh: bool, run_id: str | None
) -> Build:
    row = connection.execute(
        "insert into ops.build (state, is_full_refresh, project_sha256, run_id)"
        " values ('running', %s, %s, %s) returning build_id",
        [full_refresh, digest, run_id],
    ).fetchall()[0]
    connection.execute(
        "insert into ops.build_load (build_id, load_id, load_state)"
        " select %s, load_id, load_state from ops.pending_load",
        row,
    )
    # a planner that knows nothing of a first batch of files joins their rows one by one
    connection.execute("select ops.analyze_ledger()")
    return Build(row[0], full_refresh, digest)
