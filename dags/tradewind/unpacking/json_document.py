"""JSON as tables: every list of objects that is in no other list; dotted paths are the headers."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from tradewind.unpacking.protocol import Parts, Refusal, RowFault

# a document is parsed whole; lines of JSON are not, and may go on for ever
MAX_DOCUMENT_BYTES = 64 << 20
MAX_LINE_BYTES = 4 << 20
MAX_COLUMNS = 2000
MAX_SHARED = 100_000
# what stands outside the lists is written above the header, where the recogniser looks no further than this
MAX_OUTSIDE = 50


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


@dataclass
class _Table:
    name: str
    records: list[Any] = field(default_factory=list)


@dataclass(frozen=True)
class _Fault:
    code: str
    raw: str


def unpack(file: Path, parts: Parts) -> None:
    """Write each table of a JSON document, or of a file of one object a line.

    Raises:
        Refusal: it is no JSON, too large, or too deep.
    """
    if _is_lines(file):
        _write("", [], lambda: _lines(file), parts)
        return
    if file.stat().st_size > MAX_DOCUMENT_BYTES:
        raise Refusal("too_large")
    try:
        document = _parse(file.read_bytes().removeprefix(codecs.BOM_UTF8).decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Refusal("too_deep" if isinstance(error, RecursionError) else "damaged") from error
    tables: list[_Table] = []
    outside: dict[str, Any] = {}
    if isinstance(document, list) and not isinstance(document, Pairs):
        tables.append(_Table("", document))
    else:
        _find_tables(document, "", tables, outside)
    if not tables:
        # one object that holds no list: a record by itself
        tables, outside = [_Table("", [document])], {}
    preamble = [" ".join(f"{path}: {_cell(value)}".split()) for path, value in outside.items()][:MAX_OUTSIDE]
    for table in tables:
        _write(table.name, preamble, lambda records=table.records: records, parts)


def _is_lines(file: Path) -> bool:
    """Whether the first line is an object by itself, and another follows."""
    with file.open("rb") as lines:
        first = lines.readline(MAX_LINE_BYTES + 1).removeprefix(codecs.BOM_UTF8)
        if len(first) > MAX_LINE_BYTES or not lines.read(1):
            return False
    try:
        return isinstance(_parse(first.decode()), dict | Pairs)
    except (ValueError, RecursionError):
        return False


def _lines(file: Path) -> Iterator[Any]:
    with file.open("rb") as lines:
        while line := lines.readline(MAX_LINE_BYTES + 1):
            if len(line) > MAX_LINE_BYTES:
                raise Refusal("too_large")
            if not (text := line.removeprefix(codecs.BOM_UTF8).strip()):
                continue
            try:
                yield _parse(text.decode())
            except UnicodeDecodeError:
                yield _Fault("invalid_encoding", text.decode(errors="backslashreplace"))
            except (ValueError, RecursionError):
                yield _Fault("no_json_object", text.decode())


def _parse(text: str) -> Any:
    number = _Numbers().__getitem__
    return json.loads(
        text, parse_int=number, parse_float=number, parse_constant=_refuse_constant, object_pairs_hook=_object
    )


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any] | Pairs:
    found = dict(pairs)
    return found if len(found) == len(pairs) else Pairs(pairs)


def _find_tables(value: Any, path: str, tables: list[_Table], outside: dict[str, Any]) -> None:
    if isinstance(value, Pairs):
        raise Refusal("repeated_key")
    if isinstance(value, list) and any(isinstance(item, dict | Pairs) for item in value):
        tables.append(_Table(path, value))
    elif isinstance(value, dict):
        for key, item in value.items():
            _find_tables(item, f"{path}.{key}" if path else key, tables, outside)
    else:
        outside[path] = value


def _write(name: str, preamble: list[str], read: Any, parts: Parts) -> None:
    """Two passes over the records: which columns there are, then the rows."""
    columns: dict[str, None] = {}
    for record in read():
        columns.update(dict.fromkeys(_flatten(record)))
        if len(columns) > MAX_COLUMNS:
            raise Refusal("too_large")
    if not columns:
        return
    faults: list[RowFault] = []
    parts.write_table(name, preamble, _rows(read(), list(columns), faults), faults)


def _rows(records: Iterable[Any], columns: list[str], faults: list[RowFault]) -> Iterator[list[str]]:
    yield [column.encode("utf-8", "backslashreplace").decode() for column in columns]
    for number, record in enumerate(records, 1):
        cells = _flatten(record)
        code = _fault(record)
        if code is None and any(_has_half_character(cell) for cell in cells.values()):
            code = "invalid_encoding"
        if code:
            raw = record.raw if isinstance(record, _Fault) else _as_json(record)
            faults.append(RowFault(number, code, raw))
            cells = {}
        yield [cells.get(column, "") for column in columns]


def _fault(record: Any) -> str | None:
    if isinstance(record, _Fault):
        return record.code
    if isinstance(record, Pairs) or _has_pairs(record):
        return "repeated_key"
    return None if isinstance(record, dict) else "no_json_object"


def _has_pairs(value: Any) -> bool:
    if isinstance(value, Pairs):
        return True
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_has_pairs(item) for item in items)


def _flatten(record: Any, path: str = "") -> dict[str, str]:
    if not isinstance(record, dict):
        return {path: _cell(record)} if path else {}
    cells: dict[str, str] = {}
    for key, value in record.items():
        cells.update(_flatten(value, f"{path}.{key}" if path else key))
    return cells


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else _as_json(value)


def _has_half_character(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _as_json(value: Any) -> str:
    """The value as JSON text, numbers and repeated keys as they came."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, Pairs):
        return "{" + ", ".join(f"{json.dumps(key)}: {_as_json(item)}" for key, item in value) + "}"
    if isinstance(value, dict):
        return _as_json(Pairs(value.items()))
    if isinstance(value, list):
        return "[" + ", ".join(map(_as_json, value)) + "]"
    return json.dumps(value, ensure_ascii=_has_half_character(value) if isinstance(value, str) else True)
