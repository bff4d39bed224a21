{#- A staging model of an advertising report: one row per row of the file, in the shape that all of them share.
    `key` names what a row is of, but for its days and its account, which are parts of every key; it and the named arguments
    are SQL over `cells`. `day` where each row has its day, `period` ([first, last]) where it has, or the file has, two.
    `accounts` are columns that say whose the row is: the first filled one counts. `counts` that are blank when there were
    none are 0 by `blank_is_none`, where the file has their column. `more` adds columns. -#}
{% macro ads_report(
    source_name, report, key, campaign, impressions, clicks, conversions, spend, conversion_value,
    day=none, period=none, accounts=[], campaign_type=none, ad_group=none, currency=none, blank_is_none=[], more={}
) %}
{{ config(indexes=[
    {'columns': ['load_id', 'row_number'], 'unique': true},
    {'columns': ['record_key']},
    {'columns': ['store_id', 'business_date']},
]) }}
{%- set first_day, last_day = period or [day, day] %}
{%- set is_daily = 'true' if day else rows_are_days(first_day, last_day) %}
{%- set days = [
    'cast(' ~ first_day ~ ' as ' ~ dbt.type_string() ~ ')', 'cast(' ~ last_day ~ ' as ' ~ dbt.type_string() ~ ')',
    "case when " ~ is_daily ~ " then 'day' else 'period' end",
] %}
{%- set numbers = {
    'impression_count': ['integer', impressions],
    'click_count': ['integer', clicks],
    'conversion_quantity': ['number', conversions],
    'spend_amount': ['number', spend],
    'conversion_value_amount': ['number', conversion_value],
} %}

with {{ import_loads(report) }},

parsed as (
    select
        cells.load_id,
        cells.row_number,
        {{ record_key(['loads.store_id', 'loads.account', row_account(accounts)] + days + key) }} as record_key,
        loads.store_id,
        loads.account,
        {{ last_day }} as business_date,
        {{ first_day }} as period_start,
        {{ last_day }} as period_end,
        {{ is_daily }} as is_daily,
        {%- for name, expression in more.items() %}
        {{ expression }} as {{ name }},
        {%- endfor %}
        {{ campaign }} as campaign_name,
        {{ "nullif(" ~ campaign_type ~ ", '')" if campaign_type else null_texts(1) }} as campaign_type,
        {{ "nullif(" ~ ad_group ~ ", '')" if ad_group else null_texts(1) }} as ad_group_name,
        {%- for name, (type, cell) in numbers.items() %}
        {%- set number = parse_integer(cell) if type == 'integer' else parse_number(cell) %}
        {{ known_or_none(number, cell | replace('cells.', '')) if name in blank_is_none else number }} as {{ name }},
        {%- endfor %}
        {{ row_currency(currency) }} as currency
    from {{ pending_rows(source_name, report) }} as cells
    inner join loads on loads.load_id = cells.load_id
)

{{ flag_current_versions() }}
{% endmacro %}

{#- Whether the rows of a load are days: those of a report over a period are not, even where some were seen on one of its
    days alone, so it is asked of the file and not of the row. -#}
{% macro rows_are_days(first_day, last_day) -%}
    max(case when {{ first_day }} <> {{ last_day }} then 1 else 0 end) over (partition by cells.load_id) = 0
{%- endmacro %}

{#- Whose a row is by its own columns: the first filled one. -#}
{% macro row_account(columns) -%}
    {%- set cells = [] -%}
    {%- for column in columns -%}{%- do cells.append("nullif(" ~ trimmed('cells.' ~ column) ~ ", '')") -%}{%- endfor -%}
    {{ "coalesce(" ~ cells | join(', ') ~ ", '')" if cells else "''" }}
{%- endmacro %}

{#- A number of which a blank cell is none; in a file without its column it is not known. -#}
{% macro known_or_none(number, column) -%}
    coalesce({{ number }}, case when {{ has_column('loads.file_attributes', column) }} then 0 end)
{%- endmacro %}

{#- The days that stand above the header hold for all rows of the file. -#}
{% macro file_period() %}{{ return(['loads.period_start', 'loads.period_end']) }}{% endmacro %}
