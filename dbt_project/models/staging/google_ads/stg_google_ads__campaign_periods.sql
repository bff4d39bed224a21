-- One row per campaign for the period above the header; never spread over its days.
{{ config(indexes=[{'columns': ['load_id', 'row_number'], 'unique': true}, {'columns': ['record_key']}, {'columns': ['store_id', 'business_date']}]) }}

with {{ import_loads('google_ads_campaign_period') }},

parsed as (
    select
        cells.load_id,
        cells.row_number,
        {{ record_key(["loads.store_id", "loads.account", 'cast(loads.period_start as ' ~ dbt.type_string() ~ ')', 'cast(loads.period_end as ' ~ dbt.type_string() ~ ')', "cells.campaign"]) }} as record_key,
        loads.store_id,
        loads.account,
        loads.period_end as business_date,
        loads.period_start,
        loads.period_end,
        cells.campaign as campaign_name,
        nullif(cells.campaign_type, '') as campaign_type,
        cast(null as {{ dbt.type_string() }}) as ad_group_name,
        {{ parse_integer('cells.impr') }} as impression_count,
        {{ parse_integer('cells.clicks') }} as click_count,
        {{ parse_number('cells.conversions') }} as conversion_quantity,
        {{ parse_number('cells.cost') }} as spend_amount,
        {{ parse_number('cells.conv_value') }} as conversion_value_amount,
        {{ row_currency('cells.currency_code') }} as currency
    from {{ pending_rows('google_ads', 'google_ads_campaign_period') }} as cells
    inner join loads on loads.load_id = cells.load_id
)

{{ flag_current_versions() }}
