-- One row per day; visitors are distinct people of the day and never summed.
{{ config(indexes=[{'columns': ['load_id', 'row_number'], 'unique': true}, {'columns': ['record_key']}, {'columns': ['store_id', 'business_date']}]) }}

{% set columns = report_columns('shopify_visitors') %}

with {{ import_loads('shopify_visitors') }},

parsed as (
    select
        cells.load_id,
        cells.row_number,
        {{ record_key(["loads.store_id", "loads.account", "cells.day"]) }} as record_key,
        loads.store_id,
        loads.account,
        {{ read_day(columns.day) }} as business_date,
        {{ read_integer(columns.online_store_visitors) }} as visitor_count,
        {{ read_integer(columns.sessions) }} as session_count
    from {{ pending_rows('shopify', 'shopify_visitors') }} as cells
    inner join loads on loads.load_id = cells.load_id
)

{{ flag_current_versions() }}
