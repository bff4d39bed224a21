"""Controls whose state stands in the URL; what the URL says is held against the allowed values first.

Streamlit's own binding serves where a value is what the reader sees, as in a search. Of a choice it would
write the label, which changes with the language and with a store's name (decision 0041): a choice writes its
code.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import streamlit as st

from insight.periods import Period, parse_day

MEMORY = "choices"


def current(name: str, options: Sequence[str], default: str) -> str:
    """The allowed value of a choice: from the URL, else (on a bare URL, after a click in the menu) as it
    was."""
    requested = st.query_params.get(name)
    if requested in options:
        return str(requested)
    remembered = st.session_state.get(MEMORY, {}).get(name)
    bare = not any(parameter != "lang" for parameter in st.query_params)
    if requested is None and remembered in options and (bare or name == "lang"):
        return str(remembered)
    return default


def keep(name: str, value: str, default: str) -> None:
    """Write a choice into the URL and into the session's memory; a default leaves no trace in the URL."""
    st.session_state.setdefault(MEMORY, {})[name] = value
    if value != default:
        st.query_params[name] = value
    elif name in st.query_params:
        del st.query_params[name]


def _changed(name: str, key: str, default: str) -> None:
    keep(name, st.session_state[key] or default, default)


def select(
    name: str,
    label: str,
    options: Sequence[str],
    default: str,
    show: Callable[[str], str],
    *,
    width: int | None = None,
) -> str:
    """A select box."""
    key, value = _prepared(name, options, default)
    st.selectbox(
        label,
        options,
        key=key,
        format_func=show,
        on_change=_changed,
        args=(name, key, default),
        disabled=len(options) < 2,
        width=width or "stretch",
    )
    return value


def segments(
    name: str,
    label: str,
    options: Sequence[str],
    default: str,
    show: Callable[[str], str],
    *,
    hide_label: bool = True,
) -> str:
    """A row of buttons, one of them chosen."""
    key, value = _prepared(name, options, default)
    st.segmented_control(
        label,
        options,
        key=key,
        format_func=show,
        on_change=_changed,
        args=(name, key, default),
        required=True,
        label_visibility="collapsed" if hide_label else "visible",
    )
    return value


def _prepared(name: str, options: Sequence[str], default: str) -> tuple[str, str]:
    value = current(name, options, default)
    keep(name, value, default)
    key = f"choice_{name}"
    st.session_state[key] = value
    return key, value


def search(name: str, label: str, placeholder: str) -> str:
    """A text to search for, at most 80 characters of it."""
    sought = st.text_input(label, key=name, placeholder=placeholder, max_chars=80, bind="query-params")
    return sought[:80]


def custom_days(label: str, first_day: date, last_day: date) -> Period | None:
    """Two days of the reader's own, kept in the URL as `from` and `to`; None until both are chosen."""
    start = parse_day(st.query_params.get("from")) or max(first_day, last_day.replace(day=1))
    end = parse_day(st.query_params.get("to")) or last_day
    start, end = (min(max(day, first_day), last_day) for day in (start, end))
    chosen = st.date_input(label, (min(start, end), max(start, end)), min_value=first_day, max_value=last_day)
    if not isinstance(chosen, tuple) or len(chosen) != 2:
        return None
    st.query_params["from"], st.query_params["to"] = (day.isoformat() for day in chosen)
    return Period(*chosen)
