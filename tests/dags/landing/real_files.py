"""Real export files as the standard library reads them, to compare with what was loaded."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

# what the ledger knows of files that state it outside their rows
FACTS_OF_FILES = """
    select file_name, period_start::text, period_end::text, currency from ops.load
    where period_start is not null or currency is not null order by file_name
"""


def independent_rows(
    file: Path, *, encoding: str = "utf-8-sig", delimiter: str = ",", above: int = 0
) -> list[dict[str, str]]:
    """The records below so many lines, without blank lines, totals, and lines that are no rows."""
    with file.open(encoding=encoding, newline="") as lines:
        for _ in range(above):
            lines.readline()
        quoting = csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL
        header, *rows = csv.reader(lines, delimiter=delimiter, quoting=quoting)
    return [
        dict(zip(header, row, strict=True))
        for row in rows
        if len(row) == len(header) and any(row) and not any(cell.startswith("Total: ") for cell in row)
    ]


def total(cells: Iterable[str | None]) -> Decimal:
    """The sum of amounts as they stand; a blank cell is none."""
    amounts = (cell.replace(",", "").strip("£ ") for cell in cells if cell)
    return sum((Decimal(amount) for amount in amounts if amount), Decimal(0))
