{#- What a build makes anew. Before an incremental model is made it writes down its touched days in intermediate.touched:
    those of the models it reads, as far as a change in them reaches. Publishing looks at the same rows, and empties the
    table with the publication. How a change reaches a model stands in its meta as `reach`, by the model read:
    day       the days touched there: what is not named
    month     their whole months
    store     all days of their stores
    later     they and all later days of their stores
    customer  the customers of those days, at every time
    none      nothing
    A model that holds for a while (strategy `changed_spans`) touches the days of the spans in which it changed. -#}

{#- The pre-hook of each incremental model; nothing for others, and in a full refresh. -#}
{% macro write_touched() %}
    {%- if execute and is_incremental() and config.get('incremental_strategy') == 'touched_partitions' -%}
    {{ adapter.dispatch('write_touched_sql')(touched_parents()) }}
    {%- endif -%}
{% endmacro %}

{#- What a model reads and how it is touched by it: [{model, relation, strategy, reach}]. -#}
{% macro touched_parents() %}
    {%- set reaches = config.get('meta', {}).get('reach', {}) -%}
    {%- set parents = [] -%}
    {%- for unique_id in model.depends_on.nodes if unique_id in graph.nodes -%}
        {%- set node = graph.nodes[unique_id] -%}
        {%- set strategy = node.config.get('incremental_strategy') -%}
        {%- set reach = reaches.get(node.name, {'changed_spans': 'span', 'touched_partitions': 'day', 'load_versions': 'day'}.get(strategy)) -%}
        {%- if not reach -%}
            {%- do exceptions.raise_compiler_error(
                model.name ~ ' reads ' ~ node.name ~ ', of which nothing tells what a load changes: give it an incremental strategy, '
                ~ 'or say in meta.reach of ' ~ model.name ~ ' how a change in it reaches (none, where it never does)'
            ) -%}
        {%- endif -%}
        {%- do parents.append({
            'model': node.name, 'reach': reach, 'has_days': strategy in ('touched_partitions', 'load_versions'),
            'relation': api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias),
        }) -%}
    {%- endfor -%}
    {{ return(parents) }}
{% endmacro %}

{% macro postgres__write_touched_sql(parents) %}
    {%- set known = parents | selectattr('has_days') | map(attribute='relation') | list -%}
    insert into intermediate.touched (model, store_id, business_date, customer_key)
    {%- for parent in parents if parent.reach != 'none' %}
    {{ 'union' if not loop.first }}
    {{ touched_by(parent, known) }}
    {%- endfor %}
    on conflict do nothing
{% endmacro %}

{#- The rows of one parent. `known` are the relations in which the days of stores are looked up. -#}
{% macro touched_by(parent, known) %}
    {%- set touched -%}
    select touched.store_id, touched.business_date from intermediate.touched as touched where touched.model = '{{ parent.model }}'
    {%- endset -%}
    {%- if parent.reach == 'day' %}
    select '{{ model.name }}', days.store_id, days.business_date, null
    from ({{ touched }}) as days
    {%- elif parent.reach == 'month' %}
    select '{{ model.name }}', months.store_id, days.date_day, null
    from (select distinct days.store_id, {{ first_day_of('month', 'days.business_date') }} as month_start from ({{ touched }}) as days) as months
    cross join lateral (
        select cast(d as date) as date_day
        from generate_series(months.month_start, months.month_start + interval '1 month' - interval '1 day', interval '1 day') as d
    ) as days
    {%- elif parent.reach in ('store', 'later') %}
    select '{{ model.name }}', stores.store_id, days.business_date, null
    from (select days.store_id, min(days.business_date) as first_date from ({{ touched }}) as days group by days.store_id) as stores
    cross join lateral (
        {% for relation in known %}
        select events.business_date from {{ relation }} as events
        where events.store_id = stores.store_id{% if parent.reach == 'later' %} and events.business_date >= stores.first_date{% endif %}
        {{ 'union' if not loop.last }}
        {% endfor %}
    ) as days
    {%- elif parent.reach == 'span' %}
    select '{{ model.name }}', days.store_id, days.business_date, null
    from intermediate.touched_span as spans
    cross join lateral (
        {% for relation in known %}
        select events.store_id, events.business_date from {{ relation }} as events
        where
            (spans.store_id is null or events.store_id = spans.store_id)
            and events.business_date >= spans.first_date and events.business_date <= spans.last_date
        {{ 'union' if not loop.last }}
        {% endfor %}
    ) as days
    where spans.model = '{{ parent.model }}'
    {%- elif parent.reach == 'customer' %}
    {%- for relation in [parent.relation, this] %}
    select '{{ model.name }}', events.store_id, events.business_date, events.customer_key
    from {{ relation }} as events
    where events.customer_key is not null and (events.store_id, events.business_date) in ({{ touched }})
    {{ 'union' if not loop.last }}
    {%- endfor %}
    {%- else -%}
        {%- do exceptions.raise_compiler_error(model.name ~ ': meta.reach of ' ~ parent.model ~ ' is day, month, store, later, customer or none, not ' ~ parent.reach) -%}
    {%- endif %}
{% endmacro %}

{#- Keeps an incremental run to the touched rows of the model: a condition on the columns behind `alias`. -#}
{% macro in_touched(alias, columns=['store_id', 'business_date']) -%}
    {%- if is_incremental() -%}
    ({% for column in columns %}{{ alias }}.{{ column }}{{ ', ' if not loop.last }}{% endfor %}) in (
        select {% for column in columns %}touched.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
        from intermediate.touched as touched where touched.model = '{{ model.name }}'
    )
    {%- else -%}
    1 = 1
    {%- endif -%}
{%- endmacro %}

{#- The same for the whole months of the touched days. -#}
{% macro in_touched_months(alias) -%}
    {%- if is_incremental() -%}
    ({{ alias }}.store_id, {{ first_day_of('month', alias ~ '.business_date') }}) in (
        select touched.store_id, {{ first_day_of('month', 'touched.business_date') }}
        from intermediate.touched as touched where touched.model = '{{ model.name }}'
    )
    {%- else -%}
    1 = 1
    {%- endif -%}
{%- endmacro %}

{#- Facts: the touched partitions go, also those that have no rows any more, and come back as they are now. By which columns
    a model is partitioned stands in meta.publish, which publishing reads too. -#}
{% macro get_incremental_touched_partitions_sql(arg_dict) %}
    {{ return(adapter.dispatch('touched_partitions_sql')(arg_dict)) }}
{% endmacro %}

{% macro postgres__touched_partitions_sql(arg_dict) %}
    {%- set target = arg_dict['target_relation'] -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    {%- set publish = config.get('meta', {}).get('publish') -%}
    {%- set by = publish.by if publish is mapping else ['store_id', 'business_date'] -%}
    delete from {{ target }} as old
    using intermediate.touched as touched
    where
        touched.model = '{{ model.name }}'
        {%- for column in by %} and old.{{ column }} = touched.{{ column }}{% endfor %};

    insert into {{ target }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }};
{% endmacro %}

{#- What holds for a while: made anew whole, and the spans of rows that came, went or changed are written down. meta.span
    names the columns: `store` (none: every store), `first` and `last`; without first and last, all time. -#}
{% macro get_incremental_changed_spans_sql(arg_dict) %}
    {{ return(adapter.dispatch('changed_spans_sql')(arg_dict)) }}
{% endmacro %}

{% macro postgres__changed_spans_sql(arg_dict) %}
    {%- set target = arg_dict['target_relation'] -%}
    {%- set fresh = arg_dict['temp_relation'] -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    {%- set span = config.get('meta', {})['span'] -%}
    insert into intermediate.touched_span (model, store_id, first_date, last_date)
    select distinct
        '{{ model.name }}',
        {{ 'changed.' ~ span.store if span.store else 'null' }},
        {{ 'coalesce(changed.' ~ span.first ~ ', cast(\'0001-01-01\' as date))' if span.first else "cast('0001-01-01' as date)" }},
        {{ 'coalesce(changed.' ~ span.last ~ ', cast(\'9999-12-31\' as date))' if span.last else "cast('9999-12-31' as date)" }}
    from (
        (select {{ columns }} from {{ target }} except all select {{ columns }} from {{ fresh }})
        union all
        (select {{ columns }} from {{ fresh }} except all select {{ columns }} from {{ target }})
    ) as changed
    on conflict do nothing;

    delete from {{ target }};

    insert into {{ target }} ({{ columns }})
    select {{ columns }} from {{ fresh }};
{% endmacro %}
