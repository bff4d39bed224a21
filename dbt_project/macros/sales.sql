{#- How detailed a sales source is: 1 order lines, 2 a platform's report by product, 3 its report by day. -#}
{% macro sales_source_rank() -%}
    case when is_order_line then 1 when report = 'amazon_business_report_by_date' then 3 else 2 end
{%- endmacro %}

{#- Which report of a platform's day goes before which: a model of its own, then rows of the whole store, then by name. -#}
{% macro traffic_source_rank(alias='reported') -%}
    case when not {{ alias }}.is_mapped then '0' when {{ alias }}.page is null then '1' || {{ alias }}.report
        else '2' || {{ alias }}.report end
{%- endmacro %}

{#- The same of order lines: a model of its own, then by name. -#}
{% macro order_source_rank(alias) -%}
    case when {{ alias }}.is_mapped then '1' || {{ alias }}.report else '0' end
{%- endmacro %}

{#- Whether a stock code of the webshop layout names a product; POST, M, BANK CHARGES and the like do not. -#}
{% macro is_product_code(code) %}{{ return(adapter.dispatch('is_product_code')(code)) }}{% endmacro %}
{% macro postgres__is_product_code(code) -%}({{ code }} ~ '^[0-9]{5}'){%- endmacro %}

{#- So many NULL texts, for the branches of a union that lack these columns. -#}
{% macro null_texts(count) -%}
    {%- for _ in range(count) -%}cast(null as {{ dbt.type_string() }}){{ ', ' if not loop.last }}{%- endfor -%}
{%- endmacro %}
