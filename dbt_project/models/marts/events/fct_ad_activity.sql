-- One row per ad report row of a single day. The attributed gross profit is the claimed value times the store's gross
-- margin of that month (lines with a known unit cost); without such a line it is NULL, never 0.
{{ config(
    materialized='incremental', incremental_strategy='touched_partitions',
    indexes=[{'columns': ['store_id', 'business_date']}],
    meta={'reach': {'fct_sales_line': 'month'}}
) }}

with margins as (
    select
        store_id,
        {{ first_day_of('month', 'business_date') }} as month_start,
        round(sum(gross_profit_amount_reporting) / nullif(sum(net_amount_reporting), 0), 6) as gross_margin_rate
    from {{ ref('fct_sales_line') }} as lines
    where
        is_counted and gross_profit_amount_reporting is not null
        and {{ in_touched_months('lines') }}
    group by store_id, {{ first_day_of('month', 'business_date') }}
)

select
    ads.load_id,
    ads.row_number,
    ads.report,
    ads.store_id,
    ads.platform,
    ads.business_date,
    ads.is_counted,
    ads.account,
    ads.campaign_name,
    ads.campaign_type,
    ads.ad_group_name,
    stores_with_costs.store_id is not null as has_product_costs,
    ads.impression_count,
    ads.click_count,
    ads.conversion_quantity,
    ads.currency,
    ads.spend_amount,
    ads.conversion_value_amount,
    ads.spend_amount_reporting,
    ads.conversion_value_amount_reporting,
    margins.gross_margin_rate,
    round(ads.conversion_value_amount_reporting * margins.gross_margin_rate, 6)
        as attributed_gross_profit_amount_reporting
from {{ ref('int_ad_activity') }} as ads
left join margins
    on
        margins.store_id = ads.store_id
        and margins.month_start = {{ first_day_of('month', 'ads.business_date') }}
left join {{ ref('int_stores_with_costs') }} as stores_with_costs on stores_with_costs.store_id = ads.store_id
where {{ in_touched('ads') }}
