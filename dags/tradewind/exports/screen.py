"""What whole lines are screened by: regular expressions over all their cells, matched by polars.

A line that fits `in_order` is a record that the exact reader would load. What fits `record` alone is split as
it should be, and its cells are looked at column by column. The rest is for the exact reader.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from tradewind.exports.blanks import BLANK_CHARACTERS, BLANKS
from tradewind.exports.checks import Check
from tradewind.exports.contract import RowPattern
from tradewind.exports.lines import Cells
from tradewind.exports.records import NO_QUOTE
from tradewind.exports.surroundings import TOTAL

# numbers as most files have them, each with samples of what it lets pass: used where the check takes them all
_PLAIN_NUMBERS = {
    "[-+]?[0-9]{1,15}": ("0", "-7", "+007", "9" * 15),
    r"[-+]?[0-9]{1,15}\.[0-9]{1,2}": ("0.0", "-7.5", "+007.25", "9" * 15 + ".99"),
    r"[-+]?[0-9]{1,15}\.[0-9]{3,12}": ("0.000", "-1234.125", "+007.0625", "9" * 15 + "." + "9" * 12),
}
# days that the month has, whatever the year
_DAYS = (
    {"m": "(?:0?[1-9]|1[0-2])", "d": "(?:0?[1-9]|1[0-9]|2[0-8])"},
    {"m": "(?:0?[13-9]|1[0-2])", "d": "(?:29|30)"},
    {"m": "(?:0?[13578]|1[02])", "d": "31"},
)
_MONTHS = calendar.month_name[1:]
_MONTHS_WITH = ({*range(1, 13)}, {*range(1, 13)} - {2}, {1, 3, 5, 7, 8, 10, 12})
_PLAIN_DIRECTIVES = {
    "Y": "(?:19|20)[0-9]{2}", "y": "[0-9]{2}", "H": "(?:[01][0-9]|2[0-3])", "I": "(?:0[1-9]|1[0-2])",
    "M": "[0-5][0-9]", "S": "[0-5][0-9]", "p": "[AP]M", "z": "[-+](?:0[0-9]|1[01]):?[0-5][0-9]", "Z": "UTC",
    "%": "%",
}  # fmt: skip
_SAMPLE_DAYS = [
    datetime.fromisoformat(text)
    for text in ("2099-12-31T23:59:59", "1900-01-01", "2026-06-30T12:00:00", "2026-02-28")
]
# patterns that no delimiter, quote or line end can fit: of letters, digits and classes of them
_CLOSED_PATTERN = re.compile(r"(?:[A-Za-z0-9_ ()?:|]|\{[0-9,]+\}|\[(?:A-Z|a-z|0-9|[A-Za-z0-9_])+\]|[+*])+")


@dataclass(frozen=True)
class Screen:
    """The expressions for one file; `apart` are the columns whose rule has no place in `in_order`.

    `nothing` fits lines in which nothing is to be seen but delimiters, `special` those that may be total rows
    or footers. Where polars cannot compile them, `record` is None, and each line is for the exact reader.
    """

    delimiter: str
    record: str | None
    in_order: str
    nothing: str
    special: tuple[str, ...]
    apart: frozenset[int]
    # fits the lines that name nothing but a total: they may hold the sums of the others
    summary: str | None = None

    def is_in_order(self, texts: pl.Series) -> np.ndarray:
        """A mask of the texts that are records to be loaded, as far as their columns are not `apart`."""
        return texts.str.contains(self.in_order).to_numpy()

    def is_record(self, texts: pl.Series) -> np.ndarray:
        """A mask of the texts that are split as records should be."""
        return texts.str.contains(self.record or "$^").to_numpy()

    def is_nothing(self, texts: pl.Series) -> np.ndarray:
        """A mask of the texts in which nothing is to be seen."""
        return texts.str.contains(self.nothing).to_numpy()

    def has_delimiter(self, texts: pl.Series) -> np.ndarray:
        """A mask of the texts with more than one cell."""
        return texts.str.contains(self.delimiter, literal=True).to_numpy()

    def is_special(self, texts: pl.Series) -> np.ndarray:
        """A mask of the texts that may be total rows or footers; some are none."""
        found = np.zeros(len(texts), dtype=bool)
        # with quotes not doubled each cell stands in its line as the exact reader sees it
        doubled = np.flatnonzero(texts.str.contains('""', literal=True).to_numpy())
        cells = texts.gather(doubled).str.replace_all('""', '"', literal=True)
        for pattern in self.special:
            is_special = texts.str.contains(pattern).to_numpy(writable=True)
            is_special[doubled] = cells.str.contains(pattern).to_numpy()
            found |= is_special
        if self.summary:
            found |= texts.str.contains(self.summary).to_numpy()
        return found


def build_screen(
    width: int,
    delimiter: str,
    quote: str,
    checks: dict[int, Check],
    patterns: Iterable[RowPattern],
    names: Collection[int] = (),
    tokens: Iterable[str] = (),
) -> Screen:
    """The expressions for the lines of a file with so many columns, `checks` by their position.

    `names` are the columns that a row of sums leaves blank, or where it says what it is; `tokens` stand for
    nothing.
    """
    dialect = _Dialect(delimiter, quote)
    cells = [dialect.any_cell] * width
    apart = set()
    for position, check in checks.items():
        if not check.looks_at_cells:
            continue
        cell = dialect.cell_of(check)
        if cell is None:
            apart.add(position)
        else:
            cells[position] = cell
    between = f"[{delimiter}]"
    record = f"^{between.join([dialect.any_cell] * width)}$"
    in_order = f"^{between.join(cells)}$"
    if not compiles(in_order):
        in_order, apart = record, {position for position, check in checks.items() if check.looks_at_cells}
    edge, blanks = f'["{delimiter}]', f"[{BLANK_CHARACTERS}]*"
    special = tuple(f"(?:^|{edge}){blanks}(?s:{item.pattern}){blanks}(?:$|{edge})" for item in patterns)
    # one text alone may be the sentence that there are no rows
    empty = f'[{delimiter}"{BLANK_CHARACTERS}]*'
    special += (f'^{empty}(?:"(?:[^"]|"")*"|[^{delimiter}"\r\n]+){empty}$',)
    nameless = dialect.nameless_of(tokens)
    summary = between.join(nameless if place in names else dialect.any_cell for place in range(width))
    return Screen(
        summary=f"^{summary}$" if names and compiles(f"^{summary}$") else None,
        delimiter=delimiter,
        record=record if compiles(record) and all(map(compiles, special)) else None,
        in_order=in_order,
        nothing=f"^[{delimiter}{BLANK_CHARACTERS}]*$",
        special=special,
        apart=frozenset(apart),
    )


def compiles(pattern: str) -> bool:
    """Whether polars takes the expression: it has no lookarounds, and a limit to its size."""
    try:
        pl.Series([""]).str.contains(pattern)
    except pl.exceptions.ComputeError:
        return False
    return True


class _Dialect:
    """The expressions for the cells of one dialect."""

    def __init__(self, delimiter: str, quote: str) -> None:
        self._delimiter = delimiter
        self._is_quoted = quote == '"'
        stops = f"{delimiter}{quote}\r\n\\x00"
        blanks = "".join(mark for mark in BLANK_CHARACTERS if mark not in stops)
        self._bare = f"[^{stops}]"
        self._blank = f"[{blanks}]"
        self._visible = f"[^{BLANK_CHARACTERS}{stops}]"
        # no number that a spreadsheet rounded is without a plus
        self._bare_id = f"[^+{stops}]"
        self._visible_bare_id = f"[^+{BLANK_CHARACTERS}{stops}]"
        self._inner = '(?:[^"\\x00]|"")'
        self._visible_inner = f'(?:[^{BLANK_CHARACTERS}"\\x00]|"")'
        self._inner_id = '(?:[^+"\\x00]|"")'
        self._visible_inner_id = f'(?:[^+{BLANK_CHARACTERS}"\\x00]|"")'
        # in a line that is a record a blank is neither of these
        self._typed_blanks = f"[{''.join(mark for mark in BLANK_CHARACTERS if mark not in stops)}]*"
        self.any_cell = self._either(f"{self._bare}*", f"{self._inner}*")

    def nameless_of(self, tokens: Iterable[str]) -> str:
        """The expression for a cell that is blank, or says that its row holds sums."""
        texts = "|".join((f"(?i:{TOTAL})", *map(re.escape, tokens), ""))
        blanks = f"[{BLANK_CHARACTERS}]*"
        return self._either(f"{self._blank}*(?:{texts}){self._blank}*", f"{blanks}(?:{texts}){blanks}")

    def _either(self, bare: str | None, quoted: str) -> str:
        forms = [] if bare is None else [bare]
        if self._is_quoted:
            forms.append(f'"(?:{quoted})"')
        return f"(?:{'|'.join(forms)})"

    def cell_of(self, check: Check) -> str | None:
        """The expression that only sound cells of the column fit, and most of them; None where there is none
        that could stand between delimiters.
        """
        column, pattern = check.column, check.pattern or ""
        if not check.patterns:
            return self._text_of(check)
        if len(check.patterns) > 1:
            return None
        if column.pattern and not (_CLOSED_PATTERN.fullmatch(column.pattern) and compiles(pattern)):
            return None
        if check.forms:
            plain = "|".join(
                form for item in check.formats for form in _plain_dates(item) if self._may_hold_none_of(form)
            )
            samples = [text for item in check.formats for text in _sample_dates(item)]
            if not plain or any(check.fault(text) for text in samples):
                return None
            bare = quoted = plain if column.not_empty else f"(?:{plain})?"
            return self._either(bare, quoted)
        whole = pattern.replace(BLANKS, self._typed_blanks)
        if self._may_hold_none_of(whole):
            return self._either(whole, whole)
        plain = "|".join(
            form for form, samples in _PLAIN_NUMBERS.items() if not any(check.fault(text) for text in samples)
        )
        if not plain:
            return None
        return self._either(
            plain if column.not_empty else f"(?:{plain})?", plain if '"' in pattern else pattern
        )

    def _text_of(self, check: Check) -> str:
        """The same of any text that is not empty, or no rounded id, or both."""
        bare, inner = (self._bare_id, self._inner_id) if check.is_id else (self._bare, self._inner)
        if not check.column.not_empty:
            return self._either(f"{bare}*", f"{inner}*")
        visible = self._visible_bare_id if check.is_id else self._visible
        visible_inner = self._visible_inner_id if check.is_id else self._visible_inner
        return self._either(
            f"{self._blank}*{visible}{bare}*", f"[{BLANK_CHARACTERS}]*{visible_inner}{inner}*"
        )

    def _may_hold_none_of(self, pattern: str) -> bool:
        """Whether nothing that fits the pattern of a typed cell holds a delimiter, a quote or a line end."""
        literal = re.sub(r"\{[0-9]*,?[0-9]*\}", "", pattern)
        delimiter = "\\|" if self._delimiter == "|" else self._delimiter
        return not any(mark in literal for mark in (delimiter, '"', "\r", "\n", NO_QUOTE.decode(), "\0"))


def _plain_dates(text: str) -> list[str]:
    """Expressions for days that exist in any year, in a date format; none where it has other directives."""
    parts = re.split("%(.)", text)
    found = []
    for table, months in zip(_DAYS, _MONTHS_WITH, strict=True):
        names = [_MONTHS[month - 1] for month in sorted(months)]
        directives = {
            **_PLAIN_DIRECTIVES, **table, "B": f"(?i:{'|'.join(names)})",
            "b": f"(?i:{'|'.join(name[:3] for name in names)})",
        }  # fmt: skip
        if not all(part in directives for part in parts[1::2]):
            return []
        found.append(
            "".join(directives[part] if index % 2 else re.escape(part) for index, part in enumerate(parts))
        )
    return found


def _sample_dates(text: str) -> list[str]:
    return [
        day.strftime(text.replace("%z", zone).replace("%Z", "UTC"))
        for day in _SAMPLE_DAYS
        for zone in ("+1159", "-11:59", "-00:00")
    ]


def find_faulty(cells: Cells, checks: dict[int, Check], rows: np.ndarray) -> np.ndarray:
    """Those of the rows of which a cell breaks its column's rule; `checks` by position."""
    faulty = np.zeros(len(rows), dtype=bool)
    for position, check in checks.items() if len(rows) else ():
        faulty |= breaks_rule(cells.text(position, rows), check)
    return rows[faulty]


def breaks_rule(cells: pl.Series, check: Check) -> np.ndarray:
    """A mask of the faulty cells; each distinct one is checked once."""
    distinct = cells.unique()
    whole = f"^(?:{check.pattern})$" if check.pattern else "^"
    if compiles(whole):
        # of these characters both libraries think alike
        is_sound = distinct.str.contains("^[ -~]*$") & distinct.str.contains(whole)
        if check.is_id:
            is_sound &= ~distinct.str.contains("+", literal=True)
        distinct = distinct.filter(~is_sound)
    faulty = [cell for cell in distinct.to_list() if check.fault(cell)]
    if not faulty:
        return np.zeros(len(cells), dtype=bool)
    return cells.is_in(faulty).to_numpy()
