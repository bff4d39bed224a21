"""Workbooks: each visible sheet written as CSV, with what Excel shows in a cell and CSV would not tell."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import chain
from pathlib import Path
from xml.etree import ElementTree

from tradewind.unpacking.protocol import Parts, Refusal, RowFault

MAX_UNPACKED_BYTES = 1 << 30
MAX_RATIO = 200
FULL_SHEET_ROWS = 1_048_576
# a spreadsheet keeps 15 digits of a number, and writes zeros for the rest
FIRST_ROUNDED = 10**15
PROLOG_BYTES = 1 << 16
# what may stand above the first element: no declaration of a document's type, wherever comments push it
_PROLOG = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?(?>\s|<\?.*?\?>|<!--.*?-->)*+<[^!?]", re.DOTALL)
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def unpack(file: Path, parts: Parts) -> None:
    """Write the visible sheets.

    Raises:
        Refusal: the workbook unpacks too large, is full to the last row, or declares entities.
    """
    with zipfile.ZipFile(file) as archive:
        _check(archive, file)
        faults = {name: _faulty_rows(archive, path) for name, path in _sheet_paths(archive).items()}
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    book = CalamineWorkbook.from_path(str(file))
    for sheet in book.sheets_metadata:
        if sheet.typ != SheetTypeEnum.WorkSheet or sheet.visible != SheetVisibleEnum.Visible:
            continue
        content = book.get_sheet_by_name(sheet.name)
        # not total_height: it is one less than the number of the last row
        if content.end is not None and content.end[0] + 1 >= FULL_SHEET_ROWS:
            raise Refusal("truncated")
        # an error or a missing result says more of its row than a rounded number
        found: list[RowFault] = []
        rows = _texts(content.iter_rows(), found)
        rest = (RowFault(row, code) for row, code in faults.get(sheet.name, {}).items())
        parts.write_table(sheet.name.replace("\n", " "), [], rows, chain(found, rest))


def _texts(rows: Iterable[Sequence[object]], found: list[RowFault]) -> Iterator[list[str]]:
    """The rows as texts; those with a number of more digits than a spreadsheet keeps are added to `found`."""
    for number, row in enumerate(rows):
        yield [as_text(cell) for cell in row]
        rounded = tuple(
            position
            for position, cell in enumerate(row)
            if isinstance(cell, int | float) and abs(cell) >= FIRST_ROUNDED
        )
        if rounded:
            found.append(RowFault(number, "precision_lost", cells=rounded))


def _check(archive: zipfile.ZipFile, file: Path) -> None:
    unpacked = sum(member.file_size for member in archive.infolist())
    if unpacked > MAX_UNPACKED_BYTES or unpacked > MAX_RATIO * max(file.stat().st_size, 10_000):
        raise Refusal("too_large")
    for member in archive.infolist():
        if member.filename.endswith((".xml", ".rels")):
            with archive.open(member) as part:
                # UTF-16 without its zeros reads the same here
                head = part.read(PROLOG_BYTES).replace(b"\0", b"")
                if head.strip() and not _PROLOG.match(head):
                    raise Refusal("unsafe_content")


def _sheet_paths(archive: zipfile.ZipFile) -> dict[str, str]:
    try:
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314  no DOCTYPE came this far
        relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    except KeyError:
        return {}
    targets = {item.get("Id"): item.get("Target", "") for item in relations}
    return {
        sheet.get("name", ""): posixpath.normpath(posixpath.join("/xl", targets[sheet.get(_RELATION)]))[1:]
        for sheet in book.iter(f"{_MAIN}sheet")
        if sheet.get(_RELATION) in targets
    }


def _faulty_rows(archive: zipfile.ZipFile, path: str) -> dict[int, str]:
    """The rows, from 0, with an error, or a formula without its value: Excel would count it, nobody else can.

    The library that reads the sheets makes a blank cell of both.
    """
    try:
        text = archive.read(path)
    except KeyError:
        return {}
    if b"<f" not in text and b't="e"' not in text:
        return {}
    found: dict[int, str] = {}
    for row in ElementTree.fromstring(text).iter(f"{_MAIN}row"):  # noqa: S314  no DOCTYPE came this far
        for cell in row:
            if cell.get("t") == "e":
                found[int(row.get("r", "0")) - 1] = "error_cell"
            elif cell.find(f"{_MAIN}f") is not None and not cell.findtext(f"{_MAIN}v"):
                found[int(row.get("r", "0")) - 1] = "formula_without_result"
    return found


def as_text(cell: object) -> str:
    """A cell as a CSV export would write it: no exponent, no `.0` behind a whole number, ISO dates."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        text = format(Decimal(repr(cell)), "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(int(cell.total_seconds()))
    return str(cell).replace("\0", "")
