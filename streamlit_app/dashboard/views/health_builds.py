"""Data health, the builds: checks with their why, publications and holds, model times."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.components.blocks import WIDE, Layout, show_table
from insight.context import Context
from insight.formatting import plain
from insight.queries import health
from insight.queries.health import Check, ModelTime
from insight.text import load_checks

PUBLICATIONS = 50
FAILED_IN_WORDS = 10
# the whole run, which is the sum of the others, and what dbt only takes note of
NOTHING_OF_ITS_OWN = ("invocation", "exposure")
FAILED = ("error", "fail", "runtime error", "warn")


def show_checks(context: Context) -> None:
    """Every check of the latest build, failures first, each with the reason it is there."""
    text, formats = context.text, context.format
    checks = health.read_checks(context.snapshot)
    if not checks:
        st.info(text("health.no_checks"))
        return
    failed = [check for check in checks if not check.success]
    st.markdown(
        text(
            "health.checks_sentence" if failed else "health.checks_all_passed",
            passed=len(checks) - len(failed),
            all=len(checks),
            failed=len(failed),
            when=formats.time(checks[0].checked_at),
        )
    )
    for check in failed[:FAILED_IN_WORDS]:
        found = f"{_table(check)}: {_observed(context, check)}"
        st.markdown(f"- {_result(context, check)} · {plain(found)} · {plain(_why(context, check))}")
    columns: dict[str, list[Any]] = {
        text("health.result"): [_result(context, check) for check in checks],
        text("health.observed"): [_observed(context, check) for check in checks],
        text("health.why"): [_why(context, check) for check in checks],
        text("health.table"): [_table(check) for check in checks],
        text("health.check"): [check.expectation for check in checks],
        text("evidence.column"): [check.column_name or "–" for check in checks],
        text("health.gate"): [text(f"health.gate_{check.gate}") for check in checks],
    }
    show_table(columns, "checks", text("health.checks"), Layout(WIDE))


def _result(context: Context, check: Check) -> str:
    if check.success:
        return f"● {context.text('health.passed')}"
    mark = "▼" if check.severity == "error" else "◆"
    return f"{mark} {context.text(f'health.failed_{check.severity}')}"


def _table(check: Check) -> str:
    return str(check.observed.get("table", "–"))


def _why(context: Context, check: Check) -> str:
    """The reason for the check, as its suite states it in English, or in our words in another language."""
    words = load_checks(context.text.language).get(f"{check.suite}.{check.expectation}")
    return words or check.why


def _observed(context: Context, check: Check) -> str:
    """How many rows were found wanting, of how many."""
    text, formats = context.text, context.format
    counts = {
        name: formats.count(check.observed[name]) for name in ("broken", "rows") if name in check.observed
    }
    return text(f"health.found_{'_of_'.join(counts)}", **counts) if counts else "–"


def show_publications(context: Context) -> None:
    """What was published or held, and why."""
    text, formats = context.text, context.format
    rows = health.read_publications(context.snapshot, PUBLICATIONS)
    if not rows:
        st.info(text("health.no_publications"))
        return
    held = sum(1 for row in rows if row.state == "held")
    st.markdown(text("health.publications_sentence", all=len(rows), held=held))
    columns: dict[str, list[Any]] = {
        text("health.publication"): [row.publication_id for row in rows],
        text("health.result"): [
            f"{'●' if row.state == 'published' else '▼'} {text(f'health.{row.state}_state')}" for row in rows
        ],
        text("health.when"): [formats.time(row.decided_at) for row in rows],
        text("health.new_files"): [row.files for row in rows],
        text("health.rows_inserted"): [row.rows_inserted for row in rows],
        text("health.rows_deleted"): [row.rows_deleted for row in rows],
        text("health.seconds"): [
            None if row.build_seconds is None else float(row.build_seconds) for row in rows
        ],
    }
    if held:
        columns[text("health.reason")] = [
            text.lookup("hold_reasons", row.reason_code, row.reason) if row.state == "held" else ""
            for row in rows
        ]
        columns[text("health.details")] = [row.reason or "" for row in rows]
    show_table(columns, "publications", text("health.publications"), Layout(gives_way=text("health.details")))


def show_models(context: Context) -> None:
    """What the latest build spent its time on."""
    text = context.text
    times = health.read_model_times(context.snapshot)
    rows = [row for row in times if row.resource_type not in NOTHING_OF_ITS_OWN]
    if not rows:
        st.info(text("health.no_models"))
        return
    st.markdown(
        text(
            "health.models_sentence",
            count=len(rows),
            seconds=context.format.number(health.seconds_of(rows)),
            slowest=f"`{_name_of(rows[0])}`",
            slowest_seconds=context.format.number(rows[0].execution_seconds),
        )
    )
    columns: dict[str, list[Any]] = {
        text("health.model"): [_name_of(row) for row in rows],
        text("health.kind"): [text.lookup("node_kinds", row.resource_type) for row in rows],
        text("health.result"): [text.lookup("node_states", row.status) for row in rows],
        text("health.seconds"): [float(row.execution_seconds) for row in rows],
        # a test answers with one row, which says nothing
        text("health.rows"): [None if row.resource_type == "test" else row.rows_affected for row in rows],
    }
    if any(row.status in FAILED for row in rows):
        columns[text("health.details")] = [
            (row.message or "") if row.status in FAILED else "" for row in rows
        ]
    show_table(columns, "models", text("health.models"))


def _name_of(row: ModelTime) -> str:
    """The node's own name, of `model.tradewind.name` or `test.tradewind.name.digest`."""
    return row.node.split(".")[2] if row.node.count(".") > 1 else row.node
