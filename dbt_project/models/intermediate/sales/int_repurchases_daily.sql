-- One row per store, platform and day with anything counted: distinct customers within each window, and how many of them
-- bought twice. Exact: who enters a window minus who leaves it, summed up to the day; an incremental run goes on from
-- the last day that stands.
{%- set windows = [90, 180, 365] %}
{{ config(
    materialized='incremental', incremental_strategy='touched_partitions', on_schema_change='fail',
    indexes=[{'columns': ['store_id', 'business_date', 'platform'], 'unique': true}],
    meta={'reach': {'fct_customer_repurchase': 'later'}}
) }}

with first_purchases as (
    select
        store_id,
        platform,
        min(business_date) as first_date
    from {{ ref('fct_customer_repurchase') }}
    group by store_id, platform
),

{% if is_incremental() %}
first_touched as (
    select
        store_id,
        min(business_date) as first_date
    from intermediate.touched
    where model = '{{ model.name }}'
    group by store_id
),

standing as (
    select
        kept.*,
        row_number() over (partition by kept.store_id, kept.platform order by kept.business_date desc) as age
    from {{ this }} as kept
    inner join first_touched
        on first_touched.store_id = kept.store_id and kept.business_date < first_touched.first_date
),

{% endif %}
purchases as (
    select
        purchases.store_id,
        purchases.platform,
        purchases.business_date,
        purchases.previous_date,
        purchases.last_date
        {%- if is_incremental() %},
        standing.business_date as standing_date
        {%- endif %}
    from {{ ref('fct_customer_repurchase') }} as purchases
    {%- if is_incremental() %}
    inner join first_touched on first_touched.store_id = purchases.store_id
    left join standing
        on standing.store_id = purchases.store_id and standing.platform = purchases.platform and standing.age = 1
    -- nothing changes any more behind the last day of a purchase
    where standing.business_date is null or purchases.last_date >= standing.business_date
    {%- endif %}
),

changes as (
    {%- for days in windows %}
    {%- set left_on = 'least(' ~ add_days('last_date', 1) ~ ', ' ~ add_days('business_date', days) ~ ')' %}
    {%- set repeat_left_on = 'least(' ~ add_days('last_date', 1) ~ ', ' ~ add_days('previous_date', days) ~ ')' %}
    {%- for day, condition, customers, repeaters in [
        ('business_date', 'true', 1, 'case when ' ~ add_days('previous_date', days) ~ ' > business_date then 1 else 0 end'),
        (left_on, 'true', -1, '0'),
        (repeat_left_on, add_days('previous_date', days) ~ ' > business_date', 0, '-1'),
    ] %}
    select
        store_id,
        platform,
        {{ day }} as business_date
        {%- for other in windows %},
        {{ 'count(*) * ' ~ customers if other == days else 0 }} as customers_{{ other }}d,
        {{ 'sum(' ~ repeaters ~ ')' if other == days else 0 }} as repeaters_{{ other }}d
        {%- endfor %}
    from purchases
    where {{ condition }}
        {%- if is_incremental() %} and (standing_date is null or {{ day }} > standing_date){% endif %}
    group by store_id, platform, {{ day }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
    {%- if is_incremental() %}
    union all
    select
        store_id,
        platform,
        business_date
        {%- for days in windows %},
        customer_count_{{ days }}d,
        repeat_customer_count_{{ days }}d
        {%- endfor %}
    from standing
    where age = 1
    {%- endif %}
),

all_days as (
    select
        store_id,
        platform,
        business_date,
        false as is_store_day
        {%- for days in windows %},
        customers_{{ days }}d,
        repeaters_{{ days }}d
        {%- endfor %}
    from changes
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
        {%- for days in windows %},
        sum(customers_{{ days }}d) over so_far as customer_count_{{ days }}d,
        sum(repeaters_{{ days }}d) over so_far as repeat_customer_count_{{ days }}d
        {%- endfor %}
    from all_days
    window so_far as (partition by store_id, platform order by business_date)
)

select
    running.store_id,
    running.platform,
    running.business_date,
    {{ days_between('first_purchases.first_date', 'running.business_date') }} + 1 as purchase_history_day_count
    {%- for days in windows %},
    running.customer_count_{{ days }}d,
    running.repeat_customer_count_{{ days }}d
    {%- endfor %}
from running
inner join first_purchases
    on first_purchases.store_id = running.store_id and first_purchases.platform = running.platform
where
    running.is_store_day and running.business_date >= first_purchases.first_date
    and {{ in_touched('running') }}
