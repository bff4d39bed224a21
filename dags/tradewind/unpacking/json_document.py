"""JSON as tables: every list of objects that is in no other list; dotted paths are the headers."""

from __future__ import annotations

import codecs
import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from tradewind.unpacking.json_faults import departure
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
# where an interface says why it gives no records, and what may stand beside that
ERRORS = frozenset(("error", "errors"))
BESIDE_ERRORS = frozenset(
    ("data", "extensions", "status", "statuscode", "code", "message", "success", "ok", "path", "timestamp",
     "request_id", "requestid")
)  # fmt: skip
# with which DOS ended a text
END_MARK = b"\x1a"


def unpack(file: Path, parts: Parts) -> None:
    """Write each table of a JSON document, or of a file of one object a line.

    Raises:
        Refusal: it is no JSON, too large, too deep, or holds no objects.
    """
    file = _as_utf8(file, parts)
    first = _first_of_many_lines(file)
    if isinstance(first, dict | Pairs):
        columns = Columns()
        for batch in _lines(file):
            columns.add(batch)
        _write_table("", [], columns, _lines(file), parts)
        return
    if isinstance(first, list) and not any(isinstance(item, dict | Pairs) for item in first):
        raise Refusal("no_objects")
    if file.stat().st_size > MAX_DOCUMENT_BYTES:
        raise Refusal("too_large")
    text = file.read_bytes().rstrip(END_MARK)
    try:
        document = JsonDocument(text, Columns)
        tables = document.tables()
        if not tables and document.is_list:
            raise Refusal("no_records" if document.is_empty else "no_objects")
        if not document.is_list and all(item.path.split(".")[0].lower() in ERRORS for item in tables):
            _refuse_an_error(document.whole())
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
    except RecursionError as error:
        raise Refusal("too_deep") from error
    except UnicodeDecodeError as error:
        raise Refusal("not_utf8") from error
    except ValueError as error:
        raise departure(text) from error


def _refuse_an_error(document: Any) -> None:
    """Refuse what an interface answers in place of records; a record that has an error in it is one."""
    if isinstance(document, dict):
        said = {key.lower() for key, value in document.items() if value not in (None, "", [], {}, False)}
        if said & ERRORS and said <= ERRORS | BESIDE_ERRORS:
            raise Refusal("error_answer")


def _as_utf8(file: Path, parts: Parts) -> Path:
    """The file, or where its mark says UTF-16 a copy of it in UTF-8."""
    with file.open("rb") as marked:
        if not marked.read(2).startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return file
    copy = parts.next_file().with_suffix(".utf8")
    try:
        with (
            file.open(encoding="utf-16", newline="") as old,
            copy.open("w", encoding="utf-8", newline="") as new,
        ):
            shutil.copyfileobj(old, new)
    except UnicodeError as error:
        raise Refusal("damaged") from error
    return copy


def _first_of_many_lines(file: Path) -> Any:
    """What the first line holds by itself, or None where it is no value, or no other line follows.

    Where it looks like an object that is broken, the second line says whether there is one a line.
    """
    with file.open("rb") as lines:
        first, second = _next_line(lines).removeprefix(codecs.BOM_UTF8).strip(), _next_line(lines).strip()
    if not first or not second:
        return None
    value = _value_of(first)
    if value is None and first.startswith(b"{") and first.endswith(b"}"):
        value = _value_of(second)
    return value


def _next_line(lines: IO[bytes]) -> bytes:
    """The next line in which something stands; nothing where there is none, or it is too long for one."""
    for line in iter(lambda: lines.readline(MAX_LINE_BYTES + 1), b""):
        if line.removeprefix(codecs.BOM_UTF8).strip():
            return line if len(line) <= MAX_LINE_BYTES else b""
    return b""


def _value_of(line: bytes) -> Any:
    try:
        return parse_exactly(line.decode())
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
    elif columns.has_repeated_keys:
        raise Refusal("repeated_key")


def _lines(file: Path) -> Iterator[list[Any]]:
    """The records of the lines, some at a time."""
    batch: list[bytes] = []
    size = 0
    with file.open("rb") as lines:
        while line := lines.readline(MAX_LINE_BYTES + 1):
            if len(line) > MAX_LINE_BYTES:
                raise Refusal("too_large")
            if text := line.removeprefix(codecs.BOM_UTF8).strip().rstrip(END_MARK):
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
        # a quote behind a comma would open a cell
        written = json.dumps(written).replace(',"', '\\u002c"')
    text = f"{json.dumps(path)[1:-1] if _is_odd(path) else path}: {written}".rstrip()
    return text if len(text) <= MAX_OUTSIDE_LENGTH else f"{text[: MAX_OUTSIDE_LENGTH - 1]}…"


def _is_odd(text: str) -> bool:
    return '"' in text or not text.isprintable() or text != text.strip() or "  " in text
