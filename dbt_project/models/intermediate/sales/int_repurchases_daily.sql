-- One row per store, platform and day with anything counted: distinct customers within each window, and how many of them
-- bought twice. Exact: spans that begin minus spans that ended, summed up to the day.
{%- set windows = ['90d', '180d', '365d'] %}
{{ config(
    materialized='incremental', incremental_strategy='touched_partitions', on_schema_change='fail',
    indexes=[{'columns': ['store_id', 'business_date', 'platform'], 'unique': true}],
    meta={'publish': {'by': ['store_id', 'business_date'], 'touched': 'intermediate.int_touched_metric_days'}}
) }}

with spans as (
    select * from {{ ref('fct_customer_repurchase') }}
),

changes as (
    select
        store_id,
        platform,
        definition_code,
        business_date,
        count(*) as customers,
        sum(case when has_repeated then 1 else 0 end) as repeaters
    from spans
    group by store_id, platform, definition_code, business_date
    union all
    select
        store_id,
        platform,
        definition_code,
        {{ add_days('last_date', 1) }},
        -count(*),
        -sum(case when has_repeated then 1 else 0 end)
    from spans
    group by store_id, platform, definition_code, last_date
),

changes_daily as (
    select
        store_id,
        platform,
        business_date,
        false as is_store_day
        {%- for window in windows %},
        sum(case when definition_code = 'window_{{ window }}' then customers else 0 end) as customers_{{ window }},
        sum(case when definition_code = 'window_{{ window }}' then repeaters else 0 end) as repeaters_{{ window }}
        {%- endfor %}
    from changes
    group by store_id, platform, business_date
),

first_purchases as (
    select
        store_id,
        platform,
        min(business_date) as first_date
    from changes
    group by store_id, platform
),

all_days as (
    select * from changes_daily
    union all
    select
        days.store_id, days.platform, days.business_date, true
        {%- for _ in windows %}, 0, 0{% endfor %}
    from {{ ref('int_store_days') }} as days
),

running as (
    select
        store_id,
        platform,
        business_date,
        is_store_day
        {%- for window in windows %},
        sum(customers_{{ window }}) over so_far as customer_count_{{ window }},
        sum(repeaters_{{ window }}) over so_far as repeat_customer_count_{{ window }}
        {%- endfor %}
    from all_days
    window so_far as (partition by store_id, platform order by business_date)
)

select
    running.store_id,
    running.platform,
    running.business_date,
    {{ days_between('first_purchases.first_date', 'running.business_date') }} + 1 as purchase_history_day_count
    {%- for window in windows %},
    running.customer_count_{{ window }},
    running.repeat_customer_count_{{ window }}
    {%- endfor %}
from running
inner join first_purchases
    on first_purchases.store_id = running.store_id and first_purchases.platform = running.platform
where
    running.is_store_day and running.business_date >= first_purchases.first_date
    and {{ in_touched('running', ref('int_touched_metric_days')) }}
