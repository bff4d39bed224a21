"""Real files of desks, payments, HR, recruiting, analytics and connectors go in by recognition alone."""

from __future__ import annotations

import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.dags.landing.conftest import Query
from tests.dags.landing.real_files import independent_rows, total
from tradewind.exports import load_contracts
from tradewind.landing import load_files
from tradewind.settings import Settings

ZENDESK = "fivetran/dbt_zendesk"
GREENHOUSE = "fivetran/dbt_greenhouse"
SHOPIFY = "fivetran/dbt_shopify"
AMAZON = "fivetran/dbt_amazon_selling_partner"
ADS = "fivetran/dbt_ad_reporting"

# report, header of an amount, its column
SUMS = {
    "zendesk/zendesk_tickets.csv": (
        "zendesk_ticket_list", "Resolution Time (hours)", "resolution_time_hours",
    ),
    "paypal/paypal-custom.csv": ("paypal_activity", "Gross", "gross"),
    "stripe/stripe.csv": ("stripe_balance", "gross", "gross"),
    "hr/HRDataset_v14.csv": ("hr_roster_huebner", "EngagementSurvey", "engagement_survey"),
    "hr/WA_Fn-UseC_-HR-Employee-Attrition.csv": ("hr_attrition_ibm", "MonthlyIncome", "monthly_income"),
    "search_console/Chart.csv": ("search_console_dates", "Clicks", "clicks"),
    "ga4/Events_Event_name.csv": ("ga4_events", "Event count", "event_count"),
    "fivetran/dbt_stripe/dispute_data.csv": ("stripe_disputes", "amount", "amount"),
    "fivetran/dbt_stripe/refund_data.csv": ("stripe_refunds", "amount", "amount"),
    "fivetran/dbt_stripe/charge_data.csv": ("stripe_charges", "amount", "amount"),
    f"{SHOPIFY}/shopify_order_data.csv": ("shopify_connector_orders", "total_price", "total_price"),
    f"{SHOPIFY}/shopify_order_line_data.csv": ("shopify_connector_order_lines", "price", "price"),
    f"{SHOPIFY}/shopify_order_line_refund_data.csv": (
        "shopify_connector_order_line_refunds", "total_tax", "total_tax",
    ),
    f"{SHOPIFY}/shopify_inventory_quantity_data.csv": (
        "shopify_connector_inventory_quantities", "quantity", "quantity",
    ),
    f"{SHOPIFY}/shopify_gql_inventory_quantity_data.csv": (
        "shopify_connector_inventory_quantities", "quantity", "quantity",
    ),
    f"{AMAZON}/fba_inventory_summary.csv": (
        "amazon_connector_fba_inventory", "fulfillable_quantity", "fulfillable_quantity",
    ),
    f"{ADS}/amazon_ads_campaign_level_report_data.csv": (
        "amazon_ads_connector_campaign_daily", "cost", "cost",
    ),
    f"{ADS}/microsoft_ads_campaign_performance_daily_report_data.csv": (
        "microsoft_ads_connector_campaign_daily", "spend", "spend",
    ),
    f"{ADS}/tiktok_campaign_report_hourly_data.csv": (
        "tiktok_ads_connector_campaign_hourly", "SPEND", "spend",
    ),
}  # fmt: skip

# report, header of what is counted, its column
DISTINCT = {
    "freshdesk/freshdesk_tickets.csv": ("freshdesk_tickets", "Ticket ID", "ticket_id"),
    "jira/Jira.csv": ("jira_issues", "Issue id", "issue_id"),
    f"{ZENDESK}/ticket_data.csv": ("zendesk_tickets", "id", "id"),
    f"{ZENDESK}/ticket_comment_data.csv": ("zendesk_ticket_comments", "ticket_id", "ticket_id"),
    f"{ZENDESK}/ticket_field_history_data.csv": ("zendesk_ticket_field_history", "value", "value"),
    f"{ZENDESK}/user_data.csv": ("zendesk_users", "id", "id"),
    f"{GREENHOUSE}/application.csv": ("greenhouse_applications", "candidate_id", "candidate_id"),
    f"{GREENHOUSE}/candidate.csv": ("greenhouse_candidates", "id", "id"),
    f"{GREENHOUSE}/job_post.csv": ("greenhouse_job_posts", "job_id", "job_id"),
    f"{GREENHOUSE}/job_stage.csv": ("greenhouse_job_stages", "name", "name"),
    f"{GREENHOUSE}/scorecard.csv": ("greenhouse_scorecards", "application_id", "application_id"),
    f"{GREENHOUSE}/source.csv": ("greenhouse_sources", "source_type_name", "source_type_name"),
    f"{GREENHOUSE}/scheduled_interview.csv": ("greenhouse_scheduled_interviews", "start", "starts_at"),
    f"{SHOPIFY}/shopify_refund_data.csv": ("shopify_connector_refunds", "order_id", "order_id"),
    f"{SHOPIFY}/shopify_fulfillment_data.csv": ("shopify_connector_fulfillments", "order_id", "order_id"),
    f"{SHOPIFY}/shopify_inventory_level_data.csv": (
        "shopify_connector_inventory_levels", "inventory_item_id", "inventory_item_id",
    ),
    f"{SHOPIFY}/shopify_gql_inventory_level_data.csv": (
        "shopify_connector_inventory_levels", "inventory_item_id", "inventory_item_id",
    ),
}  # fmt: skip

# lines above the header
ABOVE = {"ga4/Events_Event_name.csv": 9}

# of each list: its report, and the path and the column of what is summed
JSON = {
    "zendesk/tickets.json": [
        ("tickets", "zendesk_tickets_api", "generated_timestamp", "generated_timestamp")
    ],
    "zendesk/scores.json": [("responses", "zendesk_nps_scores_api", "rating", "rating")],
    "amazon/account_health/accountHealthReport_official_example1.json": [
        (
            "performanceMetrics",
            "amazon_account_health",
            "orderDefectRate.afn.targetValue",
            "order_defect_rate_afn_target_value",
        )
    ],
    "amazon/sales_and_traffic/official_example1.json": [
        (
            "salesAndTrafficByDate",
            "amazon_sales_traffic_by_date",
            "salesByDate.orderedProductSales.amount",
            "ordered_product_sales_amount",
        ),
        (
            "salesAndTrafficByAsin",
            "amazon_sales_traffic_by_asin",
            "salesByAsin.orderedProductSales.amount",
            "ordered_product_sales_amount",
        ),
    ],
    # by week, and by month: what is no day is left out, the products of the days together are not
    **{
        f"amazon/sales_and_traffic/official_example{number}.json": [
            (
                "salesAndTrafficByAsin",
                "amazon_sales_traffic_by_asin",
                "trafficByAsin.sessions",
                "sessions",
            )
        ]
        for number in (2, 3)
    },
}
# the recorded answer names a key twice, outside the lists
REPEATED_KEY = "zendesk/ticket_metrics.json"
# one row of the vendor's example spells a key like this
MISSPELT = "trafficByDate.browerPageViews"

# state, report and reason of the connector tables that do not load whole
FAULTY = {
    # one amount ends in a letter: of a hundred records that is not too many
    f"{AMAZON}/orders.csv": ("loaded", "amazon_connector_orders", None),
    # five amounts of a hundred are no numbers ("39.38.0")
    f"{AMAZON}/order_item.csv": ("refused", "amazon_connector_order_items", "too_many_bad_records"),
    # both records hold JSON whose quotes are not doubled
    f"{GREENHOUSE}/job.csv": ("refused", "greenhouse_jobs", "too_many_bad_records"),
    # none of its columns is a column of a known report
    f"{SHOPIFY}/shopify_product_variant_media_data.csv": ("refused", None, "resembles_no_report"),
}

# shown beside the file as the day's folder would, since the table itself states no day
DAY = "date=2025-01-31"


def landed(file: Path, landing: Settings) -> Path:
    # what states its days itself needs none
    target = landing.landing / ("" if file.name in {Path(name).name for name in ABOVE} else DAY) / file.name
    target.parent.mkdir(exist_ok=True)
    shutil.copyfile(file, target)
    return target


@pytest.mark.parametrize("name", [*SUMS, *DISTINCT])
def test_real_file_is_recognised_and_loaded_whole(
    landing: Settings, query: Query, real_exports: Path, name: str
) -> None:
    report, header, column = SUMS.get(name) or DISTINCT[name]
    file = landed(real_exports / name, landing)
    result = load_files([file], landing)[0]
    rows = independent_rows(file, above=ABOVE.get(name, 0))
    assert (result.state, result.report, result.records_quarantined) == ("loaded", report, 0)
    assert result.records_loaded == len(rows) > 0
    loaded = [cell for (cell,) in query(f"select {column} from raw.{report} order by row_number")]
    expected = [row[header] for row in rows]
    distinct = [{cell.strip() for cell in cells if cell} for cells in (loaded, expected)]
    if load_contracts()[report].by_name[column].is_pseudonymised:
        assert len(distinct[0]) == len(distinct[1])
    elif name in SUMS:
        assert total(loaded) == total(expected)
    else:
        assert distinct[0] == distinct[1]
    assert load_files([file], landing)[0].state == "duplicate"


def value_at(record: dict[str, Any], path: str) -> Decimal:
    value: Any = record
    for key in path.split("."):
        value = value[key]
    return Decimal(value)


@pytest.mark.parametrize("name", JSON)
def test_real_json_file_is_recognised_and_loaded_whole(
    landing: Settings, query: Query, real_exports: Path, name: str
) -> None:
    document = json.loads((real_exports / name).read_text(encoding="utf-8"), parse_float=Decimal)
    results = load_files([real_exports / name], landing)
    # a document of several lists has a row of its own in the ledger beside theirs
    loads = [(item.state, item.report, item.records_loaded) for item in results if item.report]
    assert loads == [("loaded", report, len(document[records])) for records, report, _, _ in JSON[name]]
    for records, report, path, column in JSON[name]:
        loaded = [cell for (cell,) in query(f"select {column} from raw.{report}")]
        assert total(loaded) == sum(value_at(record, path) for record in document[records])
    aside = query("select file_attributes -> 'extra_columns' from ops.load")
    assert [names for (names,) in aside if names not in (None, [MISSPELT])] == []
    # a list by week beside one by ASIN is refused both times, and says why
    again = {(result.state, result.reason_code) for result in load_files([real_exports / name], landing)}
    assert again - {("refused", "period_unknown")} == {("duplicate", "duplicate")}


def test_tickets_and_their_metric_sets_load_once_no_key_is_repeated(
    landing: Settings, query: Query, real_exports: Path
) -> None:
    file = real_exports / REPEATED_KEY
    assert load_files([file], landing)[0].state == "refused"
    assert query("select reason_code from ops.load") == [("json_unreadable",)]
    document = json.loads(file.read_text(encoding="utf-8"))
    mended = landing.landing / file.name
    mended.write_text(json.dumps(document), encoding="utf-8")
    loads = [(item.report, item.records_loaded) for item in load_files([mended], landing) if item.report]
    assert loads == [
        ("zendesk_tickets_api", len(document["tickets"])),
        ("zendesk_ticket_metrics", len(document["metric_sets"])),
    ]
    tickets = query("select id, metric_set_group_stations from raw.zendesk_tickets_api")
    assert tickets == query("select ticket_id, group_stations from raw.zendesk_ticket_metrics")


@pytest.mark.parametrize("name", FAULTY)
def test_connector_table_with_faults_loads_or_is_refused_with_its_reason(
    landing: Settings, query: Query, real_exports: Path, name: str
) -> None:
    result = load_files([landed(real_exports / name, landing)], landing)[0]
    reasons = query("select reason_code from ops.load")
    assert (result.state, result.report, reasons) == (*FAULTY[name][:2], [(FAULTY[name][2],)])


def test_every_other_connector_table_is_refused_as_unknown(
    landing: Settings, query: Query, real_exports: Path
) -> None:
    known = {*SUMS, *DISTINCT, *FAULTY}
    others = [
        file
        for file in sorted((real_exports / "fivetran").rglob("*.csv"))
        if str(file.relative_to(real_exports)) not in known
    ]
    results = load_files(others, landing)
    assert {result.state for result in results} == {"refused"}
    reasons = dict(query("select reason_code, count(*) from ops.load group by 1"))
    assert reasons.keys() == {"unknown_report", "resembles_no_report"}
    assert sum(reasons.values()) == len(others)


def test_period_of_events_stands_above_their_header(
    landing: Settings, query: Query, real_exports: Path
) -> None:
    load_files([real_exports / "ga4" / "Events_Event_name.csv"], landing)
    assert query("select period_start::text, period_end::text from ops.load") == [
        ("2025-10-15", "2026-01-12")
    ]
