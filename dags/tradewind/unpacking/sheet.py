"""The rows of a worksheet, one after the other, as texts; and those that hold what no text tells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import IO

from tradewind.unpacking.cell_text import (
    FIRST_ROUNDED,
    TextFaultError,
    as_moment,
    as_number,
    as_text,
    from_iso,
    unescaped,
)
from tradewind.unpacking.number_texts import NumberTexts
from tradewind.unpacking.package import BLANKS, Book
from tradewind.unpacking.protocol import Refusal, RowFault
from tradewind.unpacking.xml_stream import XmlReader

FULL_SHEET_ROWS = 1_048_576
MAX_COLUMNS = 16_384
# a sheet whose rows times columns are more than this must have filled its share of them
MAX_EMPTY_CELLS = 500_000
MIN_FILLED = 0.02

_FORMULA = r"<f(?=[ >])[^<>]*+(?<!/)>[^<]*+</f>"
_SHARED_FORMULA = r"<f(?=[ /])[^<>]*+(?<=/)>"
# rows as most writers spell them, without errors, entities and formulas that have no result; the second takes
# cells out of them
_PLAIN_ROWS = re.compile(
    r'(?>\s*<row(?: [\w.:]+="[^"<&]*+")*+(?:/>|>'
    r'(?><c(?: r="[A-Z]{1,3}[0-9]{1,7}")?(?: s="[0-9]{1,5}")?(?: t="(?:s|n|str|b|inlineStr)")?'
    rf"(?:/>|>(?:<v>[^<&\r]*+</v>|(?:{_SHARED_FORMULA}|{_FORMULA})<v>[^<&\s][^<&\r]*+</v>|"
    r'<is><t(?: xml:space="preserve")?>[^<&\r]*+</t></is>)?</c>))*+'
    r"</row>))*+"
)
_CELLS = re.compile(
    r'<c(?: r="([A-Z]{1,3})[0-9]{1,7}")?((?: s="[0-9]{1,5}")?(?: t="[a-zA-Z]+")?)'
    r"(?:/>|>(?:(?:<f[^<>]*+>(?:[^<]*+</f>)?)?<v>([^<]*+)</v>|"
    r'<is><t( xml:space="preserve")?>([^<]*+)</t></is>)?</c>)'
)
_ROW_NUMBER = re.compile(r'<row[^>]*? r="([0-9]+)"')
_ROW = re.compile(r"\s*<row[^>]*>(.*?)</row>", re.DOTALL)
_CELL = re.compile(
    r'<c r="([A-Z]{1,3})[0-9]{1,7}"((?: s="[0-9]{1,5}")?(?: t="(?:s|n|str|b)")?)>'
    rf"(?:(?P<shared>{_SHARED_FORMULA})|(?P<formula>{_FORMULA})|)<v>[^<]*</v></c>"
)
_STYLE = re.compile(r's="([0-9]+)"')
_TYPE = re.compile(r't="([a-zA-Z]+)"')
_LETTERS = re.compile("[A-Za-z]{1,3}")
# such a number stands in the file as a CSV export would write it
_NUMBER = r"-?(?:0|[1-9][0-9]{0,14}|(?=[0-9.]{1,16}(?:,|\Z))(?:0|[1-9][0-9]*)\.[0-9]*[1-9])"
_PLAIN_NUMBER = re.compile(_NUMBER)
_PLAIN_NUMBERS = re.compile(f"(?>{_NUMBER}(?:,(?!\\Z)|\\Z))*+")


class SheetReader(XmlReader):
    """Reads one sheet. Stateful: `faults` are those of the rows read so far, counted from 0."""

    list_name, closing = "sheetData", b"</row>"

    def __init__(self, book: Book) -> None:
        super().__init__()
        self.faults: list[RowFault] = []
        self.number_texts = NumberTexts()
        self._book = book
        # how a number is shown, by the attributes of a cell as they are spelled
        self._spelled: dict[str, tuple[str, str | None]] = {}
        # rows that hold anything: the number of the first, from 1, those that follow it without a gap,
        # and how many cells are filled; and the number of the last row
        self._ready: list[tuple[int, list[Sequence[str]], int]] = []
        self._number = 0
        # the row that is being read, or None between two
        self._row: list[str] | None = None
        self._fault: str | None = None
        self._rounded: list[int] = []
        # the cell that is being read
        self._position = -1
        self._kind = "n"
        self._format: str | None = None
        self._has_formula = False
        self._value: str | None = None
        self._texts: list[str] | None = None
        # the text that is being read, or None
        self._text: list[str] | None = None
        self._is_kept = False
        self._is_reading = False
        # how much of the sheet is filled
        self._width = 0
        self._filled = 0
        # columns on the left that are blank in each row so far
        self.indent = MAX_COLUMNS

    def rows(self, stream: IO[bytes]) -> Iterator[Sequence[str]]:
        """The rows from the first of the sheet to the last that holds anything; each ends with its last cell.

        Raises:
            Refusal: the sheet is full to its last row, nearly empty, or too many of its rows are no good.
        """
        written = 0
        for _ in self.steps(stream):
            for first, rows, filled in self._ready:
                last = first + len(rows) - 1
                self._measure(last, max(map(len, rows)), filled)
                if self.indent:
                    self.indent = min(self.indent, *map(_blanks_before, rows))
                for _ in range(first - written - 1):
                    yield []
                yield from rows
                written = last
            self._ready.clear()

    def _measure(self, last: int, width: int, filled: int) -> None:
        self._width = max(self._width, width)
        self._filled += filled
        area = last * self._width
        if area > MAX_EMPTY_CELLS and self._filled < MIN_FILLED * area:
            raise Refusal("sparse")
        if last >= FULL_SHEET_ROWS:
            raise Refusal("truncated")

    def take_plain(self, chunk: str) -> bool:
        """Take a chunk of whole rows, or return False for one that is not plain."""
        if self._take_alike(chunk):
            return True
        if not _PLAIN_ROWS.fullmatch(chunk):
            return False
        self._take_each(chunk)
        return True

    def _take_alike(self, chunk: str) -> bool:
        """Take rows that are all spelled like the first, a column at a time, or nothing."""
        row = _ROW.match(chunk)
        spelled = tuple((cell[1], cell[2], cell.lastgroup) for cell in _CELL.finditer(row[1])) if row else ()
        if [_column(letters) for letters, *_ in spelled] != list(range(len(spelled))) or not spelled:
            return False
        pattern, tags = _row_pattern(spelled)
        found = pattern.findall(chunk)
        count = len(found)
        # nothing but such rows has this many tags
        if chunk.count("<") != count * tags or "&" in chunk or "\r" in chunk:
            return False
        numbers, *cells = zip(*found, strict=True)
        first = self._number + 1
        if ",".join(numbers) != ",".join(map(str, range(first, first + count))):
            return False
        if any(
            formula and not all(map(str.strip, values))
            for (*_, formula), values in zip(spelled, cells, strict=True)
        ):
            return False
        self._fault, self._rounded = None, []
        columns = []
        for self._position, ((_, attributes, _), values) in enumerate(zip(spelled, cells, strict=True)):
            columns.append(self._column_of(attributes, values))
        # where a row is no good, or ends early, each is looked at by itself
        if self._fault or self._rounded or not all(columns[-1]):
            return False
        filled = count * len(columns) - sum(column.count("") for column in columns)
        self._number += count
        self._ready.append((first, list(zip(*columns, strict=True)), filled))
        return True

    def _column_of(self, attributes: str, values: tuple[str, ...]) -> list[str]:
        kind, shown_as = self._spelled.get(attributes) or self._learn(attributes)
        if kind == "s" and not self._book.bad_texts and all(values) and "".join(values).isdecimal():
            texts = list(map(self._book.texts.__getitem__, map(int, values)))
            if self._book.number_texts:
                self.number_texts.add(self._position, set(texts))
            return texts
        if kind == "n" and shown_as is None and _PLAIN_NUMBERS.fullmatch(",".join(values)):
            return list(values)
        return [self._as_text(kind, shown_as, value) for value in values]

    def _take_each(self, chunk: str) -> None:
        texts, has_odd_texts = self._book.texts, self._book.bad_texts or self._book.number_texts
        for part in chunk.split("</row>")[:-1]:
            # empty rows may stand before it, in a spelling of their own
            beginning = part.rfind("<row")
            found = _ROW_NUMBER.match(part, beginning)
            self._begin_row(found[1] if found else None, empty_before=part.count("<row", 0, beginning))
            row: list[str] = self._row  # type: ignore[assignment]  # it has just begun
            for letters, attributes, value, kept, inline in _CELLS.findall(part, beginning):
                position = _column(letters) if letters else self._position + 1
                kind, shown_as = self._spelled.get(attributes) or self._learn(attributes)
                self._position = position
                if kind == "s" and value.isdecimal() and not has_odd_texts:
                    text = texts[int(value)]
                elif kind == "n" and shown_as is None and _PLAIN_NUMBER.fullmatch(value):
                    text = value
                elif inline:
                    text = self._checked(inline if kept else inline.strip(BLANKS))
                else:
                    text = self._as_text(kind, shown_as, value)
                if position == len(row):
                    row.append(text)
                elif text:
                    self._put(text)
            self._end_row()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if name == "row":
            self._begin_row(attributes.get("r"))
        elif self._row is None:
            return
        elif name == "c":
            letters = _LETTERS.match(attributes.get("r", ""))
            self._position = _column(letters[0].upper()) if letters else self._position + 1
            self._kind = attributes.get("t", "n")
            self._format = self._shown_as(attributes.get("s", "0"))
            self._has_formula, self._value, self._texts = False, None, None
        elif name == "f":
            self._has_formula = True
        elif name == "is":
            self._texts = []
        elif name == "rPh":
            self._is_reading = True
        elif name == "v" or (name == "t" and not self._is_reading):
            self._text = []
            self._is_kept = name == "v" or attributes.get("space") == "preserve"

    def data(self, text: str) -> None:
        """A piece of text."""
        if self._text is not None:
            self._text.append(text)

    def end(self, name: str) -> None:
        """An element ends."""
        if name == "row":
            self._end_row()
        elif name == "c" and self._row is not None:
            self._put(self._cell())
        elif name == "rPh":
            self._is_reading = False
        elif name in ("v", "t") and self._text is not None:
            text = "".join(self._text)
            text = text if self._is_kept else text.strip(BLANKS)
            self._text = None
            if name == "v":
                self._value = text
            elif self._texts is not None:
                self._texts.append(text)

    def _begin_row(self, written: str | None, *, empty_before: int = 0) -> None:
        number = int(written) if written else self._number + empty_before + 1
        if number <= self._number:
            # nobody knows which of two rows of one number is meant
            raise Refusal("damaged")
        self._number = number
        self._row, self._position = [], -1
        self._fault, self._rounded = None, []

    def _end_row(self) -> None:
        row, self._row = self._row or [], None
        while row and not row[-1]:
            row.pop()
        # an error or a missing result says more of its row than a rounded number
        if self._fault:
            self.faults.append(RowFault(self._number - 1, self._fault))
        elif self._rounded:
            self.faults.append(RowFault(self._number - 1, "precision_lost", cells=tuple(self._rounded)))
        if row or self._fault:
            self._ready.append((self._number, [row], len(row) - row.count("")))

    def _put(self, text: str) -> None:
        row: list[str] = self._row  # type: ignore[assignment]  # cells stand in rows
        if self._position >= MAX_COLUMNS:
            raise Refusal("damaged")
        if self._position >= len(row):
            row.extend([""] * (self._position + 1 - len(row)))
        row[self._position] = text

    def _cell(self) -> str:
        if self._texts is not None:
            return self._checked("".join(self._texts))
        is_blank = not (self._value or "").strip(BLANKS)
        if self._has_formula and is_blank and self._kind != "e":
            if self._kind != "str" or self._value is None or not self._book.is_calculated:
                self._fault = "formula_without_result"
            return ""
        return self._as_text(self._kind, self._format, self._value or "")

    def _as_text(self, kind: str, shown_as: str | None, value: str) -> str:
        if kind == "e":
            self._fault = "error_cell"
            return value
        if not value.strip(BLANKS):
            return ""
        if kind == "s":
            return self._shared(value)
        if kind == "b":
            return {"1": "true", "0": "false"}.get(value, value.lower())
        if kind == "d":
            return from_iso(value)
        return self._number_text(shown_as, value) if kind == "n" else self._checked(value)

    def _shared(self, value: str) -> str:
        index = int(value)
        if not 0 <= index < len(self._book.texts):
            raise Refusal("damaged")
        if fault := self._book.bad_texts.get(index):
            self._fault = fault
        if index in self._book.number_texts:
            self.number_texts.add(self._position, [self._book.texts[index]])
        return self._book.texts[index]

    def _checked(self, text: str) -> str:
        self.number_texts.add(self._position, [text])
        try:
            return unescaped(text)
        except TextFaultError as fault:
            # as it is written: the text itself no file may hold
            self._fault = str(fault)
            return text

    def _number_text(self, shown_as: str | None, value: str) -> str:
        number = as_number(value.strip(BLANKS))
        if number is None:
            return value
        moment = as_moment(number, shown_as, is_1904=self._book.is_1904) if shown_as else None
        if moment is not None:
            return as_text(moment)
        if abs(number) >= FIRST_ROUNDED:
            self._rounded.append(self._position)
        return as_text(number)

    def _learn(self, attributes: str) -> tuple[str, str | None]:
        kind, style = _TYPE.search(attributes), _STYLE.search(attributes)
        known = self._spelled[attributes] = (
            kind[1] if kind else "n",
            self._shown_as(style[1] if style else "0"),
        )
        return known

    def _shown_as(self, style: str) -> str | None:
        formats = self._book.formats
        return formats[int(style)] if style.isdecimal() and int(style) < len(formats) else None


def _blanks_before(row: Sequence[str]) -> int:
    return next((position for position, text in enumerate(row) if text), MAX_COLUMNS)


@lru_cache(maxsize=64)
def _row_pattern(spelled: tuple[tuple[str, str, str | None], ...]) -> tuple[re.Pattern[str], int]:
    """A row of the cells that have these letters, attributes and kinds of formula, which takes out their
    values; and how many tags it has.
    """
    formulas = {None: "", "formula": _FORMULA, "shared": _SHARED_FORMULA}
    tags = {None: 4, "formula": 6, "shared": 5}
    cells = "".join(
        rf'<c r="{letters}[0-9]{{1,7}}"{attributes}>{formulas[formula]}<v>([^<]*+)</v></c>'
        for letters, attributes, formula in spelled
    )
    pattern = re.compile(rf'<row r="([0-9]{{1,7}})"[^<>]*+>{cells}</row>')
    return pattern, 2 + sum(tags[formula] for *_, formula in spelled)


@lru_cache(maxsize=1 << 15)
def _column(letters: str) -> int:
    """The position of a column from 0."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
