-- One row per component of a settlement in the wide layout. The first row is the settlement itself and has no posting
-- date: it is kept with its start date and carries no fee. Fees are negative in the file, positive here.
{{ config(indexes=[
    {'columns': ['load_id', 'row_number'], 'unique': true},
    {'columns': ['record_key']},
    {'columns': ['store_id', 'business_date']},
]) }}

{% set columns = report_columns('amazon_settlement') %}

with {{ import_loads('amazon_settlement') }},

parsed as (
    select
        cells.load_id,
        cells.row_number,
        {{ record_key(['cells.settlement_id']) }} as record_key,
        loads.store_id,
        loads.account,
        {{ store_day(
            'coalesce(' ~ read_moment(columns.posted_date) ~ ', ' ~ read_moment(columns.settlement_start_date) ~ ')',
            'coalesce(' ~ read_day(columns.posted_date) ~ ', ' ~ read_day(columns.settlement_start_date) ~ ')'
        ) }} as business_date,
        {{ read_text('cells.settlement_id') }} as settlement_id,
        {{ read_text('cells.order_id') }} as order_id,
        {{ read_text('cells.sku') }} as sku,
        {{ read_text('cells.transaction_type') }} as transaction_type,
        coalesce(
            {{ read_text('cells.item_related_fee_type') }}, {{ read_text('cells.shipment_fee_type') }}, {{ read_text('cells.order_fee_type') }},
            {{ read_text('cells.other_fee_reason_description') }}, {{ read_text('cells.transaction_type') }}
        ) as fee_type,
        -(
            coalesce({{ read_number(columns.item_related_fee_amount) }}, 0)
            + coalesce({{ read_number(columns.shipment_fee_amount) }}, 0)
            + coalesce({{ read_number(columns.order_fee_amount) }}, 0)
            + coalesce({{ read_number(columns.misc_fee_amount) }}, 0)
            + coalesce({{ read_number(columns.other_fee_amount) }}, 0)
        ) as fee_amount,
        lower(coalesce(cells.item_related_fee_type, '') || coalesce(cells.other_fee_reason_description, '') || coalesce(cells.transaction_type, '')) like '%advertis%'
            as is_advertising,
        {{ row_currency(read_text('cells.currency')) }} as currency
    from {{ pending_rows('amazon', 'amazon_settlement') }} as cells
    inner join loads on loads.load_id = cells.load_id
)

{{ flag_current_versions() }}
