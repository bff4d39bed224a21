-- One row per metric, definition, employee, store, platform and day. Numerators and denominators, never ratios; distinct
-- counts and rates over several days are made by whoever reads, from these.
{{ config(materialized='incremental', incremental_strategy='touched_partitions') }}

{{ long_metric_fact() }}
