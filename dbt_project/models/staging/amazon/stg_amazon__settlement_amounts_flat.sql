-- One row per amount of a settlement in the V2 layout. The first row is the settlement itself and carries no fee.
-- A fee is an amount whose kind names fees, or a service charge; negative in the file, positive here.
{{ config(indexes=[
    {'columns': ['load_id', 'row_number'], 'unique': true},
    {'columns': ['record_key']},
    {'columns': ['store_id', 'business_date']},
]) }}

with {{ import_loads('amazon_settlement_v2') }},

parsed as (
    select
        cells.load_id,
        cells.row_number,
        {{ record_key(['cells.settlement_id']) }} as record_key,
        loads.store_id,
        loads.account,
        coalesce(
            {{ store_day(parse_moment('cells.posted_date_time'), day_of_moment('cells.posted_date_time')) }},
            {{ local_date(parse_moment('cells.posted_date'), "'UTC'") }},
            {{ store_day(parse_moment('cells.settlement_start_date'), day_of_moment('cells.settlement_start_date')) }}
        ) as business_date,
        cells.settlement_id,
        nullif(cells.order_id, '') as order_id,
        nullif(cells.sku, '') as sku,
        nullif(cells.transaction_type, '') as transaction_type,
        coalesce(nullif(cells.amount_description, ''), nullif(cells.amount_type, '')) as fee_type,
        case
            when
                lower(cells.amount_type) like '%fee%'
                or lower(cells.amount_type) like '%advertising%'
                or lower(cells.amount_description) like '%fee%'
                or lower(cells.transaction_type) like '%fee%'
                then -coalesce({{ parse_number('cells.amount') }}, 0)
            else 0
        end as fee_amount,
        lower(cells.amount_type) like '%advertising%' as is_advertising,
        {{ row_currency('cells.currency') }} as currency
    from {{ pending_rows('amazon', 'amazon_settlement_v2') }} as cells
    inner join loads on loads.load_id = cells.load_id
)

{{ flag_current_versions() }}
