-- One row per employee, store, platform and day; written by `make metrics` from dbt_project/metrics: change it there.
{{ config(materialized='incremental', incremental_strategy='touched_partitions') }}

{{ wide_daily_fact('site_operation') }}
