"""Data health, the builds: checks with their why, publications and holds, model times."""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from dashboard.components.blocks import show_table
from dashboard.components.page import Context
from dashboard.queries import health
from dashboard.queries.health import Check

PUBLICATIONS = 50


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
    columns: dict[str, list[Any]] = {
        text("health.result"): [_result(context, check) for check in checks],
        text("health.gate"): [text(f"health.gate_{check.gate}") for check in checks],
        text("health.suite"): [check.suite for check in checks],
        text("health.check"): [check.expectation for check in checks],
        text("evidence.column"): [check.column_name or "–" for check in checks],
        text("health.why"): [check.why for check in checks],
        text("health.observed"): [json.dumps(check.observed, ensure_ascii=False) for check in checks],
    }
    show_table(columns, "checks", text("health.checks"))


def _result(context: Context, check: Check) -> str:
    if check.success:
        return f"● {context.text('health.passed')}"
    mark = "▼" if check.severity == "error" else "◆"
    return f"{mark} {context.text(f'health.failed_{check.severity}')}"


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
        text("health.reason"): [
            text.lookup("hold_reasons", row.reason_code, row.reason or "") if row.state == "held" else ""
            for row in rows
        ],
        text("health.details"): [row.reason or "" for row in rows],
        text("health.new_files"): [row.files for row in rows],
        text("health.rows_inserted"): [row.rows_inserted for row in rows],
        text("health.rows_deleted"): [row.rows_deleted for row in rows],
        text("health.seconds"): [
            None if row.build_seconds is None else float(row.build_seconds) for row in rows
        ],
    }
    show_table(columns, "publications", text("health.publications"))


def show_models(context: Context) -> None:
    """What the latest build spent its time on."""
    text = context.text
    rows = health.read_model_times(context.snapshot)
    if not rows:
        st.info(text("health.no_models"))
        return
    seconds = sum(row.execution_seconds for row in rows)
    st.markdown(
        text(
            "health.models_sentence",
            count=len(rows),
            seconds=context.format.number(seconds),
            slowest=f"`{rows[0].node}`",
            slowest_seconds=context.format.number(rows[0].execution_seconds),
        )
    )
    columns: dict[str, list[Any]] = {
        text("health.model"): [row.node for row in rows],
        text("health.kind"): [row.resource_type for row in rows],
        text("health.result"): [row.status for row in rows],
        text("health.seconds"): [round(float(row.execution_seconds), 3) for row in rows],
        text("health.rows"): [row.rows_affected for row in rows],
        text("health.details"): [row.message or "" for row in rows],
    }
    show_table(columns, "models", text("health.models"))
