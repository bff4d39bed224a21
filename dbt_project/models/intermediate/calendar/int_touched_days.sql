-- One row per store and day that the build's loads concern: their rows, and every other version of the same keys, which
-- may have lost or won by them. A file of owners, costs or rates concerns every day. Empty in a full refresh.
-- depends_on: {{ source('ops', 'build_scope') }}
{%- set is_full = flags.FULL_REFRESH %}
{%- set reference_reports = ['tradewind_assignments', 'tradewind_product_costs', 'tradewind_exchange_rates'] %}
{%- set is_everywhere = pending_reports() | select('in', reference_reports) | list | length > 0 %}
{{ config(indexes=[{'columns': ['store_id', 'business_date'], 'unique': true}]) }}

{% for model in event_staging_models() %}
select
    versions.store_id,
    versions.business_date
from {{ ref(model) }} as versions
{%- if is_full %}
where 1 = 0
{%- elif not is_everywhere %}
where versions.record_key in (
    select pending.record_key
    from {{ ref(model) }} as pending
    inner join {{ source('ops', 'build_scope') }} as scope on scope.load_id = pending.load_id
)
{%- endif %}
{% if not loop.last %}union{% endif %}
{% endfor %}
