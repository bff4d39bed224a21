{#- The long fact: the wide facts turned, one branch a metric definition; a row where at least one event takes part. -#}
{% macro long_metric_fact() %}
{%- for post_id, post in metric_definitions().items() -%}
{%- set post_loop = loop -%}
{%- for metric in post.metrics %}
select
    '{{ metric.metric }}' as metric_id,
    '{{ metric.code }}' as definition_code,
    wide.employee_id,
    wide.store_id,
    wide.platform,
    wide.business_date,
    {{ linear_sum(metric.numerator, 'wide') }} as numerator,
    {% if metric.denominator %}{{ linear_sum(metric.denominator, 'wide') }}{% else %}cast(null as {{ exact_numeric() }}){% endif %} as denominator,
    cast({% for count in metric.events %}coalesce(wide.{{ count }}, 0){{ ' + ' if not loop.last }}{% endfor %} as bigint) as event_count,
    {% if metric.money %}wide.currency{% else %}cast(null as {{ dbt.type_string() }}){% endif %} as currency,
    {{ metric.mature or 'true' }} as is_mature
from {{ ref('fct_' ~ post_id ~ '_daily') }} as wide
where
    {% for count in metric.events %}coalesce(wide.{{ count }}, 0){{ ' + ' if not loop.last }}{% endfor %} > 0
    {%- if metric.platform %} and wide.platform = '{{ metric.platform }}'{% endif %}
    and {{ in_touched('wide') }}
{{ 'union all' if not (loop.last and post_loop.last) }}
{%- endfor -%}
{%- endfor -%}
{% endmacro %}

{#- The contributions: one row per event, metric definition and owner. Branches carry their metric as a constant, so a
    query for one metric reads its event models alone. -#}
{% macro metric_contributions() %}
{%- set branches = [] -%}
{%- for post_id, post in metric_definitions().items() -%}
    {%- for metric in post.metrics -%}
        {%- for source in post.events.values() -%}
            {%- if metric.events | select('in', source.counts) | list -%}
                {%- do branches.append((post_id, metric, source)) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endfor -%}
{%- for post_id, metric, source in branches %}
{%- set day = source.date or 'events.business_date' %}
{%- set counts = metric.events | select('in', source.counts) | list %}
select
    cast('{{ metric.metric }}' as {{ dbt.type_string() }}) as metric_id,
    cast('{{ metric.code }}' as {{ dbt.type_string() }}) as definition_code,
    owners.employee_id,
    events.store_id,
    events.platform,
    {{ day }} as business_date,
    {{ linear_sum(metric.numerator, '', source.measures) }} * owners.share as numerator,
    {% if metric.denominator %}{{ linear_sum(metric.denominator, '', source.measures) }} * owners.share
    {%- else %}cast(null as {{ exact_numeric() }}){% endif %} as denominator,
    cast({% for count in counts %}coalesce({{ source.counts[count] }}, 0){{ ' + ' if not loop.last }}{% endfor %} as bigint) as event_count,
    cast('{{ source.model }}' as {{ dbt.type_string() }}) as event_model,
    events.load_id,
    events.row_number,
    cast({{ source.description }} as {{ dbt.type_string() }}) as description
from {{ ref(source.model) }} as events
{%- if source.date %}
inner join {{ ref('dim_date') }} as days on days.date_day >= events.business_date
{%- endif %}
inner join {{ ref('bridge_ownership') }} as owners
    on
        owners.post_id = '{{ post_id }}'
        and owners.object_type = {{ source.owner.type }}
        and owners.object_id = {{ source.owner.id }}
        and owners.store_id = events.store_id
        and owners.platform = events.platform
        and owners.business_date = {{ day }}
where
    {{ source.where }}
    {%- if metric.platform %} and events.platform = '{{ metric.platform }}'{% endif %}
    and ({% for count in counts %}{{ source.counts[count] }} is not null{{ ' or ' if not loop.last }}{% endfor %})
{{ 'union all' if not loop.last }}
{%- endfor -%}
{% endmacro %}

{#- {measure: factor} as SQL, missing parts as 0: columns behind `alias`, or, given `expressions`, the events' own SQL, in
    which measures of other event models add nothing. -#}
{% macro linear_sum(terms, alias, expressions=none) -%}
    {%- set parts = [] -%}
    {%- for measure, factor in terms.items() -%}
        {%- if expressions is none -%}
            {%- do parts.append('coalesce(' ~ alias ~ '.' ~ measure ~ ', 0)' ~ (' * ' ~ factor if factor != 1 else '')) -%}
        {%- elif measure in expressions -%}
            {%- do parts.append('coalesce(' ~ expressions[measure] ~ ', 0)' ~ (' * ' ~ factor if factor != 1 else '')) -%}
        {%- endif -%}
    {%- endfor -%}
    cast({{ '(' ~ parts | join(' + ') ~ ')' if parts else '0' }} as {{ exact_numeric() }})
{%- endmacro %}
