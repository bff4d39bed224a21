-- Both ways of the one definition give the same sums: the contributions, and the wide facts turned long. An event of a
-- snapshot contributes to every day of its window, so those metrics are compared on the newest day alone. After an
-- incremental build the touched days are compared, as literals, which the view's parts can look up.
{%- set dates = [] %}
{%- set snapshots = [] %}
{%- for post in metric_rules().values() %}
{%- for rule in post.rules if rule.window and rule.metric not in snapshots %}{% do snapshots.append(rule.metric) %}{% endfor %}
{%- endfor %}
{%- if execute %}
{%- set compared %}
select distinct business_date from {{ ref('fct_metric_daily') }}
{%- if not flags.FULL_REFRESH %}
intersect
select business_date from intermediate.touched where model in ('int_store_days', 'bridge_ownership')
{%- endif %}
order by 1
{%- endset %}
{%- set dates = run_query(compared).columns[0].values() %}
{%- endif %}
{%- set days %}
    where
        {%- if dates %}
        business_date in ({% for day in dates %}cast('{{ day }}' as date){{ ', ' if not loop.last }}{% endfor %})
        {%- if snapshots %}
        and (metric_id not in ('{{ snapshots | join("', '") }}') or business_date = cast('{{ dates[-1] }}' as date))
        {%- endif %}
        {%- else %}
        1 = 0
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
