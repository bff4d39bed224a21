"""The states a page can be in besides showing its numbers."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.components import links
from dashboard.registry import HEALTH
from insight.database import Status
from insight.formatting import Formatter, plain
from insight.queries.health import Files
from insight.text import Text


def show_error(text: Text, code: str) -> None:
    """What happened and what to do, no stack trace."""
    with st.container(border=True):
        st.subheader(text(f"errors.{code}_title"), anchor=False)
        st.write(text(f"errors.{code}_help"))


def show_held_banner(text: Text, formats: Formatter, status: Status) -> None:
    """Since when and why newer data are held back, and of when the numbers are that are seen."""
    if status.held_since is None:
        return
    reason = text.lookup("hold_reasons", status.held_reason_code, status.held_reason or "")
    st.warning(
        text(
            "states.held",
            since=plain(formats.time(status.held_since)),
            reason=plain(reason),
            seen=plain(formats.time(status.published_at)),
        )
    )
    links.link(HEALTH, text("states.held_link"), {"section": "checks"})


def show_before_first_publication(text: Text, files: Files, landing: Path) -> None:
    """Nothing is published yet: what will happen by itself, and what to do otherwise."""
    with st.container(border=True):
        st.subheader(text("states.first_title"), anchor=False)
        if files.pending or files.loaded:
            st.write(text("states.first_building", files=files.pending or files.loaded))
        else:
            st.write(text("states.first_empty"))
            st.code(str(landing), language=None)
        links.link(HEALTH, text("states.see_health"))


def show_no_numbers(text: Text, landing: Path) -> None:
    """Something is published, but no metric has a value yet."""
    with st.container(border=True):
        st.subheader(text("states.no_numbers_title"), anchor=False)
        st.write(text("states.no_numbers_help"))
        st.code(str(landing), language=None)
        links.link(HEALTH, text("states.see_sources"), {"section": "sources"})


def show_nothing_here(text: Text, waiting_for: str, landing: Path) -> None:
    """A block has no data for what is chosen: which file would bring it."""
    with st.container(border=True):
        st.markdown(f"**{text('states.nothing_title')}**")
        st.write(text("states.nothing_help", files=plain(waiting_for or text("states.any_export"))))
        st.code(str(landing), language=None)
        links.link(HEALTH, text("states.see_sources"), {"section": "sources"})
