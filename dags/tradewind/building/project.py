"""The dbt project as files: when it counts as changed, and which models a build needs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import yaml

from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

# a stores file changes time zones and currencies of rows that are staged already
RELOADING_REPORTS = frozenset({"tradewind_stores"})
NOT_PROJECT = frozenset({"target", "logs", "dbt_packages", "__pycache__"})


def project_sha256(settings: Settings) -> str:
    """Digest of what decides the marts beside the loads: the project's files, the reporting currency."""
    digest = hashlib.sha256(settings.reporting_currency.encode())
    folder = settings.dbt_project_dir
    for file in sorted(folder.rglob("*")):
        relative = file.relative_to(folder)
        if not file.is_file() or NOT_PROJECT.intersection(relative.parts) or file.suffix == ".md":
            continue
        digest.update(str(relative).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def build_sha256(connection: psycopg.Connection, settings: Settings) -> str:
    """Digest of what decides the marts: the project, and the contracts by which its models read cells."""
    rows = connection.execute(
        "select report || ' ' || contract_sha256 from ops.report"
        " where contract ->> 'shape' is not null or report = any(%s) order by 1",
        [reports_with_models(settings)],
    ).fetchall()
    read = "\n".join(line for (line,) in rows)
    return hashlib.sha256(f"{project_sha256(settings)}\n{read}".encode()).hexdigest()


def reports_with_models(settings: Settings) -> list[str]:
    """The reports whose raw tables the project names as sources."""
    files = (settings.dbt_project_dir / "models" / "staging").glob("*/*__sources.yml")
    sources = [source for file in files for source in yaml.safe_load(file.read_text("utf-8"))["sources"]]
    return [table["name"] for source in sources if source["schema"] == "raw" for table in source["tables"]]


def target_dir(settings: Settings) -> Path:
    """Where dbt leaves its artifacts."""
    return settings.state_dir / "dbt" / "target"


def concerned_nodes(
    manifest: dict[str, Any], pending_reports: set[str], pending_shapes: frozenset[str] = frozenset()
) -> list[str]:
    """What an incremental build of loads of these reports runs, by lineage: models, seeds, tests of views.

    A model is concerned when a raw table of a pending report is among its ancestors, when it holds the rows
    of a standard shape that a pending report has, or when it reads the ledger itself. A view stands from the
    build that made it, so its tests are named here; dbt finds those of the models made.
    """
    nodes, parents_of = manifest["nodes"], manifest["parent_map"]

    def is_raw(unique_id: str) -> bool:
        return unique_id.startswith("source.") and manifest["sources"][unique_id]["schema"] == "raw"

    def is_view(unique_id: str) -> bool:
        return unique_id in nodes and nodes[unique_id]["config"]["materialized"] == "view"

    @cache
    def is_concerned(unique_id: str) -> bool:
        if unique_id.startswith("source."):
            return bool(manifest["sources"][unique_id]["name"] in pending_reports)
        if shape := nodes[unique_id]["config"].get("meta", {}).get("shape"):
            return shape in pending_shapes
        parents = parents_of[unique_id]
        if raw := [parent for parent in parents if is_raw(parent)]:
            return any(map(is_concerned, raw))
        if any(parent.startswith("source.") for parent in parents):
            return True
        return any(map(is_concerned, parents))

    def is_run(unique_id: str) -> bool:
        kind = nodes[unique_id]["resource_type"]
        if kind == "test":
            return any(map(is_view, parents_of[unique_id])) and is_concerned(unique_id)
        return kind in ("model", "seed") and not is_view(unique_id) and is_concerned(unique_id)

    return sorted(nodes[unique_id]["name"] for unique_id in nodes if is_run(unique_id))


def named(manifest: dict[str, Any], names: Collection[str]) -> set[str]:
    """The unique ids of nodes of these names."""
    return {unique_id for unique_id, node in manifest["nodes"].items() if node["name"] in names}


def with_tests(manifest: dict[str, Any], names: Collection[str]) -> set[str]:
    """The unique ids of nodes of these names, and of all tests that read one of them."""
    selected = named(manifest, names)
    tests = {unique_id for unique_id, node in manifest["nodes"].items() if node["resource_type"] == "test"}
    return selected | {test for test in tests if not selected.isdisjoint(manifest["parent_map"][test])}


def staging_tables(settings: Settings) -> dict[str, str]:
    """The table of schema staging that holds the rows of a report, by report; of those that models read.

    Raises:
        FileNotFoundError: dbt has not run here yet.
    """
    manifest = read_manifest(settings)
    nodes, sources, parents_of = manifest["nodes"], manifest["sources"], manifest["parent_map"]
    staging = {
        key: node
        for key, node in nodes.items()
        if node["resource_type"] == "model" and node["schema"] == "staging"
    }
    by_report = {
        sources[parent]["name"]: node["name"]
        for key, node in staging.items()
        for parent in parents_of[key]
        if parent in sources and sources[parent]["schema"] == "raw"
    }
    by_shape = {
        node["config"]["meta"]["shape"]: node["name"]
        for node in staging.values()
        if "shape" in node["config"].get("meta", {})
    }
    with connect(Role.BUILDER, settings) as connection:
        rows = connection.execute("select report, contract ->> 'shape' from ops.report").fetchall()
    of_shapes = {report: by_shape[shape] for report, shape in rows if shape in by_shape}
    return {**by_report, **of_shapes}


def nodes_up_to(manifest: dict[str, Any], names: Collection[str]) -> set[str]:
    """The names of nodes and of all models and seeds that they read, through whatever others."""
    nodes = manifest["nodes"]
    return {nodes[unique_id]["name"] for unique_id in _with_ancestors(manifest, names) if unique_id in nodes}


def sources_of(manifest: dict[str, Any], name: str) -> tuple[set[str], set[str]]:
    """The raw tables whose rows a node holds, and the standard shapes; else all that it reads, at any remove.

    A staging model reads the stores beside the rows of its own report.
    """
    nodes, sources = manifest["nodes"], manifest["sources"]

    def among(unique_ids: Iterable[str]) -> tuple[set[str], set[str]]:
        raw = {
            sources[key]["name"] for key in unique_ids if key in sources and sources[key]["schema"] == "raw"
        }
        metas = [nodes[key]["config"].get("meta", {}) for key in unique_ids if key in nodes]
        return raw, {meta["shape"] for meta in metas if "shape" in meta}

    own = [key for key, node in nodes.items() if node["name"] == name]
    direct = among([*own, *(parent for key in own for parent in manifest["parent_map"].get(key, []))])
    is_staging = any(key.startswith("model.") and nodes[key]["schema"] == "staging" for key in own)
    return direct if is_staging else among(_with_ancestors(manifest, [name]))


def _with_ancestors(manifest: dict[str, Any], names: Collection[str]) -> set[str]:
    waiting = [unique_id for unique_id, node in manifest["nodes"].items() if node["name"] in names]
    found: set[str] = set()
    while waiting:
        unique_id = waiting.pop()
        if unique_id not in found:
            found.add(unique_id)
            waiting += manifest["parent_map"].get(unique_id, [])
    return found


def read_manifest(settings: Settings) -> dict[str, Any]:
    """dbt's manifest of the last run.

    Raises:
        FileNotFoundError: dbt has not run here yet.
    """
    return json.loads((target_dir(settings) / "manifest.json").read_text())
