"""What the rows of one file must look like: its columns in file order, their checks, and which rows are no
records.
"""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from tradewind.exports.checks import BLANK_CHARACTERS, Check, compile_check
from tradewind.exports.contract import EXTRA_COLUMNS, RowPattern
from tradewind.exports.faults import Fault
from tradewind.exports.recognise import Header
from tradewind.exports.records import Record
from tradewind.exports.screen import find_suspects


@dataclass(frozen=True)
class Verdict:
    """What becomes of a record."""

    fault: Fault | None = None
    is_ignored: bool = False
    is_blank: bool = False
    begins_footer: bool = False


class RowReader:
    """Judges the rows of one file, one by one or a block at a time, by the same rules."""

    def __init__(self, header: Header, symbol: str | None = None) -> None:
        self._header = header
        self._contract = header.contract
        self.delimiter = header.delimiter
        self.quoted = header.contract.quoted
        self.width = len(header.columns)
        self._known = {
            position: column for position, column in enumerate(header.columns) if column is not None
        }
        self._extra = header.extra_names
        self.has_extra = bool(self._extra)
        self._checks: dict[int, Check] = {
            position: compile_check(column, self._contract, header.locale, symbol)
            for position, column in self._known.items()
        }

    @property
    def target_columns(self) -> list[str]:
        """The raw table's columns in the order in which rows are sent, behind load id and row number."""
        names = [column.name for column in self._known.values()]
        return [*names, EXTRA_COLUMNS] if self.has_extra else names

    def judge(self, record: Record) -> Verdict:
        """What becomes of a record that was split on its own."""
        if record.fault is not None:
            return Verdict(fault=record.fault)
        if not any(cell.strip(BLANK_CHARACTERS) for cell in record.cells):
            return Verdict(is_ignored=True, is_blank=len(record.cells) == 1)
        if any(self._is(pattern, record.cells) for pattern in self._contract.footer):
            return Verdict(begins_footer=True)
        if any(self._is(pattern, record.cells) for pattern in self._contract.total_rows):
            return Verdict(is_ignored=True)
        for position, check in self._checks.items():
            if fault := check.fault(record.cells[position]):
                return Verdict(fault=fault)
        return Verdict()

    def stands_alone(self, cells: tuple[str, ...]) -> bool:
        """Whether cells are plainly a record: in order, and one of them of a type that no free text has."""
        verdict = self.judge(Record(b"", cells))
        if verdict.fault or verdict.is_ignored or verdict.begins_footer:
            return False
        return any(
            cells[position] and (check.column.type != "text" or check.column.pattern or check.column.one_of)
            for position, check in self._checks.items()
        )

    def _is(self, pattern: RowPattern, cells: tuple[str, ...]) -> bool:
        texts = [
            text
            for text in (cell.strip(BLANK_CHARACTERS) for cell in cells)
            if text and text not in self._tokens
        ]
        wanted = texts if pattern.cell == "any" else texts[:1]
        return any(re.fullmatch(pattern.pattern, text, re.DOTALL) for text in wanted)

    @cached_property
    def _tokens(self) -> frozenset[str]:
        return frozenset(token.strip() for token in self._contract.null_tokens)

    def suspects(self, body: bytes, count: int) -> np.ndarray | None:
        """A mask of the rows that `judge` has to see, or None where polars splits the block otherwise than
        we do.
        """
        patterns = [*self._contract.total_rows, *self._contract.footer]
        wanted = (
            list(range(self.width)) if patterns else [p for p, check in self._checks.items() if check.pattern]
        )
        frame = self._frame(body, wanted)
        if frame is None or frame.height != count:
            return None
        suspects = find_suspects(
            frame, {_name(p): check for p, check in self._checks.items() if check.pattern}
        )
        if patterns:
            is_total = [
                pl.col(_name(position))
                .str.strip_chars(BLANK_CHARACTERS)
                .str.contains(f"^(?s:{item.pattern})$")
                for position in wanted
                for item in patterns
            ]
            suspects |= frame.select(pl.any_horizontal(is_total).alias("total"))["total"].to_numpy()
        return suspects

    def _frame(self, body: bytes, positions: list[int]) -> pl.DataFrame | None:
        try:
            frame = pl.read_csv(
                body,
                has_header=False,
                columns=positions,
                separator=self.delimiter,
                quote_char='"' if self.quoted else None,
                infer_schema=False,
                empty_string_is_null=False,
            )
        except (pl.exceptions.ComputeError, pl.exceptions.NoDataError):
            return None
        frame.columns = [_name(position) for position in positions]
        return frame

    def rewrite(self, cells: tuple[str, ...], load_id: int, row_number: int) -> bytes:
        """One row for COPY in the order of `target_columns`, with the unknown columns as one JSON object."""
        extra = {name: cells[position] for position, name in self._extra.items()}
        out = io.StringIO()
        csv.writer(out, delimiter=self.delimiter, lineterminator="\n").writerow(
            [
                load_id,
                row_number,
                *(cells[position] for position in self._known),
                json.dumps(extra, ensure_ascii=False),
            ]
        )
        return out.getvalue().encode()

    def rewrite_block(self, body: bytes, kept: np.ndarray, load_id: int, first: int) -> bytes:
        """The kept rows of a block for COPY, as `rewrite` makes them."""
        frame = self._frame(body, list(range(self.width)))
        if frame is None:
            raise ValueError("the block is not one that `suspects` has accepted")
        extra = pl.struct([pl.col(_name(position)).alias(name) for position, name in self._extra.items()])
        rows = frame.select(
            pl.lit(load_id).alias("load_id"),
            pl.int_range(first, first + frame.height).alias("row_number"),
            *(pl.col(_name(position)) for position in self._known),
            extra.struct.json_encode().alias(EXTRA_COLUMNS),
        ).filter(pl.Series(kept))
        return rows.write_csv(include_header=False, separator=self.delimiter).encode()


def _name(position: int) -> str:
    return f"c{position}"
