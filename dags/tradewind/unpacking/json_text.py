"""JSON texts read exactly: numbers as they are written, keys named twice found, memory that stays flat.

A fast parser in strict mode reads blocks of records. What it refuses, and what it would not keep as written,
goes to the standard library's parser, one value at a time.
"""

from __future__ import annotations

import codecs
import json
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

import jiter

from tradewind.unpacking.protocol import Refusal

BLOCK_BYTES = 256 << 10
MAX_SHARED = 100_000
# a longer list outside the tables is only looked at
_MAX_OUTSIDE_BYTES = 64 << 10
_CHECKED_BYTES = 1 << 20
_BLANK = re.compile(r"[ \t\n\r]*")
_KEY = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
# a whole number that loses its sign as an int
_MINUS_ZERO = re.compile(rb"-0(?![0-9.eE])")


class Number(str):
    """A number as it is written: nothing is rounded."""

    __slots__ = ()


class _Numbers(dict[str, Number]):
    """Each number once, however often it is written: of many small ones the objects would fill the memory."""

    def __missing__(self, text: str) -> Number:
        number = Number(text)
        if len(self) < MAX_SHARED:
            self[text] = number
        return number


class Pairs(list[tuple[str, Any]]):
    """An object that names a key twice."""


@dataclass(frozen=True)
class Unread:
    """A line that is no value: why, and its text."""

    code: str
    text: str


def parse_exactly(text: str) -> Any:
    """The value of a JSON text, numbers as `Number`, objects that name a key twice as `Pairs`.

    Raises:
        ValueError: it is no JSON.
        RecursionError: it is nested too deeply.
    """
    number = _Numbers().__getitem__
    return json.loads(
        text, parse_int=number, parse_float=number, parse_constant=_refuse_constant, object_pairs_hook=_object
    )


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any] | Pairs:
    found = dict(pairs)
    return found if len(found) == len(pairs) else Pairs(pairs)


def _parse_fast(text: bytes) -> Any:
    """The same, numbers as `int` and `LosslessFloat`.

    Raises:
        ValueError: it is no JSON, or holds what only `parse_exactly` keeps.
    """
    if b"-0" in text and _MINUS_ZERO.search(text):
        raise ValueError("a number that an int would not keep")
    return jiter.from_json(
        text, float_mode="lossless-float", catch_duplicate_keys=True, allow_inf_nan=False, cache_mode="keys"
    )


def parse_lines(lines: list[bytes]) -> list[Any]:
    """The value of each line, or `Unread`.

    All are parsed as one list, with a text between each two that no line can know: where these stand in their
    places, each line is one value.
    """
    token = secrets.token_hex(16)
    try:
        values = _parse_fast(b"[%b]" % b',"%b",'.replace(b"%b", token.encode()).join(lines))
    except ValueError:
        values = []
    if len(values) == 2 * len(lines) - 1 and values[1::2] == [token] * (len(lines) - 1):
        return list(values[::2])
    return [_parse_line(line) for line in lines]


def _parse_line(line: bytes) -> Any:
    try:
        return parse_exactly(line.decode())
    except UnicodeDecodeError:
        return Unread("invalid_encoding", line.decode(errors="backslashreplace"))
    except (ValueError, RecursionError):
        return Unread("no_json_object", line.decode())


@dataclass(frozen=True)
class Table:
    """A list of objects: its dotted path, where it stands in the text, and what was noted of its items."""

    path: str
    position: int
    noted: Any


class JsonDocument:
    """One document: its text is kept, its records are parsed each time they are asked for.

    While the tables are looked for, `new_note` makes a note for each list, to which its items are added, some
    at a time; `has_objects` of the note says whether it is a table.
    """

    def __init__(self, data: bytes, new_note: Callable[[], Any]) -> None:
        data = data.removeprefix(codecs.BOM_UTF8)
        decoder = codecs.getincrementaldecoder("utf-8")()
        for start in range(0, len(data), _CHECKED_BYTES):
            decoder.decode(data[start : start + _CHECKED_BYTES])
        decoder.decode(b"", final=True)
        # a character a byte: what JSON itself is made of is ASCII, and places are those of the bytes
        self._text = data.decode("latin-1")
        self._decoder = json.JSONDecoder()
        self._new_note = new_note
        self._tables: list[Table] = []
        self._outside: list[tuple[str, int, int]] = []
        self.is_list = self._text[self._skip(0) : self._skip(0) + 1] == "["
        self.is_empty = False

    def tables(self) -> list[Table]:
        """The lists of objects that are in no other list.

        Raises:
            ValueError: the text is no JSON.
            Refusal: an object outside the lists names a key twice.
        """
        end = self._look(self._skip(0), "")
        if self._skip(end) != len(self._text):
            raise ValueError("something follows the document")
        return self._tables

    def outside(self) -> Iterator[tuple[str, Any]]:
        """Dotted path and value of what stands outside the lists of objects."""
        for path, start, end in self._outside:
            if end - start > _MAX_OUTSIDE_BYTES:
                # as text, for whoever shortens it
                yield path, Number(_decoded(self._text[start : start + _MAX_OUTSIDE_BYTES]))
            else:
                yield path, parse_exactly(_decoded(self._text[start:end]))

    def whole(self) -> Any:
        """The document as one value."""
        return parse_exactly(_decoded(self._text))

    def items(self, position: int) -> Iterator[list[Any]]:
        """The items of the list at a position, some at a time."""
        for items, _ in self._blocks(position):
            yield items

    def _look(self, position: int, path: str) -> int:
        """Find the tables in the value at a position; returns where it ends."""
        if self._text.startswith("{", position):
            return self._look_into(position, path)
        if self._text.startswith("[", position):
            note, end = self._new_note(), position
            for items, behind in self._blocks(position):
                note.add(items)
                end = behind
            if note.has_objects:
                self._tables.append(Table(path, position, note))
                return end
            self.is_empty = end > position and not self._text[position + 1 : end - 1].strip(" \t\n\r")
        else:
            end = self._end_of_value(position)
        self._outside.append((path, position, end))
        return end

    def _look_into(self, position: int, path: str) -> int:
        keys: set[str] = set()
        position = self._skip(position + 1)
        if self._text.startswith("}", position):
            return position + 1
        while True:
            found = _KEY.match(self._text, position)
            if found is None:
                raise ValueError("a key is missing")
            key = parse_exactly(_decoded(found[0]))
            if key in keys:
                raise Refusal("repeated_key")
            keys.add(key)
            position = self._expect(":", self._skip(found.end()))
            position = self._skip(self._look(position, f"{path}.{key}" if path else key))
            if self._text.startswith("}", position):
                return position + 1
            position = self._expect(",", position)

    def _blocks(self, position: int) -> Iterator[tuple[list[Any], int]]:
        """The items of a list, some at a time, and where they end: at last behind the list.

        A block is cut where one record seems to end and the next to begin. Whether it does, the parser says:
        what parses as a list by itself, from the beginning of an item on, ends at the end of one.
        """
        position = self._skip(position + 1)
        if self._text.startswith("]", position):
            yield [], position + 1
            return
        boundary, is_first = "", True
        while True:
            cut = self._text.find(boundary, position + BLOCK_BYTES) + 1 if boundary else 0
            items = self._parse_block(position, cut) if cut else None
            if items is not None:
                position = self._skip(self._text.index(",", cut) + 1)
                yield items, position
                continue
            items, is_last = [], False
            limit = cut or position + BLOCK_BYTES
            # the first one shows where to cut
            while not is_last and (position < limit or not items) and not (items and is_first):
                end = self._end_of_value(position)
                items.append(parse_exactly(_decoded(self._text[position:end])))
                behind = self._skip(end)
                is_last = self._text.startswith("]", behind)
                position = behind + 1 if is_last else self._expect(",", behind)
                if not is_last:
                    boundary = self._boundary(end, position)
            is_first = False
            yield items, position
            if is_last:
                return

    def _boundary(self, end: int, position: int) -> str:
        """What stands between two records: the end of one, and the first key of the next."""
        key = _KEY.match(self._text, self._skip(position + 1))
        return self._text[end - 1 : key.end() if key else position + 1]

    def _parse_block(self, start: int, end: int) -> list[Any] | None:
        try:
            items: list[Any] = _parse_fast(b"[%b]" % self._text[start:end].encode("latin-1"))
        except ValueError:
            return None
        return items

    def _end_of_value(self, position: int) -> int:
        return self._decoder.raw_decode(self._text, position)[1]

    def _expect(self, character: str, position: int) -> int:
        if not self._text.startswith(character, position):
            raise ValueError(f"{character} is missing")
        return self._skip(position + 1)

    def _skip(self, position: int) -> int:
        return _BLANK.match(self._text, position).end()  # type: ignore[union-attr]  # it fits any text


def _decoded(text: str) -> str:
    return text.encode("latin-1").decode(errors="replace")
