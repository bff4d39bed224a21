-- One row per campaign and day.
{{ config(indexes=[{'columns': ['load_id', 'row_number'], 'unique': true}, {'columns': ['record_key']}, {'columns': ['store_id', 'business_date']}]) }}

with {{ import_loads('google_ads_campaign_daily') }},

parsed as (
    select
        cells.load_id,
        cells.row_number,
        {{ record_key(["loads.store_id", "loads.account", "cells.day", "cells.campaign"]) }} as record_key,
        loads.store_id,
        loads.account,
        {{ parse_date('cells.day') }} as business_date,
        {{ parse_date('cells.day') }} as period_start,
        {{ parse_date('cells.day') }} as period_end,
        cells.campaign as campaign_name,
        nullif(cells.campaign_type, '') as campaign_type,
        nullif(cells.ad_group, '') as ad_group_name,
        {{ parse_integer('cells.impr') }} as impression_count,
        {{ parse_integer('cells.clicks') }} as click_count,
        {{ parse_number('cells.conversions') }} as conversion_quantity,
        {{ parse_number('cells.cost') }} as spend_amount,
        {{ parse_number('cells.conv_value') }} as conversion_value_amount,
        {{ row_currency('cells.currency_code') }} as currency
    from {{ pending_rows('google_ads', 'google_ads_campaign_daily') }} as cells
    inner join loads on loads.load_id = cells.load_id
)

{{ flag_current_versions() }}
