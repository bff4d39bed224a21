{#- Schemas are named exactly as configured: they are created, with their rights, by infra/postgres. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}
