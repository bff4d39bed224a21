-- One row per store, SKU and first day in each product costs file.
{{ config(indexes=[{'columns': ['load_id', 'row_number'], 'unique': true}, {'columns': ['record_key']}]) }}

{% set columns = report_columns('tradewind_product_costs') %}

with {{ import_loads('tradewind_product_costs', with_store=false) }},

parsed as (
    select
        cells.load_id,
        cells.row_number,
        {{ record_key(["cells.store_id", "cells.sku", "cells.valid_from"]) }} as record_key,
        {{ read_text('cells.store_id') }} as store_id,
        {{ read_text('cells.sku') }} as sku,
        {{ read_number(columns.unit_cost) }} as unit_cost_amount,
        {{ read_text('cells.currency') }} as currency,
        {{ read_day(columns.valid_from) }} as valid_from
    from {{ pending_rows('tradewind', 'tradewind_product_costs') }} as cells
    inner join loads on loads.load_id = cells.load_id
)

{{ flag_current_versions() }}
