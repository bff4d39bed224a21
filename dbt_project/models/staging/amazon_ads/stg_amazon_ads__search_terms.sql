-- One row per search term and ad group for the days from period_start to period_end.
{{ config(indexes=[{'columns': ['load_id', 'row_number'], 'unique': true}, {'columns': ['record_key']}, {'columns': ['store_id', 'business_date']}]) }}

with {{ import_loads('amazon_ads_search_term') }},

parsed as (
    select
        cells.load_id,
        cells.row_number,
        {{ record_key(["loads.store_id", "loads.account", "cells.start_date", "cells.end_date", "cells.campaign_name", "cells.ad_group_name", "cells.targeting", "cells.match_type", "cells.customer_search_term"]) }} as record_key,
        loads.store_id,
        loads.account,
        {{ parse_date('cells.end_date') }} as business_date,
        {{ parse_date('cells.start_date') }} as period_start,
        {{ parse_date('cells.end_date') }} as period_end,
        cells.customer_search_term as search_term,
        cells.campaign_name as campaign_name,
        nullif(cells.match_type, '') as campaign_type,
        nullif(cells.ad_group_name, '') as ad_group_name,
        {{ parse_integer('cells.impressions') }} as impression_count,
        {{ parse_integer('cells.clicks') }} as click_count,
        {{ parse_number('cells.seven_day_total_orders') }} as conversion_quantity,
        {{ parse_number('cells.spend') }} as spend_amount,
        {{ parse_number('cells.seven_day_total_sales') }} as conversion_value_amount,
        {{ row_currency('cells.currency') }} as currency
    from {{ pending_rows('amazon_ads', 'amazon_ads_search_term') }} as cells
    inner join loads on loads.load_id = cells.load_id
)

{{ flag_current_versions() }}
