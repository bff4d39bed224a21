"""A small good candidate, and for each expectation of a marts suite the statement that breaks it."""

from __future__ import annotations

from dataclasses import dataclass

GOOD_CANDIDATE = """
insert into candidate.dim_metric (metric_id) select 'metric_' || n from generate_series(1, 45) as n;
insert into candidate.dim_definition (metric_id, definition_code, numerator_may_be_negative,
    denominator_may_be_negative, is_part_of_whole) values
    ('promo_click_through_rate', 'link_clicks', false, false, false),
    ('ops_return_on_investment', 'roi', true, true, false),
    ('ops_repeat_purchase_rate', 'window_90d', false, false, true);
insert into candidate.dim_store (store_id) values ('s');
insert into candidate.dim_exchange_rate (business_date, currency, rate_date, rate)
    values ('2026-04-06', 'AUD', '2026-04-03', 0.61);
insert into candidate.bridge_ownership
    (post_id, object_type, object_id, store_id, platform, business_date, employee_id, share) values
    ('network_promotion', 'campaign', 'Spring', 's', 'google_ads', '2026-04-01', 'e1', 0.6),
    ('network_promotion', 'campaign', 'Spring', 's', 'google_ads', '2026-04-01', 'unassigned', 0.4);

insert into raw.google_ads_campaign_daily (load_id, row_number, cost) values (1, 1, '1,000.50'), (1, 2, '7');
insert into staging.stg_google_ads__campaigns values (1, 1, true), (1, 2, false);
insert into raw.pinterest_ads_daily (load_id, row_number, spend_in_account_currency) values (2, 1, '');
insert into staging.stg_pinterest_ads__ad_groups values (2, 1, true);
insert into raw.meta_ads_campaign_daily (load_id, row_number, day, amount_spent) values
    (3, 1, '2026-04-01', '0.000019'), (3, 2, '', '31');
insert into staging.stg_meta_ads__campaigns values (3, 1, true, true), (3, 2, true, false);
insert into candidate.fct_ad_activity (load_id, row_number, report, store_id, platform, business_date,
    is_counted, currency, spend_amount, spend_amount_reporting, impression_count, click_count) values
    (1, 1, 'google_ads_campaign_daily', 's', 'google_ads', '2026-04-01', true, 'AUD', 1000.50, 610.305, 9, 1),
    (2, 1, 'pinterest_ads_daily', 's', 'pinterest_ads', '2026-04-01', true, 'AUD', null, null, 10, 1),
    (3, 1, 'meta_ads_campaign_daily', 's', 'meta_ads', '2026-04-01', true, 'AUD', 0.000019, 0.000012, 10, 1);
update candidate.fct_ad_activity set conversion_value_amount_reporting = 0 where spend_amount is not null;

insert into raw.shopify_orders (load_id, row_number, lineitem_quantity, lineitem_price) values
    (4, 1, '2', '10.00'), (4, 2, '1', '99.00');
insert into staging.stg_shopify__order_lines values (4, 1, true), (4, 2, false);
insert into raw.online_retail (load_id, row_number, invoice_no, quantity, unit_price) values
    (5, 1, '536365', '6', '2.55'), (5, 2, 'C536366', '-6', '2.55');
insert into staging.stg_webshop__order_lines values (5, 1, true), (5, 2, true);
insert into candidate.fct_sales_line (load_id, row_number, report, store_id, platform, business_date,
    is_counted, is_order_line, is_sale, currency, gross_amount, gross_amount_reporting) values
    (4, 1, 'shopify_orders', 's', 'shopify', '2026-04-01', true, true, true, 'AUD', 20.00, 12.20),
    (6, 1, 'shopify_sales_by_variant', 's', 'shopify', '2026-04-01', false, false, true, 'AUD', 21.00, 12.81),
    (5, 1, 'online_retail', 't', 'webshop', '2026-04-01', true, true, true, null, 15.30, null),
    (5, 2, 'online_retail', 't', 'webshop', '2026-04-01', true, true, false, null, 0, null);
insert into candidate.fct_web_traffic
    (load_id, row_number, report, store_id, platform, business_date, is_counted, session_count) values
    (7, 1, 'amazon_business_report_by_date', 'a', 'amazon', '2026-04-01', true, 100),
    (8, 1, 'amazon_business_report_asin', 'a', 'amazon', '2026-04-01', false, 90);
insert into candidate.fct_store_fee (load_id, row_number, store_id, business_date)
    values (9, 1, 'a', '2026-04-01');
insert into candidate.fct_customer_repurchase (store_id, business_date, last_date)
    values ('s', '2026-04-01', '2026-06-29');

insert into candidate.fct_network_promotion_daily
    (employee_id, store_id, platform, business_date, return_on_investment_roas_denominator) values
    ('e1', 's', 'google_ads', '2026-04-01', 366.183),
    ('unassigned', 's', 'google_ads', '2026-04-01', 244.122),
    ('e1', 's', 'meta_ads', '2026-04-01', 0.000012);
insert into candidate.fct_site_operation_daily
    (employee_id, store_id, platform, business_date, gross_merchandise_value_gross_sales_numerator,
    repeat_purchase_rate_window_90d_denominator, repeat_purchase_rate_window_365d_denominator)
    values ('e2', 's', 'shopify', '2026-04-01', 12.20, 4, 5);
insert into candidate.fct_sales_country_daily (store_id, business_date, currency, gross_amount) values
    ('s', '2026-04-01', 'AUD', 20.00), ('t', '2026-04-01', 'unknown', 15.30);

insert into candidate.fct_metric_daily (metric_id, definition_code, employee_id, store_id, platform,
    business_date, numerator, denominator, event_count) values
    ('promo_attributed_sales', 'platform_claimed', 'e1', 's', 'google_ads', '2026-04-01', 0, null, 1),
    ('promo_return_on_investment', 'roas', 'e1', 's', 'google_ads', '2026-04-01', 0, 6, 1),
    ('promo_click_through_rate', 'link_clicks', 'e1', 's', 'google_ads', '2026-04-01', 0.6, 6, 1),
    ('ops_click_through_rate', 'paid', 'e2', 's', 'google_ads', '2026-04-01', 0.6, 6, 1),
    ('ops_impressions', 'paid', 'e2', 's', 'google_ads', '2026-04-01', 10, null, 1),
    ('ops_gross_merchandise_value', 'gross_sales', 'e2', 's', 'shopify', '2026-04-01', 12.20, null, 1),
    ('ops_return_on_investment', 'roi', 'e2', 's', 'shopify', '2026-04-01', -5, -1, 1),
    ('ops_repeat_purchase_rate', 'window_90d', 'e2', 's', 'shopify', '2026-04-01', 4, 4, 4),
    ('ops_repeat_purchase_rate', 'window_180d', 'e2', 's', 'shopify', '2026-04-01', 4, 4, 4),
    ('ops_repeat_purchase_rate', 'window_365d', 'e2', 's', 'shopify', '2026-04-01', 4, 4, 4);
insert into candidate.metric_evidence
    (metric_id, definition_code, employee_id, store_id, platform, business_date, numerator, denominator,
    event_count)
    select metric_id, definition_code, employee_id, store_id, platform, business_date, numerator, denominator,
        event_count
    from candidate.fct_metric_daily;
"""


@dataclass(frozen=True)
class CandidateFault:
    """A statement on the good candidate that breaks one expectation of a suite."""

    suite: str
    expectation: str
    table: str
    statement: str


# a day of 100 was published, and an incoming load leaves 60 of it
SHRUNK = """
insert into ops.load (load_id, file_name, file_path, file_sha256, file_size, file_modified_at, report, state)
    overriding system value select n, 'f', 'f', encode(sha256(n::text::bytea), 'hex'), 1, now(), 'r', 'loaded'
    from generate_series(12, 13) as n;
insert into ops.build (state, project_sha256) values ('running', 'x');
insert into ops.build_load select max(build_id), 13, 'loaded' from ops.build;
insert into marts.{{table}}
    (load_id, row_number, report, store_id, platform, business_date, is_counted, {0})
    values (12, 1, 'r', 'f', 'p', '2026-04-01', false, 100);
insert into candidate.{{table}}
    (load_id, row_number, report, store_id, platform, business_date, is_counted, {0})
    values (13, 1, 'r', 'f', 'p', '2026-04-01', false, 60);
"""

DOUBT = "insert into intermediate.int_doubtful_cells values (13, 1, 'quantity', '{0}', '{1}')"
LESS = "insert into intermediate.int_shrunk_days values (13, 's', 'r', '2026-04-01', 'number', '{0}')"

FAULTS = [
    CandidateFault(
        "dimensions", "catalogue_is_whole", "dim_metric",
        "delete from {} where metric_id = 'metric_7'",
    ),
    CandidateFault("dimensions", "there_are_stores", "dim_store", "delete from {}"),
    CandidateFault("dimensions", "rates_are_positive", "dim_exchange_rate", "update {} set rate = 0"),
    CandidateFault(
        "dimensions", "rates_are_not_stale", "dim_exchange_rate",
        "update {} set rate_date = '2026-03-29'",
    ),
    CandidateFault(
        "dimensions", "share_is_a_part", "bridge_ownership",
        "update {} set share = case employee_id when 'e1' then 1.2 else -0.2 end",
    ),
    CandidateFault("dimensions", "shares_add_up_to_one", "bridge_ownership", "update {} set share = 0.6"),
    CandidateFault(
        "plausibility", "records_of_a_day_have_not_shrunk", "int_shrunk_days", LESS.format("record")
    ),
    CandidateFault(
        "plausibility", "amounts_of_a_day_have_not_shrunk", "int_shrunk_days", LESS.format("amount")
    ),
    CandidateFault(
        "plausibility", "counts_of_a_day_have_not_shrunk", "int_shrunk_days", LESS.format("pieces")
    ),
    CandidateFault(
        "plausibility", "amount_is_possible", "int_doubtful_cells", DOUBT.format("amount", "beyond_bounds")
    ),
    CandidateFault(
        "plausibility", "quantity_is_possible", "int_doubtful_cells", DOUBT.format("pieces", "beyond_bounds")
    ),
    CandidateFault(
        "plausibility", "count_is_possible", "int_doubtful_cells", DOUBT.format("count", "beyond_bounds")
    ),
    CandidateFault(
        "plausibility", "number_does_not_stand_out", "int_doubtful_cells",
        DOUBT.format("amount", "stands_out"),
    ),
    CandidateFault(
        "events", "day_is_plausible", "fct_web_traffic",
        "update {} set business_date = '1926-04-01'",
    ),
    CandidateFault(
        "events", "spend_is_not_negative", "fct_ad_activity",
        "update {} set spend_amount = -1000.50 where load_id = 1;"
        "update raw.google_ads_campaign_daily set cost = '-1000.50' where row_number = 1",
    ),
    CandidateFault("events", "spend_equals_the_files", "fct_ad_activity", "delete from {} where load_id = 3"),
    CandidateFault(
        "events", "sales_are_not_negative", "fct_sales_line",
        "update {} set gross_amount = -21 where load_id = 6",
    ),
    CandidateFault(
        "events", "store_day_has_one_source_of_sales", "fct_sales_line",
        "update {} set is_counted = true",
    ),
    CandidateFault(
        "events", "order_has_lines_in_common_with_its_older_versions", "fct_sales_line",
        "insert into ops.load (load_id, file_name, file_path, file_sha256, file_size, file_modified_at,"
        " report, state) overriding system value"
        " values (40, 'o', 'o', repeat('0', 64), 1, now(), 'r', 'loaded');"
        " update staging.stg_shopify__order_lines set record_key = '#1';"
        " insert into staging.stg_shopify__order_lines (load_id, row_number, is_current, record_key, sku)"
        " values (40, 1, false, '#1', 'B')",
    ),
    CandidateFault(
        "events", "sales_equal_the_files", "fct_sales_line",
        "insert into {} (load_id, row_number, report, business_date, gross_amount)"
        " values (4, 2, 'shopify_orders', '2026-04-01', 99)",
    ),
    CandidateFault(
        "events", "sessions_are_counted_once", "fct_web_traffic",
        "update {} set is_counted = true",
    ),
    CandidateFault(
        "events", "repurchase_window_is_not_empty", "fct_customer_repurchase",
        "update {} set last_date = '2026-03-31'",
    ),
    CandidateFault(
        "events", "spend_has_not_jumped", "fct_ad_activity",
        "insert into {} (load_id, row_number, report, store_id, platform, currency, business_date,"
        " is_counted, spend_amount) select 10, n, 'amazon_ads_search_term', 's', 'amazon_ads', 'AUD',"
        " date '2026-03-01' + n, true, case n when 20 then 2001 else 100 end from generate_series(1, 20) n",
    ),
    CandidateFault(
        "events", "sales_have_not_jumped", "fct_sales_line",
        "insert into {} (load_id, row_number, report, store_id, platform, currency, business_date,"
        " is_counted, is_order_line, gross_amount) select 11, n, 'etsy_orders', 'j', 'etsy', 'AUD',"
        " date '2026-03-01' + n, true, true, case n when 20 then 2001 else 100 end"
        " from generate_series(1, 20) n",
    ),
    CandidateFault("events", "sales_have_not_shrunk", "fct_sales_line", SHRUNK.format("gross_amount")),
    CandidateFault("events", "ads_have_not_shrunk", "fct_ad_activity", SHRUNK.format("spend_amount")),
    CandidateFault("events", "visits_have_not_shrunk", "fct_web_traffic", SHRUNK.format("session_count")),
    CandidateFault(
        "events", "sales_keep_up_with_ads", "fct_ad_activity", "update {} set business_date = '2026-04-16'"
    ),
    CandidateFault(
        "daily_facts", "all_spend_has_an_owner", "fct_network_promotion_daily",
        "delete from {} where employee_id = 'unassigned'",
    ),
    CandidateFault(
        "daily_facts", "all_sales_have_an_owner", "fct_site_operation_daily",
        "update {} set gross_merchandise_value_gross_sales_numerator = 24.40",
    ),
    CandidateFault(
        "daily_facts", "wider_window_holds_the_narrower", "fct_site_operation_daily",
        "update {} set repeat_purchase_rate_window_365d_denominator = 3",
    ),
    CandidateFault(
        "daily_facts", "countries_add_up_to_the_stores", "fct_sales_country_daily",
        "delete from {} where currency = 'unknown'",
    ),
    CandidateFault(
        "metrics", "numerator_is_not_negative", "fct_metric_daily",
        "update {} set numerator = -10 where metric_id = 'ops_impressions';"
        "update candidate.metric_evidence set numerator = -10 where metric_id = 'ops_impressions'",
    ),
    CandidateFault(
        "metrics", "denominator_is_not_negative", "fct_metric_daily",
        "update {} set denominator = -6 where metric_id = 'promo_click_through_rate';"
        "update candidate.metric_evidence set denominator = -6 where metric_id = 'promo_click_through_rate'",
    ),
    CandidateFault(
        "metrics", "part_is_at_most_the_whole", "fct_metric_daily",
        "update {} set numerator = 5 where metric_id = 'ops_repeat_purchase_rate';"
        "update candidate.metric_evidence set numerator = 5 where metric_id = 'ops_repeat_purchase_rate'",
    ),
    CandidateFault(
        "metrics", "row_has_events", "fct_metric_daily",
        "update {} set event_count = 0; update candidate.metric_evidence set event_count = 0",
    ),
    CandidateFault(
        "metric_rules", "events_reach_their_metrics", "fct_metric_daily",
        "delete from {} where metric_id = 'ops_impressions';"
        "delete from candidate.metric_evidence where metric_id = 'ops_impressions'",
    ),
]  # fmt: skip
