"""Data health: what came in, what did not and why, what the checks said, what is published."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from dashboard.components import choices
from dashboard.registry import Page
from dashboard.views import health_builds, health_files
from insight.context import Context
from insight.queries import health

SECTIONS = {
    "sources": health_files.show_sources,
    "files": health_files.show_files,
    "quarantine": health_files.show_quarantine,
    "checks": health_builds.show_checks,
    "publications": health_builds.show_publications,
    "models": health_builds.show_models,
}


def show(context: Context, _page: Page) -> None:
    """The page."""
    _show_sentence(context)
    names = tuple(SECTIONS)
    section = choices.segments(
        "section",
        context.text("health.section"),
        names,
        names[0],
        lambda name: context.text(f"health.{name}"),
    )
    SECTIONS[section](context)


def _show_sentence(context: Context) -> None:
    counts = health.count_loads(context.snapshot)
    aside = health.count_set_aside(context.snapshot)
    text, formats = context.text, context.format
    st.markdown(
        text(
            "health.sentence",
            loaded=formats.count(counts.get("loaded", 0)),
            refused=formats.count(counts.get("refused", 0)),
            held=formats.count(counts.get("held", 0)),
            waiting=formats.count(counts.get("waiting", 0)),
            aside=formats.count(aside),
        )
    )
    published = context.status.published_at
    if published is not None:
        age = formats.age(published, datetime.now(UTC))
        st.caption(text("health.published", time=formats.time(published), age=age))
