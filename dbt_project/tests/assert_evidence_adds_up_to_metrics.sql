-- depends_on: {{ ref('int_touched_days') }}
-- Both ways of the one definition give the same sums: the contributions, and the wide facts turned long. An event of a
-- snapshot contributes to every day of its window, so those metrics are compared on the newest day alone. After an
-- incremental build the touched days are compared, as a range of literals, which the view's parts can look up.
{%- set first_date, last_date = none, none %}
{%- set snapshots = [] %}
{%- for post in metric_rules().values() %}
{%- for rule in post.rules if rule.window and rule.metric not in snapshots %}{% do snapshots.append(rule.metric) %}{% endfor %}
{%- endfor %}
{%- if execute %}
{%- set compared = 'fct_metric_daily' if flags.FULL_REFRESH else 'int_touched_days' %}
{%- set found = run_query('select min(business_date), max(business_date) from ' ~ ref(compared)) %}
{%- set first_date, last_date = found.rows[0] %}
{%- endif %}
{%- set days %}
    where
        {%- if last_date %}
        business_date >= cast('{{ first_date }}' as date) and business_date <= cast('{{ last_date }}' as date)
        {%- if snapshots %}
        and (metric_id not in ('{{ snapshots | join("', '") }}') or business_date = cast('{{ last_date }}' as date))
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
