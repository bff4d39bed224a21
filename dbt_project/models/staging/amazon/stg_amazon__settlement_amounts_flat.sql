-- One row per amount of a settlement in the V2 layout. The first row is the settlement itself and carries no fee.
-- A fee is an amount whose kind names fees, or a service charge; negative in the file, positive here.
{{ config(indexes=[
    {'columns': ['load_id', 'row_number'], 'unique': true},
    {'columns': ['record_key']},
    {'columns': ['store_id', 'business_date']},
]) }}

{% set columns = report_columns('amazon_settlement_v2') %}

with {{ import_loads('amazon_settlement_v2') }},

parsed as (
    select
        cells.load_id,
        cells.row_number,
        {{ record_key(['cells.settlement_id']) }} as record_key,
        loads.store_id,
        loads.account,
        coalesce(
            {{ read_store_day(columns.posted_date_time) }},
            {{ read_day(columns.posted_date) }},
            {{ read_store_day(columns.settlement_start_date) }}
        ) as business_date,
        {{ read_text('cells.settlement_id') }} as settlement_id,
        {{ read_text('cells.order_id') }} as order_id,
        {{ read_text('cells.sku') }} as sku,
        {{ read_text('cells.transaction_type') }} as transaction_type,
        coalesce({{ read_text('cells.amount_description') }}, {{ read_text('cells.amount_type') }}) as fee_type,
        case
            when
                lower(cells.amount_type) like '%fee%'
                or lower(cells.amount_type) like '%advertising%'
                or lower(cells.amount_description) like '%fee%'
                or lower(cells.transaction_type) like '%fee%'
                then -coalesce({{ read_number(columns.amount) }}, 0)
            else 0
        end as fee_amount,
        lower(cells.amount_type) like '%advertising%' as is_advertising,
        {{ row_currency(read_text('cells.currency')) }} as currency
    from {{ pending_rows('amazon', 'amazon_settlement_v2') }} as cells
    inner join loads on loads.load_id = cells.load_id
)

{{ flag_current_versions() }}
