"""Workbooks: each visible sheet written as CSV, with what Excel shows in a cell and CSV would not tell."""

from __future__ import annotations

import zipfile
from itertools import chain
from pathlib import Path
from typing import IO
from xml.parsers.expat import ExpatError

from tradewind.unpacking.cell_text import as_text
from tradewind.unpacking.names import unique_names
from tradewind.unpacking.package import Book, Package
from tradewind.unpacking.protocol import Parts, Refusal
from tradewind.unpacking.sheet import SheetReader

__all__ = ["as_text", "unpack"]

MAX_UNPACKED_BYTES = 1 << 30
MAX_RATIO = 200
_ENCRYPTED = 1


def unpack(file: Path, parts: Parts) -> None:
    """Write the visible sheets that hold anything.

    Raises:
        Refusal: the workbook unpacks too large, is damaged, full to the last row, or declares entities.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            _check(archive, file)
            package = Package(archive)
            sheets = [sheet for sheet in package.sheets() if sheet.is_visible]
            book = package.book()
            for sheet, name in zip(
                sheets, unique_names((s.name for s in sheets), are_files=False), strict=True
            ):
                _write_sheet(book, package.open(sheet.path), name, parts)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ExpatError, LookupError, ValueError) as error:
        raise Refusal("damaged") from error


def _write_sheet(book: Book, stream: IO[bytes], name: str, parts: Parts) -> None:
    reader = SheetReader(book)
    with stream:
        rows = reader.rows(stream)
        # an empty sheet is no table
        if (first := next(rows, None)) is not None:
            parts.write_table(
                name, [], chain([first], rows), reader.faults, reader.number_texts, lambda: reader.indent
            )


def _check(archive: zipfile.ZipFile, file: Path) -> None:
    members = archive.infolist()
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise Refusal("encrypted")
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_UNPACKED_BYTES or unpacked > MAX_RATIO * max(file.stat().st_size, 10_000):
        raise Refusal("too_large")
