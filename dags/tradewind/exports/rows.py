"""What the rows of one file must look like: its columns in file order, their checks, and which rows are no
records.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from tradewind.exports.blanks import BLANK_CHARACTERS
from tradewind.exports.checks import Check, compile_check
from tradewind.exports.contract import EXTRA_COLUMNS, RowPattern
from tradewind.exports.faults import Fault
from tradewind.exports.marks import ShownMarks
from tradewind.exports.numbers import NUMBER_FORMATS, NUMBER_TYPES, decimal_mark
from tradewind.exports.personal import subject_of
from tradewind.exports.recognise import Header, split_line
from tradewind.exports.records import NO_QUOTE, Record
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
        # without quotes in the format a character stands for them that no record may hold
        self.quote = '"' if self.quoted else NO_QUOTE.decode()
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
        self.shown_marks = ShownMarks()
        self._checks: dict[int, Check] = {
            position: compile_check(column, self._contract, header.locale, symbol)
            for position, column in self._known.items()
        }

    @property
    def target_columns(self) -> list[str]:
        """The raw table's columns in the order in which rows are sent, behind load id and row number."""
        names = [column.name for column in self._known.values()]
        return [*names, EXTRA_COLUMNS] if self._extra else names

    @property
    def extra_positions(self) -> list[int]:
        """The places of the unknown columns."""
        return list(self._extra)

    def take_originals(self) -> dict[str, str]:
        """The values by pseudonym that `rewrite` and `replacements` have replaced since the last call.

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
        for position, check in self._of_open_marks.items():
            self.shown_marks.add(check, [record.cells[position]])
        return Verdict()

    @cached_property
    def _of_open_marks(self) -> dict[int, Check]:
        """The columns of numbers, by position, whose decimal mark the file has yet to show.

        A program that saved the file with another delimiter than the platform's wrote its own decimal mark:
        with semicolons and tabs that may be a comma, with commas it is a point.
        """
        if self.delimiter == self._contract.delimiters[0]:
            return {}
        natural = {",": ".", ";": ","}.get(self.delimiter)
        return {
            position: check
            for position, check in self._checks.items()
            if check.column.type in NUMBER_TYPES
            and check.column.type != "integer"
            and decimal_mark(check.formats) not in (natural, NUMBER_FORMATS["flat"].mark)
        }

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

    def frame(self, body: bytes, count: int) -> pl.DataFrame | None:
        """The cells of a block that `suspects` and `replacements` look at, or None where polars splits it
        otherwise than we do.
        """
        # polars takes the mark off, which is a character of the first cell when a block begins with it
        if body.startswith(codecs.BOM_UTF8):
            return None
        positions = self._positions
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
        return frame if frame.height == count else None

    @cached_property
    def _positions(self) -> list[int]:
        if self._patterns:
            return list(range(self.width))
        return sorted({*self._rules, *(p for p, check in self._checks.items() if check.looks_at_cells)})

    @cached_property
    def _patterns(self) -> list[RowPattern]:
        return [*self._contract.total_rows, *self._contract.footer]

    def suspects(self, frame: pl.DataFrame) -> np.ndarray:
        """A mask of the rows that `judge` has to see."""
        for position, check in self._of_open_marks.items():
            self.shown_marks.add(check, frame[_name(position)].unique().to_list())
        suspects = find_suspects(
            frame, {_name(p): check for p, check in self._checks.items() if check.looks_at_cells}
        )
        if self._patterns:
            is_total = [
                pl.col(_name(position))
                .str.strip_chars(BLANK_CHARACTERS)
                .str.contains(f"^(?s:{item.pattern})$")
                for position in range(self.width)
                for item in self._patterns
            ]
            suspects |= frame.select(pl.any_horizontal(is_total).alias("total"))["total"].to_numpy()
        return suspects

    def _stand_ins_for(self, cells: list[str], rule: re.Pattern[str] | None) -> list[str]:
        """What raw holds for personal cells: their pseudonyms, or the cells where they name nobody."""
        known = self._stand_ins.setdefault(rule, {})
        unknown = dict.fromkeys(cell for cell in cells if cell not in known)
        if len(known) + len(unknown) > MAX_STAND_INS:
            known.clear()
            unknown = dict.fromkeys(cells)
        for cell in unknown:
            subject = "" if cell.strip() in self._tokens else subject_of(cell, rule)
            known[cell] = found = self._pseudonymise(subject) if subject else cell
            if subject:
                self._originals.setdefault(found, cell)
        return [known[cell] for cell in cells]

    def rewrite(self, cells: tuple[str, ...], load_id: int, row_number: int) -> bytes:
        """One row for COPY in the order of `target_columns`: personal cells as pseudonyms, the unknown
        columns as one JSON object.
        """
        shown = [
            self._stand_ins_for([cell], self._rules[position])[0] if position in self._rules else cell
            for position, cell in enumerate(cells)
        ]
        extra = {name: shown[position] for position, name in self._extra.items()}
        sent = [shown[position] for position in self._known]
        if extra:
            sent.append(json.dumps(extra, ensure_ascii=False))
        quoted = (f"{self.quote}{cell.replace(self.quote, self.quote * 2)}{self.quote}" for cell in sent)
        return (self.delimiter.join([str(load_id), str(row_number), *quoted]) + "\n").encode()

    def replacements(self, frame: pl.DataFrame) -> tuple[dict[int, pl.Series], pl.Series | None]:
        """What `rewrite` puts in the place of cells, as texts for COPY: of the personal columns by position,
        and, where there are unknown columns, the objects that stand for them behind the others.
        """
        replaced, extra = {}, {}
        for position, rule in self._rules.items():
            cells = frame[_name(position)]
            stand_ins = pl.Series(self._stand_ins_for(cells.to_list(), rule), dtype=pl.String)
            if position in self._extra:
                extra[self._extra[position]] = stand_ins
            else:
                replaced[position] = self._quoted(stand_ins)
        objects = pl.DataFrame(extra).to_struct().struct.json_encode() if extra else None
        return replaced, None if objects is None else self._quoted(objects)

    def _quoted(self, texts: pl.Series) -> pl.Series:
        return self.quote + texts.str.replace_all(self.quote, self.quote * 2, literal=True) + self.quote


def _name(position: int) -> str:
    return f"c{position}"
