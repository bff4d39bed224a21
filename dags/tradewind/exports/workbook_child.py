"""A process of its own: `workbook_child.py WORKBOOK FOLDER` writes the visible sheets as 0.csv, 1.csv, …

Prints the sheets' names, one a line. Exits with 3 for an archive that unpacks too large, 4 for a full one.
"""

from __future__ import annotations

import csv
import sys
import zipfile
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

MAX_UNPACKED_BYTES = 1 << 30
MAX_RATIO = 200
FULL_SHEET_ROWS = 1_048_576


def main(workbook: Path, folder: Path) -> int:
    """Write the sheets; returns the exit code."""
    with zipfile.ZipFile(workbook) as archive:
        unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > MAX_UNPACKED_BYTES or unpacked > MAX_RATIO * max(workbook.stat().st_size, 10_000):
            return 3
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    book = CalamineWorkbook.from_path(str(workbook))
    names = [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    ]
    for number, name in enumerate(names):
        sheet = book.get_sheet_by_name(name)
        if sheet.total_height >= FULL_SHEET_ROWS:
            return 4
        with (folder / f"{number}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerows([as_text(cell) for cell in row] for row in sheet.iter_rows())
        sys.stdout.write(name.replace("\n", " ") + "\n")
    return 0


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


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
