"""What each node of a build did: kept in ops.dbt_result, and told without a value of a row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from tradewind.building.builds import INVOCATION_NODE, Build
from tradewind.building.project import read_manifest, sources_of
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

FAILED = ("error", "fail", "runtime error")
PASSED = ("success", "pass", "warn")


@dataclass(frozen=True)
class NodeResult:
    """What a model, seed or test did: its status as dbt has them, seconds, and rows where it made some."""

    unique_id: str
    name: str
    kind: str
    path: str
    status: str
    seconds: float = 0.0
    rows: int | None = None
    failures: int | None = None
    message: str | None = None

    @property
    def has_failed(self) -> bool:
        """Whether it failed by itself."""
        return self.status in FAILED

    @property
    def has_passed(self) -> bool:
        """Whether it ran and did not fail."""
        return self.status in PASSED


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


def results_of_dbt(outcome: Any) -> list[NodeResult]:
    """The results of a run of dbt (a `dbtRunnerResult`)."""
    return [
        NodeResult(
            result.node.unique_id,
            result.node.name,
            str(result.node.resource_type),
            result.node.original_file_path,
            str(result.status),
            result.execution_time,
            _rows_affected(result),
            result.failures,
            result.message,
        )
        for result in getattr(outcome.result, "results", None) or []
    ]


def store_results(
    connection: psycopg.Connection, build: Build, results: Sequence[NodeResult], *, is_success: bool
) -> None:
    """Write the results of a build to ops.dbt_result, in place of those of its last try."""
    rows: list[tuple[Any, ...]] = [
        (
            build.build_id, result.unique_id, result.kind, result.status, str(result.seconds), result.rows,
            result.failures, without_values(result.message),
        )
        for result in results
    ]  # fmt: skip
    seconds = str(sum(result.seconds for result in results))
    status = "success" if is_success else "error"
    rows.append((build.build_id, INVOCATION_NODE, "invocation", status, seconds, None, None, None))
    with connection.cursor() as cursor:
        cursor.execute("delete from ops.dbt_result where build_id = %s", [build.build_id])
        cursor.executemany(
            "insert into ops.dbt_result (build_id, node, resource_type, status, execution_seconds,"
            " rows_affected, failures, message) values (%s, %s, %s, %s, %s, %s, %s, %s)",
            rows,
        )


def failed_nodes(results: Iterable[NodeResult], settings: Settings) -> tuple[FailedNode, ...]:
    """Those that failed by themselves, with the reports that they read."""
    failed = [result for result in results if result.has_failed]
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
        tables, shapes = sources_of(manifest, result.name)
        reports = {report for report, shape in shape_of.items() if report in tables or shape in shapes}
        nodes.append(FailedNode(result.name, result.kind, _explain_one(result), frozenset(reports)))
    return tuple(nodes)


def explain(results: Iterable[NodeResult], exception: BaseException | None = None) -> str:
    """What failed first, and what to do."""
    for result in results:
        if result.has_failed:
            return _explain_one(result)
    return f"dbt did not run: {exception or 'nothing says why'}"


def without_values(message: str | None) -> str | None:
    """A message less what PostgreSQL may have quoted from the rows: DETAIL, CONTEXT and literals."""
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


def _explain_one(result: NodeResult) -> str:
    if result.kind == "test":
        return (
            f"{result.failures} rows break dbt test {result.name}: find them with `make psql` and the "
            "test's SQL (dbt_project/tests, or the model's YAML), mend their file and load it again"
        )
    return (
        f"dbt {result.kind} {result.name} failed: {without_values(result.message)}. "
        f"Mend {result.path} or the file it reads, then build again"
    )


def _rows_affected(result: Any) -> int | None:
    affected = (result.adapter_response or {}).get("rows_affected")
    return affected if isinstance(affected, int) and affected >= 0 else None
