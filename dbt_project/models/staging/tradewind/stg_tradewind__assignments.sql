-- One row per employee, post, object and first day in each assignments file; blank store or platform means any.
{{ config(indexes=[{'columns': ['load_id', 'row_number'], 'unique': true}, {'columns': ['record_key']}]) }}

{% set columns = report_columns('tradewind_assignments') %}

with {{ import_loads('tradewind_assignments', with_store=false) }},

parsed as (
    select
        cells.load_id,
        cells.row_number,
        {{ record_key(["cells.employee_id", "cells.post_id", "cells.object_type", "cells.object_id", "cells.store_id", "cells.platform", "cells.valid_from"]) }} as record_key,
        {{ read_text('cells.employee_id') }} as employee_id,
        {{ read_text('cells.post_id') }} as post_id,
        {{ read_text('cells.object_type') }} as object_type,
        {{ read_text('cells.object_id') }} as object_id,
        {{ read_text('cells.store_id') }} as store_id,
        {{ read_text('cells.platform') }} as platform,
        {{ read_number(columns.share) }} as share,
        {{ read_day(columns.valid_from) }} as valid_from,
        {{ read_day(columns.valid_to) }} as valid_to
    from {{ pending_rows('tradewind', 'tradewind_assignments') }} as cells
    inner join loads on loads.load_id = cells.load_id
)

{{ flag_current_versions() }}
