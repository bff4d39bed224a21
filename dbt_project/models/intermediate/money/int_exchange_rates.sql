-- One row per day and currency: units of the reporting currency for one unit of it, from the last rate on or before the
-- day and at most 7 days old. For the same day the ECB goes before a user's own file.
{{ config(
    materialized='incremental', incremental_strategy='changed_spans', on_schema_change='fail',
    indexes=[{'columns': ['business_date', 'currency'], 'unique': true}],
    meta={'span': {'first': 'business_date', 'last': 'business_date'}}
) }}

with rates as (
    select
        rate_date,
        currency,
        units_per_eur,
        source,
        row_number() over (
            partition by rate_date, currency order by case when source = 'ECB' then 0 else 1 end, load_id, row_number
        ) as place
    from {{ ref('stg_tradewind__exchange_rates') }}
    where is_current and units_per_eur > 0
),

quoted as (
    select rate_date, currency, units_per_eur, source
    from rates
    where place = 1 and currency <> 'EUR'
    union all
    select rate_date, 'EUR', 1, 'ECB'
    from rates
    where currency <> 'EUR'
    group by rate_date
),

spans as (
    select
        *,
        lead(rate_date) over (partition by currency order by rate_date) as next_rate_date
    from quoted
),

-- weekends and holidays take the last rate before them
offsets as (
    {% for days in range(8) %}select {{ days }} as days{{ ' union all ' if not loop.last }}{% endfor %}
),

daily as (
    select
        {{ add_days('spans.rate_date', 'offsets.days') }} as business_date,
        spans.currency,
        spans.rate_date,
        spans.units_per_eur,
        spans.source
    from spans
    inner join offsets
        on
            spans.next_rate_date is null
            or {{ add_days('spans.rate_date', 'offsets.days') }} < spans.next_rate_date
),

reporting as (
    select * from daily where currency = '{{ var("reporting_currency") }}'
)

select
    daily.business_date,
    daily.currency,
    daily.rate_date,
    case
        when daily.currency = reporting.currency then 1
        else round(reporting.units_per_eur / daily.units_per_eur, 10)
    end as rate,
    daily.source
from daily
inner join reporting on reporting.business_date = daily.business_date
