"""The examples of our own templates go the whole way into raw, as text and as a workbook."""

from __future__ import annotations

import csv
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

from infra.demo.exports.workbook import workbook_bytes
from tests.dags.landing.conftest import Query
from tradewind.landing import load_files
from tradewind.settings import EXAMPLES_DIR, Settings

EXAMPLES = sorted(EXAMPLES_DIR.glob("*.csv"))


def test_every_example_is_loaded_whole(landing: Settings, query: Query) -> None:
    files = [landing.landing / example.name for example in EXAMPLES]
    for example, file in zip(EXAMPLES, files, strict=True):
        shutil.copyfile(example, file)
    results = load_files(files, landing)
    assert [
        (result.report, result.state, result.records_loaded, result.records_quarantined) for result in results
    ] == [(f"tradewind_{file.stem}", "loaded", len(rows_of(file)) - 1, 0) for file in files]
    assert query("select count(*) from ops.quarantined_row") == [(0,)]
    assert query("select count(*) from ops.load where file_attributes ? 'extra_columns'") == [(0,)]


def test_template_filled_in_as_a_workbook_is_loaded_alike(landing: Settings, query: Query) -> None:
    (example,) = [example for example in EXAMPLES if example.stem == "stock_counts"]
    header, *rows = rows_of(example)
    file = landing.landing / "stock_counts.xlsx"
    file.write_bytes(workbook_bytes("Counts", [header, *([_typed(cell) for cell in row] for row in rows)]))
    (result,) = load_files([file], landing)
    assert (result.state, result.records_loaded, result.records_quarantined) == ("loaded", len(rows), 0)
    assert query("select distinct counted_on from raw.tradewind_stock_counts order by 1") == [
        ("2026-07-03",),
        ("2026-07-31",),
    ]


def rows_of(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.reader(opened, strict=True))


def _typed(cell: str) -> str | Decimal | date:
    """The cell as a spreadsheet keeps it: days and numbers are no texts there."""
    for kind in (date.fromisoformat, Decimal):
        try:
            return kind(cell)
        except (ValueError, ArithmeticError):
            continue
    return cell
