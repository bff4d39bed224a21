"""A delimiter or a quote too many or too few in a row of any report.

The row is set aside, its neighbours are not, and no row comes out of it that nobody wrote.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest

from tests.dags.exports.samples import sample
from tradewind.exports import Header, load_contracts
from tradewind.exports.blocks import BlockReader
from tradewind.exports.contract import Contract
from tradewind.exports.rows import RowReader

CONTRACTS = {name: contract for name, contract in load_contracts().items() if "csv" in contract.file_types}
QUOTE = '"'


def reader(contract: Contract) -> RowReader:
    """The reader of a file with all columns of the contract."""
    columns = tuple(contract.columns)
    cells = tuple(column.all_headers()[0] for column in columns)
    return RowReader(Header(contract, cells, columns, contract.delimiters[0], (), "en", None, 0), str)


def written(cells: list[str], rows: RowReader, *, is_quoted: bool) -> list[str]:
    """The cells as they stand in a file: every other one in quotes, or only where there is no way without."""
    if not rows.quoted:
        return cells
    return [
        f'"{cell.replace(QUOTE, QUOTE * 2)}"'
        if (is_quoted and place % 2) or rows.delimiter in cell or QUOTE in cell
        else cell
        for place, cell in enumerate(cells)
    ]


def damaged(cells: list[str], rows: RowReader) -> Iterator[str]:
    """The row with one byte lost or won, in every place where it counts."""
    delimiter = rows.delimiter
    for place, cell in enumerate(cells):
        before, after = cells[:place], cells[place + 1 :]
        middle = len(cell) // 2
        others = []
        if after:
            yield delimiter.join([*before, cell + after[0], *after[1:]])
        if not cell.startswith('"'):
            others.append(cell[:middle] + delimiter + cell[middle:])
        if rows.quoted:
            others += [f'"{cell}', f'{cell}"']
            others += [f'{cell[:middle]}"{cell[middle:]}'] if middle else []
            others += [cell[:at] + cell[at + 1 :] for at, mark in enumerate(cell) if mark == '"']
        for other in others:
            yield delimiter.join([*before, other, *after])


def loaded(lines: list[str], rows: RowReader) -> tuple[list[tuple[str, ...]], int]:
    """The rows as COPY would take them, and the number of those set aside."""
    content, payload, bad = "\n".join([*lines, ""]), b"", 0
    for block in BlockReader(rows, 1).blocks([content.encode()]):
        payload += bytes(block.payload)
        bad += len(block.bad)
    text = io.StringIO(payload.decode(), newline="")
    found = csv.reader(text, delimiter=rows.delimiter, quotechar=rows.quote, strict=True)
    return [tuple(cells[2:]) for cells in found], bad


@pytest.mark.parametrize("is_quoted", [False, True], ids=["bare", "quoted"])
@pytest.mark.parametrize("report", CONTRACTS)
def test_b13_a_byte_too_many_or_too_few_costs_its_own_row_only(report: str, is_quoted: bool) -> None:
    contract = CONTRACTS[report]
    rows = reader(contract)
    cells = written([sample(column, "Cup") for column in contract.columns], rows, is_quoted=is_quoted)
    good = rows.delimiter.join(cells)
    [whole], _ = loaded([good], rows)
    broken = list(damaged(cells, rows))
    found, bad = loaded([good, *(line for row in broken for line in (row, good))], rows)
    assert set(found) == {whole}
    assert (len(found), bad) == (len(broken) + 1, len(broken))
    # a quote that one row opens another may close
    found, bad = loaded([good, *broken, good], rows)
    assert set(found) == {whole}
    assert (len(found), bad) == (2, len(broken))
