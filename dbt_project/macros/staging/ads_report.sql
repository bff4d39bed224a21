{#- A staging model of an advertising report: one row per row of the file, in the shape that all of them share.
    `key` names what a row is of, but for its days and its account, which are parts of every key; it, the names and `more`
    are SQL over `cells`. `days` names the columns of a row's first and last day, each of several the first that is filled,
    `period` ([first, last]) is SQL where the file says it; the counts and amounts name columns. `accounts` are columns that
    say whose the row is: the first filled one counts. Counts that are blank when there were none are 0 by `blank_is_none`,
    where the file has their column. -#}
{% macro ads_report(
    source_name, report, key, campaign, impressions, clicks, conversions, spend, conversion_value,
    days=none, period=none, accounts=[], campaign_type=none, ad_group=none, currency=none, blank_is_none=[], more={}
) %}
{{ config(indexes=[
    {'columns': ['load_id', 'row_number'], 'unique': true},
    {'columns': ['record_key']},
    {'columns': ['store_id', 'business_date']},
]) }}
{%- set columns = report_columns(report) %}
{%- set first_day, last_day = period or [first_read_day(columns, days[0]), first_read_day(columns, days[1])] %}
{%- set is_daily = 'true' if days and days[0] == days[1] else rows_are_days(first_day, last_day) %}
{%- set of_days = [
    'cast(' ~ first_day ~ ' as ' ~ dbt.type_string() ~ ')', 'cast(' ~ last_day ~ ' as ' ~ dbt.type_string() ~ ')',
    "case when " ~ is_daily ~ " then 'day' else 'period' end",
] %}
{%- set numbers = {
    'impression_count': [read_integer(columns[impressions]), impressions],
    'click_count': [read_integer(columns[clicks]), clicks],
    'conversion_quantity': [read_number(columns[conversions]), conversions],
    'spend_amount': [read_number(columns[spend]), spend],
    'conversion_value_amount': [read_number(columns[conversion_value]), conversion_value],
} %}

with {{ import_loads(report) }},

parsed as (
    select
        cells.load_id,
        cells.row_number,
        {{ record_key(['loads.store_id', row_account(columns, accounts)] + of_days + key) }} as record_key,
        loads.store_id,
        loads.account,
        {{ last_day }} as business_date,
        {{ first_day }} as period_start,
        {{ last_day }} as period_end,
        {{ is_daily }} as is_daily,
        {%- for name, expression in more.items() %}
        {{ expression }} as {{ name }},
        {%- endfor %}
        {{ read_text(campaign) }} as campaign_name,
        {{ read_text(campaign_type) if campaign_type else null_texts(1) }} as campaign_type,
        {{ read_text(ad_group) if ad_group else null_texts(1) }} as ad_group_name,
        {%- for name, (number, column) in numbers.items() %}
        {{ known_or_none(number, column) if name in blank_is_none else number }} as {{ name }},
        {%- endfor %}
        {{ row_currency(read_text(currency) if currency else none) }} as currency
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

{#- Whose a row is: by its own id, else by its file's folder, else by the account's name. -#}
{% macro row_account(columns, accounts) -%}
    {%- set ids, names = [], [] -%}
    {%- for name in accounts -%}
        {%- if (columns.get(name) or {}).get('same_digits') -%}{%- do ids.append(read_cell(columns[name], 'account')) -%}
        {%- else -%}{%- do names.append(read_text('cells.' ~ name)) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ 'coalesce(' ~ (ids + ["nullif(loads.account, '')"] + names) | join(', ') ~ ", '')" }}
{%- endmacro %}

{#- A number of which a blank cell is none; in a file without its column it is not known. -#}
{% macro known_or_none(number, column) -%}
    coalesce({{ number }}, case when {{ has_column('loads.file_attributes', column) }} then 0 end)
{%- endmacro %}

{#- The day in the first of some columns that has one. -#}
{% macro first_read_day(columns, names) -%}
    coalesce({% for name in names %}{{ read_day(columns[name]) }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}

{#- The days that stand above the header hold for all rows of the file. -#}
{% macro file_period() %}{{ return(['loads.period_start', 'loads.period_end']) }}{% endmacro %}
