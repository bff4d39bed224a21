"""Runs dbt in this process and keeps what each node did in ops.dbt_result."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tradewind.building import lock
from tradewind.building.builds import INVOCATION_NODE, Build, BuildInProgressError
from tradewind.building.project import (
    build_sha256,
    concerned_nodes,
    nodes_up_to,
    project_sha256,
    read_manifest,
    sources_of,
    target_dir,
)
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect, connection_parameters

FAILED = ("error", "fail", "runtime error")
PASSED = ("success", "pass", "warn")
BUILD = ("build", "--exclude-resource-type", "unit_test")


@dataclass(frozen=True)
class FailedNode:
    """A model, seed or test that failed by itself: dbt's name, what it is, and the loads it may be by.

    `reports` are the reports whose rows it reads, through whatever models.
    """

    name: str
    kind: str
    message: str
    reports: frozenset[str]


class BuildFailedError(RuntimeError):
    """Models, seeds or tests of the build failed, which `nodes` names; nothing was published."""

    def __init__(self, message: str, nodes: tuple[FailedNode, ...] = ()) -> None:
        super().__init__(message)
        self.nodes = nodes


def run_models(build: Build, settings: Settings) -> None:
    """Run every model and test the build concerns, and write their results to ops.dbt_result.

    Raises:
        BuildFailedError: a node failed; the message names it and says what to do.
        BuildInProgressError: another process builds now.
    """
    _hold_lock(build, settings)
    with connect(Role.BUILDER, settings) as connection:
        is_changed = build_sha256(connection, settings) != build.project_sha256
    if is_changed:
        raise BuildFailedError(
            "the dbt project or a mapped contract changed after the build began: begin a new one"
        )
    arguments = [*BUILD]
    if build.is_full_refresh:
        arguments.append("--full-refresh")
    elif concerned := _concerned(build, settings):
        # the manifest stands since the full refresh, the results come back as objects
        arguments += ["--no-write-json", "--indirect-selection", "eager", "--select", *concerned]
    outcome = invoke(arguments, settings)
    results = list(getattr(outcome.result, "results", None) or [])
    _store_results(build, results, outcome.success, settings)
    if not outcome.success:
        raise BuildFailedError(_explain(results, outcome.exception), _failed_nodes(results, settings))


def failing_nodes(build: Build, names: Collection[str], settings: Settings) -> set[str]:
    """Which of some nodes fail when they are run once more, behind all that they read; nothing is stored.

    Raises:
        BuildInProgressError: another process builds now.
    """
    _hold_lock(build, settings)
    if _Parsed.digest != project_sha256(settings):
        # several runs will follow one another
        parse_ahead(settings)
    selected = nodes_up_to(read_manifest(settings), names)
    if build.is_full_refresh:
        arguments = ["--full-refresh"]
    else:
        arguments, selected = [], selected & {*names, *_concerned(build, settings)}
    selection = ["--no-write-json", "--indirect-selection", "empty", "--select", *sorted(selected)]
    outcome = invoke([*BUILD, *arguments, *selection], settings)
    results = list(getattr(outcome.result, "results", None) or [])
    passed = {result.node.name for result in results if str(result.status) in PASSED}
    return set(names) - passed


def _hold_lock(build: Build, settings: Settings) -> None:
    if not lock.is_held_for(build.build_id):
        lock.release_finished(settings)
        if not lock.acquire(settings):
            raise BuildInProgressError("another process builds now: wait until it has ended, then try again")
        lock.hold_for(build.build_id)


class _Parsed:
    """The project as it was parsed ahead of the builds, for this process and its forks."""

    digest: str | None = None
    manifest: Any = None


def parse_ahead(settings: Settings) -> None:
    """Parse the project now and keep it: builds of this process and its forks start seconds earlier.

    A project that has changed since is parsed anew by each build.

    Raises:
        BuildFailedError: dbt cannot parse it.
    """
    digest = project_sha256(settings)
    outcome = invoke(["parse"], settings)
    if not outcome.success:
        raise BuildFailedError(_explain([], outcome.exception))
    _Parsed.digest, _Parsed.manifest = digest, outcome.result
    _compile_macros(outcome.result)


def _compile_macros(manifest: Any) -> None:
    """Fill dbt's cache of compiled macros, which else each fork would fill again within its build."""
    from dbt_common.clients.jinja import template_cache

    for macro in manifest.macros.values():
        template_cache.get_node_template(macro)


def invoke(arguments: list[str], settings: Settings) -> Any:
    """Run one dbt command in this process (a `dbtRunnerResult`); its files go to the state folder."""
    from dbt.cli.main import dbtRunner  # takes seconds to import

    project = str(settings.dbt_project_dir)
    folders = [
        "--project-dir", project,
        "--profiles-dir", project,
        "--target-path", str(target_dir(settings)),
        "--log-path", str(settings.state_dir / "dbt" / "logs"),
    ]  # fmt: skip
    # what PostgreSQL says of a row that it does not take quotes the row: it goes to no log
    quiet = ["--quiet", "--log-level", "none", "--log-level-file", "none"]
    parsed = _Parsed.manifest if _Parsed.digest == project_sha256(settings) else None
    with _dbt_environment(settings):
        return dbtRunner(manifest=parsed).invoke([*quiet, *arguments, *folders])


@contextmanager
def _dbt_environment(settings: Settings) -> Iterator[None]:
    """The connection's variables for dbt's profile: in the environment while it runs, in no file."""
    parameters = connection_parameters(Role.BUILDER, settings)
    variables = {
        f"TRADEWIND_DBT_{name.upper()}": parameters[name]
        for name in ("host", "port", "user", "password", "dbname")
    }
    variables["TRADEWIND_REPORTING_CURRENCY"] = settings.reporting_currency
    variables["DO_NOT_TRACK"] = "1"
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _concerned(build: Build, settings: Settings) -> list[str]:
    with connect(Role.BUILDER, settings) as connection:
        rows = connection.execute(
            "select distinct l.report, r.contract ->> 'shape' from ops.build_load as b"
            " inner join ops.load as l on l.load_id = b.load_id"
            " left join ops.report as r on r.report = l.report"
            " where b.build_id = %s",
            [build.build_id],
        ).fetchall()
    try:
        return concerned_nodes(
            read_manifest(settings),
            {report for report, _ in rows},
            frozenset(shape for _, shape in rows if shape),
        )
    except FileNotFoundError:
        return []


def _store_results(build: Build, results: list[Any], is_success: bool, settings: Settings) -> None:
    rows = [
        (
            build.build_id,
            result.node.unique_id,
            str(result.node.resource_type),
            str(result.status),
            str(result.execution_time),
            _rows_affected(result),
            result.failures,
            _without_values(result.message),
        )
        for result in results
    ]
    seconds = str(sum(result.execution_time for result in results))
    status = "success" if is_success else "error"
    rows.append((build.build_id, INVOCATION_NODE, "invocation", status, seconds, None, None, None))
    with connect(Role.BUILDER, settings) as connection, connection.cursor() as cursor:
        cursor.execute("delete from ops.dbt_result where build_id = %s", [build.build_id])
        cursor.executemany(
            "insert into ops.dbt_result (build_id, node, resource_type, status, execution_seconds,"
            " rows_affected, failures, message) values (%s, %s, %s, %s, %s, %s, %s, %s)",
            rows,
        )


def _rows_affected(result: Any) -> int | None:
    affected = (result.adapter_response or {}).get("rows_affected")
    return affected if isinstance(affected, int) and affected >= 0 else None


def _without_values(message: str | None) -> str | None:
    """dbt's message less what PostgreSQL may have quoted from the rows: DETAIL, CONTEXT and literals."""
    if message is None:
        return None
    kept = [
        line for line in message.splitlines() if not re.match(r"\s*(DETAIL|CONTEXT|HINT|LINE \d+):", line)
    ]
    text = " ".join(" ".join(kept).split())
    text = re.sub(
        r'(invalid (?:input|byte)[^:]*|out of range[^:]*|syntax for type [^:]*): "[^"]*"', r'\1: "…"', text
    )
    return re.sub(r"'[^']*'", "'…'", text)[:1000]


def _failed_nodes(results: list[Any], settings: Settings) -> tuple[FailedNode, ...]:
    failed = [result for result in results if str(result.status) in FAILED]
    try:
        manifest = read_manifest(settings)
    except FileNotFoundError:
        return ()
    with connect(Role.BUILDER, settings) as connection:
        shape_of: dict[str, str | None] = dict(
            connection.execute("select report, contract ->> 'shape' from ops.report").fetchall()
        )
    nodes = []
    for result in failed:
        tables, shapes = sources_of(manifest, result.node.name)
        nodes.append(
            FailedNode(
                result.node.name,
                str(result.node.resource_type),
                _explain_one(result),
                frozenset(
                    report for report, shape in shape_of.items() if report in tables or shape in shapes
                ),
            )
        )
    return tuple(nodes)


def _explain(results: list[Any], exception: BaseException | None) -> str:
    for result in results:
        if str(result.status) in FAILED:
            return _explain_one(result)
    return f"dbt did not run: {exception or 'nothing says why'}"


def _explain_one(result: Any) -> str:
    name = result.node.name
    if str(result.node.resource_type) == "test":
        return (
            f"{result.failures} rows break dbt test {name}: find them with `make psql` and the "
            "test's SQL (dbt_project/tests, or the model's YAML), mend their file and load it again"
        )
    return (
        f"dbt {result.node.resource_type} {name} failed: {_without_values(result.message)}. "
        f"Mend {result.node.original_file_path} or the file it reads, then build again"
    )
