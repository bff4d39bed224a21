-- One row per store, SKU and first day in each product costs file.
{{ config(indexes=[{'columns': ['load_id', 'row_number'], 'unique': true}, {'columns': ['record_key']}]) }}

with {{ import_loads('tradewind_product_costs', with_store=false) }},

parsed as (
    select
        cells.load_id,
        cells.row_number,
        {{ record_key(["cells.store_id", "cells.sku", "cells.valid_from"]) }} as record_key,
        cells.store_id,
        cells.sku,
        {{ parse_number('cells.unit_cost') }} as unit_cost_amount,
        cells.currency,
        {{ parse_date('cells.valid_from') }} as valid_from
    from {{ pending_rows('tradewind', 'tradewind_product_costs') }} as cells
    inner join loads on loads.load_id = cells.load_id
)

{{ flag_current_versions() }}
