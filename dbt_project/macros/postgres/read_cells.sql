{#- Reading typed cells: by the SQL that stands in a report's contract beside the loader's check of the same cell, so that
    both read it alike. A cell that is nothing of its column's type is NULL, whatever text it is: no cell makes a build fail. -#}

{#- The columns of a report by name, as ops.report has them; a column that it does not have yet is read as NULL. -#}
{% macro report_columns(report) %}
    {%- set query = "select cast(contract as " ~ dbt.type_string() ~ ") as contract from " ~ source('ops', 'report')
        ~ " where report = '" ~ report ~ "'" -%}
    {%- if not execute %}{{ return({}) }}{% endif -%}
    {%- set columns = {} -%}
    {%- for text in run_query(query).columns[0].values() -%}
        {%- for column in fromjson(text)['columns'] %}{% do columns.update({column['name']: column}) %}{% endfor -%}
    {%- endfor -%}
    {{ return(columns) }}
{% endmacro %}

{#- The number in a cell, as an exact decimal: 5 for 5 %. -#}
{% macro read_number(column) -%}
    {{ read_cell(column, 'number') }}
{%- endmacro %}

{#- The whole number in a cell. -#}
{% macro read_integer(column) -%}
    {{ whole_number(read_number(column)) }}
{%- endmacro %}

{#- The day that is written in a cell, with or without a time behind it. -#}
{% macro read_day(column) -%}
    {{ read_cell(column, 'day') }}
{%- endmacro %}

{#- The moment in a cell; one that does not say its zone is local to `timezone`. -#}
{% macro read_moment(column, timezone="'UTC'") -%}
    {{ read_cell(column, 'moment', timezone) }}
{%- endmacro %}

{#- Whether a cell says yes; NULL where it says nothing. -#}
{% macro read_flag(column) -%}
    {{ read_cell(column, 'flag') }}
{%- endmacro %}

{% macro read_cell(column, kind, timezone="'UTC'") %}
    {{ return(adapter.dispatch('read_cell')(column, kind, timezone)) }}
{% endmacro %}
{% macro postgres__read_cell(column, kind, timezone) -%}
    {%- if column and kind in column['readings'] -%}
        {{ column['readings'][kind] | replace('@cell@', 'cells.' ~ column['name'])
            | replace('@locale@', 'loads.header_locale') | replace('@timezone@', timezone) }}
    {%- else -%}
        cast(null as {{ {'number': 'numeric', 'day': 'date', 'moment': 'timestamptz', 'flag': 'boolean', 'account': 'text'}[kind] }})
    {%- endif -%}
{%- endmacro %}

{#- A number as a whole one, rounded; NULL where it is more than a bigint holds. -#}
{% macro whole_number(number) -%}
    case when abs({{ number }}) < 9223372036854775807.5 then cast({{ number }} as bigint) end
{%- endmacro %}

{#- A cell of text without the blanks at its edges; NULL where nothing is left. -#}
{% macro read_text(cell) -%}
    nullif({{ trimmed(cell) }}, '')
{%- endmacro %}
