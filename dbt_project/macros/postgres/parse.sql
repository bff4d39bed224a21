{#- Reading text cells and calendar arithmetic: the only place, with macros/postgres/*, where the SQL is PostgreSQL's own. -#}

{#- Exact decimal without a declared precision; money is never a float. -#}
{% macro exact_numeric() %}{{ return(adapter.dispatch('exact_numeric')()) }}{% endmacro %}
{% macro postgres__exact_numeric() %}numeric{% endmacro %}

{#- Number in a text cell. Currency signs, letters, blanks, thousands marks and percent signs fall away; a cell without
    digits (blank, "--") is NULL. `decimal_mark` is SQL giving '.' or ','. -#}
{% macro parse_number(cell, decimal_mark="'.'") %}{{ return(adapter.dispatch('parse_number')(cell, decimal_mark)) }}{% endmacro %}
{% macro postgres__parse_number(cell, decimal_mark) -%}
    case
        when {{ cell }} ~ '^-?[0-9]+(\.[0-9]+)?$' and {{ decimal_mark }} = '.' then cast({{ cell }} as numeric)
        when {{ cell }} ~ '^-?[0-9.]+[eE][-+]?[0-9]+$' and {{ decimal_mark }} = '.' then cast({{ cell }} as numeric)
        when {{ decimal_mark }} = ',' then cast(substring(
            replace(regexp_replace({{ cell }}, '[^0-9,-]', '', 'g'), ',', '.') from '-?[0-9]*\.?[0-9]+') as numeric)
        else cast(substring(regexp_replace({{ cell }}, '[^0-9.-]', '', 'g') from '-?[0-9]*\.?[0-9]+') as numeric)
    end
{%- endmacro %}

{#- Whole number in a text cell, read as parse_number reads it ("2,584", "3.0"). -#}
{% macro parse_integer(cell, decimal_mark="'.'") -%}
    cast({{ parse_number(cell, decimal_mark) }} as bigint)
{%- endmacro %}

{#- ISO day, with or without a time behind it. -#}
{% macro parse_date(cell) -%}
    cast(nullif(substring({{ cell }}, 1, 10), '') as date)
{%- endmacro %}

{#- Day as Amazon's reports by date write it: the separator and the header's locale give the order. -#}
{% macro parse_amazon_date(cell, locale) %}{{ return(adapter.dispatch('parse_amazon_date')(cell, locale)) }}{% endmacro %}
{% macro postgres__parse_amazon_date(cell, locale) -%}
    case
        when {{ cell }} ~ '^[0-9]{4}[-/]' then to_date(replace({{ cell }}, '/', '-'), 'YYYY-MM-DD')
        when {{ cell }} ~ '\.' then to_date({{ cell }}, case when length({{ cell }}) > 8 then 'DD.MM.YYYY' else 'DD.MM.YY' end)
        when {{ locale }} = 'en_us' then to_date({{ cell }}, case when {{ cell }} ~ '[0-9]{4}$' then 'MM/DD/YYYY' else 'MM/DD/YY' end)
        else to_date({{ cell }}, case when {{ cell }} ~ '[0-9]{4}$' then 'DD/MM/YYYY' else 'DD/MM/YY' end)
    end
{%- endmacro %}

{#- Moment with an offset or zone in its text; `dd.mm.yyyy …` as European settlements write it. -#}
{% macro parse_moment(cell) %}{{ return(adapter.dispatch('parse_moment')(cell)) }}{% endmacro %}
{% macro postgres__parse_moment(cell) -%}
    case
        when {{ cell }} ~ '^[0-9]{2}\.[0-9]{2}\.[0-9]{4}' then cast(
            substring({{ cell }}, 7, 4) || '-' || substring({{ cell }}, 4, 2) || '-' || substring({{ cell }}, 1, 2)
            || substring({{ cell }}, 11) as timestamptz)
        else cast(nullif({{ cell }}, '') as timestamptz)
    end
{%- endmacro %}

{#- Moment whose text is local to `timezone`. -#}
{% macro parse_local_moment(cell, timezone) %}{{ return(adapter.dispatch('parse_local_moment')(cell, timezone)) }}{% endmacro %}
{% macro postgres__parse_local_moment(cell, timezone) -%}
    cast(nullif({{ cell }}, '') as timestamp) at time zone {{ timezone }}
{%- endmacro %}

{#- Calendar day of a moment in a time zone. -#}
{% macro local_date(moment, timezone) %}{{ return(adapter.dispatch('local_date')(moment, timezone)) }}{% endmacro %}
{% macro postgres__local_date(moment, timezone) -%}
    cast({{ moment }} at time zone {{ timezone }} as date)
{%- endmacro %}

{#- Calendar day of a moment in its store's time zone; where no stores file declares the store, the day that the cell says. -#}
{% macro store_day(moment, day_of_cell) -%}
    case when loads.is_store_declared then {{ local_date(moment, 'loads.store_timezone') }} else {{ day_of_cell }} end
{%- endmacro %}

{#- Day of a moment as parse_moment reads it, on the clock of the cell. -#}
{% macro day_of_moment(cell) %}{{ return(adapter.dispatch('day_of_moment')(cell)) }}{% endmacro %}
{% macro postgres__day_of_moment(cell) -%}
    {%- set text = trimmed(cell) -%}
    cast(case
        when {{ text }} ~ '^[0-9]{2}\.[0-9]{2}\.[0-9]{4}'
            then substring({{ text }}, 7, 4) || '-' || substring({{ text }}, 4, 2) || '-' || substring({{ text }}, 1, 2)
        when {{ text }} ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}' then substring({{ text }}, 1, 10)
    end as date)
{%- endmacro %}

{#- A moment as a text that is equal for equal moments, whatever zone they are written in. -#}
{% macro moment_text(moment) %}{{ return(adapter.dispatch('moment_text')(moment)) }}{% endmacro %}
{% macro postgres__moment_text(moment) -%}cast({{ moment }} at time zone 'UTC' as text){%- endmacro %}

{% macro add_days(day, days) %}{{ return(adapter.dispatch('add_days')(day, days)) }}{% endmacro %}
{% macro postgres__add_days(day, days) -%}({{ day }} + {{ days }}){%- endmacro %}

{#- Whole days from one day to a later one. -#}
{% macro days_between(first_day, last_day) %}{{ return(adapter.dispatch('days_between')(first_day, last_day)) }}{% endmacro %}
{% macro postgres__days_between(first_day, last_day) -%}({{ last_day }} - {{ first_day }}){%- endmacro %}

{% macro first_day_of(part, day) -%}
    cast({{ dbt.date_trunc(part, day) }} as date)
{%- endmacro %}

{#- One text value of a JSON object. -#}
{% macro json_text(object, key) %}{{ return(adapter.dispatch('json_text')(object, key)) }}{% endmacro %}
{% macro postgres__json_text(object, key) -%}({{ object }} ->> '{{ key }}'){%- endmacro %}

{#- Whether a load's file has a column, by the loader's word in its attributes. -#}
{% macro has_column(attributes, column) %}{{ return(adapter.dispatch('has_column')(attributes, column)) }}{% endmacro %}
{% macro postgres__has_column(attributes, column) -%}
    not {{ attributes }} @> '{"missing_columns": ["{{ column }}"]}'
{%- endmacro %}

{#- The zone if the server knows it by this name, else UTC. -#}
{% macro known_timezone(name) %}{{ return(adapter.dispatch('known_timezone')(name)) }}{% endmacro %}
{% macro postgres__known_timezone(name) -%}
    coalesce((select z.name from pg_timezone_names as z where z.name = {{ name }} limit 1), 'UTC')
{%- endmacro %}

{#- Every day from one to another, one row each, column date_day. -#}
{% macro day_series(first_day, last_day) %}{{ return(adapter.dispatch('day_series')(first_day, last_day)) }}{% endmacro %}
{% macro postgres__day_series(first_day, last_day) -%}
    select cast(d as date) as date_day
    from generate_series(cast('{{ first_day }}' as timestamp), cast('{{ last_day }}' as timestamp), interval '1 day') as d
{%- endmacro %}

{#- ISO year, week and weekday numbers of a day. -#}
{% macro iso_part(part, day) %}{{ return(adapter.dispatch('iso_part')(part, day)) }}{% endmacro %}
{% macro postgres__iso_part(part, day) -%}
    cast(extract({{ {'year': 'isoyear', 'week': 'week', 'weekday': 'isodow'}[part] }} from {{ day }}) as bigint)
{%- endmacro %}

{#- Keyed pseudonym of a personal value (HMAC-SHA256); the key never leaves the database. -#}
{% macro pseudonym(value) %}{{ return(adapter.dispatch('pseudonym')(value)) }}{% endmacro %}
{% macro postgres__pseudonym(value) -%}ops.pseudonym({{ value }}){%- endmacro %}

{#- Fresh statistics: a table made a moment ago has none, and the planner would take it for a small one. -#}
{% macro analyze_relation(relation) %}{{ return(adapter.dispatch('analyze_relation')(relation)) }}{% endmacro %}
{% macro postgres__analyze_relation(relation) -%}
    {% if model.config.materialized in ('table', 'incremental') %}analyze {{ relation }}{% endif %}
{%- endmacro %}
