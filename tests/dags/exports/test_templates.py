"""The templates of our own: each with an example that is filled in, and the examples fit together."""

from __future__ import annotations

import csv
import re

import pytest

from tradewind.exports import load_contracts, recognise
from tradewind.exports.contract import CONTRACTS_DIR, Contract

TEMPLATES_DIR = CONTRACTS_DIR.parent / "templates"
CONTRACTS = {name: item for name, item in load_contracts().items() if item.platform == "tradewind"}
NAMES = [name.removeprefix("tradewind_") for name in CONTRACTS]
# where the things stand that other templates name by number
HOMES = {"employee_id": "roster", "sku": "product_costs", "store_id": "stores"}


def example(name: str) -> list[dict[str, str]]:
    with (TEMPLATES_DIR / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def values(name: str, column: str) -> set[str]:
    return {row[column] for row in example(name)} - {""}


def chinese_header(contract: Contract) -> list[str]:
    return [column.headers["zh"][0] for column in contract.columns]


def test_every_template_has_an_example_and_every_example_a_contract() -> None:
    assert sorted(file.stem for file in TEMPLATES_DIR.glob("*.csv")) == sorted(NAMES)
    assert all(contract.reference for contract in CONTRACTS.values())
    assert {item.platform for item in load_contracts().values() if item.reference} == {"tradewind"}


@pytest.mark.parametrize("name", NAMES)
def test_example_is_recognised_as_its_own_report_by_all_its_columns(name: str) -> None:
    text = (TEMPLATES_DIR / f"{name}.csv").read_text(encoding="utf-8")
    header = recognise(text, load_contracts())
    assert header.contract.report == f"tradewind_{name}"
    assert list(header.columns) == header.contract.columns


@pytest.mark.parametrize("name", NAMES)
def test_chinese_header_is_recognised_as_the_same_report(name: str) -> None:
    contract = CONTRACTS[f"tradewind_{name}"]
    header = recognise(",".join(chinese_header(contract)) + "\n", load_contracts())
    assert header.contract.report == contract.report
    assert list(header.columns) == contract.columns
    assert header.locale == "zh"


@pytest.mark.parametrize("name", NAMES)
def test_example_has_one_row_for_each_key(name: str) -> None:
    rows = example(name)
    key = CONTRACTS[f"tradewind_{name}"].key
    assert len({tuple(row[column] for column in key) for row in rows}) == len(rows)


@pytest.mark.parametrize("name", NAMES)
def test_example_names_only_what_the_other_examples_hold(name: str) -> None:
    for column in CONTRACTS[f"tradewind_{name}"].by_name:
        if column in HOMES:
            assert values(name, column) <= values(HOMES[column], column), column


def test_table_of_templates_names_each_of_them_once() -> None:
    table = (TEMPLATES_DIR / "README.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| \[\w+\]\((\w+)\.csv\)", table, re.MULTILINE)) == sorted(NAMES)


def test_amounts_have_a_currency_beside_them() -> None:
    for contract in CONTRACTS.values():
        if amounts := [name for name in contract.by_name if name.endswith("_amount")]:
            assert "currency" in contract.by_name, (contract.report, amounts)
            assert all(contract.by_name[name].type == "decimal" for name in amounts), contract.report


def test_currencies_are_codes_in_every_template() -> None:
    for contract in CONTRACTS.values():
        for column in contract.columns:
            if column.name.endswith("currency"):
                assert column.pattern == "[A-Z]{3}", contract.report
