-- One row per search term and period: a breakdown of the campaign report, never added to it.
{{ config(indexes=[{'columns': ['load_id', 'row_number'], 'unique': true}, {'columns': ['record_key']}, {'columns': ['store_id', 'business_date']}]) }}

with {{ import_loads('google_ads_search_term') }},

parsed as (
    select
        cells.load_id,
        cells.row_number,
        {{ record_key(["loads.store_id", "loads.account", 'cast(loads.period_start as ' ~ dbt.type_string() ~ ')', 'cast(loads.period_end as ' ~ dbt.type_string() ~ ')', "cells.campaign", "cells.ad_group", "cells.search_term", "cells.match_type"]) }} as record_key,
        loads.store_id,
        loads.account,
        loads.period_end as business_date,
        loads.period_start,
        loads.period_end,
        cells.search_term as search_term,
        cells.campaign as campaign_name,
        nullif(cells.campaign_type, '') as campaign_type,
        nullif(cells.ad_group, '') as ad_group_name,
        {{ parse_integer('cells.impr') }} as impression_count,
        {{ parse_integer('cells.clicks') }} as click_count,
        {{ parse_number('cells.conversions') }} as conversion_quantity,
        {{ parse_number('cells.cost') }} as spend_amount,
        {{ parse_number('cells.conv_value') }} as conversion_value_amount,
        {{ row_currency('cells.currency_code') }} as currency
    from {{ pending_rows('google_ads', 'google_ads_search_term') }} as cells
    inner join loads on loads.load_id = cells.load_id
)

{{ flag_current_versions() }}
