-- One row per page path for a period, property and audience; users are distinct within a page and never summed.
{{ config(indexes=[{'columns': ['load_id', 'row_number'], 'unique': true}, {'columns': ['record_key']}, {'columns': ['store_id', 'business_date']}]) }}

{% set columns = report_columns('ga4_pages') %}

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
        {{ read_text('cells.page_path_and_screen_class') }} as page_path,
        {{ read_integer(columns.views) }} as page_view_count,
        {{ read_integer(columns.active_users) }} as active_user_count,
        {{ read_integer(columns.sessions) }} as session_count,
        {{ read_number(columns.total_revenue) }} as revenue_amount,
        {{ row_currency() }} as currency
    from {{ pending_rows('ga4', 'ga4_pages') }} as cells
    inner join loads on loads.load_id = cells.load_id
)

{{ flag_current_versions() }}
