-- One row per employee, store, platform and day; the columns and their meaning stand in metric_definitions.
{{ config(materialized='incremental', incremental_strategy='touched_partitions') }}

{{ wide_daily_fact('site_operation') }}
