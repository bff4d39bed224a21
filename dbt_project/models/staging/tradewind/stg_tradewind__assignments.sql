-- One row per employee, post, object and first day in each assignments file; blank store or platform means any.
{{ config(indexes=[{'columns': ['load_id', 'row_number'], 'unique': true}, {'columns': ['record_key']}]) }}

with {{ import_loads('tradewind_assignments', with_store=false) }},

parsed as (
    select
        cells.load_id,
        cells.row_number,
        {{ record_key(["cells.employee_id", "cells.post_id", "cells.object_type", "cells.object_id", "cells.store_id", "cells.platform", "cells.valid_from"]) }} as record_key,
        cells.employee_id,
        cells.post_id,
        cells.object_type,
        cells.object_id,
        nullif(cells.store_id, '') as store_id,
        nullif(cells.platform, '') as platform,
        {{ parse_number('cells.share') }} as share,
        {{ parse_date('cells.valid_from') }} as valid_from,
        {{ parse_date('cells.valid_to') }} as valid_to
    from {{ pending_rows('tradewind', 'tradewind_assignments') }} as cells
    inner join loads on loads.load_id = cells.load_id
)

{{ flag_current_versions() }}
