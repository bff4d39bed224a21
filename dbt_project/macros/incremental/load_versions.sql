{#- Staging: what the build's loads held before is replaced, and so are the rivals whose is_current may have changed. -#}
{% macro get_incremental_load_versions_sql(arg_dict) %}
    {{ return(adapter.dispatch('load_versions_sql')(arg_dict)) }}
{% endmacro %}

{% macro postgres__load_versions_sql(arg_dict) %}
    {%- set target = arg_dict['target_relation'] -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    delete from {{ target }}
    where load_id in (select scope.load_id from {{ source('ops', 'build_scope') }} as scope);

    delete from {{ target }} as kept
    using {{ arg_dict['temp_relation'] }} as fresh
    where kept.load_id = fresh.load_id and kept.row_number = fresh.row_number;

    insert into {{ target }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }};
{% endmacro %}
