-- Both ways of the one definition give the same sums: the contributions, and the wide facts turned long.
with contributions as (
    select
        metric_id, definition_code, employee_id, store_id, platform, business_date,
        sum(numerator) as numerator, sum(denominator) as denominator, sum(event_count) as event_count
    from {{ ref('metric_evidence') }}
    {% if not flags.FULL_REFRESH -%}
    where (store_id, business_date) in (
        select touched.store_id, touched.business_date from {{ ref('int_touched_days') }} as touched
    )
    {%- endif %}
    group by metric_id, definition_code, employee_id, store_id, platform, business_date
),

metrics as (
    select * from {{ ref('fct_metric_daily') }}
    {% if not flags.FULL_REFRESH -%}
    where (store_id, business_date) in (
        select touched.store_id, touched.business_date from {{ ref('int_touched_days') }} as touched
    )
    {%- endif %}
)

select
    metric_id,
    definition_code
from contributions
full outer join metrics
    using (metric_id, definition_code, employee_id, store_id, platform, business_date)
where
    contributions.numerator is null
    or metrics.numerator is null
    or contributions.numerator <> metrics.numerator
    or coalesce(contributions.denominator, -1) <> coalesce(metrics.denominator, -1)
    or contributions.event_count <> metrics.event_count
