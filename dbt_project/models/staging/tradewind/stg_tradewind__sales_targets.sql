-- One row per scope, metric and period in each targets file.
{{ config(indexes=[{'columns': ['load_id', 'row_number'], 'unique': true}, {'columns': ['record_key']}]) }}

with {{ import_loads('tradewind_sales_targets', with_store=false) }},

parsed as (
    select
        cells.load_id,
        cells.row_number,
        {{ record_key(["cells.scope_type", "cells.scope_id", "cells.metric_id", "cells.period_start", "cells.period_end"]) }} as record_key,
        cells.scope_type,
        cells.scope_id,
        cells.metric_id,
        {{ parse_date('cells.period_start') }} as period_start,
        {{ parse_date('cells.period_end') }} as period_end,
        {{ parse_number('cells.floor_value') }} as floor_value,
        {{ parse_number('cells.target_value') }} as target_value,
        {{ parse_number('cells.stretch_value') }} as stretch_value,
        nullif(cells.currency, '') as currency
    from {{ pending_rows('tradewind', 'tradewind_sales_targets') }} as cells
    inner join loads on loads.load_id = cells.load_id
)

{{ flag_current_versions() }}
