-- One row per store, customer, window and span of days in which the customer counts the same way: bought within the
-- window before a day of the span, and if twice, has_repeated. So a day's distinct counts are exact sums over spans.
{{ config(
    materialized='incremental', incremental_strategy='touched_partitions',
    indexes=[{'columns': ['store_id', 'customer_key']}, {'columns': ['store_id', 'business_date']}]
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
        and {{ in_touched('lines', ref('int_touched_customers'), ['store_id', 'customer_key']) }}
    window purchase_days as (
        partition by store_id, platform, customer_key, business_date order by load_id, row_number
    )
),

histories as (
    select
        *,
        lead(business_date) over purchases as next_date,
        -- the second latest order is of the same day when there were two
        case when order_count > 1 then business_date else lag(business_date) over purchases end as second_date
    from orders
    where place = 1
    window purchases as (partition by store_id, platform, customer_key order by business_date)
),

windows as (
    {% for days in [90, 180, 365] %}
    select 'window_{{ days }}d' as definition_code, {{ days }} as window_days
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

bounds as (
    select
        histories.*,
        windows.definition_code,
        -- first days on which the latest, or the second latest, order has left the window or a newer one has come
        least({{ add_days('histories.business_date', 'windows.window_days') }}, histories.next_date) as base_end,
        least({{ add_days('histories.second_date', 'windows.window_days') }}, histories.next_date) as repeat_end
    from histories
    cross join windows
),

spans as (
    select
        bounds.*,
        true as has_repeated,
        business_date as first_date,
        repeat_end as end_date
    from bounds
    where second_date is not null and repeat_end > business_date
    union all
    select
        bounds.*,
        false,
        case when second_date is not null and repeat_end > business_date then repeat_end else business_date end,
        base_end
    from bounds
    where second_date is null or base_end > greatest(repeat_end, business_date)
)

select
    load_id,
    row_number,
    'order_lines' as report,
    store_id,
    platform,
    customer_key,
    definition_code,
    first_date as business_date,
    {{ add_days('end_date', -1) }} as last_date,
    has_repeated
from spans
