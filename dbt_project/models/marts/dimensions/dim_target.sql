-- One row per metric, scope and period of validity: the tenant's own targets, and the default ones for the company.
with own as (
    select
        *,
        row_number() over (partition by record_key order by load_id, row_number) as place
    from {{ ref('stg_tradewind__sales_targets') }}
    where is_current
)

select
    'own|' || record_key as target_key,
    metric_id,
    scope_type,
    scope_id,
    floor_value,
    target_value,
    stretch_value,
    currency,
    period_start as valid_from,
    period_end as valid_to,
    'tradewind_sales_targets' as source
from own
where place = 1
union all
select
    'default|' || metric_id,
    metric_id,
    'company',
    '',
    floor_value,
    target_value,
    stretch_value,
    {{ null_texts(1) }},
    valid_from,
    cast(null as date),
    source_url
from {{ ref('targets_default') }}
