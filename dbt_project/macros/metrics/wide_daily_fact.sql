{#- The wide daily fact of a post: one row per employee, store, platform and day, numerator, denominator and event count of
    each rule a column. Each event model is summed once to its owned objects and days, then shared out by the owners'
    shares, or to those whom its events name; an event counts whole for each of its owners. -#}
{% macro wide_daily_fact(post_id) %}
{%- set post = metric_rules()[post_id] -%}
{%- set columns = wide_columns(post) -%}
{%- set keys = ['employee_id', 'store_id', 'platform', 'business_date'] -%}

with
{% for source in post.sources %}
{{ source.name }} as (
    select
        {{ "'actor'" if source.actor else source.object_type }} as object_type,
        {{ actor_or_unassigned(source.actor) if source.actor else source.object_id }} as object_id,
        store_id,
        platform,
        business_date
        {%- for term in source.terms %}
        {%- if source.by_day %},
        {{ term.column }}_numerator,
        {{ term.column }}_denominator,
        nullif({{ term.column }}_denominator, 0) as {{ term.column }}_event_count
        {%- else %}
        {%- for side in ['numerator', 'denominator'] if side in term %},
        sum(case when {{ term.where }} then {{ term[side] }} end) as {{ term.column }}_{{ side }}
        {%- endfor %},
        sum(case when {{ term.where }} then 1 end) as {{ term.column }}_event_count
        {%- endif %}
        {%- endfor %}
    from {{ ref(source.by_day or source.model) }} as events
    where
        {{ in_touched('events') }} and {{ 'true' if source.by_day else source.counted }}
        and ({% for filter in takes_part(source) %}{{ filter }}{{ ' or ' if not loop.last }}{% endfor %})
    {%- if not source.by_day %}
    group by 1, 2, 3, 4, 5
    {%- endif %}
),
{% endfor %}
shared as (
    {%- for source in post.sources %}
    {%- set own = source_columns(source) %}
    select
        {{ 'summed.object_id as employee_id' if source.actor else 'owners.employee_id' }},
        summed.store_id,
        summed.platform,
        summed.business_date
        {%- for column, side in columns %},
        {% if column not in own -%} cast(null as {{ exact_numeric() }})
        {%- elif side == 'event_count' -%} summed.{{ column }}
        {%- else -%} cast(summed.{{ column }} as {{ exact_numeric() }}){{ ' * owners.share' if not source.actor }}
        {%- endif %} as {{ column }}
        {%- endfor %}
    from {{ source.name }} as summed
    {%- if not source.actor %}
    inner join {{ ref('bridge_ownership') }} as owners
        on
            owners.post_id = '{{ post_id }}'
            and owners.object_type = summed.object_type
            and owners.object_id = summed.object_id
            and owners.store_id = summed.store_id
            and owners.platform = summed.platform
            and owners.business_date = summed.business_date
    {%- endif %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

totals as (
    select
        {{ keys | join(',\n        ') }},
        '{{ var("reporting_currency") }}' as currency
        {%- for column, side in columns %},
        {% if side == 'event_count' %}{{ whole_number('sum(' ~ column ~ ')') }}{% else %}sum({{ column }}){% endif %} as {{ column }}
        {%- endfor %}
    from shared
    group by {{ keys | join(', ') }}
)

select * from totals
{% endmacro %}

{#- SQL over a source, one of which is true of each row that a rule counts. -#}
{% macro takes_part(source) %}
    {%- set filters = [] -%}
    {%- for term in source.terms -%}
        {%- set filter = term.column ~ '_denominator > 0' if source.by_day else '(' ~ term.where ~ ')' -%}
        {%- if filter not in filters %}{% do filters.append(filter) %}{% endif -%}
    {%- endfor -%}
    {{ return(filters) }}
{% endmacro %}

{#- Who is credited with an event that names who did it. -#}
{% macro actor_or_unassigned(actor) -%}
    coalesce({{ actor }}, 'unassigned')
{%- endmacro %}

{#- Columns of a wide fact behind its keys, in order: (name, numerator|denominator|event_count). -#}
{% macro wide_columns(post) %}
    {%- set columns = [] -%}
    {%- for rule in post.rules -%}
        {%- for side in ['numerator', 'denominator', 'event_count'] if side != 'denominator' or rule.has_denominator -%}
            {%- do columns.append((rule.column ~ '_' ~ side, side)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(columns) }}
{% endmacro %}

{#- Those of them that an event model has something for. -#}
{% macro source_columns(source) %}
    {%- set columns = [] -%}
    {%- for term in source.terms -%}
        {%- for side in ['numerator', 'denominator', 'event_count'] if side == 'event_count' or side in term -%}
            {%- do columns.append(term.column ~ '_' ~ side) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(columns) }}
{% endmacro %}
