-- One row per ad row and day (or period, when not broken down by day). Clicks are link clicks; blank results are none.
{{ config(indexes=[{'columns': ['load_id', 'row_number'], 'unique': true}, {'columns': ['record_key']}, {'columns': ['store_id', 'business_date']}]) }}

with {{ import_loads('meta_ads_campaign_daily') }},

parsed as (
    select
        cells.load_id,
        cells.row_number,
        {{ record_key(["loads.store_id", "loads.account", "coalesce(nullif(cells.day, ''), cells.reporting_starts || '/' || cells.reporting_ends)", "cells.campaign_name"]) }} as record_key,
        loads.store_id,
        loads.account,
        {{ parse_date("coalesce(nullif(cells.day, ''), cells.reporting_ends)") }} as business_date,
        {{ parse_date("coalesce(nullif(cells.day, ''), cells.reporting_starts)") }} as period_start,
        {{ parse_date("coalesce(nullif(cells.day, ''), cells.reporting_ends)") }} as period_end,
        cells.campaign_name as campaign_name,
        cast(null as {{ dbt.type_string() }}) as campaign_type,
        nullif(cells.ad_set_name, '') as ad_group_name,
        {{ parse_integer('cells.impressions') }} as impression_count,
        coalesce({{ parse_integer('cells.link_clicks') }}, 0) as click_count,
        coalesce({{ parse_number('cells.purchases') }}, 0) as conversion_quantity,
        {{ parse_number('cells.amount_spent') }} as spend_amount,
        coalesce({{ parse_number('cells.purchases_conversion_value') }}, 0) as conversion_value_amount,
        {{ row_currency() }} as currency
    from {{ pending_rows('meta_ads', 'meta_ads_campaign_daily') }} as cells
    inner join loads on loads.load_id = cells.load_id
)

{{ flag_current_versions() }}
