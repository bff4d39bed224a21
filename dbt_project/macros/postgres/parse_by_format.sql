{#- Cells of text, and what the standard shapes need beside. -#}

{#- The cell without blanks at its edges: those of `tradewind.exports.blanks`. -#}
{% macro trimmed(cell) %}{{ return(adapter.dispatch('trimmed')(cell)) }}{% endmacro %}
{% macro postgres__trimmed(cell) -%}btrim({{ cell }}, e' \t\n\v\f\r\x1c\x1d\x1e\x1f\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u2028\u2029\u202f\u205f\u3000\ufeff'){%- endmacro %}

{#- The same; NULL when nothing, or one of the tokens that mean nothing, is left. -#}
{% macro clean_cell(cell, null_tokens) %}{{ return(adapter.dispatch('clean_cell')(cell, null_tokens)) }}{% endmacro %}
{% macro postgres__clean_cell(cell, null_tokens) -%}
    case when {{ trimmed(cell) }} not in (''
    {%- for token in null_tokens %}, {{ sql_text(token.strip()) }}{% endfor %}) then {{ trimmed(cell) }} end
{%- endmacro %}

{#- A text as an SQL literal. -#}
{% macro sql_text(text) -%}'{{ text | replace("'", "''") }}'{%- endmacro %}

{#- Midnight of a day in a time zone. -#}
{% macro start_of_day(day, timezone) %}{{ return(adapter.dispatch('start_of_day')(day, timezone)) }}{% endmacro %}
{% macro postgres__start_of_day(day, timezone) -%}(cast({{ day }} as timestamp) at time zone {{ timezone }}){%- endmacro %}

{#- An empty column of a shape's type. -#}
{% macro shape_null(type) %}{{ return(adapter.dispatch('shape_null')(type)) }}{% endmacro %}
{% macro postgres__shape_null(type) -%}
    cast(null as {{ {'text': 'text', 'person': 'text', 'integer': 'bigint', 'number': 'numeric', 'amount': 'numeric',
        'moment': 'timestamptz', 'date': 'date', 'flag': 'boolean'}[type] }})
{%- endmacro %}

{#- The raw table of a report that no model names. -#}
{% macro raw_table(report) -%}
    {{ return(api.Relation.create(database=target.database, schema='raw', identifier=report)) }}
{%- endmacro %}
