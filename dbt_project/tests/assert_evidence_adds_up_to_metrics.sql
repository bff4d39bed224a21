-- Both ways of the one definition give the same sums: the contributions, and the wide facts turned long. An event of a
-- snapshot contributes to every day of its window, so those metrics are compared on the newest day alone. After an
-- incremental build the touched days are compared.
{%- set snapshots = [] %}
{%- for post in metric_rules().values() %}
{%- for rule in post.rules if rule.window and rule.metric not in snapshots %}{% do snapshots.append(rule.metric) %}{% endfor %}
{%- endfor %}
{%- set compared %}
select metrics.business_date from {{ ref('fct_metric_daily') }} as metrics
{%- if not flags.FULL_REFRESH %}
intersect
select touched.business_date from intermediate.touched as touched
where touched.model in ('int_store_days', 'bridge_ownership')
{%- endif %}
{%- endset %}
{%- set days %}
    where
        {{ is_among('business_date', 'select distinct days.business_date from (' ~ compared ~ ') as days') }}
        {%- if snapshots %}
        and (
            metric_id not in ('{{ snapshots | join("', '") }}')
            or business_date = (select max(days.business_date) from ({{ compared }}) as days)
        )
        {%- endif %}
{%- endset %}

with contributions as (
    select
        metric_id, definition_code, employee_id, store_id, platform, business_date,
        sum(numerator) as numerator, sum(denominator) as denominator, sum(event_count) as event_count
    from {{ ref('metric_evidence') }}
    {{- days }}
    group by metric_id, definition_code, employee_id, store_id, platform, business_date
),

metrics as (
    select * from {{ ref('fct_metric_daily') }}
    {{- days }}
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
