"""The tables of a file: itself, what gzip packed, the sheets of a workbook, the lists of a JSON document."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath

from tradewind.drafting.guess import DraftError, count
from tradewind.exports import source
from tradewind.exports.faults import Fault
from tradewind.exports.kinds import refuse_other_kinds
from tradewind.unpacking.gzip_file import unpack_gzip
from tradewind.unpacking.parent import Part, kind_of, unpack

# as much as is looked at; what is behind it is checked when it is loaded
MAX_BYTES = 48 << 20
# as the loader has it: turning a sheet takes all of it at once
MAX_TRANSPOSED_BYTES = 1 << 20


@dataclass(frozen=True)
class Table:
    """A table as text: an open file, and where it came from."""

    descriptor: int
    path: PurePath
    file_type: str
    note: str | None = None
    is_transposed: bool = False
    faults: Mapping[int, tuple[Fault, bytes | None]] = field(default_factory=dict)

    @property
    def is_ours(self) -> bool:
        """Whether it is CSV of our own writing, out of a workbook or a document."""
        return self.file_type != "csv"

    def read(self) -> tuple[bytes, bool]:
        """The bytes looked at, cut behind a line, and whether these are all."""
        size = os.fstat(self.descriptor).st_size
        data = b"".join(_limited(self.descriptor))
        if size <= MAX_BYTES:
            return data, True
        return data[: data.rfind(b"\n", 0, MAX_BYTES) + 1], False


def _limited(descriptor: int) -> list[bytes]:
    chunks: list[bytes] = []
    for chunk in source.raw_chunks(descriptor, 0):
        chunks.append(chunk)
        if sum(map(len, chunks)) >= MAX_BYTES:
            break
    return chunks


def open_table(path: Path, resources: ExitStack, sheet: str | None = None) -> Table:
    """Open the one table of a file, the named sheet or list, or the largest.

    `resources` closes it and removes what was unpacked.

    Raises:
        FileNotFoundError: there is no such file.
        RefusedFileError: it is no table, or cannot be unpacked.
        DraftError: it is an archive of several files, or holds no table.
    """
    return _open(_descriptor(path.resolve(), resources), path, PurePath(path.name), resources, sheet)


def _open(descriptor: int, file: Path, path: PurePath, resources: ExitStack, sheet: str | None) -> Table:
    head = source.read_head(descriptor)
    refuse_other_kinds(head)
    if head.startswith(source.GZIP_MAGIC):
        unpacked = _folder(resources) / "unpacked"
        unpack_gzip(descriptor, unpacked)
        inner = path.with_name(path.name.removesuffix(".gz"))
        return _open(_descriptor(unpacked, resources), unpacked, inner, resources, sheet)
    kind = kind_of(file, head)
    if kind is None:
        if sheet is not None:
            raise DraftError("It is a file of text, which has no sheets. Leave SHEET= away.")
        return Table(descriptor, path, "csv")
    if kind == "zip":
        raise DraftError("It is a zip archive. Unpack it, and draft a contract of each file in it.")
    parts = [part for part in unpack(kind, file, _folder(resources)) if part.file.stat().st_size]
    if not parts:
        raise DraftError("It holds no table.")
    named = [(number, part) for number, part in enumerate(parts, 1) if sheet in (None, part.name)]
    if not named and sheet is not None:
        # typed by hand: a name in other letters or with a blank at its end is that one where no other is
        alike = [
            (number, part)
            for number, part in enumerate(parts, 1)
            if part.name.strip().casefold() == sheet.strip().casefold()
        ]
        named = alike if len(alike) == 1 else []
    if not named:
        names = ", ".join(repr(part.name) for part in parts)
        raise DraftError(f"It has no {_noun(kind)} {sheet!r} with anything in it. It has {names}.")
    number, part = max(named, key=lambda item: item[1].file.stat().st_size)
    return Table(
        _descriptor(part.file, resources),
        path,
        "xlsx" if kind == "workbook" else "json",
        _note(kind, number, parts) if sheet is None else None,
        faults=part.faults,
    )


def turn_table(table: Table, resources: ExitStack) -> Table | None:
    """A sheet with a column a day, its columns as rows; None where it is no small table of plain CSV."""
    if table.is_ours or os.fstat(table.descriptor).st_size > MAX_TRANSPOSED_BYTES:
        return None
    data, _ = table.read()
    try:
        lines = io.StringIO(data.decode("utf-8-sig"), newline="")
        rows = [row for row in csv.reader(lines, strict=True) if any(cell.strip() for cell in row)]
    except (csv.Error, UnicodeDecodeError):
        return None
    if len({len(row) for row in rows}) != 1:
        return None
    turned = _folder(resources) / "turned"
    with turned.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows(zip(*rows, strict=True))
    return replace(table, descriptor=_descriptor(turned, resources), is_transposed=True)


def _note(kind: str, number: int, parts: list[Part]) -> str | None:
    if len(parts) == 1:
        return None
    noun = _noun(kind)
    return (
        f"QUESTION: this is {noun} {number} of {count(len(parts), noun)}, the largest; is it the right one? "
        f"SHEET= names another: {', '.join(repr(part.name) for part in parts)}"
    )


def _noun(kind: str) -> str:
    return "visible sheet" if kind == "workbook" else "list"


def _folder(resources: ExitStack) -> Path:
    return Path(resources.enter_context(tempfile.TemporaryDirectory(prefix="tradewind-")))


def _descriptor(file: Path, resources: ExitStack) -> int:
    descriptor = source.open_file(file)
    resources.callback(os.close, descriptor)
    return descriptor
