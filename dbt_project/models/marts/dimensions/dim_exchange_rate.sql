-- One row per day and currency of what was counted: units of the reporting currency for one unit, and whose rate it is.
with days as (
    select business_date from {{ ref('int_store_days') }}
    group by business_date
),

currencies as (
    select currency from {{ ref('dim_store') }}
    where currency is not null
    union
    select currency from {{ ref('int_ad_activity') }}
    where currency is not null
    union
    select currency from {{ ref('int_product_costs') }}
)

select
    rates.business_date,
    rates.currency,
    '{{ var("reporting_currency") }}' as reporting_currency,
    rates.rate_date,
    rates.rate,
    rates.source
from {{ ref('int_exchange_rates') }} as rates
inner join days on days.business_date = rates.business_date
inner join currencies on currencies.currency = rates.currency
