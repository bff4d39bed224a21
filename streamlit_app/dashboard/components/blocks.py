"""A block of a page: its sentence, then its chart, then the way on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal

import pyarrow
import streamlit as st

from dashboard.components.figures import CONFIG, Figure, ReadyFigure

ROWS_WITHOUT_SCROLLING = 40


def show_sentence(sentence: str) -> None:
    """The block's finding, already safe markdown."""
    st.markdown(sentence)


def show_figure(figure: Figure, alt: str, key: str) -> None:
    """A chart with its description for those who do not see it."""
    st.plotly_chart(ReadyFigure(figure), key=key, config=CONFIG, alt=alt)


def show_table(columns: Mapping[str, Sequence[Any]], key: str, alt: str) -> None:
    """A table of plain cells."""
    counts = {
        name: st.column_config.NumberColumn(format="localized")
        for name, cells in columns.items()
        if all(isinstance(cell, int) for cell in cells)
    }
    st.dataframe(
        pyarrow.table(dict(columns)),
        hide_index=True,
        key=key,
        alt=alt,
        row_height=34,
        height=_height(columns),
        column_config=counts,
    )


def choose_row(
    columns: dict[str, list[Any]], key: str, alt: str, config: Mapping[str, Any] = MappingProxyType({})
) -> int | None:
    """A table of which a row can be chosen; the number of the row chosen, or None.

    `config` is Streamlit's of some columns.
    """
    state = st.dataframe(
        pyarrow.table(columns),
        hide_index=True,
        key=key,
        alt=alt,
        on_select="rerun",
        selection_mode="single-row",
        row_height=34,
        height=_height(columns),
        column_config=dict(config),
    )
    rows = state["selection"]["rows"]
    return int(rows[0]) if rows and rows[0] < len(next(iter(columns.values()))) else None


def _height(columns: Mapping[str, Sequence[Any]]) -> Literal["content", "auto"]:
    rows = len(next(iter(columns.values())))
    return "content" if rows <= ROWS_WITHOUT_SCROLLING else "auto"
