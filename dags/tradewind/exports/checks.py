"""What a cell must look like, by type and format: the same rule for both readers, and for the models."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from tradewind.exports.blanks import BLANK_CHARACTERS, BLANKS
from tradewind.exports.contract import Column, Contract
from tradewind.exports.dates import DateFormat, date_format, readable_format
from tradewind.exports.faults import Fault
from tradewind.exports.numbers import (
    MAX_DIGITS,
    MAX_INTEGER_DIGITS,
    NUMBER_FORMATS,
    NUMBER_TYPES,
    number_pattern,
)
from tradewind.exports.reading import cell_pattern

# what a spreadsheet makes of a long id: 5.06E+12, and 5,06E+12 where the comma is the decimal mark
EXPONENT = r"[-+]?[0-9](?:[.,][0-9]+)?[eE]\+[0-9]+|[-+]?[0-9][.,][0-9]+[eE]-?[0-9]+"
# the same where any text may stand: 5E12 may be what a seller calls a product, and 5.06E+12 is not
ROUNDED_ID = r"[-+]?[0-9](?:[.,][0-9]+)?[eE]\+[0-9]{1,3}"
# words of which one stands in the name of a column that says which thing is meant
_ID_WORDS = frozenset(
    {"id", "ids", "sku", "skus", "msku", "fnsku", "asin", "ean", "upc", "gtin", "isbn", "barcode", "number",
     "no", "code", "reference", "ref"}
)  # fmt: skip
# with what a text could go on that was cut off
_CONTINUED = (*"0123456789aZ.,:-/% ", ":00", ".00", ",00", " 00:00", " 00:00:00", "T00:00:00", "+00:00")
# what nothing fits: a cell is then for `fault`
_NOTHING = "(?!)"

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
    """The check of one column of a file."""

    column: Column
    formats: tuple[str, ...]
    # each of them fits the whole cell, without the blanks at its edges
    patterns: tuple[str, ...]
    # texts that stand for nothing, and those of them that may; free text has none
    tokens: tuple[str, ...]
    allowed_tokens: tuple[str, ...]
    expected: str
    # what days are written like, whether they exist or not
    forms: tuple[DateFormat, ...]
    # whether the text says which thing is meant, so that a rounded one would be another thing
    is_id: bool

    @property
    def looks_at_cells(self) -> bool:
        """Whether there is anything that a cell could break."""
        return bool(self.patterns) or self.column.not_empty or self.is_id

    @property
    def pattern(self) -> str | None:
        """The one expression that a whole cell fits if it is sound; None where any text is.

        Where it takes more than one expression to tell, nothing fits it, and `fault` knows.
        """
        if not self.patterns:
            return f"(?s:.*[^{BLANK_CHARACTERS}].*)" if self.column.not_empty else None
        if len(self.patterns) > 1:
            return _NOTHING
        sound = f"{BLANKS}(?:{self.patterns[0]}){BLANKS}"
        return f"{self.may_be_empty}|{sound}" if self.may_be_empty else sound

    @property
    def empty(self) -> str:
        """The pattern of a whole cell that holds nothing."""
        return _any_of(("", *self.tokens))

    @property
    def may_be_empty(self) -> str | None:
        """The pattern of a whole cell that holds nothing and may; None where there must be something."""
        blank = () if self.column.not_empty else ("",)
        return _any_of((*blank, *self.allowed_tokens)) if blank or self.allowed_tokens else None

    def fault(self, value: str) -> Fault | None:
        """What is wrong with a cell, or None."""
        text = value.strip(BLANK_CHARACTERS)
        if text in self.allowed_tokens:
            return None
        if not text or text in self.tokens:
            return Fault("empty_value", self.column.name) if self.column.not_empty else None
        broken = next((item for item in self.patterns if not _compiled(item).fullmatch(text)), None)
        if broken is None and not (self.is_id and _compiled(ROUNDED_ID).fullmatch(text)):
            return None
        code = self._code(text)
        parameters: dict[str, object] = {"expected": self.expected}
        if code == "too_many_digits":
            parameters["limit"] = self._most_digits
        return Fault(code, self.column.name, parameters)

    def is_whole(self, value: str) -> bool:
        """Whether no other text that the column may hold begins with this one."""
        if self.column.one_of:
            return not any(item != value and item.startswith(value) for item in self.column.one_of)
        return bool(self.patterns) and all(self.fault(value + end) for end in _CONTINUED)

    @property
    def _most_digits(self) -> int:
        return MAX_INTEGER_DIGITS if self.column.type == "integer" else MAX_DIGITS

    @property
    def _marks(self) -> str:
        return "".join({NUMBER_FORMATS[item].mark for item in self.formats})

    def _has_other_mark(self, text: str) -> bool:
        """Whether a text is a number that this file writes with a point or a comma, and has the other one."""
        others = {".": ("de", "fr"), ",": ("en", "ch", "in")}.get(self._marks)
        # a whole number has no decimal mark
        if others is None or self.column.type == "integer":
            return False
        return bool(_compiled(number_pattern(self.column.type, others)).fullmatch(text))

    def _code(self, text: str) -> str:
        if any(_compiled(form.pattern).fullmatch(text) for form in self.forms):
            return "impossible_date"
        is_number_or_id = self.column.type != "text" or self.column.pattern or self.is_id
        if is_number_or_id and _compiled(EXPONENT).fullmatch(text):
            return "precision_lost"
        if self.column.type in NUMBER_TYPES and re.search(f"[0-9]{{{self._most_digits + 1}}}", text):
            return "too_many_digits"
        if self.column.type in NUMBER_TYPES and not self.column.pattern and self._has_other_mark(text):
            return "decimal_comma" if self._marks == "." else "decimal_point"
        return "unexpected_value" if self.column.pattern or self.column.one_of else "wrong_type"


def _any_of(texts: tuple[str, ...]) -> str:
    return f"{BLANKS}(?:{'|'.join(map(re.escape, texts))}){BLANKS}"


@lru_cache(maxsize=10_000)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def compile_check(column: Column, contract: Contract, locale: str, symbol: str | None = None) -> Check:
    """The check of a column in files of a locale; `symbol` is the one currency sign that amounts may
    carry.
    """
    formats = tuple(column.formats_for(locale))
    own = "|".join(map(re.escape, column.one_of)) or column.pattern
    patterns = tuple(item for item in (cell_pattern(column.type, formats, symbol), own) if item)
    tokens = tuple(token.strip() for token in contract.null_tokens) if patterns else ()
    is_date = column.type in ("date", "datetime")
    return Check(
        column=column,
        formats=formats,
        patterns=patterns,
        tokens=tokens,
        # one that the column's own pattern names says something, such as that a place does not stock a thing
        allowed_tokens=tuple(
            token for token in tokens if not column.not_empty or (own and re.fullmatch(own, token))
        ),
        expected=_expected(column, formats),
        forms=tuple(map(date_format, formats)) if is_date and not own else (),
        is_id=is_id(column, contract),
    )


def is_id(column: Column, contract: Contract) -> bool:
    """Whether a text says which thing is meant: by the contract's key, or by its name."""
    if column.type != "text":
        return False
    return column.name in contract.key or not _ID_WORDS.isdisjoint(column.name.split("_"))


def _expected(column: Column, formats: tuple[str, ...]) -> str:
    if column.one_of:
        return " | ".join(column.one_of)
    if column.pattern:
        return column.pattern
    if column.type in ("date", "datetime"):
        return " | ".join(map(readable_format, formats))
    return KINDS[column.type]
