-- One row per day and product variant; a row without a product holds the day's shipping and taxes. Discounts and returns
-- are negative in the file, positive here, and not known where the export has no column for them, or where the row does
-- not add up to its own net; that is known all the same.
{{ config(indexes=[{'columns': ['load_id', 'row_number'], 'unique': true}, {'columns': ['record_key']}, {'columns': ['store_id', 'business_date']}]) }}

{% set columns = report_columns('shopify_sales_by_variant') %}

with {{ import_loads('shopify_sales_by_variant') }},

read_rows as (
    select
        cells.load_id,
        cells.row_number,
        {{ record_key(["loads.store_id", "loads.account", "cells.day"]) }} as record_key,
        loads.store_id,
        loads.account,
        {{ read_day(columns.day) }} as business_date,
        {{ read_text('cells.product_title') }} as product_name,
        {{ read_text('cells.product_variant_sku') }} as sku,
        {{ read_integer(columns.net_items_sold) }} as net_item_quantity,
        {{ read_number(columns.gross_sales) }} as gross_amount,
        -{{ known_or_none(read_number(columns.discounts), 'discounts') }} as discount_amount,
        -{{ known_or_none(read_number(columns.returns), 'returns') }} as return_amount,
        {{ read_number(columns.net_sales) }} as net_amount,
        {{ read_integer(columns.orders) }} as order_count,
        {{ row_currency() }} as currency
    from {{ pending_rows('shopify', 'shopify_sales_by_variant') }} as cells
    inner join loads on loads.load_id = cells.load_id
),

{{ hold_to_own_net('read_rows', [['gross_amount']], ['discount_amount', 'return_amount'], 'net_amount', [
    'load_id', 'row_number', 'record_key', 'store_id', 'account', 'business_date', 'product_name', 'sku',
    'net_item_quantity', 'gross_amount', 'discount_amount', 'return_amount', 'net_amount', 'order_count', 'currency',
]) }}

{{ flag_current_versions() }}
