-- One row per component of a settlement in the wide layout. The first row is the settlement itself and has no posting
-- date: it is kept with its start date and carries no fee. Fees are negative in the file, positive here.
{{ config(indexes=[
    {'columns': ['load_id', 'row_number'], 'unique': true},
    {'columns': ['record_key']},
    {'columns': ['store_id', 'business_date']},
]) }}

with {{ import_loads('amazon_settlement') }},

parsed as (
    select
        cells.load_id,
        cells.row_number,
        {{ record_key(['cells.settlement_id']) }} as record_key,
        loads.store_id,
        loads.account,
        {% set posted = "coalesce(nullif(cells.posted_date, ''), cells.settlement_start_date)" -%}
        {{ store_day(parse_moment(posted), day_of_moment(posted)) }} as business_date,
        cells.settlement_id,
        nullif(cells.order_id, '') as order_id,
        nullif(cells.sku, '') as sku,
        nullif(cells.transaction_type, '') as transaction_type,
        coalesce(
            nullif(cells.item_related_fee_type, ''), nullif(cells.shipment_fee_type, ''), nullif(cells.order_fee_type, ''),
            nullif(cells.other_fee_reason_description, ''), nullif(cells.transaction_type, '')
        ) as fee_type,
        -(
            coalesce({{ parse_number('cells.item_related_fee_amount') }}, 0)
            + coalesce({{ parse_number('cells.shipment_fee_amount') }}, 0)
            + coalesce({{ parse_number('cells.order_fee_amount') }}, 0)
            + coalesce({{ parse_number('cells.misc_fee_amount') }}, 0)
            + coalesce({{ parse_number('cells.other_fee_amount') }}, 0)
        ) as fee_amount,
        lower(coalesce(cells.item_related_fee_type, '') || coalesce(cells.other_fee_reason_description, '') || coalesce(cells.transaction_type, '')) like '%advertis%'
            as is_advertising,
        {{ row_currency('cells.currency') }} as currency
    from {{ pending_rows('amazon', 'amazon_settlement') }} as cells
    inner join loads on loads.load_id = cells.load_id
)

{{ flag_current_versions() }}
