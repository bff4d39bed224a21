"""Every text report as people hand it in: saved anew by a spreadsheet, in another delimiter or encoding, in a
workbook. Each is recognised by its header alone, and its cells read the same.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from infra.demo.exports.workbook import workbook_bytes
from tests.dags.exports.samples import MOMENT, sample
from tests.dags.exports.test_contracts import header_of
from tradewind.exports import Export, RefusedFileError, load_contracts
from tradewind.exports.contract import Column, Contract
from tradewind.exports.personal import subject_of
from tradewind.landing.ledger import FileVersion
from tradewind.landing.opening import Opener
from tradewind.unpacking.parent import Part

REPORTS = sorted(
    name
    for name, contract in load_contracts().items()
    if {"csv", "xlsx"} & set(contract.file_types) and not contract.transposed
)
DAYS = "May 1, 2026 - May 31, 2026"


def opened(content: bytes, folder: Path, name: str = "file.csv", days: str = "2026-05-01") -> Export:
    """What a file is by recognition alone; raises the refusal of a file that is none."""
    file = folder / name
    file.write_bytes(content)
    resources = ExitStack()
    descriptor = os.open(file, os.O_RDONLY)
    resources.callback(os.close, descriptor)
    moment = datetime(2026, 6, 1, tzinfo=UTC)
    version = FileVersion(f"date={days}/{name}", name, "0" * 64, len(content), moment, None)
    pieces = Opener(load_contracts(), None, resources).open(descriptor, file, version)
    assert len(pieces) == 1
    if isinstance(pieces[0].opened, RefusedFileError):
        raise pieces[0].opened
    return pieces[0].opened


def cells_of(export: Export) -> list[dict[str, str]]:
    """The loaded rows by column; none may have been set aside."""
    rows = export.rows(str)
    loaded: list[dict[str, str]] = []
    for block in export.blocks(rows, 1):
        assert [(bad.row_number, bad.fault) for bad in block.bad] == []
        text = io.StringIO(bytes(block.payload).decode(), newline="")
        for cells in csv.reader(text, delimiter=rows.delimiter, quotechar=rows.quote, strict=True):
            named = dict(zip(rows.target_columns, cells[2:], strict=True))
            named.pop("extra_columns", None)
            loaded.append(named)
    return loaded


def cell_of(column: Column, text: str) -> str:
    """A good cell in the locale of the header."""
    formats = column.formats_for(next(iter(column.headers)))
    if column.type == "date" and column.formats:
        return MOMENT.strftime(formats[0])
    return sample(column, text)


def table_of(contract: Contract) -> list[list[str]]:
    texts = ["A blue cup, large", "Größe; 5 €, Ω"]
    return [header_of(contract), *([cell_of(column, text) for column in contract.columns] for text in texts)]


def above(contract: Contract) -> list[list[str]]:
    """The line of days, where nothing else could say them."""
    sources = {source.source for source in contract.facts.period}
    return [[DAYS]] if contract.period_required and "folder" not in sources else []


def written(contract: Contract, delimiter: str, table: list[list[str]], *, width: int = 0) -> str:
    out = io.StringIO()
    if contract.is_quoted(delimiter):
        writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    else:
        writer = csv.writer(
            out, delimiter=delimiter, lineterminator="\r\n", quoting=csv.QUOTE_NONE, quotechar=None
        )
    for row in [*above(contract), *table]:
        writer.writerow([*row, *[""] * (width - len(row))])
    return out.getvalue()


def padded(contract: Contract) -> bytes:
    table = table_of(contract)
    width = len(table[0])
    blank = "," * (width - 1) + "\r\n"
    return (blank + written(contract, ",", table, width=width) + blank * 2).encode()


FORMS: dict[str, Callable[[Contract], bytes]] = {
    "comma": lambda contract: written(contract, ",", table_of(contract)).encode(),
    "tab": lambda contract: written(contract, "\t", table_of(contract)).encode(),
    "semicolon": lambda contract: written(contract, ";", table_of(contract)).encode(),
    "sep= line": lambda contract: b"sep=;\r\n" + written(contract, ";", table_of(contract)).encode(),
    "UTF-8 with a mark": lambda contract: written(contract, ",", table_of(contract)).encode("utf-8-sig"),
    "UTF-16 LE": lambda contract: ("\ufeff" + written(contract, "\t", table_of(contract))).encode(
        "utf-16-le"
    ),
    "UTF-16 BE": lambda contract: ("\ufeff" + written(contract, ",", table_of(contract))).encode("utf-16-be"),
    "padded": padded,
    "leading blank lines": lambda contract: (
        b"\r\n \r\n" + written(contract, ",", table_of(contract)).encode()
    ),
}


def stored(column: Column, cell: str) -> str:
    """What raw holds of a cell where a pseudonym is its subject itself."""
    if not column.is_pseudonymised:
        return cell
    return subject_of(cell, re.compile(column.pseudonym_of) if column.pseudonym_of else None) or cell


def expected(contract: Contract) -> list[dict[str, str]]:
    return [
        {column.name: stored(column, cell) for column, cell in zip(contract.columns, row, strict=True)}
        for row in table_of(contract)[1:]
    ]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("report", REPORTS)
def test_every_text_report_is_read_in_the_forms_of_a_spreadsheet(
    report: str, form: str, tmp_path: Path
) -> None:
    contract = load_contracts()[report]
    export = opened(FORMS[form](contract), tmp_path)
    assert export.contract.report == report
    assert cells_of(export) == expected(contract)


@pytest.fixture
def tables_in_process() -> Iterator[Callable[[list[list[str]]], None]]:
    """The table that the child would write of a workbook."""
    written: list[list[list[str]]] = []

    def unpack(_kind: str, _file: Path, folder: Path) -> list[Part]:
        file = folder / "0"
        with file.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out, lineterminator="\n").writerows(written[0])
        return [Part("Sheet", file, is_table=True)]

    with mock.patch("tradewind.landing.opening.unpack", unpack):
        yield written.append


@pytest.mark.parametrize("report", REPORTS)
def test_every_text_report_is_read_from_a_workbook(
    report: str, tmp_path: Path, tables_in_process: Callable[[list[list[str]]], None]
) -> None:
    contract = load_contracts()[report]
    tables_in_process([*above(contract), *table_of(contract)])
    export = opened(workbook_bytes("Sheet", [("x",)]), tmp_path, "file.xlsx")
    assert export.contract.report == report
    assert cells_of(export) == expected(contract)


GERMAN = [
    "Datum", "Durch bestellte Produkte erzielter Umsatz", "Bestellte Einheiten", "Sitzungen – Summe",
    "Seitenaufrufe – Summe",
]  # fmt: skip


def report_by_date(rows: list[tuple[Any, ...]], folder: Path) -> Export:
    contract = load_contracts()["amazon_business_report_by_date"]
    headers = [
        (column.name, column.headers.get("de", [""])[0]) for column in contract.columns if column.required
    ]
    table = [tuple(header for _, header in headers), *rows]
    return opened(workbook_bytes("Blatt", table), folder, "bericht.xlsx")


def german_row(cells: dict[str, Any]) -> tuple[Any, ...]:
    contract = load_contracts()["amazon_business_report_by_date"]
    kinds = {"date": date(2026, 1, 31), "money": 1234.5, "integer": 1234, "decimal": 0.25, "percent": 0.5}
    return tuple(
        cells.get(column.name, kinds.get(column.type, "x")) for column in contract.columns if column.required
    )


def test_dates_and_numbers_of_a_workbook_are_read_whatever_the_locale_of_the_report(tmp_path: Path) -> None:
    export = report_by_date([german_row({}), german_row({"ordered_product_sales": "1.234,50 €"})], tmp_path)
    assert export.header.locale == "de"
    rows = cells_of(export)
    assert rows[0]["date"] == "31.01.26"
    assert [row["ordered_product_sales"] for row in rows] == ["1234,5", "1.234,50 €"]


def test_a_number_of_a_workbook_is_itself_whatever_locale_its_report_has(tmp_path: Path) -> None:
    export = report_by_date([german_row({}), german_row({"ordered_product_sales": 1.234})], tmp_path)
    assert [bad for block in export.blocks(export.rows(str), 1) for bad in block.bad] == []


def test_american_dates_of_a_workbook_are_read(tmp_path: Path) -> None:
    contract = load_contracts()["amazon_business_report_by_date"]
    headers = [column.headers["en_us"][0] for column in contract.columns if column.required]
    export = opened(workbook_bytes("Sheet", [tuple(headers), german_row({})]), tmp_path, "report.xlsx")
    assert cells_of(export)[0]["date"] == "01/31/26"


@pytest.mark.parametrize(
    "line", ["No data available.", '"No data to display",,,', "Keine Daten;;;", "没有数据\t\t"]
)
def test_a_file_that_says_only_that_it_holds_no_data_is_refused_as_such(line: str, tmp_path: Path) -> None:
    with pytest.raises(RefusedFileError) as refused:
        opened(f"{line}\r\n".encode(), tmp_path)
    assert refused.value.code == "no_data_no_header"
