"""Each landing suite passes good rows and rejects a planted fault, by the expectation meant for it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dags.quality.conftest import Land
from tests.dags.quality.landing_rows import FAULTS, GOOD_ROWS, LOADS, Fault
from tradewind.quality import run_gate
from tradewind.quality.suites import load_gate
from tradewind.quality.validation import check_table
from tradewind.settings import Settings

SUITES = {suite.name: suite for suite in load_gate("landing", Settings(_env_file=None).expectations_dir)[1]}


def test_good_rows_of_every_report_pass(
    warehouse: Settings, land: Land, build_id: int, great_expectations: Any
) -> None:
    for report, rows in GOOD_ROWS.items():
        land(report, rows, **LOADS.get(report, {}))
    outcome = run_gate("landing", build_id, warehouse)
    assert outcome.passed
    assert outcome.failures == outcome.warnings == ()


def plant(fault: Fault, land: Land) -> int:
    rows = [dict(row) for row in GOOD_ROWS[fault.report]][: fault.rows]
    if rows:
        rows[-1].update(fault.cells)
    if fault.before:
        land(fault.report, rows, **fault.before)
    return land(fault.report, rows, **{**LOADS.get(fault.report, {}), **fault.load})


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.suite}-{fault.expectation}")
def test_planted_fault_breaks_its_expectation(land: Land, great_expectations: Any, fault: Fault) -> None:
    load_id = plant(fault, land)
    suite = SUITES[fault.suite]
    table = "ops.load" if fault.suite == "arrivals" else f"raw.{fault.report}"
    checks = check_table(great_expectations, table, suite.tables[table] or {}, suite.expectations_of(table))
    (broken,) = [check for check in checks if not check.success]
    assert broken.expectation.name == fault.expectation
    if broken.expectation.severity == "error":
        (breach,) = broken.breaches
        assert (breach.load_id, breach.is_incoming) == (load_id, True)
        # what is wrong with a cell names its row; what the file says of itself, or of all its rows, may not
        assert breach.rows or not fault.cells
        assert not breach.days and not breach.objects


def test_every_landing_expectation_has_a_planted_fault() -> None:
    written = {(suite.name, item.name) for suite in SUITES.values() for item in suite.expectations}
    assert written == {(fault.suite, fault.expectation) for fault in FAULTS}


def test_every_report_of_a_suite_has_good_rows() -> None:
    tables = {table for suite in SUITES.values() for table in suite.tables}
    assert tables == {"ops.load", *(f"raw.{report}" for report in GOOD_ROWS)}
