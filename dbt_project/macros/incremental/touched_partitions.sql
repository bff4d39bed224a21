{#- Facts: the touched partitions go, also those that have no rows any more, and come back as they are now. The
    partition columns and the table of touched ones stand in meta.publish, which publishing reads too. -#}
{% macro get_incremental_touched_partitions_sql(arg_dict) %}
    {{ return(adapter.dispatch('touched_partitions_sql')(arg_dict)) }}
{% endmacro %}

{% macro postgres__touched_partitions_sql(arg_dict) %}
    {%- set target = arg_dict['target_relation'] -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    {%- set partition = touched_partition(model) -%}
    delete from {{ target }} as old
    using {{ partition.touched }} as touched
    where {% for column in partition.by %}old.{{ column }} = touched.{{ column }}{{ ' and ' if not loop.last }}{% endfor %};

    insert into {{ target }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }};
{% endmacro %}

{#- {by: [columns], touched: schema.table} of a model; facts of store and day unless its meta says otherwise. -#}
{% macro touched_partition(node) %}
    {%- set publish = node.config.meta.get('publish') or {} -%}
    {%- do return({
        'by': publish.get('by', ['store_id', 'business_date']),
        'touched': publish.get('touched', 'intermediate.int_touched_days'),
    }) -%}
{% endmacro %}

{#- Keeps an incremental run to the touched partitions: a condition on the columns behind `alias`. -#}
{% macro in_touched(alias, touched, columns=['store_id', 'business_date']) -%}
    {%- if is_incremental() -%}
    ({% for column in columns %}{{ alias }}.{{ column }}{{ ', ' if not loop.last }}{% endfor %}) in (
        select {% for column in columns %}touched.{{ column }}{{ ', ' if not loop.last }}{% endfor %} from {{ touched }} as touched
    )
    {%- else -%}
    1 = 1
    {%- endif -%}
{%- endmacro %}

{#- Reports with loads in the running build, as a list; empty while parsing. -#}
{% macro pending_reports() %}
    {%- if not execute -%}{{ return([]) }}{%- endif -%}
    {%- set found = run_query("select distinct scope.report from " ~ source('ops', 'build_scope') ~ " as scope") -%}
    {{ return(found.columns[0].values() | list) }}
{% endmacro %}
