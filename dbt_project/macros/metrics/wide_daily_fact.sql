{#- The wide daily fact of a post: one row per employee, store, platform and day, every measure a column. Each event model
    is summed once to its owned objects and days, then shared out by the owners' shares. -#}
{% macro wide_daily_fact(post_id) %}
{%- set post = metric_definitions()[post_id] -%}
{%- set columns = wide_columns(post) -%}
{%- set keys = ['employee_id', 'store_id', 'platform', 'business_date'] -%}

with
{% for name, source in post.events.items() %}
{{ name }}_summed as (
    {%- if source.daily %}
    select
        'store' as object_type,
        events.store_id as object_id,
        events.store_id,
        events.platform,
        events.business_date
        {%- for measure in source.measures %},
        cast(events.{{ measure }} as {{ exact_numeric() }}) as {{ measure }}
        {%- endfor %}
        {%- for count in source.counts %},
        nullif(cast(events.{{ source.daily_counts[loop.index0] }} as bigint), 0) as {{ count }}
        {%- endfor %}
        {%- for column in source.daily_facts %},
        cast(events.{{ column }} as bigint) as {{ column }}
        {%- endfor %}
    from {{ ref(source.daily) }} as events
    where {{ in_touched('events') }}
    {%- else %}
    select
        {{ source.owner.type }} as object_type,
        {{ source.owner.id }} as object_id,
        events.store_id,
        events.platform,
        events.business_date
        {%- for measure, expression in source.measures.items() %},
        {%- set amount = 'cast(sum(' ~ expression ~ ') as ' ~ exact_numeric() ~ ')' %}
        {%- set unknown = source.get('unknown', {}).get(measure) %}
        {{ known_of_all(unknown, amount, ['events.store_id', 'events.platform', 'events.business_date']) if unknown else amount }} as {{ measure }}
        {%- endfor %}
        {%- for count, expression in source.counts.items() %},
        {{ whole_number('sum(' ~ expression ~ ')') }} as {{ count }}
        {%- endfor %}
    from {{ ref(source.model) }} as events
    where {{ source.where }} and {{ in_touched('events') }}
    group by 1, 2, 3, 4, 5
    {%- endif %}
),
{% endfor %}
shared as (
    {%- for name, source in post.events.items() %}
    {%- set own = source.measures.keys() | list %}
    {%- set own_counts = source.counts.keys() | list + source.get('daily_facts', []) %}
    select
        owners.employee_id,
        summed.store_id,
        summed.platform,
        summed.business_date
        {%- for column, kind in columns %},
        {% if column in own -%} summed.{{ column }} * owners.share
        {%- elif column in own_counts -%} summed.{{ column }}
        {%- else -%} cast(null as {{ exact_numeric() if kind == 'measure' else 'bigint' }})
        {%- endif %} as {{ column }}
        {%- endfor %}
    from {{ name }}_summed as summed
    inner join {{ ref('bridge_ownership') }} as owners
        on
            owners.post_id = '{{ post_id }}'
            and owners.object_type = summed.object_type
            and owners.object_id = summed.object_id
            and owners.store_id = summed.store_id
            and owners.platform = summed.platform
            and owners.business_date = summed.business_date
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

totals as (
    select
        {{ keys | join(',\n        ') }},
        '{{ var("reporting_currency") }}' as currency
        {%- for column, kind in columns %},
        {% if kind == 'fact' %}max({{ column }}){% elif kind == 'count' %}{{ whole_number('sum(' ~ column ~ ')') }}{% else %}sum({{ column }}){% endif %} as {{ column }}
        {%- endfor %}
    from shared
    group by {{ keys | join(', ') }}
)

select * from totals
{% endmacro %}

{#- A sum of a group, or NULL where one event within `days` is `unknown`: a part of a day's net is not its net. -#}
{% macro known_of_all(unknown, amount, days) -%}
    case when max(max(case when {{ unknown }} then 1 else 0 end)) over (partition by {{ days | join(', ') }}) = 0 then {{ amount }} end
{%- endmacro %}

{#- Columns of a wide fact behind its keys, in order: (name, measure|count|fact). -#}
{% macro wide_columns(post) %}
    {%- set columns = [] -%}
    {%- for source in post.events.values() -%}
        {%- for measure in source.measures %}{% do columns.append((measure, 'measure')) %}{% endfor -%}
        {%- for count in source.counts %}{% do columns.append((count, 'count')) %}{% endfor -%}
        {%- for column in source.get('daily_facts', []) %}{% do columns.append((column, 'fact')) %}{% endfor -%}
    {%- endfor -%}
    {{ return(columns) }}
{% endmacro %}
