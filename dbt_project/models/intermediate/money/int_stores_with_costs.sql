-- One row per store whose product costs are known: where gross profit and what is made of it can be.
{{ config(
    materialized='incremental', incremental_strategy='changed_spans', on_schema_change='fail',
    indexes=[{'columns': ['store_id'], 'unique': true}],
    meta={'span': {'store': 'store_id'}}
) }}

select store_id
from {{ ref('int_product_costs') }}
group by store_id
