"""JSON as tables: every list of objects that is in no other list; dotted paths are the headers."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tradewind.unpacking.json_records import Columns, cell_text, rows_of
from tradewind.unpacking.json_text import (
    BLOCK_BYTES,
    JsonDocument,
    Number,
    Pairs,
    Unread,
    parse_exactly,
    parse_lines,
)
from tradewind.unpacking.names import unique_names
from tradewind.unpacking.number_texts import NumberTexts
from tradewind.unpacking.protocol import Parts, Refusal, RowFault

# the text of a document is kept whole; lines of JSON are not, and may go on for ever
MAX_DOCUMENT_BYTES = 64 << 20
MAX_LINE_BYTES = 4 << 20
# what stands outside the lists is written above the header, where the recogniser looks no further than this;
# what is longer than such a line is no fact of a report, and is cut
MAX_OUTSIDE = 50
MAX_OUTSIDE_LENGTH = 1000


def unpack(file: Path, parts: Parts) -> None:
    """Write each table of a JSON document, or of a file of one object a line.

    Raises:
        Refusal: it is no JSON, too large, too deep, or holds no objects.
    """
    first = _first_of_many_lines(file)
    if isinstance(first, dict | Pairs):
        columns = Columns()
        for batch in _lines(file):
            columns.add(batch)
        _write_table("", [], columns, _lines(file), parts)
        return
    if isinstance(first, list):
        raise Refusal("no_objects")
    if file.stat().st_size > MAX_DOCUMENT_BYTES:
        raise Refusal("too_large")
    try:
        document = JsonDocument(file.read_bytes(), Columns)
        tables = document.tables()
        if not tables and document.is_list:
            if document.is_empty:
                return
            raise Refusal("no_objects")
        if not tables:
            # one object that holds no list: a record by itself
            record = [document.whole()]
            columns = Columns()
            columns.add(record)
            _write_table("", [], columns, [record], parts)
            return
        preamble = _preamble(document.outside())
        names = [""] if document.is_list else unique_names((item.path for item in tables), are_files=False)
        for table, name in zip(tables, names, strict=True):
            _write_table(name, preamble, table.noted, document.items(table.position), parts)
    except (ValueError, RecursionError) as error:
        raise Refusal("too_deep" if isinstance(error, RecursionError) else "damaged") from error


def _first_of_many_lines(file: Path) -> Any:
    """What the first line holds by itself, or None where it is no value, or no other line follows."""
    with file.open("rb") as lines:
        first = b""
        while not first.strip():
            first = lines.readline(MAX_LINE_BYTES + 1).removeprefix(codecs.BOM_UTF8)
            if len(first) > MAX_LINE_BYTES or not first:
                return None
        if not any(line.strip() for line in iter(lambda: lines.readline(MAX_LINE_BYTES), b"")):
            return None
    try:
        return parse_exactly(first.decode())
    except (ValueError, RecursionError):
        return None


def _write_table(
    name: str, preamble: list[str], columns: Columns, batches: Iterable[Sequence[Any]], parts: Parts
) -> None:
    if columns.names:
        faults: list[RowFault] = []
        number_texts = NumberTexts()
        rows = rows_of(batches, columns.names, faults, number_texts)
        parts.write_table(name, preamble, rows, faults, number_texts)


def _lines(file: Path) -> Iterator[list[Any]]:
    """The records of the lines, some at a time."""
    batch: list[bytes] = []
    size = 0
    with file.open("rb") as lines:
        while line := lines.readline(MAX_LINE_BYTES + 1):
            if len(line) > MAX_LINE_BYTES:
                raise Refusal("too_large")
            if text := line.removeprefix(codecs.BOM_UTF8).strip():
                batch.append(text)
                size += len(text)
            is_open = not line.endswith(b"\n")
            if batch and (size > BLOCK_BYTES or is_open):
                values = parse_lines(batch)
                if is_open and isinstance(values[-1], Unread):
                    values[-1] = Unread("cut_off", values[-1].text)
                yield values
                batch, size = [], 0
    if batch:
        yield parse_lines(batch)


def _preamble(outside: Iterable[tuple[str, Any]]) -> list[str]:
    """What stands outside the lists, each value in a line, or, where they are many, some in each."""
    texts = [_outside_text(path, value) for path, value in outside]
    if len(texts) <= MAX_OUTSIDE:
        return texts
    lines = [""]
    for text in texts:
        if len(lines[-1]) + len(text) > MAX_OUTSIDE_LENGTH:
            lines.append("")
        lines[-1] = f"{lines[-1]}  {text}".strip()
    return lines[:MAX_OUTSIDE]


def _outside_text(path: str, value: Any) -> str:
    """A path and its value in one line that no reader of CSV takes for several, or for a quoted cell."""
    written = cell_text(value)
    if isinstance(value, str) and not isinstance(value, Number) and _is_odd(written):
        written = json.dumps(written)
    text = f"{json.dumps(path)[1:-1] if _is_odd(path) else path}: {written}".rstrip()
    return text if len(text) <= MAX_OUTSIDE_LENGTH else f"{text[: MAX_OUTSIDE_LENGTH - 1]}…"


def _is_odd(text: str) -> bool:
    return '"' in text or not text.isprintable() or text != text.strip() or "  " in text
