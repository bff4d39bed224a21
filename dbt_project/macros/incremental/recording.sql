{#- An increment does not run dbt: dbt records the scripts of its models once, and tradewind.building runs them. In a recording
    (`--vars 'is_recording: true'`) a model is compiled as an increment and nothing is executed: its script is in its
    response, as JSON {before, rows, after, statistics}, of which `rows` is the statement that makes a model's rows, or counts
    those that break a test.
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
    {#- what a transaction drops stands on the disk until its end; what it truncates does not -#}
    {{ return(record_script(
        render_hooks(pre_hooks), 'create temporary table ' ~ fresh ~ ' as (\n' ~ sql ~ '\n)', after ~ '\ntruncate ' ~ fresh ~ ';'
    )) }}
{% endmaterialization %}

{#- The table stays, and with it its rights and what depends on it. -#}
{% materialization table, adapter='postgres' %}
    {%- if not is_recording() -%}{{ return(materialization_table_default()) }}{%- endif -%}
    {%- set columns = get_quoted_csv(adapter.get_columns_in_relation(this) | map(attribute='name')) -%}
    {{ return(record_script(
        render_hooks(pre_hooks) ~ 'delete from ' ~ this,
        'insert into ' ~ this ~ ' (' ~ columns ~ ')\nselect ' ~ columns ~ ' from (\n' ~ sql ~ '\n) as fresh', ''
    )) }}
{% endmaterialization %}

{#- A view stands; it is named here so that its tests are recorded. -#}
{% materialization view, adapter='postgres' %}
    {%- if not is_recording() -%}{{ return(materialization_view_default()) }}{%- endif -%}
    {{ return(record_script('', '', '')) }}
{% endmaterialization %}

{% materialization test, adapter='postgres' %}
    {%- if not is_recording() -%}{{ return(materialization_test_default()) }}{%- endif -%}
    {%- set rows = get_test_sql(sql, config.get('fail_calc'), config.get('warn_if'), config.get('error_if'), limit=none) -%}
    {%- set unbroken = run_query('select 0 as failures, false as should_warn, false as should_error') -%}
    {{ return(record_script('', rows, '', unbroken)) }}
{% endmaterialization %}

{% macro record_script(before, rows, after, table=none) %}
    {%- set script = {'before': before, 'rows': rows, 'after': after, 'statistics': render_hooks(post_hooks)} -%}
    {%- do store_raw_result('main', message=tojson(script), code='RECORDED', rows_affected='0', agate_table=table) -%}
    {{ return({'relations': [this]}) }}
{% endmacro %}

{% macro render_hooks(hooks) -%}
    {%- for hook in hooks -%}
        {%- set rendered = render(hook.get('sql')) | trim -%}
        {%- if rendered %}{{ rendered }};{% endif -%}
    {%- endfor -%}
{%- endmacro %}
