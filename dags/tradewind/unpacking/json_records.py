"""Objects of JSON as the rows of a table: which columns they have, and their cells."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

import jiter

from tradewind.unpacking.json_text import Number, Pairs, Unread
from tradewind.unpacking.number_texts import NumberTexts
from tradewind.unpacking.protocol import MAX_FAULTS, Refusal, RowFault

MAX_COLUMNS = 2000


class Columns:
    """The columns of the records seen so far, in the order in which they came: dotted paths of values."""

    def __init__(self) -> None:
        self.has_objects = False
        # whether an object names a key twice, so that it is open what its columns hold
        self.has_repeated_keys = False
        self._strange = 0
        self._names: dict[str, None] = {}
        # keys of records that hold no objects, which are their columns
        self._flat: set[tuple[str, ...]] = set()

    @property
    def names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(self._names)

    def add(self, batch: Sequence[Any]) -> None:
        """Look at some more records.

        Raises:
            Refusal: there are more columns than any report has.
        """
        if (
            set(map(type, batch)) == {dict}
            and self._flat.issuperset(map(tuple, batch))
            and not _is_nested(batch)
        ):
            return
        objects = [record for record in batch if isinstance(record, dict | Pairs)]
        self.has_objects = self.has_objects or bool(objects)
        self._strange += len(batch) - len(objects)
        if self.has_objects and self._strange > MAX_FAULTS:
            raise Refusal("too_many_faults")
        for record in objects:
            if isinstance(record, Pairs):
                self.has_repeated_keys = True
            else:
                found = flatten(record)[0]
                if not _is_nested([record]):
                    self._flat.add(tuple(record))
                self._names.update(dict.fromkeys(found))
                if len(self._names) > MAX_COLUMNS:
                    raise Refusal("too_wide")


def _is_nested(records: Sequence[dict[str, Any]]) -> bool:
    return not {dict, Pairs}.isdisjoint(map(type, chain.from_iterable(map(dict.values, records))))


def rows_of(
    batches: Iterable[Sequence[Any]],
    columns: tuple[str, ...],
    faults: list[RowFault],
    number_texts: NumberTexts,
) -> Iterator[Sequence[str]]:
    """The header and a row for each record; a record that is no good has an empty row and a fault."""
    yield [column.encode("utf-8", "backslashreplace").decode().replace("\0", "\\u0000") for column in columns]
    number = 1
    for batch in batches:
        yield from _alike(batch, columns, number_texts) or _each(batch, columns, number, faults, number_texts)
        number += len(batch)


def _alike(
    batch: Sequence[Any], columns: tuple[str, ...], number_texts: NumberTexts
) -> list[tuple[str, ...]] | None:
    """The rows of records that all have just these columns, and nothing wrong; else None."""
    if set(map(type, batch)) != {dict} or set(map(tuple, batch)) != {columns}:
        return None
    by_column: list[Sequence[str]] = []
    for position, values in enumerate(zip(*map(dict.values, batch), strict=True)):
        kinds = set(map(type, values))
        if not {dict, list, Pairs}.isdisjoint(kinds):
            return None
        texts = values if kinds == {str} else [cell_text(value) for value in values]
        if _fault_of_texts(texts):
            return None
        if str in kinds:
            number_texts.add(position, {value for value in values if type(value) is str})
        by_column.append(texts)
    return list(zip(*by_column, strict=True))


def _each(
    batch: Sequence[Any],
    columns: tuple[str, ...],
    number: int,
    faults: list[RowFault],
    number_texts: NumberTexts,
) -> Iterator[list[str]]:
    for position, record in enumerate(batch, number):
        found, code = flatten(record) if type(record) is dict else ({}, _fault_of(record))
        code = code or _fault_of_texts(found.values())
        if code:
            faults.append(
                RowFault(position, code, record.text if isinstance(record, Unread) else as_json(record))
            )
            found = {}
        row = [found.get(column, "") for column in columns]
        for place, cell in enumerate(row):
            if type(cell) is str:
                number_texts.add(place, [cell])
        yield row


def _fault_of(record: Any) -> str:
    if isinstance(record, Unread):
        return record.code
    return "repeated_key" if isinstance(record, Pairs) else "no_json_object"


def _fault_of_texts(cells: Iterable[str]) -> str | None:
    text = "".join(cells)
    if "\0" in text:
        return "nul_byte"
    return "invalid_encoding" if not text.isascii() and has_half_character(text) else None


def flatten(record: dict[str, Any], above: str = "") -> tuple[dict[str, str], str | None]:
    """The cells of a record by dotted path, and the reason code where two values have the same path."""
    cells: dict[str, str] = {}
    code = None
    for key, value in record.items():
        if type(value) is dict:
            found, inner = flatten(value, f"{above}{key}.")
            code = inner or code
        else:
            # a number stays one, beside texts that are written like it
            found = {above + key: value if type(value) is str else Number(cell_text(value))}
            if not isinstance(value, str) and _has_pairs(value):
                code = "repeated_key"
        if not cells.keys().isdisjoint(found):
            code = "repeated_key"
        cells.update(found)
    return cells, code


def _has_pairs(value: Any) -> bool:
    if isinstance(value, Pairs):
        return True
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_has_pairs(item) for item in items)


def cell_text(value: Any) -> str:
    """A value as a cell: texts and numbers as they are written, lists and what is in them as JSON."""
    if type(value) is str:
        return value
    if value is None:
        return ""
    if value is True or value is False:
        return "true" if value else "false"
    return str(value) if isinstance(value, Number | int | jiter.LosslessFloat) else as_json(value)


def has_half_character(text: str) -> bool:
    """Whether a text holds half of a character, which no file may."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def as_json(value: Any) -> str:
    """The value as JSON text, numbers and repeated keys as they came."""
    if isinstance(value, Number | jiter.LosslessFloat):
        return str(value)
    if isinstance(value, Pairs):
        return "{" + ", ".join(f"{json.dumps(key)}: {as_json(item)}" for key, item in value) + "}"
    if isinstance(value, dict):
        return as_json(Pairs(value.items()))
    if isinstance(value, list):
        return "[" + ", ".join(map(as_json, value)) + "]"
    return json.dumps(value)
