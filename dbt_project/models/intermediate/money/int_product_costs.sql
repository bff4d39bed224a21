-- One row per store, SKU and span of days: what a unit costs.
{{ config(
    materialized='incremental', incremental_strategy='changed_spans', on_schema_change='fail',
    indexes=[{'columns': ['store_id', 'sku', 'valid_from'], 'unique': true}],
    meta={'span': {'store': 'store_id', 'first': 'valid_from', 'last': 'valid_until'}}
) }}

select
    store_id,
    sku,
    unit_cost_amount,
    currency,
    valid_from,
    lead(valid_from) over (partition by store_id, sku order by valid_from) as valid_until
from (
    select
        store_id,
        sku,
        unit_cost_amount,
        currency,
        valid_from,
        row_number() over (partition by store_id, sku, valid_from order by load_id, row_number) as place
    from {{ ref('stg_tradewind__product_costs') }}
    where is_current
) as costs
where place = 1
