-- One row per store in each stores file; an unknown time zone counts as UTC.
{{ config(indexes=[{'columns': ['load_id', 'row_number'], 'unique': true}, {'columns': ['record_key']}]) }}

with {{ import_loads('tradewind_stores', with_store=false) }},

parsed as (
    select
        cells.load_id,
        cells.row_number,
        {{ record_key(["cells.store_id"]) }} as record_key,
        cells.store_id,
        cells.store_name,
        cells.platform,
        nullif({{ trimmed('cells.sales_channel') }}, '') as sales_channel,
        cells.country,
        {{ known_timezone('cells.timezone') }} as timezone,
        cells.currency,
        {{ parse_date('cells.opened_on') }} as opened_on
    from {{ pending_rows('tradewind', 'tradewind_stores') }} as cells
    inner join loads on loads.load_id = cells.load_id
)

{{ flag_current_versions() }}
