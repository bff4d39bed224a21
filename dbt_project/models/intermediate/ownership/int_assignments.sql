-- One row per employee, post, object and span of days: who is in charge of what, with which share of the credit.
{{ config(
    materialized='incremental', incremental_strategy='changed_spans', on_schema_change='fail',
    meta={'span': {'store': 'store_id', 'first': 'valid_from', 'last': 'valid_to'}}
) }}

select
    employee_id,
    post_id,
    object_type,
    object_id,
    store_id,
    platform,
    share,
    valid_from,
    coalesce(valid_to, cast('9999-12-31' as date)) as valid_to
from {{ ref('stg_tradewind__assignments') }}
where is_current
