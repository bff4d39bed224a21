"""How wide the columns of a table are: as wide as what is in them, and where a window is too narrow for that
the widest give way first."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any
from unicodedata import east_asian_width

# pixels of a letter, of one that is as wide as it is high, and of a cell's edges
LETTER, WIDE_LETTER, EDGES = 7.2, 14.0, 18
SMALL_CHART = 96
NO_CELL = "–"


def fit(columns: Mapping[str, Sequence[Any]], room: int) -> dict[str, int]:
    """Pixels by column, `room` together at most; a column keeps what its heading needs."""
    headings = {name: _pixels(name) for name in columns}
    wanted = {name: max([headings[name], *map(_needs, cells)]) for name, cells in columns.items()}

    def total(widest: int) -> int:
        return sum(max(headings[name], min(wanted[name], widest)) for name in columns)

    widest = bisect_right(range(max(wanted.values(), default=0) + 1), room, key=total) - 1
    return {name: max(headings[name], min(wanted[name], widest)) for name in columns}


def _needs(cell: Any) -> int:
    return SMALL_CHART if isinstance(cell, list) else _pixels(written(cell))


def written(cell: Any) -> str:
    """A cell as the table shows it: whole numbers grouped, others to the hundredth."""
    if cell is None:
        return NO_CELL
    if isinstance(cell, float):
        return f"{cell:,.2f}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def _pixels(words: str) -> int:
    return EDGES + round(sum(WIDE_LETTER if east_asian_width(letter) in "WF" else LETTER for letter in words))
