"""Whatever is wrong with one load holds that load: the rest is published, and rejecting it ends it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.dags.quality.landing_rows import GOOD_ROWS, LOADS
from tests.dbt_project import company
from tests.dbt_project.arrivals import Arrival, arrive, mart_digests
from tests.dbt_project.company import _table
from tests.warehouses import own_warehouse
from tradewind.building.project import read_manifest
from tradewind.landing import ensure_raw_tables, reject
from tradewind.pipeline import build_and_publish
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
        # the rows of one settlement need not add up where no total is stated
        cells = [{name: cell for name, cell in row.items() if name != "total_amount"} for row in cells]
        dialect = json.loads(str(LOADS.get(report, {}).get("dialect", "{}")))
        arrive(
            settings,
            Arrival(
                load_id, report, cells if len(cells) > 1 else cells * 2, "bad", period=DAYS, dialect=dialect
            ),
        )
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


def test_rejecting_what_is_held_ends_it_and_everything_can_be_built_anew(warehouse: Settings) -> None:
    assert find_untried_loads(warehouse) == []
    for load_id in BROKEN:
        reject(load_id, "cannot be right", warehouse)
    outcome = build_and_publish(warehouse)
    assert (outcome.state, outcome.held_loads) == ("published", ())
    assert held(warehouse) == []
    stays_the_same_in_a_full_refresh(warehouse)


LINE = "#{0} | c@x.test | paid | USD | US | {1} 12:00:00 -0400 | 1 | Lamp | {2} | A | 0 | 0"
SALES = "day | product_title | product_variant_sku | net_items_sold | gross_sales | net_sales | orders"
SALE = "{0} | P{1} | S{1} | 1 | 10.00 | 10.00 | 1"


def good_orders(load_id: int, day: str) -> Arrival:
    lines = _table(company.ORDER, LINE.format(load_id, day, "5.00"))
    return Arrival(load_id, "shopify_orders", lines, store_id="us", extracted_at=day)


def test_each_load_that_breaks_something_is_held_by_itself_and_named_with_its_rows(
    warehouse: Settings,
) -> None:
    """Among new loads, and in an incremental build: by its rows, by its objects, by its days, by trying."""
    full = [SALE.format("2026-04-10", number) for number in range(12)]
    arrive(
        warehouse,
        Arrival(200, "shopify_sales_by_variant", _table(SALES, *full), store_id="uk"),
        Arrival(201, "shopify_visitors", _table(
            "day | online_store_visitors | sessions", "2026-04-10 | 40 | 50"), store_id="us"),
    )  # fmt: skip
    assert build_and_publish(warehouse).held_loads == ()
    sales_before = rows(warehouse, "select sum(gross_amount) from marts.fct_sales_line")[0][0]

    owners = "employee_id | post_id | object_type | object_id | store_id | platform | share | valid_from"
    arrive(
        warehouse,
        good_orders(210, "2026-04-11"),
        # one negative price in one file
        Arrival(211, "shopify_orders", _table(
            company.ORDER, LINE.format(1, "2026-04-11", "5.00"), LINE.format(2, "2026-04-11", "-5.00"),
        ), store_id="uk"),
        # a settlement that does not add up
        Arrival(212, "amazon_settlement_v2", _table(
            "settlement_id | total_amount | transaction_type | posted_date | amount",
            "9 | 8.50 | | |",
            "9 | | Order | 2026-04-01 | 8.49",
        ), store_id="uk", currency="GBP"),
        # an ads export of one day, without its day
        Arrival(213, "google_ads_campaign_daily", [
            {"campaign": "Search", "cost": "1.00", "impr": "10", "clicks": "1"},
        ], store_id="uk"),
        # two hundred percent by two rows
        Arrival(214, "tradewind_assignments", _table(
            owners,
            "O1 | site_operation | store | us | us | | 1 | 2026-04-01",
            "O2 | site_operation | store | us | us | | 1 | 2026-04-01",
        )),
        # a newer file that was cut
        Arrival(215, "shopify_sales_by_variant", _table(SALES, *full[:5]), store_id="uk",
                extracted_at="2026-05-02"),
        # what only a model finds
        Arrival(216, "shopify_visitors", _table(
            "day | online_store_visitors | sessions", "2026-04-11 | 40 | 50", "2026-04-12 | 40 | 50",
        ), store_id="uk"),
    )  # fmt: skip
    execute(warehouse, "update raw.shopify_visitors set row_number = 1 where load_id = 216")
    outcome = build_and_publish(warehouse)
    assert outcome.state == "published", outcome
    assert held(warehouse) == [211, 212, 213, 214, 215, 216]
    said = dict(zip(held(warehouse), outcome.held_loads, strict=True))
    assert all(f"(load {load_id}, report " in sentence for load_id, sentence in said.items())
    assert "store uk): 1 of its records breaks a check (row 2): A price is what one piece cost" in said[211]
    assert "breaks a check (row 1): The settlement's first row states" in said[212]
    assert "breaks a check (row 1): A row without a readable day" in said[213]
    assert "It breaks a check of store us (row 1, 2)" in said[214]
    assert "What it says of 2026-04-10 breaks a check" in said[215]
    assert "With this file model stg_shopify__visitors fails" in said[216]
    # the rest is published, what the held loads would have replaced still counts
    assert published_loads(warehouse) == [company.ORDERS.load_id, 200, 210]
    assert rows(warehouse, "select sum(gross_amount) from marts.fct_sales_line") == [(sales_before + 5,)]
    # what the checks found stays written down
    found = rows(warehouse, "select distinct expectation from ops.gate_result where not success"
        " and severity = 'error' and build_id = %s order by 1", [outcome.build_id])  # fmt: skip
    assert [name for (name,) in found] == [
        "all_sales_have_an_owner", "amounts_of_a_day_have_not_shrunk", "counts_of_a_day_have_not_shrunk",
        "day_is_read", "order_price_is_not_negative", "records_of_a_day_have_not_shrunk",
        "rows_add_up_to_the_settlement", "sales_have_not_shrunk", "shares_add_up_to_one",
    ]  # fmt: skip
    assert find_untried_loads(warehouse) == []
    stays_the_same_in_a_full_refresh(warehouse)


def test_what_is_released_counts_and_what_is_rejected_does_not(warehouse: Settings) -> None:
    release_load(211, "a credit", "ann", warehouse)
    release_load(215, "it was a test order", "ann", warehouse)
    for load_id in (212, 213, 214, 216):
        reject(load_id, "wrong", warehouse)
    outcome = build_and_publish(warehouse)
    assert outcome.state == "published"
    assert 215 not in held(warehouse)
    assert rows(
        warehouse, "select sum(gross_amount) from marts.fct_sales_line where report like '%%by_variant'"
    ) == [(50,)]
    stays_the_same_in_a_full_refresh(warehouse)


def test_the_version_that_a_held_load_would_replace_counts_until_the_load_is_mended(
    warehouse: Settings,
) -> None:
    def replace_path(old: int, new: int) -> None:
        execute(
            warehouse,
            "update ops.load set state = 'superseded', superseded_by = %s where load_id = %s",
            [new, old],
        )

    arrive(warehouse, good_orders(220, "2026-04-13"))
    build_and_publish(warehouse)
    worse = replace(good_orders(221, "2026-04-13"), rows=_table(
        company.ORDER, LINE.format(220, "2026-04-13", "-1.00")))  # fmt: skip
    arrive(warehouse, worse)
    replace_path(220, 221)
    assert build_and_publish(warehouse).state == "published"
    assert rows(warehouse, "select load_id, state from ops.load where load_id in (220, 221) order by 1") == [
        (220, "loaded"), (221, "held"),
    ]  # fmt: skip
    assert 220 in published_loads(warehouse)

    mended = replace(good_orders(222, "2026-04-13"), rows=_table(
        company.ORDER, LINE.format(220, "2026-04-13", "6.00")))  # fmt: skip
    arrive(warehouse, mended)
    replace_path(220, 222)
    replace_path(221, 222)
    assert build_and_publish(warehouse).held_loads == ()
    assert 222 in published_loads(warehouse)
    assert 220 not in published_loads(warehouse)
    stays_the_same_in_a_full_refresh(warehouse)


def test_days_of_an_ads_export_without_a_column_of_days_hold_nothing(warehouse: Settings) -> None:
    day = {"reporting_starts": "2026-06-02", "reporting_ends": "2026-06-02", "campaign_name": "One day"}
    arrive(warehouse, Arrival(9000, "meta_ads_campaign_daily", [
        day | {"amount_spent": "5.00", "impressions": "100"},
    ], store_id="us", currency="USD"))  # fmt: skip
    outcome = build_and_publish(warehouse)
    assert (outcome.state, list(outcome.held_loads)) == ("published", [])
    assert rows(warehouse, "select spend_amount from marts.fct_ad_activity where load_id = 9000")[0][0] == 5


def target(load_id: int, metric_id: str) -> Arrival:
    return Arrival(load_id, "tradewind_sales_targets", _table(
        "scope_type | scope_id | metric_id | period_start | period_end | target_value",
        f"store | s{load_id} | {metric_id} | 2026-04-01 | 2026-04-30 | 100",
    ))  # fmt: skip


def test_a_target_of_no_metric_is_held_as_it_comes_in(warehouse: Settings) -> None:
    """Its test reads a model that such a build leaves alone; it would else fail when all is built anew."""
    arrive(warehouse, target(9100, "ops_gross_merchandise_value"), target(9101, "no_such_metric"))
    outcome = build_and_publish(warehouse)
    assert outcome.state == "published"
    assert 9101 in held(warehouse)
    assert 9100 not in held(warehouse)
    (sentence,) = outcome.held_loads
    assert "With this file test relationships_dim_target_metric_id" in sentence
    reject(9101, "no such metric", warehouse)
    assert build_and_publish(warehouse).held_loads == ()


def test_what_fails_by_a_load_that_counts_names_it_and_rejecting_it_ends_it(warehouse: Settings) -> None:
    """A value of the catalogue went, which a file that was published before still names."""
    arrive(warehouse, target(9110, "ops_gross_merchandise_value"))
    assert build_and_publish(warehouse).state == "published"
    execute(warehouse, "update raw.tradewind_sales_targets set metric_id = 'gone' where load_id = 9110")
    arrive(warehouse, good_orders(9111, "2026-04-20"))
    outcome = build_and_publish(warehouse, full_refresh=True)
    assert outcome.state == "held"
    assert outcome.reason is not None
    assert "tradewind_sales_targets-9110.csv (load 9110, store unassigned)" in outcome.reason
    assert "take it out (make reject LOAD=… REASON=…)" in outcome.reason
    reject(9110, "no such metric", warehouse)
    assert build_and_publish(warehouse).state == "published"
    assert 9111 in published_loads(warehouse)
