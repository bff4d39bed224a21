{#- A staging model of an advertising report: one row per row of the file, in the shape that all of them share.
    `key`, names and `more` are SQL over `cells`; `days` names the columns of a row's first and last day, each of several
    the first that is filled, `period` ([first, last]) is SQL where the file says it; the counts and amounts name columns.
    Those that are blank when there were none are 0 by `blank_is_none`. -#}
{% macro ads_report(
    source_name, report, key, campaign, impressions, clicks, conversions, spend, conversion_value,
    days=none, period=none, campaign_type=none, ad_group=none, currency=none, blank_is_none=[], more={}
) %}
{{ config(indexes=[
    {'columns': ['load_id', 'row_number'], 'unique': true},
    {'columns': ['record_key']},
    {'columns': ['store_id', 'business_date']},
]) }}
{%- set columns = report_columns(report) %}
{%- set first_day, last_day = period or [first_read_day(columns, days[0]), first_read_day(columns, days[1])] %}
{%- set numbers = {
    'impression_count': read_integer(columns[impressions]),
    'click_count': read_integer(columns[clicks]),
    'conversion_quantity': read_number(columns[conversions]),
    'spend_amount': read_number(columns[spend]),
    'conversion_value_amount': read_number(columns[conversion_value]),
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
        {{ read_text(campaign) }} as campaign_name,
        {{ read_text(campaign_type) if campaign_type else null_texts(1) }} as campaign_type,
        {{ read_text(ad_group) if ad_group else null_texts(1) }} as ad_group_name,
        {%- for name, expression in numbers.items() %}
        {{ 'coalesce(' ~ expression ~ ', 0)' if name in blank_is_none else expression }} as {{ name }},
        {%- endfor %}
        {{ row_currency(read_text(currency) if currency else none) }} as currency
    from {{ pending_rows(source_name, report) }} as cells
    inner join loads on loads.load_id = cells.load_id
)

{{ flag_current_versions() }}
{% endmacro %}

{#- The day in the first of some columns that has one. -#}
{% macro first_read_day(columns, names) -%}
    coalesce({% for name in names %}{{ read_day(columns[name]) }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}

{#- The days that stand above the header hold for all rows of the file. -#}
{% macro file_period() %}{{ return(['loads.period_start', 'loads.period_end']) }}{% endmacro %}

{#- The same, as parts of a key. -#}
{% macro file_period_key() %}
    {{ return(['cast(loads.period_start as ' ~ dbt.type_string() ~ ')', 'cast(loads.period_end as ' ~ dbt.type_string() ~ ')']) }}
{% endmacro %}
