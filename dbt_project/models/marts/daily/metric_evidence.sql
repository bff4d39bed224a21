-- One row per event, metric definition and owner: the contributions whose sums are fct_metric_daily. Publishing makes
-- the same view over marts, so it reads models of the candidate schema alone.
{{ config(materialized='view') }}

{{ metric_contributions() }}
