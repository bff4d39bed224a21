-- One row per store and day whose metrics may change: the touched days, their whole months (the month's gross margin
-- values the claimed sales), and all later days of a store with known customers (repurchase looks back).
{{ config(indexes=[{'columns': ['store_id', 'business_date'], 'unique': true}]) }}

with touched as (
    select * from {{ ref('int_touched_days') }}
),

touched_months as (
    select
        store_id,
        {{ first_day_of('month', 'business_date') }} as month_start
    from touched
    group by store_id, {{ first_day_of('month', 'business_date') }}
),

first_touched as (
    select
        touched.store_id,
        min(touched.business_date) as first_date
    from touched
    inner join {{ ref('int_touched_customers') }} as customers on customers.store_id = touched.store_id
    group by touched.store_id
),

known_days as (
    select
        store_id,
        business_date
    from {{ ref('int_store_days') }}
)

select * from touched
union
select
    known_days.store_id,
    known_days.business_date
from known_days
inner join touched_months
    on
        touched_months.store_id = known_days.store_id
        and touched_months.month_start = {{ first_day_of('month', 'known_days.business_date') }}
union
select
    known_days.store_id,
    known_days.business_date
from known_days
inner join first_touched
    on first_touched.store_id = known_days.store_id and known_days.business_date >= first_touched.first_date
