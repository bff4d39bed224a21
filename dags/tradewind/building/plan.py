"""The plan of an increment: the SQL of every model and test, as dbt compiled it once for this project.

dbt's own handling of a node takes longer than most nodes; so it compiles them all in one recording
(`dbt_project/macros/incremental/recording.sql`), and increments run what was recorded.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from graphlib import TopologicalSorter
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg

from tradewind.building.invocation import invoke, is_parsed, parse_ahead
from tradewind.building.project import project_sha256, read_manifest
from tradewind.building.results import BuildFailedError, explain, failed_nodes, results_of_dbt
from tradewind.settings import Settings

# seeds stand from the last full refresh
RECORDING = (
    "build", "--no-write-json", "--vars", "is_recording: true",
    "--exclude-resource-type", "unit_test", "--exclude-resource-type", "seed",
)  # fmt: skip
PART = re.compile(r"/\*@of (\w+)@\*/(.*?)/\*@end@\*/", re.DOTALL)
ASIDE = re.compile(r"/\*@(first|last) (.*?)@\*/", re.DOTALL)


@dataclass(frozen=True)
class Node:
    """A model or test, and its SQL: `rows` makes the rows of a model, or counts those that break a test."""

    unique_id: str
    name: str
    kind: str
    path: str
    parents: Sequence[str]
    rows: str
    before: str = ""
    after: str = ""
    # what is run where many rows are new
    statistics: str = ""
    # of a test that rows break: error, or warn
    severity: str = "error"

    def script(self, pending: Collection[str]) -> tuple[str, str, str]:
        """`before`, `rows` and `after` where these reports, and models of shapes, are pending."""
        rows = PART.sub(lambda part: part[2] if part[1] in pending else "", self.rows)
        # of a table that is read twice one copy is made
        aside = dict.fromkeys(ASIDE.findall(rows))
        first = "".join(statement for when, statement in aside if when == "first")
        last = "".join(statement for when, statement in aside if when == "last")
        return self.before + first, ASIDE.sub("", rows), last + self.after


@dataclass(frozen=True)
class Plan:
    """The nodes in the order in which they are run, what of dbt's manifest tells which are, and their key."""

    key: str
    lineage: dict[str, Any]
    nodes: tuple[Node, ...]


def find_plan(connection: psycopg.Connection, settings: Settings) -> Plan:
    """The plan for the project, the contracts and the database as they are now; recorded where there is none.

    Raises:
        BuildFailedError: dbt cannot compile a model or a test; the message names it.
    """
    key = _plan_key(connection, settings)
    file = plan_file(settings)
    if file.exists():
        stored = json.loads(file.read_text("utf-8"))
        if stored["key"] == key:
            return Plan(key, stored["lineage"], tuple(Node(**node) for node in stored["nodes"]))
    plan = _record(key, settings)
    # whoever reads it finds the whole of it
    written = file.with_suffix(f".{os.getpid()}")
    written.write_text(json.dumps(asdict(plan)), "utf-8")
    written.replace(file)
    return plan


def plan_file(settings: Settings) -> Path:
    """Where the plan is kept."""
    return settings.state_dir / "dbt" / "plan.json"


def _plan_key(connection: psycopg.Connection, settings: Settings) -> str:
    """Digest of all that a recording reads."""
    rows = connection.execute(
        "select current_database()::text union all"
        " (select report || ' ' || contract_sha256 from ops.report order by 1) union all"
        " (select shape || ' ' || definition::text from ops.shape order by 1)"
    ).fetchall()
    versions = [version("dbt-core"), version("dbt-postgres")]
    read = "\n".join([project_sha256(settings), *versions, *(text for (text,) in rows)])
    return hashlib.sha256(read.encode()).hexdigest()


def _record(key: str, settings: Settings) -> Plan:
    if not is_parsed(settings):
        parse_ahead(settings)
    outcome = invoke([*RECORDING], settings)
    results = results_of_dbt(outcome)
    if not outcome.success:
        raise BuildFailedError(explain(results, outcome.exception), failed_nodes(results, settings))
    lineage = _lineage(read_manifest(settings))
    # a view stands from the build that made it; dbt's results have the exposures too
    recorded = {
        result.node.unique_id: result
        for result in outcome.result.results
        if result.node.unique_id in lineage["nodes"] and not _is_view(result.node.unique_id, lineage)
    }
    parents_of = _without_views(lineage)
    nodes = (
        _node(recorded[unique_id], parents_of[unique_id]) for unique_id in _in_order(parents_of, recorded)
    )
    return Plan(key, lineage, tuple(nodes))


def _node(result: Any, parents: list[str]) -> Node:
    node = result.node
    return Node(
        node.unique_id, node.name, str(node.resource_type), node.original_file_path, parents,
        **json.loads(result.adapter_response["_message"]),
        severity=node.config.severity.lower() if node.resource_type == "test" else "error",
    )  # fmt: skip


def _lineage(manifest: dict[str, Any]) -> dict[str, Any]:
    """What `concerned_nodes` and its like read of a manifest."""
    return {
        "nodes": {
            unique_id: {
                **{name: node[name] for name in ("name", "resource_type", "schema")},
                "config": {
                    "materialized": node["config"]["materialized"],
                    "meta": node["config"].get("meta", {}),
                },
            }
            for unique_id, node in manifest["nodes"].items()
        },
        "sources": {
            unique_id: {"name": source["name"], "schema": source["schema"]}
            for unique_id, source in manifest["sources"].items()
        },
        "parent_map": {
            unique_id: parents
            for unique_id, parents in manifest["parent_map"].items()
            if unique_id in manifest["nodes"]
        },
    }


def _without_views(manifest: dict[str, Any]) -> dict[str, list[str]]:
    """What each node reads; what a view reads in place of the view."""

    def read_by(unique_id: str) -> Iterator[str]:
        for parent in manifest["parent_map"][unique_id]:
            yield from read_by(parent) if _is_view(parent, manifest) else [parent]

    return {unique_id: sorted(set(read_by(unique_id))) for unique_id in manifest["nodes"]}


def _is_view(unique_id: str, manifest: dict[str, Any]) -> bool:
    node = manifest["nodes"].get(unique_id)
    return node is not None and node["config"]["materialized"] == "view"


def _in_order(parents_of: dict[str, list[str]], recorded: Collection[str]) -> list[str]:
    """Models behind what they read, and each test at once behind the last model that it reads."""
    models = [name for name in recorded if not name.startswith("test.")]
    tests = [name for name in recorded if name.startswith("test.")]
    sorter = TopologicalSorter({name: parents_of[name] for name in sorted(models)})
    place = {name: number for number, name in enumerate(sorter.static_order())}

    def place_of_test(name: str) -> int:
        return max((place[parent] for parent in parents_of[name] if parent in place), default=-1)

    placed = [(place[name], 0, name) for name in models] + [(place_of_test(name), 1, name) for name in tests]
    return [name for _, _, name in sorted(placed)]
