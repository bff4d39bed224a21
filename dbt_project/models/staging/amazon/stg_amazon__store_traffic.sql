-- One row per day of the store.
{{ config(indexes=[{'columns': ['load_id', 'row_number'], 'unique': true}, {'columns': ['record_key']}, {'columns': ['store_id', 'business_date']}]) }}

{% set columns = report_columns('amazon_business_report_by_date') %}

with {{ import_loads('amazon_business_report_by_date') }},

parsed as (
    select
        cells.load_id,
        cells.row_number,
        {{ record_key(["loads.store_id", "loads.account", 'cast(' ~ read_day(columns.date) ~ ' as ' ~ dbt.type_string() ~ ')']) }} as record_key,
        loads.store_id,
        loads.account,
        {{ read_day(columns.date) }} as business_date,
        {{ read_integer(columns.sessions_total) }} as session_count,
        {{ read_integer(columns.page_views_total) }} as page_view_count,
        {{ read_integer(columns.units_ordered) }} as unit_count,
        {{ read_integer(columns.total_order_items) }} as order_item_count,
        {{ read_number(columns.ordered_product_sales) }} as gross_amount,
        {{ row_currency() }} as currency
    from {{ pending_rows('amazon', 'amazon_business_report_by_date') }} as cells
    inner join loads on loads.load_id = cells.load_id
)

{{ flag_current_versions() }}
