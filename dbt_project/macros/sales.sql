{#- Which source of a store's day goes before which, while none holds more of it: order lines, those of a model of their own
    first, then the sales reports that seeds/sales_sources.csv names, in its order; the rest by name. -#}
{% macro sales_source_rank(alias, declared) -%}
    case
        when {{ declared }}.detail is not null then cast({{ declared }}.detail as {{ dbt.type_string() }}) || {{ alias }}.report
        when {{ alias }}.is_mapped then '1' || {{ alias }}.report
        else '0'
    end
{%- endmacro %}

{#- An amount that is none or more; one below zero was written in another way than the report's own, and is not known. -#}
{% macro none_or_more(amount) -%}
    case when {{ amount }} >= 0 then {{ amount }} end
{%- endmacro %}

{#- Which report of a platform's day goes before which: a model of its own, then rows of the whole store, then by name. -#}
{% macro traffic_source_rank(alias='reported') -%}
    case when not {{ alias }}.is_mapped then '0' when {{ alias }}.page is null then '1' || {{ alias }}.report
        else '2' || {{ alias }}.report end
{%- endmacro %}

{#- Whether a stock code of the webshop layout names a product; POST, M, BANK CHARGES and the like do not. -#}
{% macro is_product_code(code) %}{{ return(adapter.dispatch('is_product_code')(code)) }}{% endmacro %}
{% macro postgres__is_product_code(code) -%}({{ code }} ~ '^[0-9]{5}'){%- endmacro %}

{#- So many NULL texts, for the branches of a union that lack these columns. -#}
{% macro null_texts(count) -%}
    {%- for _ in range(count) -%}cast(null as {{ dbt.type_string() }}){{ ', ' if not loop.last }}{%- endfor -%}
{%- endmacro %}
