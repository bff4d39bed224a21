-- One row per store in each stores file; an unknown time zone counts as UTC.
{{ config(indexes=[{'columns': ['load_id', 'row_number'], 'unique': true}, {'columns': ['record_key']}]) }}

{% set columns = report_columns('tradewind_stores') %}

with {{ import_loads('tradewind_stores', with_store=false) }},

parsed as (
    select
        cells.load_id,
        cells.row_number,
        {{ record_key(["cells.store_id"]) }} as record_key,
        {{ read_text('cells.store_id') }} as store_id,
        {{ read_text('cells.store_name') }} as store_name,
        {{ read_text('cells.platform') }} as platform,
        {{ read_text('cells.sales_channel') }} as sales_channel,
        {{ read_text('cells.country') }} as country,
        {{ known_timezone(read_text('cells.timezone')) }} as timezone,
        {{ read_text('cells.currency') }} as currency,
        {{ read_day(columns.opened_on) }} as opened_on
    from {{ pending_rows('tradewind', 'tradewind_stores') }} as cells
    inner join loads on loads.load_id = cells.load_id
)

{{ flag_current_versions() }}
