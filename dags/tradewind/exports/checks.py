"""What a cell must look like, by type and format: one regular expression a column, the same for both
readers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from tradewind.exports.contract import Column, Contract
from tradewind.exports.dates import (
    BLANKS,
    DateFormat,
    date_format,
    date_pattern,
    is_calendar_day,
    readable_format,
)
from tradewind.exports.faults import Fault

# digits in groups, and the decimal mark: 1,234.56 · 1.234,56 · 1 234,56 · 1'234.56 · 12,34,567.89
_GROUPS = {
    "en": (r"[0-9]{1,3}(?:,[0-9]{3})+", r"\."),
    "de": (r"[0-9]{1,3}(?:\.[0-9]{3})+", ","),
    "fr": ("[0-9]{1,3}(?:[ \u00a0\u202f][0-9]{3})+", ","),
    "ch": ("[0-9]{1,3}(?:['\u2019][0-9]{3})+", r"\."),
    "in": (r"[0-9]{1,2}(?:,[0-9]{2})*,[0-9]{3}", r"\."),
}
INTEGERS = {name: f"{groups}|[0-9]+" for name, (groups, _) in _GROUPS.items()}
NUMBERS = {
    name: f"(?:{groups}|[0-9]+)(?:{mark}[0-9]*)?|{mark}[0-9]+" for name, (groups, mark) in _GROUPS.items()
}
SIGN = "[-+\u2212]?"
SYMBOL = "(?:[A-Z]{0,3}[$€£¥￥₹₩₺₽₫฿₪₱₦₴]|[A-Z]{3}|zł|kr|Kč|Ft)"
# what shows nothing: every space and line break of Unicode, the separators of ASCII, the byte-order mark
BLANK_CHARACTERS = (
    " \t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
    "\u200a\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
)
ANY_TEXT = f"(?s:.*[^{BLANK_CHARACTERS}].*)"
BOOLEANS = [
    "true",
    "false",
    "True",
    "False",
    "TRUE",
    "FALSE",
    "yes",
    "no",
    "Yes",
    "No",
    "YES",
    "NO",
    "0",
    "1",
]
_EXPONENT = re.compile(r"[-+]?[0-9](?:\.[0-9]+)?[eE]\+?[0-9]+")

# what a reason says that a column should hold
KINDS = {
    "boolean": "true or false",
    "text": "text",
    "integer": "whole number",
    "percent": "percentage",
    "money": "amount of money",
    "decimal": "number",
}


def is_blank(text: str) -> bool:
    """Whether there is nothing to be seen in a text: the one notion of a blank cell, record and line."""
    return not text.strip(BLANK_CHARACTERS)


@dataclass(frozen=True)
class Check:
    """The check of one column of a file; `pattern` is for the whole cell and lets null tokens pass."""

    column: Column
    pattern: str | None
    formats: tuple[str, ...]
    dates: tuple[DateFormat, ...]
    expected: str
    empty: str

    def fault(self, value: str) -> Fault | None:
        """What is wrong with a cell, or None."""
        if self.pattern is None or _compiled(self.pattern).fullmatch(value):
            if not self.dates or _compiled(self.empty).fullmatch(value) or self.is_date(value):
                return None
            return Fault("impossible_date", self.column.name, {"expected": self.expected})
        if self.column.not_empty and _compiled(self.empty).fullmatch(value):
            return Fault("empty_value", self.column.name)
        is_number_or_id = self.column.type != "text" or self.column.pattern
        if is_number_or_id and _EXPONENT.fullmatch(value.strip(BLANK_CHARACTERS)):
            return Fault("precision_lost", self.column.name, {"expected": self.expected})
        code = "unexpected_value" if self.column.pattern or self.column.one_of else "wrong_type"
        return Fault(code, self.column.name, {"expected": self.expected})

    def is_date(self, value: str) -> bool:
        """Whether the cell names a day of the calendar in one of the formats."""
        for date in self.dates:
            if (found := _compiled(date.pattern).fullmatch(value)) and is_calendar_day(
                found[1], date.date_part
            ):
                return True
        return False


@lru_cache(maxsize=10_000)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def compile_check(column: Column, contract: Contract, locale: str, symbol: str | None = None) -> Check:
    """The check of a column in files of a locale; `symbol` is the one currency sign that amounts may
    carry.
    """
    tokens = "|".join(re.escape(token.strip()) for token in contract.null_tokens)
    empty = f"{BLANKS}(?:{tokens})?{BLANKS}" if tokens else BLANKS
    formats = column.formats_for(locale)
    body, expected = _body(column, formats, symbol)
    dates = tuple(date_format(item) for item in formats) if column.type in ("date", "datetime") else ()
    if body is None:
        pattern = ANY_TEXT if column.not_empty else None
    elif column.not_empty:
        pattern = f"{BLANKS}(?:{body}){BLANKS}"
    else:
        pattern = f"{empty}|{BLANKS}(?:{body}){BLANKS}"
    return Check(column, pattern, tuple(formats), dates, expected, empty)


def _body(column: Column, formats: list[str], symbol: str | None) -> tuple[str | None, str]:
    if column.one_of:
        return "|".join(map(re.escape, column.one_of)), " | ".join(column.one_of)
    if column.pattern:
        return column.pattern, column.pattern
    if column.type in ("date", "datetime"):
        return "|".join(date_pattern(item) for item in formats), " | ".join(map(readable_format, formats))
    if column.type == "boolean":
        return "|".join(BOOLEANS), KINDS["boolean"]
    if column.type == "text":
        return None, KINDS["text"]
    if column.type == "integer":
        return f"{SIGN}(?:{'|'.join(INTEGERS[item] for item in formats)})", KINDS["integer"]
    number = f"(?:{'|'.join(NUMBERS[item] for item in formats)})"
    if column.type == "percent":
        return f"{SIGN}{number}{BLANKS}%?", KINDS["percent"]
    if column.type == "money":
        sign = re.escape(symbol) if symbol else SYMBOL
        return f"{SIGN}(?:{sign})?{BLANKS}{SIGN}{number}{BLANKS}(?:{sign})?", KINDS["money"]
    return f"{SIGN}{number}", KINDS["decimal"]
