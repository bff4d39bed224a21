"""A number of which only the locale tells how much it is."""

from __future__ import annotations

import os
from pathlib import Path, PurePath

import pytest

from tradewind.exports import RefusedFileError, load_contracts, open_export

HEADER = (
    "Day;Product title;Product variant SKU;Net items sold;Gross sales;Discounts;Returns;Net sales;Taxes;"
    "Total sales;Orders"
)


def loaded(tmp_path: Path, *amounts: str, delimiter: str = ";") -> int:
    lines = [HEADER, *(f"2026-03-02;P;A;1;{amount};0;0;{amount};0;{amount};1" for amount in amounts)]
    file = tmp_path / "sales.csv"
    file.write_text("\n".join(line.replace(";", delimiter) for line in lines) + "\n")
    descriptor = os.open(file, os.O_RDONLY)
    try:
        export = open_export(descriptor, PurePath("sales.csv"), load_contracts())
        return sum(block.loaded for block in export.blocks(export.rows(str), 1))
    finally:
        os.close(descriptor)


@pytest.mark.parametrize("lines", [1, 2000], ids=["split", "in blocks"])
@pytest.mark.parametrize("amounts", [["1.080", "250"], ["-1.500"], ["1.080", "12,5"], ["1,080"]])
def test_m12_three_digits_behind_the_only_mark_of_a_file_are_refused(
    tmp_path: Path, amounts: list[str], lines: int
) -> None:
    with pytest.raises(RefusedFileError) as refusal:
        loaded(tmp_path, *amounts * lines)
    assert refusal.value.code == "ambiguous_numbers"
    assert refusal.value.parameters["columns"] == ["gross_sales", "net_sales", "total_sales"]


@pytest.mark.parametrize("lines", [1, 2000], ids=["split", "in blocks"])
@pytest.mark.parametrize("amounts", [["1.080", "19.90"], ["1.080", "0.125"], ["1,080.50", "1.080"], ["250"]])
def test_a_number_that_shows_the_mark_settles_the_others(
    tmp_path: Path, amounts: list[str], lines: int
) -> None:
    assert loaded(tmp_path, *amounts * lines) == len(amounts) * lines


def test_the_platform_s_own_delimiter_leaves_nothing_open(tmp_path: Path) -> None:
    assert loaded(tmp_path, "1.080", delimiter=",") == 1
