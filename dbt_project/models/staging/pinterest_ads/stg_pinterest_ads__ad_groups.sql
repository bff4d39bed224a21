-- One row per ad group (or ad) and day. Clicks are outbound clicks.
{{ config(indexes=[{'columns': ['load_id', 'row_number'], 'unique': true}, {'columns': ['record_key']}, {'columns': ['store_id', 'business_date']}]) }}

with {{ import_loads('pinterest_ads_daily') }},

parsed as (
    select
        cells.load_id,
        cells.row_number,
        {{ record_key(["loads.store_id", "loads.account", "cells.date", "cells.campaign_name", "cells.ad_group_name"]) }} as record_key,
        loads.store_id,
        loads.account,
        {{ parse_date('cells.date') }} as business_date,
        {{ parse_date('cells.date') }} as period_start,
        {{ parse_date('cells.date') }} as period_end,
        cells.campaign_name as campaign_name,
        cast(null as {{ dbt.type_string() }}) as campaign_type,
        nullif(cells.ad_group_name, '') as ad_group_name,
        {{ parse_integer('cells.impressions') }} as impression_count,
        {{ parse_integer('cells.outbound_clicks') }} as click_count,
        coalesce({{ parse_number('cells.total_conversions_checkout') }}, 0) as conversion_quantity,
        {{ parse_number('cells.spend_in_account_currency') }} as spend_amount,
        coalesce({{ parse_number('cells.total_order_value_checkout') }}, 0) as conversion_value_amount,
        {{ row_currency() }} as currency
    from {{ pending_rows('pinterest_ads', 'pinterest_ads_daily') }} as cells
    inner join loads on loads.load_id = cells.load_id
)

{{ flag_current_versions() }}
