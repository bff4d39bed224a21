{#- Text cells read by the formats that a contract declares (strptime's), for the standard shapes. -#}

{#- The cell without blanks at its edges. -#}
{% macro trimmed(cell) %}{{ return(adapter.dispatch('trimmed')(cell)) }}{% endmacro %}
{% macro postgres__trimmed(cell) -%}btrim({{ cell }}, e' \t\u00a0\u202f'){%- endmacro %}

{#- The same; NULL when nothing, or one of the tokens that mean nothing, is left. -#}
{% macro clean_cell(cell, null_tokens) %}{{ return(adapter.dispatch('clean_cell')(cell, null_tokens)) }}{% endmacro %}
{% macro postgres__clean_cell(cell, null_tokens) -%}
    case when {{ trimmed(cell) }} not in (''
    {%- for token in null_tokens %}, {{ sql_text(token.strip()) }}{% endfor %}) then {{ trimmed(cell) }} end
{%- endmacro %}

{#- A text as an SQL literal. -#}
{% macro sql_text(text) -%}'{{ text | replace("'", "''") }}'{%- endmacro %}

{#- Moment in a cell by one format; without a zone in it the text is local to `timezone`. -#}
{% macro parse_moment_by(cell, format, timezone) %}{{ return(adapter.dispatch('parse_moment_by')(cell, format, timezone)) }}{% endmacro %}
{% macro postgres__parse_moment_by(cell, format, timezone) -%}
    {%- set has_zone = '%z' in format or '%Z' in format or format.endswith('Z') -%}
    {%- if format.startswith('%Y-%m-%d') -%}
        {%- set wall = cell -%}
    {%- else -%}
        {%- set wall = "to_char(to_timestamp(" ~ cell ~ ", " ~ sql_text(to_char_format(format)) ~ "), 'YYYY-MM-DD HH24:MI:SS.US')" -%}
        {%- if has_zone -%}
            {%- set wall = wall ~ " || coalesce(substring(" ~ cell ~ " from '(Z|UTC|GMT|[PMCE][DS]T|JST|BST|CES?T|AE[DS]T|[-+][0-9]{2}:?[0-9]{2})[ )]*$'), 'UTC')" -%}
        {%- endif -%}
    {%- endif -%}
    {%- if has_zone -%}cast({{ wall }} as timestamptz)
    {%- else -%}cast({{ wall }} as timestamp) at time zone {{ timezone }}
    {%- endif -%}
{%- endmacro %}

{#- Day in a cell by one format; a time behind it falls away. -#}
{% macro parse_date_by(cell, format) %}{{ return(adapter.dispatch('parse_date_by')(cell, format)) }}{% endmacro %}
{% macro postgres__parse_date_by(cell, format) -%}
    to_date({{ cell }}, {{ sql_text(to_char_format(format)) }})
{%- endmacro %}

{#- Midnight of a day in a time zone. -#}
{% macro start_of_day(day, timezone) %}{{ return(adapter.dispatch('start_of_day')(day, timezone)) }}{% endmacro %}
{% macro postgres__start_of_day(day, timezone) -%}(cast({{ day }} as timestamp) at time zone {{ timezone }}){%- endmacro %}

{#- Whether a cell has the form of a date format, given as a regular expression. -#}
{% macro has_form(cell, pattern) %}{{ return(adapter.dispatch('has_form')(cell, pattern)) }}{% endmacro %}
{% macro postgres__has_form(cell, pattern) -%}{{ cell }} ~ {{ sql_text('^(?:' ~ pattern ~ ')$') }}{%- endmacro %}

{#- strptime's format as to_timestamp's, up to the zone. -#}
{% macro to_char_format(format) -%}
    {%- set known = {'Y': 'YYYY', 'y': 'YY', 'm': 'MM', 'd': 'DD', 'B': 'Month', 'b': 'Mon', 'H': 'HH24', 'I': 'HH12',
        'M': 'MI', 'S': 'SS', 'f': 'US', 'p': 'AM'} -%}
    {%- set kept = format.split('%z')[0].split('%Z')[0] -%}
    {%- for part in kept.split('%') -%}
        {%- if loop.first -%}{{ quoted_literal(part) }}
        {%- else -%}{{ known[part[0]] }}{{ quoted_literal(part[1:]) }}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{% macro quoted_literal(text) -%}
    {%- if text.strip(' -/:.,()') %}"{{ text }}"{% else %}{{ text }}{% endif -%}
{%- endmacro %}

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
