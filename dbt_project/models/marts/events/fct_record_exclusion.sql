-- One row per record and rule that keeps it, or its money, out of a number; what lost to a newer file is not listed.
{{ config(
    materialized='incremental', incremental_strategy='touched_partitions',
    indexes=[{'columns': ['store_id', 'business_date']}]
) }}

with ads as (
    select * from {{ ref('fct_ad_activity') }} as events
    where {{ in_touched('events') }}
),

lines as (
    select
        *,
        max(case when is_counted and is_order_line then 1 else 0 end)
            over (partition by store_id, platform, business_date) = 1 as is_day_of_orders
    from {{ ref('fct_sales_line') }} as events
    where {{ in_touched('events') }}
),

fees as (
    select * from {{ ref('fct_store_fee') }} as events
    where {{ in_touched('events') }}
),

traffic as (
    select * from {{ ref('fct_web_traffic') }} as events
    where {{ in_touched('events') }}
),

periods as (
    select * from {{ ref('fct_period_report') }} as events
    where {{ in_touched('events') }}
),

excluded as (
    {% for events in ['ads', 'lines', 'fees', 'periods'] %}
    {%- set amount = {'ads': 'spend_amount', 'lines': 'gross_amount', 'fees': 'fee_amount'}.get(events) %}
    select load_id, row_number, report, 'unknown_currency' as rule_code, business_date, store_id
    from {{ events }}
    where currency is null
        and {% if amount %}{{ amount }} is not null{% else %}coalesce(spend_amount, gross_amount) is not null{% endif %}
    union all
    select load_id, row_number, report, 'no_exchange_rate', business_date, store_id
    from {{ events }}
    where currency is not null
        and {% if amount %}{{ amount }} is not null and {{ amount }}_reporting is null
        {%- else %}coalesce(spend_amount, gross_amount) is not null
        and coalesce(spend_amount_reporting, gross_amount_reporting) is null{% endif %}
    union all
    {% endfor %}
    select load_id, row_number, report, 'no_product_cost', business_date, store_id
    from ads
    where is_counted and conversion_value_amount_reporting is not null and gross_margin_rate is null
    union all
    select lines.load_id, lines.row_number, lines.report, 'no_product_cost', lines.business_date, lines.store_id
    from lines
    inner join {{ ref('int_stores_with_costs') }} as stores_with_costs on stores_with_costs.store_id = lines.store_id
    where lines.is_counted and lines.is_product and (lines.is_sale or lines.is_return) and lines.cost_amount_reporting is null
    union all
    select load_id, row_number, report, 'covered_by_daily_report', business_date, store_id
    from ads
    where not is_counted
    union all
    select
        load_id, row_number, report,
        case
            when is_order_line and is_day_of_orders then 'covered_by_other_order_report'
            when is_day_of_orders then 'covered_by_order_lines'
            when report = 'amazon_business_report_by_date' then 'covered_by_listing_report'
            else 'covered_by_sales_report'
        end,
        business_date, store_id
    from lines
    where not is_counted
    union all
    -- the file lacks the column, or its amount was written in a way that nothing proves
    {% for column, rule_code in [
        ('discount_amount', 'discount_not_known'), ('refund_amount', 'refund_not_known')
    ] %}
    select load_id, row_number, report, '{{ rule_code }}', business_date, store_id
    from lines
    where is_counted and is_sale and gross_amount is not null and net_amount is null and {{ column }} is null
    union all
    {% endfor %}
    select load_id, row_number, report, 'not_a_sale', business_date, store_id
    from lines
    where is_counted and not is_sale and not is_return
    union all
    select load_id, row_number, report, 'guest_without_id', business_date, store_id
    from lines
    where is_counted and is_order_line and order_count = 1 and customer_key is null
    union all
    select
        load_id, row_number, report,
        case when is_advertising then 'covered_by_ad_report' else 'covered_by_other_settlement_layout' end,
        business_date, store_id
    from fees
    where not is_counted
    union all
    select
        load_id, row_number, report,
        case when report = 'ga4_pages' then 'overlapping_audience' else 'covered_by_date_report' end,
        business_date, store_id
    from traffic
    where not is_counted
    union all
    select
        load_id, row_number, report,
        case when is_breakdown then 'breakdown_of_campaigns' else 'multi_day_period' end,
        business_date, store_id
    from periods
)

-- the same row stands in two event models when it carries both sales and visits
select
    load_id,
    row_number,
    report,
    rule_code,
    min(business_date) as business_date,
    min(store_id) as store_id
from excluded
group by load_id, row_number, report, rule_code
