-- One row per store, platform and day on which anything was counted.
{{ config(
    materialized='incremental', incremental_strategy='touched_partitions', on_schema_change='fail',
    indexes=[{'columns': ['store_id', 'business_date', 'platform'], 'unique': true}]
) }}

{% for event_model in ['int_ad_activity', 'fct_sales_line', 'fct_web_traffic', 'fct_store_fee'] %}
select
    events.store_id,
    events.platform,
    events.business_date
from {{ ref(event_model) }} as events
where events.is_counted and {{ in_touched('events') }}
{% if not loop.last %}union{% endif %}
{% endfor %}
