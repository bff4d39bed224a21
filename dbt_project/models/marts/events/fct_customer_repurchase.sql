-- One row per store, platform, customer and day of purchase. From its day to last_date it is the customer's latest, so
-- every day and window finds each customer once: within W days of business_date a buyer, within W days of previous_date
-- one who bought twice.
{{ config(
    materialized='incremental', incremental_strategy='touched_partitions',
    indexes=[{'columns': ['store_id', 'customer_key']}, {'columns': ['store_id', 'business_date']}],
    meta={'reach': {'fct_sales_line': 'customer'}}
) }}

with orders as (
    select
        load_id,
        row_number,
        store_id,
        platform,
        customer_key,
        business_date,
        row_number() over purchase_days as place,
        count(*) over (partition by store_id, platform, customer_key, business_date) as order_count
    from {{ ref('fct_sales_line') }} as lines
    where
        is_counted and is_order_line and order_count = 1 and customer_key is not null
        and {{ in_touched('lines', ['store_id', 'customer_key']) }}
    window purchase_days as (
        partition by store_id, platform, customer_key, business_date order by load_id, row_number
    )
)

select
    load_id,
    row_number,
    'order_lines' as report,
    store_id,
    platform,
    customer_key,
    business_date,
    -- the purchase before the latest is of the same day when there were two
    case when order_count > 1 then business_date else lag(business_date) over purchases end as previous_date,
    least(
        {{ add_days('business_date', 364) }},
        {{ add_days('lead(business_date) over purchases', -1) }}
    ) as last_date
from orders
where place = 1
window purchases as (partition by store_id, platform, customer_key order by business_date)
