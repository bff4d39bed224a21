"""A block of a page: its sentence, then its chart, then the way on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal

import pyarrow
import streamlit as st

from insight.blocks import Block
from insight.figures import CONFIG, ReadyFigure

ROWS_WITHOUT_SCROLLING = 40
NO_CELL = "–"


def show_sentence(sentence: str) -> None:
    """The block's finding, already safe markdown."""
    st.markdown(sentence)


def show_block(block: Block, key: str) -> None:
    """The block's finding, then its chart with the description for those who do not see it."""
    show_sentence(block.sentence)
    st.plotly_chart(ReadyFigure(block.figure), key=key, config=CONFIG, alt=block.alt)


def show_table(
    columns: Mapping[str, Sequence[Any]],
    key: str,
    alt: str,
    widths: Mapping[str, int] = MappingProxyType({}),
) -> None:
    """A table of plain cells.

    `widths` are pixels by column, the least that a column gets; where there is room, all grow alike. A
    column without one is as wide as its cells, and long cells push the columns after them out of sight.
    """
    st.dataframe(
        pyarrow.table(dict(columns)),
        hide_index=True,
        key=key,
        alt=alt,
        row_height=34,
        height=_height(columns),
        column_config=_configure(columns, widths),
        placeholder=NO_CELL,
    )


def choose_row(
    columns: Mapping[str, Sequence[Any]],
    key: str,
    alt: str,
    widths: Mapping[str, int] = MappingProxyType({}),
    config: Mapping[str, Any] = MappingProxyType({}),
) -> int | None:
    """A table of which a row can be chosen; the number of the row chosen, or None.

    `widths` as in `show_table`; `config` is Streamlit's of some columns, and includes their width.
    """
    state = st.dataframe(
        pyarrow.table(dict(columns)),
        hide_index=True,
        key=key,
        alt=alt,
        on_select="rerun",
        selection_mode="single-row",
        row_height=34,
        height=_height(columns),
        column_config={**_configure(columns, widths), **config},
        placeholder=NO_CELL,
    )
    rows = state["selection"]["rows"]
    return int(rows[0]) if rows and rows[0] < len(next(iter(columns.values()))) else None


def _configure(columns: Mapping[str, Sequence[Any]], widths: Mapping[str, int]) -> dict[str, Any]:
    """The columns by their cells: whole numbers grouped as the pages write them, times to the hundredth."""
    return {name: _column(cells, widths.get(name)) for name, cells in columns.items()}


def _column(cells: Sequence[Any], width: int | None) -> Any:
    kinds = {type(cell) for cell in cells if cell is not None}
    if kinds == {int}:
        # not "localized": that is the browser's way of writing, and may not be the page's
        return st.column_config.NumberColumn(width=width, format="%,d")
    if kinds == {float}:
        return st.column_config.NumberColumn(width=width, format="%,.2f")
    return st.column_config.Column(width=width)


def _height(columns: Mapping[str, Sequence[Any]]) -> Literal["content", "auto"]:
    rows = len(next(iter(columns.values())))
    return "content" if rows <= ROWS_WITHOUT_SCROLLING else "auto"
