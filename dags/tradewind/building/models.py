"""Runs the models and tests of a build, and keeps what each of them did in ops.dbt_result.

dbt itself runs full refreshes; an increment runs the SQL that dbt compiled for it once (`plan.py`).
"""

from __future__ import annotations

from collections.abc import Collection

import psycopg

from tradewind.building import lock
from tradewind.building.builds import Build, BuildInProgressError
from tradewind.building.increment import run_plan
from tradewind.building.invocation import invoke, is_parsed, parse_ahead
from tradewind.building.plan import find_plan
from tradewind.building.project import (
    build_sha256,
    concerned_nodes,
    named,
    nodes_up_to,
    read_manifest,
    with_tests,
)
from tradewind.building.results import (
    BuildFailedError,
    NodeResult,
    explain,
    failed_nodes,
    results_of_dbt,
    store_results,
)
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

BUILD = ("build", "--exclude-resource-type", "unit_test")


def run_models(build: Build, settings: Settings) -> None:
    """Run every model and test the build concerns, and write their results to ops.dbt_result.

    Of an increment that fails, or whose process ends, nothing stands.

    Raises:
        BuildFailedError: a node failed; the message names it and says what to do.
        BuildInProgressError: another process builds now.
    """
    _hold_lock(build, settings)
    with connect(Role.BUILDER, settings) as connection:
        if build_sha256(connection, settings) != build.project_sha256:
            raise BuildFailedError(
                "the dbt project or a mapped contract changed after the build began: begin a new one"
            )
    if build.is_full_refresh:
        outcome = invoke([*BUILD, "--full-refresh"], settings)
        results, is_success, exception = results_of_dbt(outcome), outcome.success, outcome.exception
        with connect(Role.BUILDER, settings) as connection:
            store_results(connection, build, results, is_success=is_success)
    else:
        exception = None
        with connect(Role.BUILDER, settings) as connection:
            results = _increment(build, connection, settings)
            is_success = not any(result.has_failed for result in results)
            if not is_success:
                connection.rollback()
            store_results(connection, build, results, is_success=is_success)
    if not is_success:
        raise BuildFailedError(explain(results, exception), failed_nodes(results, settings))


def failing_nodes(build: Build, names: Collection[str], settings: Settings) -> set[str]:
    """Which of some nodes fail when they are run once more, behind all that they read; nothing is stored.

    Raises:
        BuildInProgressError: another process builds now.
    """
    _hold_lock(build, settings)
    if build.is_full_refresh:
        if not is_parsed(settings):
            # several runs will follow one another
            parse_ahead(settings)
        selected = nodes_up_to(read_manifest(settings), names)
        selection = ["--no-write-json", "--indirect-selection", "empty", "--select", *sorted(selected)]
        results = results_of_dbt(invoke([*BUILD, "--full-refresh", *selection], settings))
    else:
        with connect(Role.BUILDER, settings) as connection:
            results = _increment(build, connection, settings, only=names)
            connection.rollback()
    return set(names) - {result.name for result in results if result.has_passed}


def prepare_increments(settings: Settings) -> None:
    """Record the plan of increments where there is none yet, which else the next of them would wait for.

    Raises:
        BuildFailedError: dbt cannot compile a model or a test; the message names it.
    """
    with connect(Role.BUILDER, settings) as connection:
        find_plan(connection, settings)


def _hold_lock(build: Build, settings: Settings) -> None:
    if not lock.is_held_for(build.build_id):
        lock.release_finished(settings)
        if not lock.acquire(settings):
            raise BuildInProgressError("another process builds now: wait until it has ended, then try again")
        lock.hold_for(build.build_id)


def _increment(
    build: Build, connection: psycopg.Connection, settings: Settings, *, only: Collection[str] | None = None
) -> list[NodeResult]:
    """Run what the build's loads concern, or `only` some nodes behind what they read, in one transaction."""
    plan = find_plan(connection, settings)
    rows = connection.execute(
        "select distinct l.report, r.contract ->> 'shape' from ops.build_load as b"
        " inner join ops.load as l on l.load_id = b.load_id"
        " left join ops.report as r on r.report = l.report"
        " where b.build_id = %s",
        [build.build_id],
    ).fetchall()
    reports = {report for report, _ in rows}
    shapes = frozenset(shape for _, shape in rows if shape)
    selected = concerned_nodes(plan.lineage, reports, shapes)
    if only is None:
        selected_ids = with_tests(plan.lineage, selected)
    else:
        selected_ids = named(plan.lineage, {*only, *selected} & nodes_up_to(plan.lineage, only))
    pending = reports | {f"stg_shapes__{shape}" for shape in shapes}
    return run_plan(plan, selected_ids, pending, connection)
