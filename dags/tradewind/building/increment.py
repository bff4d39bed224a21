"""Runs an increment's scripts: all of them in one transaction, or none."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import replace
from typing import Any

import psycopg

from tradewind.building.builds import ANALYZED_FROM
from tradewind.building.plan import Node, Plan
from tradewind.building.results import NodeResult


def run_plan(
    plan: Plan, selected: Collection[str], pending: Collection[str], connection: psycopg.Connection
) -> list[NodeResult]:
    """Run the selected nodes (unique ids) in their order, in the connection's transaction.

    `pending` are the reports of which the build has loads, and the models of their shapes. What fails is
    taken back by itself, and what reads it is skipped: so one try finds all that fails. The caller commits,
    or rolls back.
    """
    results = []
    # what was not made, and what a test found wrong: the latter is tested on, and not built upon
    missing: set[str] = set()
    doubted: set[str] = set()
    for node in plan.nodes:
        if node.unique_id not in selected:
            continue
        is_test = node.kind == "test"
        if missing.isdisjoint(node.parents) and (is_test or doubted.isdisjoint(node.parents)):
            result = _run(node, pending, connection)
        else:
            result = _result(node, "skipped")
        results.append(result)
        if not result.has_passed:
            missing.add(node.unique_id)
            doubted.update(node.parents if is_test else ())
    return results


def _run(node: Node, pending: Collection[str], connection: psycopg.Connection) -> NodeResult:
    began = time.perf_counter()
    try:
        with connection.transaction(), connection.cursor() as cursor:
            result = _test(node, cursor) if node.kind == "test" else _make(node, pending, cursor)
    except psycopg.Error as error:
        if connection.closed:
            raise
        message = error.diag.message_primary or str(error)
        result = _result(
            node, "error", message=f"Database Error in {node.kind} {node.name} ({node.path}) {message}"
        )
    return replace(result, seconds=time.perf_counter() - began)


def _make(node: Node, pending: Collection[str], cursor: psycopg.Cursor) -> NodeResult:
    before, making, after = node.script(pending)
    _execute(cursor, before)
    _execute(cursor, making)
    rows = cursor.rowcount
    _execute(cursor, after)
    if rows >= ANALYZED_FROM:
        _execute(cursor, node.statistics)
    return _result(node, "success", rows=rows)


def _test(node: Node, cursor: psycopg.Cursor) -> NodeResult:
    _execute(cursor, node.rows)
    failures, should_warn, should_error = cursor.fetchall()[0]
    status = "fail" if should_error and node.severity == "error" else "warn" if should_warn else "pass"
    return _result(node, status, failures=int(failures))


def _execute(cursor: psycopg.Cursor, script: str) -> None:
    if script.strip():
        # without parameters: several statements at once, and a percent sign is one
        cursor.execute(script.encode())


def _result(node: Node, status: str, **done: Any) -> NodeResult:
    return NodeResult(node.unique_id, node.name, node.kind, node.path, status, **done)
