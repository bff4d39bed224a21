{#- Staging: what the build's loads held before is replaced, and so are the rivals whose is_current may have changed. What
    happened on a day in a store touches the days of all versions of its keys, of which each may have lost or won. -#}
{% macro get_incremental_load_versions_sql(arg_dict) %}
    {{ return(adapter.dispatch('load_versions_sql')(arg_dict)) }}
{% endmacro %}

{% macro postgres__load_versions_sql(arg_dict) %}
    {%- set target = arg_dict['target_relation'] -%}
    {%- set names = arg_dict['dest_columns'] | map(attribute='name') | list -%}
    {%- set columns = get_quoted_csv(names) -%}
    {%- set has_days = 'store_id' in names and 'business_date' in names -%}
    {%- set pending -%}
    select scope.load_id from {{ source('ops', 'build_scope') }} as scope
    {%- endset -%}
    {%- if has_days %}
    {{ touch_keys_of(target, pending) }};
    {%- endif %}

    delete from {{ target }}
    where load_id in ({{ pending }});

    delete from {{ target }} as kept
    using {{ arg_dict['temp_relation'] }} as fresh
    where kept.load_id = fresh.load_id and kept.row_number = fresh.row_number;

    insert into {{ target }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }};
    {%- if has_days %}

    {{ touch_keys_of(target, pending) }};
    {%- endif %}
{% endmacro %}

{% macro touch_keys_of(relation, load_ids) -%}
    insert into intermediate.touched (model, store_id, business_date)
    select distinct '{{ model.name }}', versions.store_id, versions.business_date
    from {{ relation }} as versions
    where
        versions.store_id is not null and versions.business_date is not null
        and versions.record_key in (select keys.record_key from {{ relation }} as keys where keys.load_id in ({{ load_ids }}))
    on conflict do nothing
{%- endmacro %}
