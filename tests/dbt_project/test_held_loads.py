"""Whatever is wrong with one load holds that load: the rest is published, and rejecting it ends it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.dags.quality.landing_rows import GOOD_ROWS
from tests.dbt_project import company
from tests.dbt_project.arrivals import Arrival, arrive, mart_digests
from tests.dbt_project.company import _table
from tests.warehouses import own_warehouse
from tradewind.building.project import read_manifest
from tradewind.landing import ensure_raw_tables, reject
from tradewind.pipeline import Outcome, build_and_publish
from tradewind.publishing import release_load
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect
from tradewind.work import find_untried_loads

# several builds one after another
pytestmark = pytest.mark.timeout(1200)

# one report of each shape, for the models that read every report of theirs
SHAPED = (
    "amazon_all_orders", "stripe_disputes", "paypal_activity", "amazon_returns", "amazon_seller_feedback",
    "olist_orders", "amazon_awd_inventory", "amazon_inventory_ledger_detail", "jira_issues",
    "freshdesk_tickets", "amazon_sales_traffic_by_date", "microsoft_ads_connector_campaign_daily",
)  # fmt: skip
BROKEN = {
    100 + number: report for number, report in enumerate(sorted({*GOOD_ROWS, *SHAPED, "tradewind_roster"}))
}
GOOD = (company.STORES, company.RATES, company.ORDERS)
DAYS = ("2026-04-06", "2026-04-07")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with own_warehouse(tmp_path_factory.mktemp("held")) as settings:
        ensure_raw_tables(settings)
        yield settings


def rows(settings: Settings, statement: str, parameters: list[Any] | None = None) -> list[tuple]:
    with connect(Role.ADMIN, settings) as connection:
        return connection.execute(statement.encode(), parameters).fetchall()


def execute(settings: Settings, statement: str, parameters: list[Any] | None = None) -> None:
    with connect(Role.ADMIN, settings) as connection:
        connection.execute(statement.encode(), parameters)


def held(settings: Settings) -> list[int]:
    found = rows(settings, "select load_id from ops.load where state = 'held' order by 1")
    return [load_id for (load_id,) in found]


def published_loads(settings: Settings) -> list[int]:
    found = rows(settings, "select distinct load_id from marts.fct_sales_line order by 1")
    return [load_id for (load_id,) in found]


def stays_the_same_in_a_full_refresh(settings: Settings) -> None:
    before = mart_digests(settings, "candidate")
    assert mart_digests(settings, "marts") == before
    assert build_and_publish(settings, full_refresh=True).state == "published"
    assert mart_digests(settings, "candidate") == before
    assert mart_digests(settings, "marts") == before


def break_models(settings: Settings) -> None:
    """A load of each report whose rows no staging model can take in: two have one number."""
    for load_id, report in BROKEN.items():
        cells = GOOD_ROWS.get(report, [{}])
        arrive(settings, Arrival(load_id, report, [*cells, cells[-1]], store_id="bad", period=DAYS))
        execute(settings, f"update raw.{report} set row_number = 1 where load_id = %s", [load_id])


def test_a_load_that_breaks_a_staging_model_is_held_and_the_rest_is_published(warehouse: Settings) -> None:
    arrive(warehouse, *GOOD)
    break_models(warehouse)
    outcome = build_and_publish(warehouse)
    assert outcome.state == "published", outcome
    assert published_loads(warehouse) == [company.ORDERS.load_id]
    assert held(warehouse) == list(BROKEN)
    for sentence, (load_id, report) in zip(outcome.held_loads, BROKEN.items(), strict=True):
        assert sentence.startswith(f"{report}-{load_id}.csv (load {load_id}, report {report}, store bad): ")
        assert f"make reject LOAD={load_id} REASON=" in sentence
    staging = {
        node["name"] for node in read_manifest(warehouse)["nodes"].values() if node["schema"] == "staging"
        and node["resource_type"] == "model"
    }  # fmt: skip
    steps = rows(warehouse, "select distinct reason_details ->> 'step' from ops.load where state = 'held'")
    assert {step for (step,) in steps} == {f"model {name}" for name in staging}
