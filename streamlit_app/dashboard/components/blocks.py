"""A block of a page: its sentence, then its chart, then the way on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow
import streamlit as st

from insight.blocks import Block
from insight.columns import NO_CELL, cut_to, fit
from insight.figures import CONFIG, ReadyFigure

ROWS_WITHOUT_SCROLLING = 40
# pixels of windows, of what is beside a table in one, and of the column in which a row is ticked
NARROW, WIDE = 1024, 1280
MARGINS, BOXES_TO_TICK = 152, 36


def show_sentence(sentence: str) -> None:
    """The block's finding, already safe markdown."""
    st.markdown(sentence)


def show_block(block: Block, key: str) -> None:
    """The block's finding, then its chart with the description for those who do not see it."""
    show_sentence(block.sentence)
    st.plotly_chart(ReadyFigure(block.figure), key=key, config=CONFIG, alt=block.alt)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table fits: whole in a window of so many pixels, and in a wider one all columns grow.

    `names` cuts the cells of columns where these are too narrow, by a function of a name and a length; the
    column that `gives_way` has what the others leave; `config` is Streamlit's of some columns.
    """

    window: int = NARROW
    names: Mapping[str, Callable[[str, int], str]] = field(default_factory=dict)
    gives_way: str | None = None
    config: Mapping[str, Any] = field(default_factory=dict)


PLAIN = Layout()


def show_table(columns: Mapping[str, Sequence[Any]], key: str, alt: str, layout: Layout = PLAIN) -> None:
    """A table of plain cells."""
    widths = fit(columns, layout.window - MARGINS, layout.gives_way)
    st.dataframe(
        _cells(columns, widths, layout),
        hide_index=True,
        key=key,
        alt=alt,
        row_height=34,
        height=_height(columns),
        column_config=_configure(columns, widths, layout),
        placeholder=NO_CELL,
    )


def choose_row(
    columns: Mapping[str, Sequence[Any]], key: str, alt: str, layout: Layout = PLAIN
) -> int | None:
    """A table of which a row can be chosen; the number of the row chosen, or None."""
    widths = fit(columns, layout.window - MARGINS - BOXES_TO_TICK, layout.gives_way)
    state = st.dataframe(
        _cells(columns, widths, layout),
        hide_index=True,
        key=key,
        alt=alt,
        on_select="rerun",
        selection_mode="single-row",
        row_height=34,
        height=_height(columns),
        column_config=_configure(columns, widths, layout),
        placeholder=NO_CELL,
    )
    rows = state["selection"]["rows"]
    return int(rows[0]) if rows and rows[0] < len(next(iter(columns.values()))) else None


def _cells(columns: Mapping[str, Sequence[Any]], widths: Mapping[str, int], layout: Layout) -> pyarrow.Table:
    shown = dict(columns)
    for name, cut in layout.names.items():
        shown[name] = [cut_to(cell, widths[name], cut) for cell in columns[name]]
    return pyarrow.table(shown)


def _configure(
    columns: Mapping[str, Sequence[Any]], widths: Mapping[str, int], layout: Layout
) -> dict[str, Any]:
    """The columns by their cells: whole numbers grouped as the pages write them, times to the hundredth."""
    return {
        name: {**layout.config.get(name, _column(cells)), "width": widths[name]}
        for name, cells in columns.items()
    }


def _column(cells: Sequence[Any]) -> Any:
    kinds = {type(cell) for cell in cells if cell is not None}
    if kinds == {int}:
        # not "localized": that is the browser's way of writing, and may not be the page's
        return st.column_config.NumberColumn(format="%,d")
    if kinds == {float}:
        return st.column_config.NumberColumn(format="%,.2f")
    return st.column_config.Column()


def _height(columns: Mapping[str, Sequence[Any]]) -> Literal["content", "auto"]:
    rows = len(next(iter(columns.values())))
    return "content" if rows <= ROWS_WITHOUT_SCROLLING else "auto"
