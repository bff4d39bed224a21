"""The demo company went through every room: what is published equals the key worked out beforehand.

Its name comes before that of the browser's tests, which drop one more file.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

pytestmark = pytest.mark.timeout(600)

# as of a day, and never added over days
SNAPSHOTS = "(select metric_id from marts.dim_metric where kind = 'snapshot')"
GRAIN = ("metric_id", "definition_code", "employee_id", "store_id", "platform")


@pytest.fixture(scope="module")
def answers(stack: Settings) -> dict[str, Any]:
    return json.loads((stack.state_dir / "demo_answers.json").read_text())


def query(settings: Settings, statement: str, *parameters: object) -> list[tuple]:
    with connect(Role.APP, settings) as connection:
        return connection.execute(statement, parameters).fetchall()


def exact(value: object) -> Decimal:
    """A number of the key or of the database; nothing is nothing to add."""
    return Decimal(str(value or 0))


def test_every_metric_of_every_person_equals_the_answer_key(stack: Settings, answers: dict[str, Any]) -> None:
    published = {
        row[:5]: (exact(row[5]), exact(row[6]))
        for row in query(
            stack,
            f"select {', '.join(GRAIN)}, sum(numerator), sum(denominator) from marts.fct_metric_daily"
            f" where metric_id not in {SNAPSHOTS} group by 1, 2, 3, 4, 5",
        )
    }
    key = {
        tuple(entry[name] for name in GRAIN): (exact(entry["numerator"]), exact(entry["denominator"]))
        for entry in answers["metrics"]
    }
    assert published == key


def test_snapshots_of_the_last_day_equal_the_answer_key(stack: Settings, answers: dict[str, Any]) -> None:
    published = {
        row[:3]: (exact(row[3]), exact(row[4]))
        for row in query(
            stack,
            "select definition_code, store_id, business_date::text, sum(numerator), sum(denominator)"
            " from marts.fct_metric_daily"
            f" where metric_id in {SNAPSHOTS} and business_date = %s group by 1, 2, 3",
            answers["last_day"],
        )
    }
    key = {
        (entry["definition_code"], entry["store_id"], entry["business_date"]): (
            exact(entry["numerator"]),
            exact(entry["denominator"]),
        )
        for entry in answers["repurchase"]
    }
    assert published == key


def test_sales_by_country_equal_the_answer_key(stack: Settings, answers: dict[str, Any]) -> None:
    published = {
        row[:2]: row[2:]
        for row in query(
            stack,
            "select store_id, country, sum(gross_amount), sum(refund_amount)"
            " from marts.fct_sales_country_daily where store_id = 'lumen-trade' group by 1, 2",
        )
    }
    key = {
        (entry["store_id"], entry["country"]): (exact(entry["gross_amount"]), exact(entry["refund_amount"]))
        for entry in answers["countries"]
    }
    assert published == key


def test_every_file_ended_as_the_demo_company_meant_it(stack: Settings, answers: dict[str, Any]) -> None:
    ledger = {row[0]: row[1:] for row in query(stack, "select file_path, report, state from ops.load")}
    meant = {file["path"]: (file["report"], file["state"]) for file in answers["loads"]["files"]}
    for pair in answers["loads"]["duplicates"]:
        # two files of the same bytes load side by side: the younger is a duplicate, or gives way to the older
        states = sorted(ledger[path][1] for path in pair)
        assert states in (["duplicate", "loaded"], ["loaded", "superseded"])
        meant = {path: outcome for path, outcome in meant.items() if path not in pair}
    assert {path: ledger.get(path) for path in meant} == meant


def test_evidence_adds_up_to_every_published_number(stack: Settings) -> None:
    assert (
        query(
            stack,
            """
            select metric_id, definition_code, employee_id, store_id, platform, business_date
            from marts.fct_metric_daily as f
            full join (
                select metric_id, definition_code, employee_id, store_id, platform, business_date,
                    sum(numerator) as numerator, sum(denominator) as denominator
                from marts.metric_evidence
                group by 1, 2, 3, 4, 5, 6
            ) as e using (metric_id, definition_code, employee_id, store_id, platform, business_date)
            where f.numerator is distinct from e.numerator or f.denominator is distinct from e.denominator
            """,
        )
        == []
    )
