-- One row per store, platform and day with anything counted: the snapshots of fct_customer_repurchase.
{{ config(
    materialized='incremental', incremental_strategy='touched_partitions', on_schema_change='fail',
    indexes=[{'columns': ['store_id', 'business_date', 'platform'], 'unique': true}],
    meta={'reach': {'fct_customer_repurchase': 'later'}}
) }}

{{ snapshot_days('fct_customer_repurchase') }}
