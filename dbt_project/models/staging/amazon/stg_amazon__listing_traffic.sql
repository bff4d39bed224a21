-- One row per child ASIN, or per SKU, and period. The newest file of a period replaces it whole, whichever layout.
{{ config(indexes=[{'columns': ['load_id', 'row_number'], 'unique': true}, {'columns': ['record_key']}, {'columns': ['store_id', 'business_date']}]) }}

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
        cells.parent_asin,
        cells.child_asin,
        nullif(cells.sku, '') as sku,
        cells.title as product_name,
        {{ parse_integer('cells.sessions_total', 'loads.decimal_mark') }} as session_count,
        {{ parse_integer('cells.page_views_total', 'loads.decimal_mark') }} as page_view_count,
        {{ parse_integer('cells.units_ordered', 'loads.decimal_mark') }} as unit_count,
        {{ parse_integer('cells.total_order_items', 'loads.decimal_mark') }} as order_item_count,
        {{ parse_number('cells.ordered_product_sales', 'loads.decimal_mark') }} as gross_amount,
        {{ row_currency() }} as currency
    from {{ pending_rows('amazon', 'amazon_business_report_asin') }} as cells
    inner join loads on loads.load_id = cells.load_id
)

{{ flag_current_versions() }}
