"""The columns of a draft: their names, types, and what each record has to have."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

from tradewind.drafting.cell_types import (
    CellType,
    Hints,
    currency_signs,
    date_order,
    guess_type,
    number_format,
)
from tradewind.drafting.guess import Guess, asked, proven
from tradewind.drafting.personal import guess_personal
from tradewind.drafting.vocabulary import ISO_CURRENCIES, concept_of, names_an_id
from tradewind.exports.blanks import BLANK_CHARACTERS
from tradewind.exports.contract import CURRENCY, RESERVED_COLUMNS
from tradewind.exports.facts import SYMBOLS
from tradewind.exports.headers import normalise

MAX_NAME = 60
_LETTERS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "o", "ł": "l", "æ": "ae", "&": " and "}
)
_NUMERALS = {
    "1": "one", "2": "two", "3": "three", "4": "four", "5": "five", "6": "six", "7": "seven", "8": "eight",
    "9": "nine", "10": "ten", "14": "fourteen", "28": "twenty_eight", "30": "thirty", "60": "sixty",
    "90": "ninety",
}  # fmt: skip
_CURRENCY_IN_HEADER = re.compile(r"(?<![A-Za-z])(" + "|".join(sorted(ISO_CURRENCIES)) + r")(?![A-Za-z])")
# words that SQL keeps for itself
_RESERVED = {
    "all", "and", "any", "array", "as", "asc", "both", "case", "cast", "check", "collate", "column",
    "constraint", "create", "default", "desc", "distinct", "do", "else", "end", "except", "false",
    "fetch", "for", "foreign", "from", "grant", "group", "having", "in", "into", "is", "join",
    "lateral", "leading", "like", "limit", "natural", "not", "null", "offset", "on", "only", "or",
    "order", "outer", "placing", "primary", "references", "returning", "right", "left", "select",
    "some", "symmetric", "table", "then", "to", "trailing", "true", "union", "unique", "user", "using",
    "variadic", "when", "where", "window", "with",
}  # fmt: skip


@dataclass(frozen=True)
class DraftColumn:
    """A column of the file and all that was guessed of it."""

    position: int
    header: str
    name: Guess
    type: CellType
    personal: Guess
    filled: int
    records: int
    values: Counter[str]
    may_repeat: bool
    concept: str | None
    # the header as the contract has it, with `{currency}` for the code in it
    contract_header: str
    currency_in_header: str | None

    @property
    def key_name(self) -> str:
        """The column's name in the contract."""
        return str(self.name.value)

    @property
    def is_full(self) -> bool:
        """Whether every record fills it with something that is not a text for nothing."""
        return self.filled == self.records > 0 and not self.type.null_tokens

    @property
    def is_id(self) -> bool:
        """Whether it holds identifiers."""
        return self.type.name == "text" and names_an_id(self.header)

    @property
    def is_number(self) -> bool:
        """Whether its cells can be added up or averaged."""
        return self.type.name in ("integer", "decimal", "percent", "money")

    @property
    def is_date(self) -> bool:
        """Whether its cells are days or moments."""
        return self.type.name in ("date", "datetime")

    @property
    def signs(self) -> set[str]:
        """The signs of currencies in its cells."""
        return currency_signs(self.values) if self.type.name == "money" else set()

    @property
    def is_currency(self) -> bool:
        """Whether its cells are codes of currencies."""
        return self.type.name == "text" and bool(self.values) and self.values.keys() <= ISO_CURRENCIES


def draft_columns(
    header: tuple[str, ...], records: list[tuple[str, ...]], *, comes_typed: bool
) -> tuple[list[DraftColumn], list[str]]:
    """The columns with a header, and notes on those that have none or come twice.

    `comes_typed` is for workbooks and JSON, whose numbers are written in one way only.
    """
    notes: list[str] = []
    counts = [
        Counter(text for row in records if (text := row[position].strip(BLANK_CHARACTERS)))
        for position in range(len(header))
    ]
    hints = _hints(header, counts, comes_typed=comes_typed)
    taken: set[str] = set()
    seen = Counter(normalise(cell) for cell in header)
    columns: list[DraftColumn] = []
    done: set[str] = set()
    for position, cell in enumerate(header):
        key = normalise(cell)
        if not key:
            notes.append(f"column {position + 1} has no header: it is kept in extra_columns")
            continue
        if key in done:
            notes.append(
                f"column {position + 1} has the header of an earlier one: it is kept in extra_columns"
            )
            continue
        done.add(key)
        values = counts[position]
        personal = guess_personal(cell, values)
        name = _guess_name(cell, position, taken)
        taken.add(str(name.value))
        code = _CURRENCY_IN_HEADER.search(cell.strip())
        columns.append(
            DraftColumn(
                position=position,
                header=cell.replace("\ufeff", "").strip(),
                name=name,
                type=guess_type(cell, values, is_personal=bool(personal.value), hints=hints),
                personal=personal,
                filled=sum(values.values()),
                records=len(records),
                values=values,
                may_repeat=seen[key] > 1,
                concept=concept_of(cell),
                contract_header=cell.replace("\ufeff", "").strip(),
                currency_in_header=code[1] if code else None,
            )
        )
    return _with_currency_headers(columns), notes


def _hints(header: tuple[str, ...], counts: list[Counter[str]], *, comes_typed: bool) -> Hints:
    orders = {
        order for cell, values in zip(header, counts, strict=True) if (order := date_order(cell, values))
    }
    formats = {found for values in counts if (found := number_format(values))}
    number = "en" if comes_typed else formats.pop() if len(formats) == 1 else None
    return Hints(order=orders.pop() if len(orders) == 1 else None, number=number)


def _with_currency_headers(columns: list[DraftColumn]) -> list[DraftColumn]:
    """Headers that name one currency, as those of next month's file in another one."""
    codes = {column.currency_in_header for column in columns if column.currency_in_header}
    if len(codes) != 1:
        return columns
    changed = []
    for column in columns:
        if not column.currency_in_header or not (column.is_number or not column.values):
            changed.append(column)
            continue
        header = _CURRENCY_IN_HEADER.sub(CURRENCY, column.header, count=1)
        stem = CURRENCY.join(part for part in header.split(CURRENCY))
        name = re.sub(r"_?" + column.currency_in_header.lower() + r"(?=_|$)", "", column.key_name) or "amount"
        others = {item.key_name for item in columns if item is not column}
        guess = (
            proven(name, column.name.evidence)
            if name not in others and re.match("[a-z]", name)
            else column.name
        )
        changed.append(
            DraftColumn(**{**vars(column), "contract_header": stem, "name": guess})
        )  # fmt: skip
    return changed


def _guess_name(header: str, position: int, taken: set[str]) -> Guess:
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", header.strip())
    text = normalise(text).replace("%", " percent ").translate(_LETTERS)
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    has_other = any(c.isalpha() and not c.isascii() for c in text)
    name = "_".join(re.findall("[a-z0-9]+", text))
    if has_other:
        if concept := concept_of(header):
            return _unique(proven(concept, "its header's usual meaning"), taken)
        if not re.match("[a-z]{2}", name):
            question = "the header is in letters that no name may hold; give it an English name"
            return _unique(asked(f"column_{position + 1}", question), taken)
    if number := re.match("([0-9]+)_?", name):
        name = f"{_NUMERALS.get(number[1], 'n' + number[1])}_{name[number.end() :]}".strip("_")
    if not name:
        return _unique(asked(f"column_{position + 1}", "the header has no letters; give it a name"), taken)
    if name in _RESERVED or name in RESERVED_COLUMNS:
        name = f"{name}_value"
    return _unique(proven(name[:MAX_NAME].rstrip("_"), "its header"), taken)


def _unique(guess: Guess, taken: set[str]) -> Guess:
    name = str(guess.value)
    number = 1
    while name in taken:
        number += 1
        name = f"{guess.value}_{number}"
    return Guess(name, guess.evidence, guess.is_question)


def is_unambiguous_sign(sign: str) -> bool:
    """Whether the sign of a currency stands for one and no other."""
    return sign in SYMBOLS or sign in ISO_CURRENCIES
