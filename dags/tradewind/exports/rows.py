"""What the rows of one file must look like: its columns in file order, their checks, and which rows are no
records.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import polars as pl

from tradewind.exports.checks import BLANK_CHARACTERS, Check, compile_check
from tradewind.exports.contract import EXTRA_COLUMNS, RowPattern
from tradewind.exports.faults import Fault
from tradewind.exports.personal import subject_of
from tradewind.exports.recognise import Header, split_line
from tradewind.exports.records import Record
from tradewind.exports.screen import find_suspects

# stand-ins of one rule that are kept at hand; cells repeat within a file, and a file may be of any size
MAX_STAND_INS = 200_000


@dataclass(frozen=True)
class Verdict:
    """What becomes of a record."""

    fault: Fault | None = None
    is_ignored: bool = False
    is_blank: bool = False
    begins_footer: bool = False


class RowReader:
    """Judges the rows of one file, one by one or a block at a time, by the same rules."""

    def __init__(self, header: Header, pseudonymise: Callable[[str], str], symbol: str | None = None) -> None:
        self._header = header
        self._contract = header.contract
        self.delimiter = header.delimiter
        self.quoted = header.contract.is_quoted(header.delimiter)
        self.width = len(header.columns)
        self._known = {
            position: column for position, column in enumerate(header.columns) if column is not None
        }
        self._extra = header.extra_names
        self._pseudonymise = pseudonymise
        # columns that nobody has looked at may name anybody
        self._rules: dict[int, re.Pattern[str] | None] = dict.fromkeys(self._extra)
        for position, column in self._known.items():
            if column.is_pseudonymised:
                self._rules[position] = re.compile(column.pseudonym_of) if column.pseudonym_of else None
        self._stand_ins: dict[re.Pattern[str] | None, dict[str, str]] = {}
        self._originals: dict[str, str] = {}
        # such rows cannot be sent as they stand in the file
        self.is_rewritten = bool(self._rules)
        self._checks: dict[int, Check] = {
            position: compile_check(column, self._contract, header.locale, symbol)
            for position, column in self._known.items()
        }

    @property
    def target_columns(self) -> list[str]:
        """The raw table's columns in the order in which rows are sent, behind load id and row number."""
        names = [column.name for column in self._known.values()]
        return [*names, EXTRA_COLUMNS] if self._extra else names

    def take_originals(self) -> dict[str, str]:
        """The values by pseudonym that `rewrite` and `rewrite_block` have replaced since the last call.

        A value that occurs again may be missing, or there again.
        """
        taken, self._originals = self._originals, {}
        return taken

    def judge(self, record: Record) -> Verdict:
        """What becomes of a record that was split on its own."""
        if record.fault is not None:
            if record.fault.code == "wrong_width" and self._is_footer_line(record.raw):
                return Verdict(begins_footer=True)
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

    def _is_footer_line(self, raw: bytes) -> bool:
        """Whether a line that has not the columns of the header is the footer: it is a text, not a row."""
        cells = tuple(split_line(raw.decode(errors="replace"), self.delimiter))
        return any(self._is(pattern, cells) for pattern in self._contract.footer)

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

    def _stand_ins_for(self, cells: Iterable[str], rule: re.Pattern[str] | None) -> list[str]:
        """What raw holds for personal cells: their pseudonyms, or the cells where they name nobody."""
        known = self._stand_ins.setdefault(rule, {})
        stand_ins = []
        for cell in cells:
            found = known.get(cell)
            if found is None:
                subject = "" if cell.strip() in self._tokens else subject_of(cell, rule)
                found = self._pseudonymise(subject) if subject else cell
                if len(known) >= MAX_STAND_INS:
                    known.clear()
                known[cell] = found
                if subject:
                    self._originals.setdefault(found, cell)
            stand_ins.append(found)
        return stand_ins

    def rewrite(self, cells: tuple[str, ...], load_id: int, row_number: int) -> bytes:
        """One row for COPY in the order of `target_columns`: personal cells as pseudonyms, the unknown
        columns as one JSON object.
        """
        shown = [
            self._stand_ins_for([cell], self._rules[position])[0] if position in self._rules else cell
            for position, cell in enumerate(cells)
        ]
        extra = {name: shown[position] for position, name in self._extra.items()}
        out = io.StringIO()
        csv.writer(out, delimiter=self.delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL).writerow(
            [
                load_id,
                row_number,
                *(shown[position] for position in self._known),
                *([json.dumps(extra, ensure_ascii=False)] if extra else []),
            ]
        )
        return out.getvalue().encode()

    def rewrite_block(self, body: bytes, kept: np.ndarray, load_id: int, first: int) -> memoryview:
        """The kept rows of a block for COPY, as `rewrite` makes them."""
        frame = self._frame(body, list(range(self.width)))
        if frame is None:
            raise ValueError("the block is not one that `suspects` has accepted")
        numbers = pl.int_range(first, first + frame.height, eager=True)
        mask = pl.Series(kept)
        # bad records first of all: what is not loaded has no original
        frame = frame.filter(mask)
        frame = frame.with_columns(
            self._replaced(frame[_name(position)], rule) for position, rule in self._rules.items()
        )
        names = [_name(position) for position in self._known]
        if self._extra:
            extra = [pl.col(_name(position)).alias(name) for position, name in self._extra.items()]
            frame = frame.with_columns(pl.struct(extra).struct.json_encode().alias(EXTRA_COLUMNS))
            names.append(EXTRA_COLUMNS)
        rows = frame.select(
            pl.lit(load_id).alias("load_id"), numbers.filter(mask).alias("row_number"), *map(pl.col, names)
        )
        # a carriage return alone ends a row for the server, unless it stands in quotes
        quote_style: Literal["always", "necessary"] = "always" if b"\r" in body else "necessary"
        out = io.BytesIO()
        rows.write_csv(out, include_header=False, separator=self.delimiter, quote_style=quote_style)
        return out.getbuffer()

    def _replaced(self, cells: pl.Series, rule: re.Pattern[str] | None) -> pl.Series:
        distinct = cells.unique(maintain_order=True)
        return cells.replace_strict(distinct, self._stand_ins_for(distinct.to_list(), rule))


def _name(position: int) -> str:
    return f"c{position}"
