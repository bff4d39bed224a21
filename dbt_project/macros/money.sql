{#- Rate from a row's currency to the reporting currency; `rates` is a left join of int_exchange_rates. NULL when unknown. -#}
{% macro reporting_rate(currency, rates='rates') -%}
    case when {{ currency }} = '{{ var("reporting_currency") }}' then 1 else {{ rates }}.rate end
{%- endmacro %}

{#- An amount in the reporting currency, to 6 digits. -#}
{% macro to_reporting(amount, rate) -%}
    round({{ amount }} * {{ rate }}, 6)
{%- endmacro %}
