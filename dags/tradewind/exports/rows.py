"""What the rows of one file must look like: its columns in file order, their checks, and which rows are no
records.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import numpy as np
import polars as pl

from tradewind.exports.blanks import BLANK_CHARACTERS
from tradewind.exports.checks import Check, compile_check, is_blank
from tradewind.exports.contract import EXTRA_COLUMNS, RowPattern
from tradewind.exports.faults import MAY_BE_CUT_OFF, Fault
from tradewind.exports.lines import Cells
from tradewind.exports.marks import ShownMarks
from tradewind.exports.numbers import NUMBER_FORMATS, NUMBER_TYPES, as_decimal, decimal_mark
from tradewind.exports.personal import subject_of
from tradewind.exports.recognise import Header, split_line
from tradewind.exports.records import NO_QUOTE, Record
from tradewind.exports.screen import Screen, build_screen, find_faulty
from tradewind.exports.surroundings import is_range_of_days, is_total, says_nothing

# stand-ins of one rule that are kept at hand; cells repeat within a file, and a file may be of any size
MAX_STAND_INS = 200_000


@dataclass(frozen=True)
class Verdict:
    """What becomes of a record."""

    fault: Fault | None = None
    is_ignored: bool = False
    is_blank: bool = False
    begins_footer: bool = False
    # it is in order, and names nothing: whether it holds the sums of the others, their numbers show
    may_be_total: bool = False


class RowReader:
    """Judges the rows of one file, one by one or a block at a time, by the same rules."""

    def __init__(
        self,
        header: Header,
        pseudonymise: Callable[[str], str],
        symbol: str | None = None,
        *,
        is_typed: bool = False,
    ) -> None:
        # numbers came as numbers, and only those that came as texts leave open which mark is the decimal one
        self._is_typed = is_typed
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
        # those found lately, and those before them, which are forgotten when there are too many
        self._stand_ins: dict[re.Pattern[str] | None, tuple[dict[str, str], dict[str, str]]] = {}
        self._originals: dict[str, str] = {}
        # rows with such cells cannot be sent as they stand in the file
        self.replaced_columns = len(self._rules)
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

    def take_originals(self) -> dict[str, str]:
        """The values by pseudonym that `rewrite` and `splice` have replaced since the last call.

        A value that occurs again may be missing, or there again.
        """
        taken, self._originals = self._originals, {}
        return taken

    def judge(self, record: Record) -> Verdict:
        """What becomes of a record that was split on its own."""
        verdict = self._verdict(record)
        if not (verdict.fault or verdict.is_ignored or verdict.begins_footer):
            for position, check in self._of_open_marks.items():
                self.shown_marks.add(check, [record.cells[position]])
        return verdict

    def _verdict(self, record: Record) -> Verdict:
        if record.fault is not None:
            if record.fault.code == "wrong_width" and self._is_footer_line(record.raw):
                return Verdict(begins_footer=True)
            if record.fault.code == "wrong_width" and says_nothing(self._only_text(record.raw)):
                return Verdict(is_ignored=True)
            return Verdict(fault=record.fault)
        if all(map(is_blank, record.cells)):
            return Verdict(is_ignored=True, is_blank=len(record.cells) == 1)
        if any(self._is(pattern, record.cells) for pattern in self._contract.footer):
            return Verdict(begins_footer=True)
        if any(self._is(pattern, record.cells) for pattern in self._contract.total_rows):
            return Verdict(is_ignored=True)
        texts = [cell for cell in record.cells if cell.strip(BLANK_CHARACTERS)]
        if len(texts) == 1 and says_nothing(texts[0]):
            return Verdict(is_ignored=True)
        for position, check in self._checks.items():
            if fault := check.fault(record.cells[position]):
                return Verdict(is_ignored=True) if self._is_summary(record.cells) else Verdict(fault=fault)
        return Verdict(may_be_total=self._is_summary(record.cells))

    def cut_in(self, record: Record, row_number: int) -> Fault | None:
        """What is wrong with a file whose last record this is, without a line end: the file breaks off in it
        (`cut_off`), or may; None where it does not.
        """
        verdict = self._verdict(record)
        if verdict.is_ignored or verdict.begins_footer:
            return None
        last = self._checks.get(self.width - 1)
        if verdict.fault and _is_of_the_end(verdict.fault, last):
            return Fault("cut_off", parameters={"row": row_number})
        # what is kept by hand comes from any program
        is_open = self._contract.reference or not self._contract.last_line_end
        if is_open or len(record.cells) != self.width:
            return None
        is_whole = (self.quoted and record.raw.endswith(b'"')) or (last and last.is_whole(record.cells[-1]))
        return None if is_whole else Fault(MAY_BE_CUT_OFF, parameters={"row": row_number})

    def _only_text(self, raw: bytes) -> str:
        """The text of a line that has one cell with a text; nothing where it has more."""
        cells = split_line(raw.decode(errors="replace"), self.delimiter)
        texts = [cell for cell in cells if cell.strip(BLANK_CHARACTERS)]
        return texts[0] if len(texts) == 1 else ""

    def _is_summary(self, cells: tuple[str, ...]) -> bool:
        """Whether a row that is no record holds the sums of others: numbers alone, and no name but a word for
        total.
        """
        numbers = 0
        for position, check in self._checks.items():
            cell = cells[position].strip(BLANK_CHARACTERS)
            if not cell or cell in self._tokens:
                continue
            # the days of the whole file
            if check.column.type in ("date", "datetime") and check.fault(cell) and is_range_of_days(cell):
                continue
            if check.column.type in NUMBER_TYPES and not check.column.pattern:
                if check.fault(cells[position]):
                    return False
                numbers += 1
            elif not (is_total(cell) or check.column.name in self._constants):
                return False
        return numbers > 1

    def names_nothing(self, cells: tuple[str, ...]) -> bool:
        """Whether a record is blank, or nothing but sums, or none by its contract."""
        verdict = self._verdict(Record(b"", cells))
        return verdict.is_ignored or verdict.begins_footer or verdict.may_be_total

    def amounts(self, cells: tuple[str, ...]) -> dict[int, Decimal]:
        """The numbers of a record that can be added up, by position; of a cell that is none there is none."""
        found = {}
        for position, check in self._checks.items():
            column = check.column
            if column.type not in NUMBER_TYPES or column.type == "percent" or column.pattern:
                continue
            cell = cells[position].strip(BLANK_CHARACTERS)
            if cell and cell not in self._tokens and not check.fault(cell):
                found[position] = as_decimal(column.type, check.formats, cell)
        return found

    def is_sum(self, cells: tuple[str, ...], others: Mapping[int, Decimal], count: int) -> bool:
        """Whether a record that may hold the sums of `count` others does. Averages and distinct counts are no
        sums, so half of its numbers may be others where two at least are sums.
        """
        own = {position: amount for position, amount in self.amounts(cells).items() if amount}
        equal = sum(others.get(position) == amount for position, amount in own.items())
        return count > 1 and equal > 0 and (equal == len(own) or (equal > 1 and 2 * equal >= len(own)))

    @cached_property
    def _constants(self) -> frozenset[str]:
        """The columns that say the same of each row, and so of their sum."""
        sources = self._contract.facts.currency
        return frozenset(source.column for source in sources if source.column)

    def note_marks(self, cells: Cells) -> None:
        """Take in what the numbers of records that are loaded show of their decimal mark."""
        for position, check in self._of_open_marks.items():
            self.shown_marks.add(check, cells.text(position).unique().to_list())

    def note_number_texts(self, texts: Mapping[int, list[str]]) -> None:
        """Take in what texts show of their decimal mark that stand, by position, where numbers do."""
        for position, cells in texts.items():
            if check := self._with_one_mark.get(position):
                self.shown_marks.add(check, cells)

    @cached_property
    def _of_open_marks(self) -> dict[int, Check]:
        """The columns of numbers, by position, whose decimal mark the file has yet to show.

        A program that saved the file with another delimiter than the platform's wrote its own decimal mark:
        with semicolons and tabs that may be a comma, with commas it is a point.
        """
        if self._is_typed or self.delimiter == self._contract.delimiters[0]:
            return {}
        natural = {",": ".", ";": ","}.get(self.delimiter)
        return {
            position: check
            for position, check in self._with_one_mark.items()
            if decimal_mark(check.formats) != natural
        }

    @cached_property
    def _with_one_mark(self) -> dict[int, Check]:
        """The columns of numbers, by position, in which three digits behind a mark may be a group."""
        return {
            position: check
            for position, check in self._checks.items()
            if check.column.type in NUMBER_TYPES
            and check.column.type != "integer"
            and decimal_mark(check.formats) != NUMBER_FORMATS["flat"].mark
        }

    def _is_footer_line(self, raw: bytes) -> bool:
        """Whether a line that has not the columns of the header is the footer: it is a text, not a row."""
        cells = tuple(split_line(raw.decode(errors="replace"), self.delimiter))
        return any(self._is(pattern, cells) for pattern in self._contract.footer)

    def stands_alone(self, cells: tuple[str, ...]) -> bool:
        """Whether cells are plainly a record: in order, and one of them of a type that no free text has."""
        verdict = self._verdict(Record(b"", cells))
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

    @cached_property
    def screen(self) -> Screen:
        """What the lines of the file are screened by."""
        patterns = [*self._contract.total_rows, *self._contract.footer]
        names = {
            position
            for position, check in self._checks.items()
            if (check.column.type not in NUMBER_TYPES or check.column.pattern)
            and check.column.name not in self._constants
        }
        return build_screen(
            self.width, self.delimiter, self.quote, self._checks, patterns, names, self._tokens
        )

    def suspects(self, cells: Cells, in_order: np.ndarray) -> np.ndarray:
        """The records, by index, that `judge` has to see; `in_order` is a mask of those whose lines are."""
        looking = {p: check for p, check in self._checks.items() if check.looks_at_cells}
        apart = {position: looking[position] for position in self.screen.apart}
        others = {position: check for position, check in looking.items() if position not in apart}
        everywhere = find_faulty(cells, apart, np.arange(len(in_order)))
        return np.union1d(everywhere, find_faulty(cells, others, np.flatnonzero(~in_order)))

    def _stand_ins_for(self, cells: list[str], rule: re.Pattern[str] | None) -> list[str]:
        """What raw holds for personal cells: their pseudonyms, or the cells where they name nobody."""
        known, before = self._stand_ins.setdefault(rule, ({}, {}))
        for cell in dict.fromkeys(cells):
            if cell not in known:
                known[cell] = before.get(cell) or self._stand_in(cell, rule)
        if len(known) > MAX_STAND_INS:
            self._stand_ins[rule] = ({}, known)
        return [known[cell] for cell in cells]

    def _stand_in(self, cell: str, rule: re.Pattern[str] | None) -> str:
        subject = "" if cell.strip() in self._tokens else subject_of(cell, rule)
        if not subject:
            return cell
        found = self._pseudonymise(subject)
        self._originals.setdefault(found, cell)
        return found

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

    def splice(self, cells: Cells, load_id: int, row_numbers: np.ndarray) -> pl.Series:
        """The records as rows for COPY, as `rewrite` makes them.

        What stays of a record is cut out of the block as it stands.
        """
        texts: list[pl.Series | str] = [f"{load_id}{self.delimiter}", pl.Series(row_numbers).cast(pl.String)]
        objects = {}
        begin = cells.starts
        if 0 not in self._extra:
            texts.append(self.delimiter)
        for position, rule in sorted(self._rules.items()):
            starts, ends = cells.place(position)
            # the delimiter before it is written anew, or goes along
            if position:
                texts.append(cells.between(begin, starts - 1))
            begin = ends
            stand_ins = pl.Series(self._stand_ins_for(cells.text(position).to_list(), rule), dtype=pl.String)
            if position in self._extra:
                objects[self._extra[position]] = stand_ins
            else:
                texts += [self.delimiter if position else "", self._quoted(stand_ins)]
        texts.append(cells.between(begin, cells.ends))
        if objects:
            extra = pl.DataFrame(objects).to_struct().struct.json_encode()
            texts += [self.delimiter, self._quoted(extra)]
        texts.append("\n")
        return pl.select(pl.concat_str(pl.lit(text) for text in texts)).to_series()

    def _quoted(self, texts: pl.Series) -> pl.Series:
        return self.quote + texts.str.replace_all(self.quote, self.quote * 2, literal=True) + self.quote


def _is_of_the_end(fault: Fault, last: Check | None) -> bool:
    """Whether a record that breaks off may have this fault: of its end, or of its last cell."""
    if fault.code == "wrong_width":
        return bool(fault.parameters["found"] < fault.parameters["expected"])
    is_last = last is not None and fault.column == last.column.name
    return is_last or fault.code in ("unclosed_quote", "invalid_encoding")
