"""The numbers of the small company, worked out by hand from its files (1 GBP = 2 USD)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

UNASSIGNED = "unassigned"


@pytest.mark.parametrize(
    ("metric", "code", "store", "platform", "day", "employee", "numerator", "denominator"),
    [
        # Spring's 50.00, by 0.7 to its own promoter; the store's promoter has no part in an assigned campaign
        ("promo_attributed_sales", "platform_claimed", "us", "meta_ads", "2026-04-01", "P1", "35", None),
        (
            "promo_attributed_sales",
            "platform_claimed",
            "us",
            "meta_ads",
            "2026-04-01",
            UNASSIGNED,
            "15",
            None,
        ),
        # the newer file's 45.00, not 20.00 nor 65.00; the campaign is not assigned, its store is
        ("promo_return_on_investment", "roas", "us", "meta_ads", "2026-04-02", "P2", "45", "7"),
        # April's margin: A's lines of 04-01 (20 - 1.50 - 8, and 10 - 4 refund - 4), 04-05 at the new cost
        # (30 - 15), and the report's 04-04 (10 - 2 - 4): 31.5 of 62.5 = 0.504; 45 x 0.504 - 7
        ("promo_return_on_investment", "roi", "us", "meta_ads", "2026-04-02", "P2", "15.68", "7"),
        ("promo_click_through_rate", "link_clicks", "us", "meta_ads", "2026-04-01", "P1", "17.5", "1050"),
        ("promo_conversion_rate", "per_click", "us", "meta_ads", "2026-04-03", "P2", "0", "0"),
        # a campaign whose conversions are not known counts in neither side of that rate
        ("promo_conversion_rate", "per_click", "us", "google_ads", "2026-04-20", "P2", "2", "10"),
        ("promo_click_through_rate", "link_clicks", "us", "google_ads", "2026-04-20", "P2", "17", "200"),
        # nor does one whose sales nobody reports lose all that it spent
        ("promo_return_on_investment", "roas", "us", "google_ads", "2026-04-20", "P2", "30", "5"),
        ("promo_page_views", "paid_traffic", "us", "ga4", "2026-04-01", "P2", "20", None),
        ("promo_unique_visitors", "daily_visitors", "us", "shopify", "2026-04-02", "P2", "30", None),
        # #1 and #2 both fall on 1 April in New York: 20 + 3.33 + 10
        ("ops_gross_merchandise_value", "gross_sales", "us", "shopify", "2026-04-01", "O1", "33.33", None),
        # the day has no order line, so the report counts; on the 1st it does not
        ("ops_gross_merchandise_value", "gross_sales", "us", "shopify", "2026-04-04", UNASSIGNED, "10", None),
        # 5 x 2.55 pounds of the newer file, by the listing's owner; postage goes to the store's
        ("ops_gross_merchandise_value", "gross_sales", "trade", "webshop", "2026-04-01", "O2", "25.5", None),
        ("ops_gross_merchandise_value", "gross_sales", "trade", "webshop", "2026-04-01", "O1", "18", None),
        # the SKU layout replaced the child layout, and its numbers are German
        (
            "ops_gross_merchandise_value",
            "gross_sales",
            "uk",
            "amazon",
            "2026-04-01",
            UNASSIGNED,
            "2021",
            None,
        ),
        ("ops_conversion_rate", "amazon_session", "uk", "amazon", "2026-04-01", UNASSIGNED, "19", "1200"),
        ("ops_conversion_rate", "shopify_session", "us", "shopify", "2026-04-01", "O1", "2", "50"),
        ("ops_conversion_rate", "shopify_session", "us", "shopify", "2026-04-02", "O1", "0", "35"),
        # a campaign report of one day is daily, a month's is not
        ("ops_impressions", "paid", "uk", "google_ads", "2026-04-02", UNASSIGNED, "100", None),
        ("ops_return_on_investment", "roi", "us", "meta_ads", "2026-04-01", "O1", "-15", "15"),
        ("ops_return_on_investment", "roi", "us", "shopify", "2026-04-01", "O1", "12.5", "0"),
        # the listing has an owner of its own, and the return is the store's all the same, half of it O1's:
        # 5 - 2 hearts at 2.55 - 1 pounds
        ("ops_return_on_investment", "roi", "trade", "webshop", "2026-04-01", "O1", "4.65", "0"),
        ("ops_return_on_investment", "roi", "trade", "webshop", "2026-04-01", UNASSIGNED, "4.65", "0"),
        ("ops_repeat_purchase_rate", "window_90d", "us", "shopify", "2026-04-01", "O1", "1", "1"),
        ("ops_repeat_purchase_rate", "window_90d", "us", "shopify", "2026-04-05", UNASSIGNED, "1", "2"),
    ],
)
def test_metric_of_a_day(
    built: Settings, metric: str, code: str, store: str, platform: str, day: str, employee: str,
    numerator: str, denominator: str | None,
) -> None:  # fmt: skip
    found = _query(
        built,
        "select numerator, denominator from marts.fct_metric_daily where (metric_id, definition_code,"
        " store_id, platform, business_date, employee_id) = (%s, %s, %s, %s, %s, %s)",
        metric, code, store, platform, day, employee,
    )  # fmt: skip
    assert found == [(Decimal(numerator), None if denominator is None else Decimal(denominator))]


def test_no_metric_but_these_stores_and_days(built: Settings) -> None:
    """Months, unknown currencies and fees of a store without costs make no number."""
    assert (
        _query(
            built,
            "select 1 from marts.fct_metric_daily where store_id = 'elsewhere' and currency is not null",
        )
        == []
    )
    assert _query(
        built,
        "select 1 from marts.fct_metric_daily where store_id = 'uk' and (business_date > '2026-04-02'"
        " or metric_id = 'ops_return_on_investment')",
    ) == []  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "load_and_rows"),
    [
        ("unknown_currency", [(16, 1)]),
        ("no_exchange_rate", [(17, 1)]),
        ("multi_day_period", [(17, 1)]),
        ("covered_by_order_lines", [(20, 1)]),
        ("not_a_sale", [(12, 5)]),
        ("guest_without_id", [(11, 3), (12, 3)]),
        ("no_product_cost", [(10, 2), (11, 3), (18, 1)]),
        ("covered_by_ad_report", [(23, 4)]),
    ],
)
def test_what_is_left_out_is_listed(built: Settings, rule: str, load_and_rows: list[tuple[int, int]]) -> None:
    assert _query(
        built,
        "select load_id, row_number from marts.fct_record_exclusion where rule_code = %s order by 1, 2", rule,
    ) == load_and_rows  # fmt: skip


@pytest.mark.parametrize(
    ("metric", "code", "matures_on"),
    [
        ("promo_attributed_sales", "platform_claimed", "2026-05-01"),
        ("promo_return_on_investment", "roas", "2026-05-01"),
        ("promo_click_through_rate", "link_clicks", "2026-04-01"),
        ("ops_return_on_investment", "roi", "2026-04-15"),
        ("ops_gross_merchandise_value", "gross_sales", "2026-04-01"),
        # one day of known orders does not fill a window of 90
        ("ops_repeat_purchase_rate", "window_90d", None),
    ],
)
def test_a_number_says_when_it_matures(
    built: Settings, metric: str, code: str, matures_on: str | None
) -> None:
    assert _query(
        built,
        "select distinct matures_on::text from marts.fct_metric_daily where (metric_id, definition_code,"
        " store_id, business_date) = (%s, %s, 'us', '2026-04-01')",
        metric,
        code,
    ) == [(matures_on,)]


def test_evidence_opens_a_number_to_its_rows(built: Settings) -> None:
    assert _query(
        built,
        "select numerator, event_model, load_id, row_number, description from marts.metric_evidence"
        " where metric_id = 'ops_gross_merchandise_value' and definition_code = 'gross_sales'"
        " and store_id = 'us' and business_date = '2026-04-01' order by load_id, row_number",
    ) == [
        (Decimal(20), "fct_sales_line", 10, 1, "#1"),
        (Decimal("3.33"), "fct_sales_line", 10, 2, "#1"),
        (Decimal(10), "fct_sales_line", 11, 1, "#2"),
    ]


def test_evidence_adds_up_on_every_day(built: Settings) -> None:
    """Repurchase too, which a build compares on one day alone."""
    keys = "metric_id, definition_code, employee_id, store_id, platform, business_date"
    metrics = _query(
        built,
        f"select {keys}, numerator, denominator, event_count from marts.fct_metric_daily order by {keys}",
    )
    evidence = _query(
        built,
        f"select {keys}, sum(numerator), sum(denominator), sum(event_count) from marts.metric_evidence"
        f" group by {keys} order by {keys}",
    )
    assert metrics
    assert evidence == metrics


def test_fee_is_posted_on_the_store_s_own_day(built: Settings) -> None:
    """23:30 UTC is the next day in London's summer; advertising is not a fee."""
    assert _query(
        built,
        "select business_date::text, fee_amount, is_counted from marts.fct_store_fee order by row_number",
    ) == [("2026-04-02", Decimal("9.63"), True), ("2026-04-01", Decimal("54.08"), False)]


def test_sales_by_country(built: Settings) -> None:
    assert _query(
        built,
        "select country, gross_amount, refund_amount, net_amount, order_count, line_count"
        " from marts.fct_sales_country_daily where store_id = 'trade' and business_date = '2026-04-01'"
        " order by 1",
    ) == [
        ("France", Decimal(18), Decimal(0), Decimal(18), 1, 1),
        ("United Kingdom", Decimal("12.75"), Decimal("5.10"), Decimal("7.65"), 1, 3),
    ]


def test_no_personal_value_reaches_the_marts_but_names(built: Settings) -> None:
    found = _query(built, "select sales_line::text from marts.fct_sales_line as sales_line")
    assert found
    assert not [row for (row,) in found if "x.test" in row or "17850" in row]
    assert _query(built, "select distinct length(customer_key) from marts.fct_customer_repurchase") == [(64,)]


def _query(settings: Settings, statement: str, *parameters: object) -> list[tuple]:
    with connect(Role.ADMIN, settings) as connection:
        return connection.execute(statement, parameters or None).fetchall()
