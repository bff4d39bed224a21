{#- A staging model of an advertising report: one row per row of the file, in the shape that all of them share.
    `key` and the named arguments are SQL over `cells`; `day` where each row has its day, `period` ([first, last]) where a
    row stands for several. `counts` that are blank when there were none are 0 by `blank_is_none`. `more` adds columns. -#}
{% macro ads_report(
    source_name, report, key, campaign, impressions, clicks, conversions, spend, conversion_value,
    day=none, period=none, campaign_type=none, ad_group=none, currency=none, blank_is_none=[], more={}
) %}
{{ config(indexes=[
    {'columns': ['load_id', 'row_number'], 'unique': true},
    {'columns': ['record_key']},
    {'columns': ['store_id', 'business_date']},
]) }}
{%- set first_day, last_day = period or [day, day] %}
{%- set numbers = {
    'impression_count': parse_integer(impressions),
    'click_count': parse_integer(clicks),
    'conversion_quantity': parse_number(conversions),
    'spend_amount': parse_number(spend),
    'conversion_value_amount': parse_number(conversion_value),
} %}

with {{ import_loads(report) }},

parsed as (
    select
        cells.load_id,
        cells.row_number,
        {{ record_key(['loads.store_id', 'loads.account'] + key) }} as record_key,
        loads.store_id,
        loads.account,
        {{ last_day }} as business_date,
        {{ first_day }} as period_start,
        {{ last_day }} as period_end,
        {%- for name, expression in more.items() %}
        {{ expression }} as {{ name }},
        {%- endfor %}
        {{ campaign }} as campaign_name,
        {{ "nullif(" ~ campaign_type ~ ", '')" if campaign_type else null_texts(1) }} as campaign_type,
        {{ "nullif(" ~ ad_group ~ ", '')" if ad_group else null_texts(1) }} as ad_group_name,
        {%- for name, expression in numbers.items() %}
        {{ 'coalesce(' ~ expression ~ ', 0)' if name in blank_is_none else expression }} as {{ name }},
        {%- endfor %}
        {{ row_currency(currency) }} as currency
    from {{ pending_rows(source_name, report) }} as cells
    inner join loads on loads.load_id = cells.load_id
)

{{ flag_current_versions() }}
{% endmacro %}

{#- The days that stand above the header hold for all rows of the file. -#}
{% macro file_period() %}{{ return(['loads.period_start', 'loads.period_end']) }}{% endmacro %}

{#- The same, as parts of a key. -#}
{% macro file_period_key() %}
    {{ return(['cast(loads.period_start as ' ~ dbt.type_string() ~ ')', 'cast(loads.period_end as ' ~ dbt.type_string() ~ ')']) }}
{% endmacro %}
