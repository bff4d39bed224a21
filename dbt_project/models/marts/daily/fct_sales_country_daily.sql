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
    sum(refund_amount) as refund_amount,
    sum(net_amount) as net_amount,
    cast(sum(order_count) as bigint) as order_count,
    count(*) as line_count
from lines
group by store_id, platform, sold_country, business_date, sold_currency
