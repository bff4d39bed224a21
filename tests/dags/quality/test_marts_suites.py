"""Each marts suite passes a good candidate and rejects a planted fault, by the expectation meant for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import yaml

from tests.dags.quality.candidate_rows import FAULTS, GOOD_CANDIDATE, CandidateFault
from tradewind.publishing import Partition
from tradewind.quality import run_gate
from tradewind.quality.suites import load_gate
from tradewind.quality.validation import check_table
from tradewind.settings import PROJECT_ROOT, Settings
from tradewind.warehouse import Role, connect

MODELS = PROJECT_ROOT / "dbt_project" / "models" / "marts"
STAGING = (
    "stg_google_ads__campaigns", "stg_pinterest_ads__ad_groups", "stg_meta_ads__campaigns",
    "stg_shopify__order_lines", "stg_webshop__order_lines",
)  # fmt: skip
PUBLISHED = ("fct_sales_line", "fct_ad_activity", "fct_web_traffic")
RAW = (
    "google_ads_campaign_daily", "pinterest_ads_daily", "meta_ads_campaign_daily", "shopify_orders",
    "online_retail",
)  # fmt: skip
SUITES = {suite.name: suite for suite in load_gate("marts", Settings(_env_file=None).expectations_dir)[1]}


@pytest.fixture(scope="module")
def candidate_tables(database_settings: Settings) -> Settings:
    """Empty candidate tables with the columns that the models' contracts promise."""
    published: list[str] = []
    with connect(Role.BUILDER, database_settings, autocommit=True) as builder:
        for file in MODELS.glob("*/_*__models.yml"):
            for model in yaml.safe_load(file.read_text())["models"]:
                columns = ", ".join(
                    f'"{column["name"]}" {column["data_type"]}' for column in model["columns"]
                )
                builder.execute(f"create table candidate.{model['name']} ({columns})")
                if model["name"] in PUBLISHED:
                    published.append(f"create table marts.{model['name']} ({columns})")
        for name in STAGING:
            builder.execute(
                f"create table staging.{name} (load_id bigint, row_number bigint, is_current boolean,"
                " is_daily boolean default true)"
            )
        for name in ("stg_shopify__order_lines", "stg_shapes__orders"):
            builder.execute(f"create table if not exists staging.{name} (load_id bigint, row_number bigint)")
            builder.execute(
                f"alter table staging.{name} add record_key text, add platform_id text, add sku text,"
                " add product_name text, add unit_price_amount numeric, add gross_amount numeric"
            )
        builder.execute(
            "create table staging.stg_tradewind__assignments (load_id bigint, row_number bigint,"
            " is_current boolean, post_id text, object_type text, object_id text, store_id text,"
            " platform text, valid_from date, valid_to date)"
        )
        builder.execute(
            "create table intermediate.int_shrunk_days (load_id bigint, store_id text, report text,"
            " business_date date, number_name text, kind text)"
        )
        builder.execute(
            "create table intermediate.int_doubtful_cells (load_id bigint, row_number bigint,"
            " number_name text, kind text, finding text)"
        )
    with connect(Role.PUBLISHER, database_settings, autocommit=True) as publisher:
        for statement in published:
            publisher.execute(statement.encode())
    return database_settings


@pytest.fixture
def candidate(candidate_tables: Settings, warehouse: Settings) -> Iterator[psycopg.Connection]:
    """The good candidate, open to damage."""
    with connect(Role.ADMIN, candidate_tables, autocommit=True) as admin:
        tables = admin.execute(
            "select string_agg(format('%%I.%%I', schemaname, relname), ', ') from pg_stat_user_tables"
            " where schemaname in ('candidate', 'staging', 'intermediate', 'marts') or relname = any(%s)",
            [list(RAW)],
        ).fetchall()[0][0]
        admin.execute(f"truncate {tables}")
        admin.execute(GOOD_CANDIDATE)
        yield admin
        admin.execute(f"truncate {tables}")


def test_good_candidate_passes(
    warehouse: Settings, candidate: psycopg.Connection, build_id: int, great_expectations: Any
) -> None:
    outcome = run_gate("marts", build_id, warehouse)
    assert outcome.failures == outcome.warnings == ()
    assert outcome.passed


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.suite}-{fault.expectation}")
def test_planted_fault_breaks_its_expectation(
    candidate: psycopg.Connection, great_expectations: Any, fault: CandidateFault
) -> None:
    schema = "intermediate" if fault.table.startswith("int_") else "candidate"
    table = f"{schema}.{fault.table}"
    candidate.execute(fault.statement.format(table, table=fault.table))
    suite = SUITES[fault.suite]
    checks = check_table(great_expectations, table, suite.tables[table] or {}, suite.expectations_of(table))
    assert [check.expectation.name for check in checks if not check.success] == [fault.expectation]


def test_every_marts_expectation_has_a_planted_fault() -> None:
    written = {(suite.name, item.name) for suite in SUITES.values() for item in suite.expectations}
    assert written == {(fault.suite, fault.expectation) for fault in FAULTS}


def test_only_the_touched_partitions_are_checked(
    candidate: psycopg.Connection, great_expectations: Any
) -> None:
    candidate.execute(
        "update candidate.fct_sales_line set gross_amount = gross_amount + 1, gross_amount_reporting = 99"
        " where store_id = 's'"
    )
    candidate.execute(
        "insert into intermediate.touched values ('fct_sales_country_daily', 't', '2026-04-01')"
    )
    touched = Partition("fct_sales_country_daily", ("store_id", "business_date"))
    suite, table = SUITES["daily_facts"], "candidate.fct_sales_country_daily"

    def broken() -> list[str]:
        expectations = suite.expectations_of(table)
        checks = check_table(great_expectations, table, suite.tables[table] or {}, expectations, touched)
        return [check.expectation.name for check in checks if not check.success]

    assert broken() == []
    candidate.execute(
        "insert into intermediate.touched values ('fct_sales_country_daily', 's', '2026-04-01')"
    )
    assert broken() == ["countries_add_up_to_the_stores"]
