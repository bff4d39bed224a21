-- One row per scope, metric and period in each targets file.
{{ config(indexes=[{'columns': ['load_id', 'row_number'], 'unique': true}, {'columns': ['record_key']}]) }}

{% set columns = report_columns('tradewind_sales_targets') %}

with {{ import_loads('tradewind_sales_targets', with_store=false) }},

parsed as (
    select
        cells.load_id,
        cells.row_number,
        {{ record_key(["cells.scope_type", "cells.scope_id", "cells.metric_id", "cells.period_start", "cells.period_end"]) }} as record_key,
        {{ read_text('cells.scope_type') }} as scope_type,
        {{ read_text('cells.scope_id') }} as scope_id,
        {{ read_text('cells.metric_id') }} as metric_id,
        {{ read_day(columns.period_start) }} as period_start,
        {{ read_day(columns.period_end) }} as period_end,
        {{ read_number(columns.floor_value) }} as floor_value,
        {{ read_number(columns.target_value) }} as target_value,
        {{ read_number(columns.stretch_value) }} as stretch_value,
        {{ read_text('cells.currency') }} as currency
    from {{ pending_rows('tradewind', 'tradewind_sales_targets') }} as cells
    inner join loads on loads.load_id = cells.load_id
)

{{ flag_current_versions() }}
