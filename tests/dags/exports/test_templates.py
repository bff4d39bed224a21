"""The templates of our own: each with an example that is filled in, and the examples fit together."""

from __future__ import annotations

import csv
import re

import pytest

from tradewind.exports import load_contracts, recognise
from tradewind.exports.contract import Contract
from tradewind.settings import EXAMPLES_DIR

CONTRACTS = {name: item for name, item in load_contracts().items() if item.platform == "tradewind"}
NAMES = [name.removeprefix("tradewind_") for name in CONTRACTS]
# columns that hold the number of an employee under another name
EMPLOYEES = {
    "assessor_id", "buyer_id", "guided_by", "handler_id", "interviewer_id", "manager_id", "mentor_id",
    "photographer_id", "requester_id", "reviewee_id", "reviewer_id", "trainer_id",
}  # fmt: skip
# where the things stand that other templates name by number
HOMES = {
    "asset_id": "assets", "candidate_id": "candidates", "course_id": "courses", "employee_id": "roster",
    "incident_id": "incidents", "job_post_id": "job_posts", "partnership_id": "partnerships",
    "practice_base_id": "practice_bases", "purchase_order_id": "purchase_orders",
    "request_id": "service_requests", "research_id": "market_research", "school_id": "partnerships",
    "shoot_id": "shoots", "skill_id": "skills", "sku": "product_costs", "store_id": "stores",
    "teacher_id": "teachers", "training_session_id": "training_sessions",
    "violation_id": "policy_violations",
}  # fmt: skip


def example(name: str) -> list[dict[str, str]]:
    with (EXAMPLES_DIR / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def values(name: str, column: str) -> set[str]:
    return {row[column] for row in example(name)} - {""}


def chinese_header(contract: Contract) -> list[str]:
    return [column.headers["zh"][0] for column in contract.columns]


def test_every_template_has_an_example_and_every_example_a_contract() -> None:
    assert sorted(file.stem for file in EXAMPLES_DIR.glob("*.csv")) == sorted(NAMES)
    assert all(contract.reference for contract in CONTRACTS.values())
    assert {item.platform for item in load_contracts().values() if item.reference} == {"tradewind"}


@pytest.mark.parametrize("name", NAMES)
def test_example_is_recognised_as_its_own_report_by_all_its_columns(name: str) -> None:
    text = (EXAMPLES_DIR / f"{name}.csv").read_text(encoding="utf-8")
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
        number = "employee_id" if column in EMPLOYEES else column
        if number in HOMES:
            assert values(name, column) <= values(HOMES[number], number), column


def test_persons_of_tests_are_known_by_their_kind() -> None:
    known = {
        "employee": values("roster", "employee_id"),
        "candidate": values("candidates", "candidate_id"),
        "student": values("apprenticeships", "student_id") | values("graduate_outcomes", "student_id"),
    }
    for name in ("competence_tests", "language_tests", "market_knowledge_tests"):
        for row in example(name):
            assert row["person_id"] in known[row["person_type"]], (name, row["person_id"])


def test_table_of_templates_names_each_of_them_once() -> None:
    table = (EXAMPLES_DIR / "README.md").read_text(encoding="utf-8")
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
