"""How wide the columns of a table are: as wide as what is in them, and where a window is too narrow for that
the widest give way first."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from unicodedata import east_asian_width

# pixels of a letter, of one that is as wide as it is high, and of a cell's edges
LETTER, WIDE_LETTER, EDGES = 7.2, 14.0, 18
SMALL_CHART = 96
LEAST = 80
NO_CELL = "–"


def fit(columns: Mapping[str, Sequence[Any]], room: int, gives_way: str | None = None) -> dict[str, int]:
    """Pixels by column, `room` together at most; a column keeps what its heading needs.

    One that `gives_way`, since its cells are read elsewhere as well, has what the others leave.
    """
    headings = {name: _pixels(name) for name in columns}
    wanted = {name: max([headings[name], *map(_needs, cells)]) for name, cells in columns.items()}
    if gives_way is not None and gives_way in columns:
        others = {name: cells for name, cells in columns.items() if name != gives_way}
        least = max(headings[gives_way], LEAST)
        widths = fit(others, room - least)
        return {**widths, gives_way: max(least, min(wanted[gives_way], room - sum(widths.values())))}

    def total(widest: int) -> int:
        return sum(max(headings[name], min(wanted[name], widest)) for name in columns)

    widest = bisect_right(range(max(wanted.values(), default=0) + 1), room, key=total) - 1
    return {name: max(headings[name], min(wanted[name], widest)) for name in columns}


def cut_to(name: str, width: int, cut: Callable[[str, int], str]) -> str:
    """A name that `cut(name, length)` made short enough for a column, where it can."""
    shown, length = name, len(name)
    while _pixels(shown) > width and length > 1:
        length -= 1
        shown = cut(name, length)
    return shown


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
