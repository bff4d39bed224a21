"""What a gate decides, what it writes down, and that it never shows a value."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.dags.quality.conftest import Land
from tests.dags.quality.landing_rows import GOOD_ROWS
from tradewind.quality import GateError, run_gate
from tradewind.settings import PROJECT_ROOT, Settings

CANARY = "Jane Canary"


def test_the_library_of_checks_says_nothing_of_itself(capfd: pytest.CaptureFixture[str]) -> None:
    script = (
        "import logging; from tradewind.quality import warm_up; logging.basicConfig(level=logging.WARNING); "
        "warm_up(); from great_expectations import get_context; get_context(mode='ephemeral')"
    )
    environment = {**os.environ, "PYTHONPATH": str(PROJECT_ROOT / "dags")}
    subprocess.run([sys.executable, "-c", script], env=environment, check=True)
    assert capfd.readouterr() == ("", "")


def test_error_fails_the_gate_and_is_written_down_with_counts(
    warehouse: Settings, builder: psycopg.Connection, land: Land, build_id: int, great_expectations: Any
) -> None:
    land(
        "google_ads_campaign_daily",
        [*GOOD_ROWS["google_ads_campaign_daily"], {"day": "2026-04-01", "cost": "-1"}],
    )
    outcome = run_gate("landing", build_id, warehouse)
    assert not outcome.passed
    assert [failure.expectation.name for failure in outcome.failures] == ["spend_is_not_negative"]
    assert "2 rows, 1 broken" in str(outcome.failures[0])
    assert outcome.failures[0].why in str(outcome.failures[0])

    run_gate("landing", build_id, warehouse)  # again, as a retry would
    written = builder.execute(
        "select suite, expectation, column_name, severity, observed from ops.gate_result"
        " where build_id = %s and not success",
        [build_id],
    ).fetchall()
    assert written == [
        (
            "ads", "spend_is_not_negative", "spend_amount", "error",
            {"table": "raw.google_ads_campaign_daily", "rows": 2, "broken": 1},
        )
    ]  # fmt: skip


def test_warning_is_shown_and_does_not_hold(
    warehouse: Settings, land: Land, build_id: int, great_expectations: Any
) -> None:
    land("google_ads_search_term", [{"search_term": "lamp", "cost": "5", "impr": "4", "clicks": "5"}])
    outcome = run_gate("landing", build_id, warehouse)
    assert outcome.passed
    assert [warning.expectation.name for warning in outcome.warnings] == ["clicks_follow_impressions"]


def test_only_rows_of_the_builds_loads_are_looked_at(
    warehouse: Settings, builder: psycopg.Connection, land: Land, build_id: int, great_expectations: Any
) -> None:
    broken = [{"search_term": "lamp", "cost": "-5", "impr": "4", "clicks": "5"}]
    land("google_ads_search_term", broken, state="superseded")
    assert run_gate("landing", build_id, warehouse).passed
    assert builder.execute("select count(*) from ops.gate_result").fetchall() == [(0,)]
    earlier = land("google_ads_search_term", broken)
    builder.execute("update ops.build set state = 'published'")
    builder.execute("insert into ops.build (state, project_sha256) values ('running', 'x')")
    land_again = builder.execute("select max(build_id) from ops.build").fetchall()[0][0]
    assert earlier
    assert run_gate("landing", land_again, warehouse).passed


def test_s12_no_personal_value_reaches_results_messages_or_logs(
    warehouse: Settings,
    builder: psycopg.Connection,
    land: Land,
    build_id: int,
    great_expectations: Any,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    land(
        "shopify_orders",
        [{"name": " ", "created_at": CANARY, "lineitem_price": "-1", "billing_name": CANARY}],
    )
    outcome = run_gate("landing", build_id, warehouse)
    assert len(outcome.failures) == 3
    seen = [str(outcome), caplog.text, *capfd.readouterr()]
    seen.append(json.dumps(builder.execute("select observed from ops.gate_result").fetchall()))
    assert CANARY not in "".join(seen)


def test_p19_crash_counts_as_failure_and_does_not_quote_the_cell(
    warehouse: Settings, land: Land, build_id: int, great_expectations: Any, expectations_dir: Path
) -> None:
    suite = expectations_dir / "landing/traffic.yml"
    suite.write_text(suite.read_text().replace("day_on: {day: day}", "day_on: cast(day as date)"))
    # a day that looks like one and is none: the database refuses such SQL, and would name the cell
    land("shopify_visitors", [{"day": "2026-02-31", "online_store_visitors": "1", "sessions": "1"}])
    with pytest.raises(GateError, match=r"raw\.shopify_visitors.*DatetimeFieldOverflow") as error:
        run_gate("landing", build_id, warehouse)
    assert "2026-02-31" not in str(error.value)


@pytest.fixture
def expectations_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "expectations"
    shutil.copytree(PROJECT_ROOT / "expectations", folder)
    monkeypatch.setattr(Settings, "expectations_dir", folder)
    return folder


def test_gate_that_counts_warnings_holds_at_so_many(
    warehouse: Settings, land: Land, build_id: int, great_expectations: Any, expectations_dir: Path
) -> None:
    gates = expectations_dir / "gates.yml"
    gates.write_text(gates.read_text().replace("warning: null", "warning: 2"))
    land("google_ads_search_term", [{"search_term": "lamp", "cost": "5", "impr": "4", "clicks": "5"}])
    assert run_gate("landing", build_id, warehouse).passed
    land("ga4_pages", [])
    outcome = run_gate("landing", build_id, warehouse)
    assert [failure.severity for failure in outcome.failures] == ["warning", "warning"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "    why: Nothing is shown",
            "    reason: Nothing is shown",
            r"landing/ads\.yml, expectations.4.*why",
        ),
        ("    severity: warning", "    severity: fatal", r"landing/ads\.yml.*severity.*'error' or 'warning'"),
        (
            "expect: column_values_to_not_be_null",
            "expect: be_nice",
            r"landing/ads\.yml, expectations.1.*be_nice",
        ),
        ("name: day_is_read", "name: day_is_plausible", "two expectations are called day_is_plausible"),
        ("    min_value: 0\n", "", "give min_value, max_value or both"),
        ("{day: day}", "{month: day}", r"landing/ads\.yml, tables.*month"),
        ("about:", "about: [", "not readable as YAML"),
    ],
)
def test_p19_wrong_suite_is_a_failure_that_names_the_place(
    warehouse: Settings, build_id: int, expectations_dir: Path, old: str, new: str, message: str
) -> None:
    file = expectations_dir / "landing" / "ads.yml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    with pytest.raises(GateError, match=message):
        run_gate("landing", build_id, warehouse)


def test_p19_suite_that_no_gate_lists_is_a_failure(
    warehouse: Settings, build_id: int, expectations_dir: Path
) -> None:
    shutil.copy(expectations_dir / "landing" / "ads.yml", expectations_dir / "landing" / "forgotten.yml")
    with pytest.raises(GateError, match=r"forgotten\.yml would never run"):
        run_gate("landing", build_id, warehouse)


def test_p19_expectation_about_a_column_that_is_not_there_is_a_failure(
    warehouse: Settings, land: Land, build_id: int, great_expectations: Any, expectations_dir: Path
) -> None:
    file = expectations_dir / "landing" / "ads.yml"
    file.write_text(file.read_text().replace("column: spend_amount", "column: spent_amount"))
    land("google_ads_search_term", GOOD_ROWS["google_ads_search_term"])
    with pytest.raises(GateError, match="spent_amount"):
        run_gate("landing", build_id, warehouse)
