"""A good row of each report that a landing suite checks, and for each expectation the cell that breaks it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

NEXT_WEEK = (datetime.now(UTC) + timedelta(days=7)).date().isoformat()

GOOD_ROWS: dict[str, list[dict[str, str]]] = {
    "meta_ads_campaign_daily": [
        {"day": "2026-04-01", "campaign_name": "Spring", "amount_spent": "12.34", "impressions": "1000",
         "link_clicks": "10"},
        {"day": "", "reporting_ends": "2026-04-01", "campaign_name": "Spring", "amount_spent": "0.000019",
         "impressions": "1", "link_clicks": ""},
    ],
    "google_ads_campaign_daily": [
        {"day": "2026-04-01", "campaign": "Search", "cost": "1,234.50", "impr": "2,584", "clicks": "40"}
    ],
    "google_ads_campaign_period": [{"campaign": "Search", "cost": "5", "impr": "50", "clicks": "4"}],
    "google_ads_search_keyword": [{"keyword": "lamp", "cost": "5", "impr": "50", "clicks": "4"}],
    "google_ads_search_term": [{"search_term": "lamp", "cost": "5", "impr": "50", "clicks": "4"}],
    "pinterest_ads_daily": [
        {"date": "2026-04-01", "campaign_name": "Pins", "spend_in_account_currency": "5", "impressions": "50",
         "outbound_clicks": "4"}
    ],
    "amazon_ads_search_term": [
        {"end_date": "2026-04-01", "campaign_name": "Sponsored", "spend": "US$5", "impressions": "50",
         "clicks": "4"}
    ],
    "shopify_orders": [
        {"name": "#1001", "created_at": "2026-04-01 23:59:59 +1000", "lineitem_quantity": "2",
         "lineitem_price": "10.00", "total": "20.00"},
        {"name": "#1001", "created_at": "2026-04-01 23:59:59 +1000", "lineitem_quantity": "1",
         "lineitem_price": "10.00"},
    ],
    "shopify_sales_by_variant": [
        {"day": "2026-04-01", "gross_sales": "20", "discounts": "-2", "returns": "-3", "net_sales": "15"}
    ],
    "online_retail": [
        {"invoice_no": "536365", "stock_code": "85123A", "invoice_date": "2026-04-01 08:26:00",
         "quantity": "6", "unit_price": "2.55"},
        {"invoice_no": "C536366", "stock_code": "85123A", "invoice_date": "2026-04-01 08:26:00",
         "quantity": "-6", "unit_price": "2.55"},
    ],
    "shopify_visitors": [
        {"day": "2026-04-01", "online_store_visitors": "80", "sessions": "100"},
        {"day": "2026-04-02", "online_store_visitors": "80", "sessions": "100"},
    ],
    "amazon_business_report_asin": [
        {"sessions_total": "1,100", "page_views_total": "150", "units_ordered": "9"}
    ],
    "amazon_business_report_by_date": [
        {"date": " 18.03.26", "sessions_total": "1.100", "page_views_total": "150", "units_ordered": "9"},
        {"date": " 25.03.26", "sessions_total": "1.100", "page_views_total": "150", "units_ordered": "9"},
        {"date": " 26.03.26", "sessions_total": "1.100", "page_views_total": "150", "units_ordered": "9"},
    ],
    "ga4_pages": [{"views": "7"}],
    "amazon_settlement": [
        {"settlement_id": "1", "total_amount": "8.50"},
        {"settlement_id": "1", "transaction_type": "Order", "posted_date": "01.04.2026 10:00:00 UTC",
         "price_amount": "10.00"},
        {"settlement_id": "1", "transaction_type": "Order", "posted_date": "2026-04-01T10:00:00+00:00",
         "item_related_fee_amount": "-1.50"},
    ],
    "amazon_settlement_v2": [
        {"settlement_id": "2", "total_amount": "8.50"},
        {"settlement_id": "2", "transaction_type": "Order", "posted_date": "2026-04-01", "amount": "8.50"},
    ],
    "tradewind_stores": [{"timezone": "Australia/Sydney", "currency": "AUD", "opened_on": "2019-01-01"}],
    "tradewind_roster": [{"hired_on": "2019-01-01", "left_on": ""}],
    "tradewind_assignments": [{"share": "0.5", "valid_from": "2026-04-01", "valid_to": "2026-04-01"}],
    "tradewind_sales_targets": [{"period_start": "2026-04-01", "period_end": "2026-04-30"}],
    "tradewind_product_costs": [{"unit_cost": "3.10", "currency": "AUD", "valid_from": "2026-01-01"}],
    "tradewind_exchange_rates": [
        {"rate_date": "2026-04-01", "currency": "AUD", "units_per_eur": "1.7"},
        {"rate_date": "2026-04-01", "currency": "GBP", "units_per_eur": "0.85"},
    ],
}  # fmt: skip


# what the files of a report say of themselves
LOADS: dict[str, dict[str, object]] = {"amazon_business_report_by_date": {"dialect": '{"locale": "de"}'}}


@dataclass(frozen=True)
class Fault:
    """Cells that break one expectation in the last row of a report, or facts of its load.

    `before` are facts of the load that an earlier version of the file has left.
    """

    suite: str
    expectation: str
    report: str
    cells: dict[str, str | None] = field(default_factory=dict)
    load: dict[str, object] = field(default_factory=dict)
    rows: int | None = None
    before: dict[str, object] = field(default_factory=dict)


FAULTS = [
    Fault("arrivals", "file_is_not_from_the_future", "ga4_pages", load={"extracted_at": NEXT_WEEK}),
    Fault("arrivals", "period_starts_after_2000", "ga4_pages", load={"period_start": "1926-04-01"}),
    Fault(
        "arrivals", "period_has_begun", "amazon_settlement_v2",
        load={"period_start": NEXT_WEEK, "period_end": NEXT_WEEK},
    ),
    Fault(
        "arrivals", "period_ends_after_its_start", "amazon_settlement_v2", load={"period_end": "2026-03-01"}
    ),
    Fault("arrivals", "file_holds_records", "ga4_pages", rows=0),
    Fault(
        "arrivals", "file_has_not_shrunk_before_it_counted", "ga4_pages",
        before={"state": "superseded", "records_read": 20, "records_loaded": 20},
    ),
    Fault("arrivals", "file_belongs_to_a_store", "ga4_pages", load={"store_id": "unassigned"}),
    Fault("arrivals", "currency_has_exchange_rates", "ga4_pages", load={"currency": "XTS"}),
    Fault("ads", "row_names_what_was_advertised", "google_ads_search_term", {"search_term": " "}),
    Fault("ads", "day_is_read", "google_ads_campaign_daily", {"day": "1st of April"}),
    Fault("ads", "day_is_plausible", "meta_ads_campaign_daily", {"day": "1206-04-01"}),
    Fault("ads", "spend_is_not_negative", "amazon_ads_search_term", {"spend": "-US$5.00"}),
    Fault("ads", "impressions_are_not_negative", "google_ads_search_keyword", {"impr": "-1", "clicks": ""}),
    Fault("ads", "clicks_follow_impressions", "pinterest_ads_daily", {"outbound_clicks": "51"}),
    Fault("ads", "spend_comes_with_impressions", "google_ads_campaign_period", {"impr": "0", "clicks": "0"}),
    Fault("sales", "line_names_its_order", "shopify_orders", {"name": ""}),
    Fault("sales", "order_stands_once", "shopify_orders", {"total": "20.00"}),
    Fault("sales", "day_is_read", "shopify_sales_by_variant", {"day": ""}),
    Fault("sales", "day_is_plausible", "online_retail", {"invoice_date": f"{NEXT_WEEK} 10:00:00"}),
    Fault("sales", "order_quantity_is_not_negative", "shopify_orders", {"lineitem_quantity": "-1"}),
    Fault("sales", "order_price_is_not_negative", "shopify_orders", {"lineitem_price": "-10.00"}),
    Fault("sales", "negative_quantity_is_a_cancellation", "online_retail", {"invoice_no": "536367"}),
    Fault("sales", "line_price_is_not_negative", "online_retail", {"unit_price": "-11062.06"}),
    Fault("sales", "net_sales_add_up", "shopify_sales_by_variant", {"net_sales": "17"}),
    Fault("traffic", "day_is_known", "ga4_pages", load={"period_end": None, "period_start": None}),
    Fault("traffic", "day_is_plausible", "shopify_visitors", {"day": NEXT_WEEK}),
    Fault("traffic", "amazon_day_looks_like_a_day", "amazon_business_report_by_date", {"date": "April 2026"}),
    Fault("traffic", "rows_are_of_single_days", "amazon_business_report_by_date", {"date": "01.04.26"}),
    Fault("traffic", "day_stands_once", "amazon_business_report_by_date", {"date": " 25.03.26"}),
    Fault("traffic", "sessions_are_not_negative", "amazon_business_report_asin", {"sessions_total": "-1"}),
    Fault("traffic", "page_views_are_not_negative", "ga4_pages", {"views": "-1"}),
    Fault("traffic", "visitors_are_not_more_than_sessions", "shopify_visitors", {"sessions": "79"}),
    Fault("traffic", "units_come_with_sessions", "amazon_business_report_asin", {"sessions_total": "0"}),
    Fault("settlement", "row_names_its_settlement", "amazon_settlement_v2", {"settlement_id": ""}),
    Fault("settlement", "transaction_has_a_day", "amazon_settlement", {"posted_date": ""}),
    Fault("settlement", "posted_day_is_plausible", "amazon_settlement_v2", {"posted_date": "1926-04-01"}),
    Fault(
        "settlement", "rows_add_up_to_the_settlement", "amazon_settlement",
        {"item_related_fee_amount": "-1.49"},
    ),
    Fault("templates", "store_time_zone_is_known", "tradewind_stores", {"timezone": "Sydney"}),
    Fault("templates", "currency_is_a_code", "tradewind_product_costs", {"currency": "A$"}),
    Fault("templates", "day_is_plausible", "tradewind_roster", {"hired_on": "1219-01-01"}),
    Fault("templates", "rate_is_not_from_the_future", "tradewind_exchange_rates", {"rate_date": NEXT_WEEK}),
    Fault("templates", "period_ends_after_its_start", "tradewind_assignments", {"valid_to": "2026-03-31"}),
    Fault("templates", "share_is_a_part", "tradewind_assignments", {"share": "50"}),
    Fault("templates", "cost_is_not_negative", "tradewind_product_costs", {"unit_cost": "-3.10"}),
    Fault("templates", "cost_is_possible", "tradewind_product_costs", {"unit_cost": "1000000000.01"}),
    Fault("templates", "rate_is_possible", "tradewind_exchange_rates", {"units_per_eur": "10000001"}),
    Fault(
        "templates", "rate_has_not_jumped", "tradewind_exchange_rates",
        {"rate_date": "2026-04-02", "currency": "AUD", "units_per_eur": "171"},
    ),
    Fault("templates", "rate_is_positive", "tradewind_exchange_rates", {"units_per_eur": "0"}),
]  # fmt: skip
