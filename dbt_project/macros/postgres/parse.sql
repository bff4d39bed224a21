{#- Numbers and calendar arithmetic: the only place, with macros/postgres/*, where the SQL is PostgreSQL's own. -#}

{#- Exact decimal without a declared precision; money is never a float. -#}
{% macro exact_numeric() %}{{ return(adapter.dispatch('exact_numeric')()) }}{% endmacro %}
{% macro postgres__exact_numeric() %}numeric{% endmacro %}

{#- Calendar day of a moment in a time zone. -#}
{% macro local_date(moment, timezone) %}{{ return(adapter.dispatch('local_date')(moment, timezone)) }}{% endmacro %}
{% macro postgres__local_date(moment, timezone) -%}
    cast({{ moment }} at time zone {{ timezone }} as date)
{%- endmacro %}

{#- Calendar day of a moment in its store's time zone; where no stores file declares the store, the day that the cell says. -#}
{% macro store_day(moment, day_of_cell) -%}
    case when loads.is_store_declared then {{ local_date(moment, 'loads.store_timezone') }} else {{ day_of_cell }} end
{%- endmacro %}

{#- The same of the moment in a column; one that does not say its zone is the store's. -#}
{% macro read_store_day(column) -%}
    {{ store_day(read_moment(column, 'loads.store_timezone'), read_day(column)) }}
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

{#- Whether a value is one of those that a query gives, which is run once and looked up, also in the parts of a view. -#}
{% macro is_among(value, query) %}{{ return(adapter.dispatch('is_among')(value, query)) }}{% endmacro %}
{% macro postgres__is_among(value, query) -%}{{ value }} = any(array({{ query }})){%- endmacro %}

{#- Fresh statistics: a table made a moment ago has none, and the planner would take it for a small one. -#}
{% macro analyze_relation(relation) %}{{ return(adapter.dispatch('analyze_relation')(relation)) }}{% endmacro %}
{% macro postgres__analyze_relation(relation) -%}
    {% if model.config.materialized in ('table', 'incremental') %}analyze {{ relation }}{% endif %}
{%- endmacro %}
