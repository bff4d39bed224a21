"""A company with every report that the models read: two files of each, which have a day in common."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import timedelta

from tests.dags.exports.samples import MOMENT, sample
from tests.dbt_project.arrivals import Arrival
from tests.dbt_project.company import STORES, _table
from tradewind.exports.contract import Column, Contract

# by days from the first; the later file changes the day they share, and adds another month
FIRST_DAYS, LATER_DAYS = (0, 1), (1, 40)
STORES_LOAD, FIRST_LOAD, LATER_LOAD = 999, 1000, 2000


def reports_of_models(contracts: dict[str, Contract], raw_tables: Collection[str]) -> list[Contract]:
    """The reports of what happens in a store: those of a shape, and those whose raw table a model reads."""
    return [
        contract
        for name, contract in sorted(contracts.items())
        if not contract.reference and (contract.shape or name in raw_tables)
    ]


def store_of(contract: Contract) -> str:
    """Each report in a store of its own, so that none hides another."""
    return contract.report.replace("_", "-")


def stores_of(contracts: list[Contract]) -> Arrival:
    """The stores file."""
    header = "store_id | store_name | platform | country | timezone | currency | opened_on"
    lines = [f"{store_of(c)} | {c.report} | {c.platform} | US | America/New_York | EUR |" for c in contracts]
    return Arrival(STORES_LOAD, STORES.report, [*STORES.rows, *_table(header, *lines)])


def files_of(contract: Contract, number: int) -> tuple[Arrival, Arrival]:
    """The first file of a report, and the later one."""
    return (
        _file(contract, FIRST_LOAD + number, FIRST_DAYS, changed=0, made_on="2026-09-20"),
        _file(contract, LATER_LOAD + number, LATER_DAYS, changed=1, made_on="2026-10-30"),
    )


def _file(contract: Contract, load_id: int, days: tuple[int, ...], *, changed: int, made_on: str) -> Arrival:
    has_days = any(column.type in ("date", "datetime") for column in contract.columns)
    period = [(MOMENT + timedelta(day)).date().isoformat() for day in (days[0], days[0])]
    return Arrival(
        load_id, contract.report, [_row(contract, day, changed) for day in days], store_of(contract), made_on,
        period=(None, None) if has_days else (period[0], period[1]), currency="EUR", dialect={"locale": "en"},
    )  # fmt: skip


def _row(contract: Contract, day: int, changed: int) -> dict[str, str]:
    customer = contract.mapping["customer"].column if "customer" in contract.mapping else None
    return {
        column.name: _cell(contract, column, day, changed, is_same=column.name == customer)
        for column in contract.columns
    }


def _cell(contract: Contract, column: Column, day: int, changed: int, *, is_same: bool) -> str:
    """The sample of the column: texts and ids move by the day, numbers by the file, the buyer stays."""
    wanted = contract.where.get(column.name)
    if wanted and wanted.is_in:
        return wanted.is_in[0]
    if column.type in ("date", "datetime"):
        form = column.formats_for("en")[0].replace("%Z", "UTC").replace("%z", "+0000")
        return (MOMENT + timedelta(day)).strftime(form)
    cell = sample(column)
    return cell if is_same else _moved(cell, changed if column.is_number else day, column)


def _moved(cell: str, steps: int, column: Column) -> str:
    """The cell with its last letter or digit moved on, where the column's rules let that pass."""
    for place in reversed(range(len(cell) if steps and not column.one_of else 0)):
        if not cell[place].isalnum():
            continue
        is_digit = cell[place].isdigit()
        other = str((int(cell[place]) + steps) % 10) if is_digit else "ABCDEFGHIJ"[steps % 10]
        moved = cell[:place] + other + cell[place + 1 :]
        if not column.pattern or re.fullmatch(column.pattern, moved):
            return moved
    return cell
