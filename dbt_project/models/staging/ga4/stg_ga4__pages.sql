-- One row per page path for a period, property and audience; users are distinct within a page and never summed.
{{ config(indexes=[{'columns': ['load_id', 'row_number'], 'unique': true}, {'columns': ['record_key']}, {'columns': ['store_id', 'business_date']}]) }}

with {{ import_loads('ga4_pages') }},

parsed as (
    select
        cells.load_id,
        cells.row_number,
        {{ record_key(["loads.store_id", "loads.account", 'cast(loads.period_start as ' ~ dbt.type_string() ~ ')', 'cast(loads.period_end as ' ~ dbt.type_string() ~ ')', json_text('loads.file_attributes', 'property'), json_text('loads.file_attributes', 'audience'), "cells.page_path_and_screen_class"]) }} as record_key,
        loads.store_id,
        loads.account,
        loads.period_end as business_date,
        loads.period_start,
        loads.period_end,
        {{ json_text('loads.file_attributes', 'audience') }} as audience,
        cells.page_path_and_screen_class as page_path,
        {{ parse_integer('cells.views') }} as page_view_count,
        {{ parse_integer('cells.active_users') }} as active_user_count,
        {{ parse_integer('cells.sessions') }} as session_count,
        {{ parse_number('cells.total_revenue') }} as revenue_amount,
        {{ row_currency() }} as currency
    from {{ pending_rows('ga4', 'ga4_pages') }} as cells
    inner join loads on loads.load_id = cells.load_id
)

{{ flag_current_versions() }}
