"""What platforms do around their records: footers, lines that explain the columns, quotes, zones of times."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import Any

import pytest

from tradewind.exports import Export, open_export
from tradewind.exports.blocks import Block
from tradewind.exports.checks import compile_check
from tradewind.exports.contract import Contract

CONTRACT: dict[str, Any] = {
    "report": "sales",
    "platform": "shop",
    "title": "Sales",
    "description": "One row per sale.",
    "delimiters": [",", "\t"],
    "total_rows": [{"cell": "first_non_empty", "pattern": "Number of the sale."}],
    "footer": [{"cell": "any", "pattern": "([0-9]+ )?records downloaded.*"}],
    "facts": {"currency": {"from": "cell", "column": "price"}},
    "key": ["sale"],
    "columns": [
        {
            "name": "sale", "headers": ["Sale"], "type": "text", "required": True, "not_empty": True,
            "pattern": "[0-9]+",
        },
        {"name": "product", "headers": ["Product"], "type": "text", "required": True},
        {"name": "price", "headers": ["Price"], "type": "money", "required": True},
    ],
}  # fmt: skip


@contextmanager
def opened(folder: Path, text: str, **changes: object) -> Iterator[Export]:
    file = folder / "sales.csv"
    file.write_text(text, encoding="utf-8")
    descriptor = os.open(file, os.O_RDONLY)
    try:
        yield open_export(
            descriptor, PurePath(file.name), {"sales": Contract.model_validate({**CONTRACT, **changes})}
        )
    finally:
        os.close(descriptor)


def read(export: Export) -> Block:
    whole = Block()
    for block in export.blocks(export.rows(str), 1):
        whole.loaded += block.loaded
        whole.ignored += block.ignored
        whole.bad += block.bad
    return whole


@pytest.mark.parametrize(
    "footer",
    [
        '"2 records downloaded,from Sep-01-26 to Sep-30-26"\nSeller : somebody\n',
        "2,records downloaded\n",
        "2 records downloaded\n",
        "2,records downloaded,from,Sep-01-26\n",
    ],
)
def test_footer_of_another_width_ends_the_records(tmp_path: Path, footer: str) -> None:
    with opened(tmp_path, f"Sale,Product,Price\n1,Cup,£2.00\n2,Plate,£3.00\n\n{footer}") as export:
        block = read(export)
    assert (block.loaded, block.bad) == (2, [])
    assert block.ignored == 1 + footer.count("\n")


def test_line_of_another_width_that_is_no_footer_is_quarantined(tmp_path: Path) -> None:
    with opened(tmp_path, "Sale,Product,Price\n1,Cup,£2.00\n2,Plate\n3,Bowl,£3.00\n") as export:
        block = read(export)
    assert (block.loaded, [(bad.row_number, bad.fault.code) for bad in block.bad]) == (
        2,
        [(2, "wrong_width")],
    )


@pytest.mark.parametrize("above", [",,\n", "Number of the sale.,What was sold.,Price in USD.\n", " ,,\n,,\n"])
def test_currency_is_read_off_the_first_record_and_not_off_a_line_before_it(
    tmp_path: Path, above: str
) -> None:
    with opened(tmp_path, f"Sale,Product,Price\n{above}1,Cup,£2.00\n") as export:
        assert export.facts.currency == "GBP"
        assert read(export).loaded == 1


@pytest.mark.parametrize(
    "text", ['Sale,Product,Price\n1,"12"" plate",2.00\n', 'Sale\tProduct\tPrice\n1\t12" plate\t2.00\n']
)
def test_quotes_may_enclose_cells_in_csv_and_be_ordinary_in_flat_files(tmp_path: Path, text: str) -> None:
    with opened(tmp_path, text, quoted=[","]) as export:
        block = read(export)
    assert (block.loaded, block.bad) == (1, [])


@pytest.mark.parametrize(
    ("text", "is_good"),
    [
        ("2026-09-01 10:00:00 UTC", True),
        ("2026-09-01 10:00:00 PDT", True),
        ("2026-09-01 10:00:00 JST", True),
        ("2026-09-01 10:00:00 CEST", True),
        ("2026-09-01 10:00:00 BST", True),
        # no zone that a database would take for the same: GMT+9 is west of Greenwich to some
        ("2026-09-01 10:00:00 GMT+9", False),
        ("2026-09-01 10:00:00 Tokyo", False),
    ],
)
def test_times_may_carry_the_abbreviation_of_a_zone(text: str, *, is_good: bool) -> None:
    column = {"name": "at", "headers": ["At"], "type": "datetime", "formats": ["%Y-%m-%d %H:%M:%S %Z"]}
    contract = Contract.model_validate({**CONTRACT, "columns": [*CONTRACT["columns"], column]})
    fault = compile_check(contract.by_name["at"], contract, "").fault(text)
    assert (fault is None) == is_good
