{#- An increment does not run dbt: dbt records the scripts of its models once, and tradewind.building runs them. In a recording
    (`--vars 'is_recording: true'`) a model is compiled as an increment and nothing is executed: its script is the result's
    message, as JSON {before, rows, after, statistics}, of which `rows` is the statement that makes the model's rows.
    What is recorded may not depend on what is pending. Where a model reads just the reports that are, `of_pending` marks the
    part of each, and whoever runs the script leaves the others out. -#}
{% macro is_recording() %}{{ return(execute and var('is_recording', false)) }}{% endmacro %}

{#- `{% call of_pending(name) %}…{% endcall %}`: SQL that is needed where loads of a report, or of a shape's model, are pending. -#}
{% macro of_pending(name) -%}
    {%- if is_recording() -%}/*@of {{ name }}@*/{{ caller() }}/*@end@*/{%- else -%}{{ caller() }}{%- endif -%}
{%- endmacro %}

{% materialization incremental, adapter='postgres' %}
    {%- if not is_recording() -%}{{ return(materialization_incremental_default()) }}{%- endif -%}
    {%- if not is_incremental() -%}
        {%- do exceptions.raise_compiler_error(this ~ ' was never built: begin a build with full_refresh') -%}
    {%- endif -%}
    {%- set fresh = api.Relation.create(identifier='fresh__' ~ this.identifier) -%}
    {%- set strategy = adapter.get_incremental_strategy_macro(context, config.get('incremental_strategy')) -%}
    {%- set after = strategy({
        'target_relation': this, 'temp_relation': fresh, 'unique_key': config.get('unique_key'),
        'dest_columns': adapter.get_columns_in_relation(this), 'incremental_predicates': none,
    }) -%}
    {{ return(record_script(render_hooks(pre_hooks), 'create temporary table ' ~ fresh ~ ' as (\n' ~ sql ~ '\n)', after)) }}
{% endmaterialization %}

{#- The table stays, and with it its rights and what depends on it. -#}
{% materialization table, adapter='postgres' %}
    {%- if not is_recording() -%}{{ return(materialization_table_default()) }}{%- endif -%}
    {%- set columns = get_quoted_csv(adapter.get_columns_in_relation(this) | map(attribute='name')) -%}
    {{ return(record_script(
        'delete from ' ~ this,
        'insert into ' ~ this ~ ' (' ~ columns ~ ')\nselect ' ~ columns ~ ' from (\n' ~ sql ~ '\n) as fresh', ''
    )) }}
{% endmaterialization %}

{#- A test's script is its compiled SQL. -#}
{% materialization test, adapter='postgres' %}
    {%- if not is_recording() -%}{{ return(materialization_test_default()) }}{%- endif -%}
    {%- call statement('main', fetch_result=True) -%}
    select 0 as failures, false as should_warn, false as should_error
    {%- endcall -%}
    {{ return({'relations': []}) }}
{% endmaterialization %}

{% macro record_script(before, rows, after) %}
    {%- set script = {'before': before, 'rows': rows, 'after': after, 'statistics': render_hooks(post_hooks)} -%}
    {%- do store_raw_result('main', message=tojson(script), code='RECORDED', rows_affected='0') -%}
    {{ return({'relations': [this]}) }}
{% endmacro %}

{% macro render_hooks(hooks) -%}
    {%- for hook in hooks -%}
        {%- set rendered = render(hook.get('sql')) | trim -%}
        {%- if rendered %}{{ rendered }};{% endif -%}
    {%- endfor -%}
{%- endmacro %}
