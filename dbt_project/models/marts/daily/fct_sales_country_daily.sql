-- One row per store, platform, country, day and currency of counted sales; a report without countries gives 'unknown'.
{{ config(materialized='incremental', incremental_strategy='touched_partitions') }}

with lines as (
    select
        *,
        coalesce(country, 'unknown') as sold_country,
        coalesce(currency, 'unknown') as sold_currency
    from {{ ref('fct_sales_line') }} as sold
    where is_counted and {{ in_touched('sold') }}
)

select
    store_id,
    platform,
    sold_country as country,
    business_date,
    sold_currency as currency,
    sum(gross_amount) as gross_amount,
    sum(gross_amount_reporting) as gross_amount_reporting,
    -- a part of a net is no net
    case
        when max(case when is_sale and gross_amount is not null and refund_amount is null then 1 else 0 end) = 0
            then sum(refund_amount)
    end as refund_amount,
    case
        when max(case when is_sale and gross_amount is not null and net_amount is null then 1 else 0 end) = 0
            then sum(net_amount)
    end as net_amount,
    cast(sum(order_count) as bigint) as order_count,
    count(*) as line_count
from lines
group by store_id, platform, sold_country, business_date, sold_currency
