-- One row per child ASIN, or per SKU, and period. The newest file of a period replaces it whole, whichever layout.
{{ config(indexes=[{'columns': ['load_id', 'row_number'], 'unique': true}, {'columns': ['record_key']}, {'columns': ['store_id', 'business_date']}]) }}

{% set columns = report_columns('amazon_business_report_asin') %}

with {{ import_loads('amazon_business_report_asin') }},

parsed as (
    select
        cells.load_id,
        cells.row_number,
        {{ record_key(["loads.store_id", "loads.account", 'cast(loads.period_start as ' ~ dbt.type_string() ~ ')', 'cast(loads.period_end as ' ~ dbt.type_string() ~ ')']) }} as record_key,
        loads.store_id,
        loads.account,
        loads.period_end as business_date,
        loads.period_start,
        loads.period_end,
        {{ read_text('cells.parent_asin') }} as parent_asin,
        {{ read_text('cells.child_asin') }} as child_asin,
        {{ read_text('cells.sku') }} as sku,
        {{ read_text('cells.title') }} as product_name,
        {{ read_integer(columns.sessions_total) }} as session_count,
        {{ read_integer(columns.page_views_total) }} as page_view_count,
        {{ read_integer(columns.units_ordered) }} as unit_count,
        {{ read_integer(columns.total_order_items) }} as order_item_count,
        {{ read_number(columns.ordered_product_sales) }} as gross_amount,
        {{ row_currency() }} as currency
    from {{ pending_rows('amazon', 'amazon_business_report_asin') }} as cells
    inner join loads on loads.load_id = cells.load_id
)

{{ flag_current_versions() }}
