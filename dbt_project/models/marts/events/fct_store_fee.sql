-- One row per fee of a platform's settlement, by the day it was posted; positive is a cost, a fee given back negative.
-- Advertising is not counted here, the ad reports have it; of a settlement in both layouts the V2 rows count.
{{ config(
    materialized='incremental', incremental_strategy='touched_partitions',
    indexes=[{'columns': ['store_id', 'business_date']}],
    meta={'reach': {'stg_amazon__settlement_amounts_flat': 'store'}}
) }}

with settlements_flat as (
    select
        store_id,
        settlement_id
    from {{ ref('stg_amazon__settlement_amounts_flat') }}
    where is_current
    group by store_id, settlement_id
),

fees as (
    select
        wide.load_id, wide.row_number, 'amazon_settlement' as report, wide.store_id, wide.business_date,
        wide.settlement_id, wide.order_id, wide.sku, wide.fee_type, wide.fee_amount, wide.is_advertising, wide.currency,
        settlements_flat.settlement_id is null as is_only_report
    from {{ ref('stg_amazon__settlement_amounts') }} as wide
    left join settlements_flat
        on settlements_flat.store_id = wide.store_id and settlements_flat.settlement_id = wide.settlement_id
    where wide.is_current and wide.fee_amount <> 0 and {{ in_touched('wide') }}
    union all
    select
        load_id, row_number, 'amazon_settlement_v2', store_id, business_date,
        settlement_id, order_id, sku, fee_type, fee_amount, is_advertising, currency,
        true
    from {{ ref('stg_amazon__settlement_amounts_flat') }} as flat
    where is_current and fee_amount <> 0 and {{ in_touched('flat') }}
)

select
    fees.load_id,
    fees.row_number,
    fees.report,
    fees.store_id,
    'amazon' as platform,
    fees.business_date,
    fees.is_only_report and not fees.is_advertising as is_counted,
    fees.is_advertising,
    fees.settlement_id,
    fees.order_id,
    fees.sku,
    fees.fee_type,
    stores_with_costs.store_id is not null as has_product_costs,
    fees.currency,
    fees.fee_amount,
    {{ to_reporting('fees.fee_amount', reporting_rate('fees.currency')) }} as fee_amount_reporting
from fees
left join {{ ref('int_stores_with_costs') }} as stores_with_costs on stores_with_costs.store_id = fees.store_id
left join {{ ref('int_exchange_rates') }} as rates
    on rates.business_date = fees.business_date and rates.currency = fees.currency
