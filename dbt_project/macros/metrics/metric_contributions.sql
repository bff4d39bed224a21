{#- The long fact: the wide facts turned, one branch a rule; a row where at least one event takes part. A snapshot matures
    on its own day when the store's history covers its window, else never. -#}
{% macro long_metric_fact() %}
{%- for post_id, post in metric_rules().items() -%}
{%- set post_loop = loop -%}
{%- for rule in post.rules %}
{%- set matures_on = add_days('wide.business_date', rule.matures_after) %}
select
    '{{ rule.metric }}' as metric_id,
    '{{ rule.code }}' as definition_code,
    wide.employee_id,
    wide.store_id,
    wide.platform,
    wide.business_date,
    coalesce(wide.{{ rule.column }}_numerator, 0) as numerator,
    {% if rule.has_denominator %}coalesce(wide.{{ rule.column }}_denominator, 0){% else %}cast(null as {{ exact_numeric() }}){% endif %} as denominator,
    wide.{{ rule.column }}_event_count as event_count,
    {% if rule.is_money %}wide.currency{% else %}cast(null as {{ dbt.type_string() }}){% endif %} as currency,
    {% if rule.window -%}
    case when {{ days_between('days.first_date', 'wide.business_date') }} + 1 >= {{ rule.window }} then {{ matures_on }} end
    {%- else -%}
    {{ matures_on }}
    {%- endif %} as matures_on
from {{ ref('fct_' ~ post_id ~ '_daily') }} as wide
{%- if rule.window %}
inner join {{ ref(rule.by_day) }} as days
    on days.store_id = wide.store_id and days.platform = wide.platform and days.business_date = wide.business_date
{%- endif %}
where wide.{{ rule.column }}_event_count > 0 and {{ in_touched('wide') }}
{{ 'union all' if not (loop.last and post_loop.last) }}
{%- endfor -%}
{%- endfor -%}
{% endmacro %}

{#- The contributions: one row per event, rule and owner; an event of a snapshot contributes to every day of its window.
    Branches carry their metric as a constant, so a query for one metric reads its event models alone. -#}
{% macro metric_contributions() %}
{%- for post_id, post in metric_rules().items() -%}
{%- set post_loop = loop -%}
{%- for part in post.contributions %}
{%- set share = '' if part.actor else ' * owners.share' %}
select
    cast('{{ part.metric }}' as {{ dbt.type_string() }}) as metric_id,
    cast('{{ part.code }}' as {{ dbt.type_string() }}) as definition_code,
    {{ 'events.object_id as employee_id' if part.actor else 'owners.employee_id' }},
    events.store_id,
    events.platform,
    events.business_date,
    cast(events.numerator as {{ exact_numeric() }}){{ share }} as numerator,
    {% if part.has_denominator %}cast(events.denominator as {{ exact_numeric() }}){{ share }}
    {%- else %}cast(null as {{ exact_numeric() }}){% endif %} as denominator,
    cast(1 as bigint) as event_count,
    cast('{{ part.model }}' as {{ dbt.type_string() }}) as event_model,
    events.load_id,
    events.row_number,
    cast(events.description as {{ dbt.type_string() }}) as description
from (
    select
        load_id,
        row_number,
        store_id,
        platform,
        {{ "'actor'" if part.actor else part.object_type }} as object_type,
        {{ actor_or_unassigned(part.actor) if part.actor else part.object_id }} as object_id,
        {{ part.description }} as description,
        {%- if part.window %}
        days.date_day as business_date,
        case when {{ is_in_window(part.numerator, part.window) }} then 1 else 0 end as numerator,
        1 as denominator
    from {{ ref(part.model) }} as rows_of_days
    inner join (select date_day from {{ ref('dim_date') }}) as days
        on days.date_day >= rows_of_days.business_date and days.date_day <= rows_of_days.{{ part.until }}
    where {{ is_in_window(part.denominator, part.window) }} and {{ part.where }}
        {%- else %}
        business_date,
        {{ part.numerator or 0 }} as numerator,
        {{ part.denominator or 0 }} as denominator
    from {{ ref(part.model) }}
    where {{ part.where }}
        {%- endif %}
) as events
{%- if not part.actor %}
inner join {{ ref('bridge_ownership') }} as owners
    on
        owners.post_id = '{{ post_id }}'
        and owners.object_type = events.object_type
        and owners.object_id = events.object_id
        and owners.store_id = events.store_id
        and owners.platform = events.platform
        and owners.business_date = events.business_date
{%- endif %}
{{ 'union all' if not (loop.last and post_loop.last) }}
{%- endfor -%}
{%- endfor -%}
{% endmacro %}

{#- Whether a date lies within the days that end on days.date_day. -#}
{% macro is_in_window(column, window) -%}
    days.date_day < {{ add_days('rows_of_days.' ~ column, window) }}
{%- endmacro %}
