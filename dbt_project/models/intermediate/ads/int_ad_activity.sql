-- One row per row of an ad report by day. A campaign report of one day is not counted where the report by day has
-- that day too.
{{ config(
    materialized='incremental', incremental_strategy='touched_partitions', on_schema_change='fail',
    indexes=[{'columns': ['load_id', 'row_number'], 'unique': true}, {'columns': ['store_id', 'business_date']}]
) }}

{%- set columns = [
    'load_id', 'row_number', 'store_id', 'account', 'business_date', 'campaign_name', 'campaign_type', 'ad_group_name',
    'impression_count', 'click_count', 'conversion_quantity', 'spend_amount', 'conversion_value_amount', 'currency',
] %}

with rows_of_a_day as (
    {% for model, report, platform in [
        ('stg_meta_ads__campaigns', 'meta_ads_campaign_daily', 'meta_ads'),
        ('stg_google_ads__campaigns', 'google_ads_campaign_daily', 'google_ads'),
        ('stg_google_ads__campaign_periods', 'google_ads_campaign_period', 'google_ads'),
        ('stg_pinterest_ads__ad_groups', 'pinterest_ads_daily', 'pinterest_ads'),
        ('stg_amazon_ads__search_terms', 'amazon_ads_search_term', 'amazon_ads'),
    ] %}
    select
        '{{ report }}' as report,
        '{{ platform }}' as platform,
        {% for column in columns %}staged.{{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref(model) }} as staged
    where
        staged.is_current and staged.is_daily
        and {{ in_touched('staged') }}
    union all
    {% endfor %}
    select
        staged.report,
        staged.platform,
        {% for column in columns %}staged.{{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('stg_shapes__ads') }} as staged
    where
        staged.is_current and staged.is_daily
        and {{ in_touched('staged') }}
),

days_by_day as (
    select
        store_id,
        account,
        business_date
    from rows_of_a_day
    where report = 'google_ads_campaign_daily'
    group by store_id, account, business_date
),

converted as (
    select
        rows_of_a_day.*,
        {{ reporting_rate('rows_of_a_day.currency') }} as rate,
        rows_of_a_day.report <> 'google_ads_campaign_period' or days_by_day.business_date is null as is_counted
    from rows_of_a_day
    left join days_by_day
        on
            days_by_day.store_id = rows_of_a_day.store_id
            and days_by_day.account = rows_of_a_day.account
            and days_by_day.business_date = rows_of_a_day.business_date
    left join {{ ref('int_exchange_rates') }} as rates
        on rates.business_date = rows_of_a_day.business_date and rates.currency = rows_of_a_day.currency
)

select
    report,
    platform,
    {{ columns | join(',\n    ') }},
    {{ to_reporting('spend_amount', 'rate') }} as spend_amount_reporting,
    {{ to_reporting('conversion_value_amount', 'rate') }} as conversion_value_amount_reporting,
    is_counted
from converted
