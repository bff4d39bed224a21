"""A number of which only the locale tells how much it is."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path, PurePath

import pytest

from tests.dags.exports.test_spreadsheet_forms import cells_of, opened
from tests.dags.unpacking.books import book, letters, row
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


def workbook(rows: list[list[str | float]], *, shared: bool = False) -> bytes:
    """A workbook of texts, and of numbers where Python has numbers; the texts shared, or in their cells."""
    texts: list[str] = []
    lines = []
    for number, cells in enumerate(rows, 1):
        written = []
        for position, cell in enumerate(cells):
            place = f'<c r="{letters(position)}{number}"'
            if not isinstance(cell, str):
                written.append(f"{place}><v>{cell}</v></c>")
            elif shared:
                texts.append(f"<si><t>{cell}</t></si>")
                written.append(f'{place} t="s"><v>{len(texts) - 1}</v></c>')
            else:
                inner = re.search("<is>.*</is>", row(1, cell))
                assert inner
                written.append(f'{place} t="inlineStr">{inner[0]}</c>')
        lines.append(f'<row r="{number}">{"".join(written)}</row>')
    return book(("S", "".join(lines)), shared="".join(texts) if shared else None)


def sales(*amounts: str | float) -> list[list[str | float]]:
    return [
        HEADER.split(";"),
        *(["2026-03-02", "P", "A", 1, amount, 0, 0, amount, 0, amount, 1] for amount in amounts),
    ]


@pytest.mark.parametrize("lines", [1, 600], ids=["few", "many"])
@pytest.mark.parametrize("shared", [True, False], ids=["shared texts", "texts in cells"])
@pytest.mark.parametrize(
    "amounts",
    [["1.080"], ["1.080", 250], ["1.080", 19.9], [1.08, "1.080", 2], ["-1.500", "250"], ["1,080"]],
)
def test_m12_texts_of_a_workbook_with_three_digits_behind_their_only_mark_are_refused(
    tmp_path: Path, amounts: list[str | float], shared: bool, lines: int
) -> None:
    content = workbook(sales(*amounts * lines), shared=shared)
    with pytest.raises(RefusedFileError) as refusal:
        cells_of(opened(content, tmp_path, "sales.xlsx"))
    assert refusal.value.code == "ambiguous_numbers"
    assert refusal.value.parameters["columns"] == ["gross_sales", "net_sales", "total_sales"]


@pytest.mark.parametrize("lines", [1, 600], ids=["few", "many"])
@pytest.mark.parametrize("shared", [True, False], ids=["shared texts", "texts in cells"])
@pytest.mark.parametrize(
    "amounts",
    [[1.08, 1.125], [1080, 1.125], ["1.080", "19.90"], ["1,080.50", "1.080"], ["0.125", "1.080"], ["250"]],
)
def test_numbers_of_a_workbook_are_exact_and_texts_show_the_mark_of_other_texts(
    tmp_path: Path, amounts: list[str | float], shared: bool, lines: int
) -> None:
    rows = cells_of(opened(workbook(sales(*amounts * lines), shared=shared), tmp_path, "sales.xlsx"))
    assert [row["gross_sales"] for row in rows] == [str(amount) for amount in amounts * lines]


@pytest.mark.parametrize("lines", [1, 300], ids=["few", "many"])
@pytest.mark.parametrize("nested", [True, False])
@pytest.mark.parametrize(
    ("rates", "code"),
    [
        (["1.080"], "ambiguous_numbers"), (["1.080", 1.5], "ambiguous_numbers"), ([1.08, 1.125], None),
        (["1.080", "1.09"], None),
    ],
)  # fmt: skip
def test_m12_texts_of_json_are_asked_as_those_of_other_files_and_numbers_are_not(
    tmp_path: Path, rates: list[str | float], code: str | None, lines: int, nested: bool
) -> None:
    records = [
        {"rate_date": "2026-05-29", "currency": "USD", "units_per_eur": rate, "source": "ECB"}
        | ({"more": {"note": 1}} if nested else {})
        for rate in rates * lines
    ]
    content = json.dumps(records).encode()
    if code is None:
        rows = cells_of(opened(content, tmp_path, "rates.json"))
        assert [row["units_per_eur"] for row in rows] == [str(rate) for rate in rates * lines]
        return
    with pytest.raises(RefusedFileError) as refusal:
        cells_of(opened(content, tmp_path, "rates.json"))
    assert refusal.value.code == code
