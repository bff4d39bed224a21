-- One row per report row that covers several days, or breaks another report down (keywords, search terms): shown as it
-- is, never spread over days and never added to the daily facts. business_date is the period's last day.
{{ config(
    materialized='incremental', incremental_strategy='touched_partitions',
    indexes=[{'columns': ['store_id', 'business_date']}]
) }}

{%- set ad_columns = ['impression_count', 'click_count', 'conversion_quantity', 'spend_amount', 'conversion_value_amount'] %}

with reported as (
    {% for model, report, platform, detail, is_breakdown in [
        ('stg_meta_ads__campaigns', 'meta_ads_campaign_daily', 'meta_ads', 'ad_group_name', false),
        ('stg_google_ads__campaign_periods', 'google_ads_campaign_period', 'google_ads', 'ad_group_name', false),
        ('stg_google_ads__search_keywords', 'google_ads_search_keyword', 'google_ads', 'keyword', true),
        ('stg_google_ads__search_terms', 'google_ads_search_term', 'google_ads', 'search_term', true),
        ('stg_amazon_ads__search_terms', 'amazon_ads_search_term', 'amazon_ads', 'search_term', false),
    ] %}
    select
        staged.load_id,
        staged.row_number,
        '{{ report }}' as report,
        staged.store_id,
        '{{ platform }}' as platform,
        staged.business_date,
        staged.period_start,
        staged.period_end,
        {{ 'true' if is_breakdown else 'false' }} as is_breakdown,
        staged.campaign_name as subject,
        staged.{{ detail }} as detail,
        {% for column in ad_columns %}staged.{{ column }},
        {% endfor %}
        cast(null as bigint) as session_count,
        cast(null as bigint) as page_view_count,
        cast(null as bigint) as order_item_count,
        cast(null as {{ exact_numeric() }}) as gross_amount,
        staged.currency
    from {{ ref(model) }} as staged
    where
        staged.is_current
        {%- if not is_breakdown %} and not staged.is_daily{% endif %}
        and {{ in_touched('staged') }}
    union all
    {% endfor %}
    select
        load_id, row_number, report, store_id, platform, business_date, period_start, period_end,
        false, campaign_name, ad_group_name,
        {{ ad_columns | join(', ') }},
        cast(null as bigint), cast(null as bigint), cast(null as bigint), cast(null as {{ exact_numeric() }}), currency
    from {{ ref('stg_shapes__ads') }} as staged
    where is_current and not is_daily and {{ in_touched('staged') }}
    union all
    select
        load_id, row_number, 'amazon_business_report_asin', store_id, 'amazon', business_date, period_start, period_end,
        false, coalesce(sku, child_asin), product_name,
        cast(null as bigint), cast(null as bigint), cast(null as {{ exact_numeric() }}), cast(null as {{ exact_numeric() }}),
        cast(null as {{ exact_numeric() }}), session_count, page_view_count, order_item_count, gross_amount, currency
    from {{ ref('stg_amazon__listing_traffic') }} as staged
    where is_current and period_start <> period_end and {{ in_touched('staged') }}
    union all
    select
        load_id, row_number, 'ga4_pages', store_id, 'ga4', business_date, period_start, period_end,
        false, page_path, audience,
        cast(null as bigint), cast(null as bigint), cast(null as {{ exact_numeric() }}), cast(null as {{ exact_numeric() }}),
        cast(null as {{ exact_numeric() }}), session_count, page_view_count, cast(null as bigint), revenue_amount, currency
    from {{ ref('stg_ga4__pages') }} as staged
    where is_current and period_start <> period_end and {{ in_touched('staged') }}
),

converted as (
    select
        reported.*,
        {{ reporting_rate('reported.currency') }} as rate
    from reported
    left join {{ ref('int_exchange_rates') }} as rates
        on rates.business_date = reported.business_date and rates.currency = reported.currency
)

select
    load_id,
    row_number,
    report,
    store_id,
    platform,
    business_date,
    period_start,
    period_end,
    is_breakdown,
    subject,
    detail,
    {{ ad_columns | join(',\n    ') }},
    session_count,
    page_view_count,
    order_item_count,
    gross_amount,
    currency,
    {{ to_reporting('spend_amount', 'rate') }} as spend_amount_reporting,
    {{ to_reporting('conversion_value_amount', 'rate') }} as conversion_value_amount_reporting,
    {{ to_reporting('gross_amount', 'rate') }} as gross_amount_reporting
from converted
