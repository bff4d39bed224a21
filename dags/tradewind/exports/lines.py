"""The physical lines of a block, and texts cut out of it: views of its bytes, which are copied nowhere."""

from __future__ import annotations

import re
from functools import cached_property

import numpy as np
import polars as pl
import pyarrow as pa

NEWLINE, RETURN, QUOTE = 10, 13, 34
_ESCAPED = re.compile("[\udc80-\udcff]")


class Lines:
    """The lines of some bytes that end with a line end (LF, CRLF or CR), whatever they mean.

    `starts` and `ends` are their places, without the line ends; `behind` is where the next one begins.
    """

    def __init__(self, data: bytes) -> None:
        self._data = _readable(data)
        self.array = np.frombuffer(self._data, dtype=np.uint8)
        breaks = np.flatnonzero(self.array == NEWLINE)
        if b"\r" in data:
            returns = np.flatnonzero(self.array == RETURN)
            is_last = returns == len(data) - 1
            lone = returns[is_last | (self.array[returns + ~is_last] != NEWLINE)]
            breaks = np.sort(np.concatenate([breaks, lone]))
        self._place(breaks)

    def _place(self, breaks: np.ndarray) -> None:
        self.behind = breaks + 1
        self.starts = np.concatenate([[0], self.behind[:-1]])
        self.ends = breaks
        if b"\r" in self._data:
            is_pair = (breaks > self.starts) & (self.array[breaks] == NEWLINE)
            self.ends = breaks - (is_pair & (self.array[breaks - 1] == RETURN))

    def __len__(self) -> int:
        return len(self.starts)

    def keep_first(self, count: int) -> None:
        """Leave out the lines behind the first ones."""
        if len(self) > count:
            self._place(self.behind[:count] - 1)

    @cached_property
    def has_quotes(self) -> bool:
        """Whether a quote stands anywhere."""
        return b'"' in self._data

    def texts(self, starts: np.ndarray, ends: np.ndarray) -> pl.Series:
        """The texts at these places, which stand one behind the other."""
        if not len(starts):
            return pl.Series(dtype=pl.String)
        # every other text is what stands between two of them
        places = np.append(np.column_stack([starts, ends]).ravel(), ends[-1])
        array = pa.LargeStringArray.from_buffers(
            len(places) - 1, pa.py_buffer(places), pa.py_buffer(self._data)
        )
        series = pl.from_arrow(array)
        assert isinstance(series, pl.Series)  # noqa: S101  for mypy: an array makes a series
        return series.gather_every(2)


class Cells:
    """The cells of records that are split as they should be, by their places in the lines of a block."""

    def __init__(
        self, lines: Lines, starts: np.ndarray, ends: np.ndarray, delimiter: str, width: int, *, quoted: bool
    ) -> None:
        self._lines = lines
        self.starts, self.ends = starts, ends
        self._delimiter, self._last, self._is_quoted = delimiter, width - 1, quoted

    @cached_property
    def _delimiters(self) -> np.ndarray:
        """Their places, a row for each record."""
        array, starts, ends = self._lines.array, self.starts, self.ends
        # from one record to the next; what stands there besides line ends is none of ours
        gaps = np.column_stack([np.append(0, ends), np.append(starts, len(array))])
        length = gaps[:, 1] - gaps[:, 0]
        is_pair = (length == 2) & (array[gaps[:, 1] - 2] == RETURN) & (array[gaps[:, 1] - 1] == NEWLINE)
        gaps = gaps[(length > 1) & ~is_pair].ravel()
        delimiters = outside(np.flatnonzero(array == ord(self._delimiter)), gaps)
        if self._is_quoted and self._lines.has_quotes:
            delimiters = outside(delimiters, outside(np.flatnonzero(array == QUOTE), gaps))
        return delimiters.reshape(len(starts), self._last)

    def keep(self, kept: np.ndarray) -> None:
        """Leave out all records but these."""
        if "_delimiters" in self.__dict__:
            self._delimiters = self._delimiters[kept]
        self.starts, self.ends = self.starts[kept], self.ends[kept]

    def place(self, position: int) -> tuple[np.ndarray, np.ndarray]:
        """Where the cells of a column begin and end, quotes and all."""
        starts = self._delimiters[:, position - 1] + 1 if position else self.starts
        return starts, self._delimiters[:, position] if position < self._last else self.ends

    def text(self, position: int, rows: np.ndarray | slice = slice(None)) -> pl.Series:
        """The cells of a column, without their quotes, of all records or of these."""
        starts, ends = self.place(position)
        texts = self._lines.texts(starts[rows], ends[rows])
        if not self._is_quoted or not (self._lines.array[starts[rows]] == QUOTE).any():
            return texts
        # a cell without quotes around it has none in it
        texts = texts.str.strip_prefix('"').str.strip_suffix('"')
        return texts.str.replace_all('""', '"', literal=True)

    def between(self, starts: np.ndarray, ends: np.ndarray) -> pl.Series:
        """What stands from one place of each record to another."""
        return self._lines.texts(starts, ends)


def outside(positions: np.ndarray, marks: np.ndarray) -> np.ndarray:
    """Those of the positions that do not stand between the first mark and the second, the third and the
    fourth, and so on; a mark may stand at a position.
    """
    if not marks.size:
        return positions
    # marks are fewer than what they enclose, so they are looked up, not the positions
    places = np.searchsorted(positions, marks).reshape(-1, 2)
    places = places[places[:, 0] < places[:, 1]]
    counts = places[:, 1] - places[:, 0]
    # the places of all pairs, one pair behind the other
    enclosed = np.repeat(places[:, 0] - (np.cumsum(counts) - counts), counts) + np.arange(counts.sum())
    is_outside = np.ones(len(positions), dtype=bool)
    is_outside[enclosed] = False
    return positions[is_outside]


def _readable(data: bytes) -> bytes:
    """The bytes with a zero in the place of each that is no UTF-8; no sound record has one."""
    if data.isascii():
        return data
    try:
        # checks a large text in a fifth of the time that it takes to decode it
        pl.Series([data]).cast(pl.String)
    except pl.exceptions.PolarsError:
        return _ESCAPED.sub("\0", data.decode(errors="surrogateescape")).encode()
    return data
