"""Numbers: how each format writes them, as a regular expression that Python, polars (Rust) and PostgreSQL
read alike, and how PostgreSQL reads a text that fits it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from tradewind.exports.blanks import BLANK_CHARACTERS, BLANKS

NUMBER_TYPES = ("integer", "decimal", "percent", "money")
MINUS = "-\u2212"
SIGN = f"[-+{MINUS[1]}]?"
SYMBOL = "(?:[A-Z]{0,3}[$€£¥￥₹₩₺₽₫฿₪₱₦₴]|[A-Z]{3}|zł|kr|Kč|Ft)"
_SYMBOL_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ$€£¥￥₹₩₺₽₫฿₪₱₦₴złkrčFt"
# digits of a whole number: as many as a spreadsheet keeps, and a bigint holds the sum of thousands of them
MAX_INTEGER_DIGITS = 15
# digits of other numbers before the decimal mark, and behind it: more than any export has
MAX_DIGITS = 30


@dataclass(frozen=True)
class NumberFormat:
    """A format: what separates its groups of digits, and its decimal mark."""

    separators: str
    mark: str
    lakhs: bool = False
    # where either mark may be the decimal one, three digits behind it could be a group
    fraction: str = f"[0-9]{{0,{MAX_DIGITS}}}"

    def whole(self, most_digits: int) -> str:
        """The pattern of digits, in groups or not; 0,123 is no group, another format writes a fraction so."""
        plain = f"[0-9]{{1,{most_digits}}}"
        if not self.separators:
            return plain
        separator = f"[{self.separators}]"
        if self.lakhs:
            pairs = f"(?:{separator}[0-9]{{2}}){{0,{(most_digits - 4) // 2}}}"
            return f"(?:[1-9][0-9]?{pairs}{separator}[0-9]{{3}}|{plain})"
        return f"(?:[1-9][0-9]{{0,2}}(?:{separator}[0-9]{{3}}){{1,{most_digits // 3 - 1}}}|{plain})"

    @property
    def number(self) -> str:
        """The pattern of a number with or without a fraction."""
        mark = f"[{self.mark}]"
        return f"(?:{self.whole(MAX_DIGITS)}(?:{mark}{self.fraction})?|{mark}[0-9]{{1,{MAX_DIGITS}}})"


# 1,234.56 · 1.234,56 · 1 234,56 · 1'234.56 · 12,34,567.89 · 1234.56 and 1234,56, never in groups
NUMBER_FORMATS = {
    "en": NumberFormat(",", "."),
    "de": NumberFormat(".", ","),
    "fr": NumberFormat(" \u00a0\u202f", ","),
    "ch": NumberFormat("'\u2019", "."),
    "in": NumberFormat(",", ".", lakhs=True),
    "flat": NumberFormat("", ".,", fraction=f"(?:[0-9]{{0,2}}|[0-9]{{4,{MAX_DIGITS}}})"),
}


def decimal_mark(formats: Sequence[str]) -> str:
    """The decimal mark of the formats of one file.

    Raises:
        ValueError: they have different ones, so that 1,234 would be two numbers.
    """
    marks = {NUMBER_FORMATS[item].mark for item in formats}
    if len(marks) != 1:
        raise ValueError(
            f"the formats {sorted(formats)} have different decimal marks: 1,234 would be two numbers"
        )
    return marks.pop()


@lru_cache(maxsize=1_000)
def number_pattern(kind: str, formats: tuple[str, ...], symbol: str | None = None) -> str:
    """The pattern of a cell of this type without blanks at its edges; `symbol` is the one currency sign."""
    if kind == "integer":
        return f"{SIGN}(?:{'|'.join(NUMBER_FORMATS[item].whole(MAX_INTEGER_DIGITS) for item in formats)})"
    number = f"(?:{'|'.join(NUMBER_FORMATS[item].number for item in formats)})"
    if kind == "percent":
        return f"{SIGN}{number}{BLANKS}%?"
    if kind == "money":
        sign = re.escape(symbol) if symbol else SYMBOL
        # the minus stands before the sign of the currency or behind it, never in both places
        return f"(?:{SIGN}(?:{sign})?{BLANKS}|(?:{sign}){BLANKS}{SIGN}){number}{BLANKS}(?:{sign})?"
    return f"{SIGN}{number}"


def number_value(kind: str, formats: tuple[str, ...], cell: str) -> str:
    """SQL of the number in a cell that fits `number_pattern`, as numeric: 5 for 5 %."""
    # a whole number has no decimal mark, so that any group of three is one
    mark = "" if kind == "integer" else decimal_mark(formats)
    dropped = "".join(NUMBER_FORMATS[item].separators for item in formats) + BLANK_CHARACTERS
    dropped += {"percent": "%", "money": _SYMBOL_CHARACTERS}.get(kind, "")
    kept = "." * len(mark) + "-"
    return f"cast(translate({cell}, {sql_text(mark + MINUS[1] + dropped)}, '{kept}') as numeric)"


def as_decimal(kind: str, formats: tuple[str, ...], cell: str) -> Decimal:
    """The number in a cell that fits `number_pattern`: 5 for 5 %."""
    marks = "" if kind == "integer" else NUMBER_FORMATS[formats[0]].mark
    kept = "".join(character for character in cell if character in f"0123456789{MINUS}{marks}")
    return Decimal(kept.replace(MINUS[1], "-").replace(",", "."))


def sql_text(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
