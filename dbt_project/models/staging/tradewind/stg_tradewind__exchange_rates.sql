-- One row per day, currency and source: the ECB and a user's own file do not replace one another here.
{{ config(indexes=[{'columns': ['load_id', 'row_number'], 'unique': true}, {'columns': ['record_key']}]) }}

{% set columns = report_columns('tradewind_exchange_rates') %}

with {{ import_loads('tradewind_exchange_rates', with_store=false) }},

parsed as (
    select
        cells.load_id,
        cells.row_number,
        {{ record_key(["cells.rate_date", "cells.currency", "case when cells.source = 'ECB' then 'ECB' else 'own' end"]) }} as record_key,
        {{ read_day(columns.rate_date) }} as rate_date,
        {{ read_text('cells.currency') }} as currency,
        {{ read_number(columns.units_per_eur) }} as units_per_eur,
        {{ read_text('cells.source') }} as source
    from {{ pending_rows('tradewind', 'tradewind_exchange_rates') }} as cells
    inner join loads on loads.load_id = cells.load_id
)

{{ flag_current_versions() }}
