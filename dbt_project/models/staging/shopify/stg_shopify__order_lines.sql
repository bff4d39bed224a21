-- One row per order line. Order-wide cells stand on an order's first line only: discount and refund stay on that
-- line, so that sums over lines are the order's (of an export without their column they are not known, on any line);
-- the rest is filled down. Two shops number their orders alike: an order is its number and the moment at which it was
-- made, which no later export changes; where two have both in common, Shopify's own Id tells them apart.
{{ config(indexes=[
    {'columns': ['load_id', 'row_number'], 'unique': true},
    {'columns': ['record_key']},
    {'columns': ['store_id', 'business_date']},
]) }}

{% set pending = pending_rows('shopify', 'shopify_orders') %}
{% set columns = report_columns('shopify_orders') %}

with {{ import_loads('shopify_orders') }},

orders as (
    select
        cells.load_id,
        {{ read_text('cells.name') }} as name,
        min(cells.row_number) as first_row_number,
        max({{ read_text('cells.currency') }}) as currency,
        max(coalesce({{ read_text('cells.shipping_country') }}, {{ read_text('cells.billing_country') }})) as country,
        max({{ read_text('cells.financial_status') }}) as financial_status,
        max({{ read_text('cells.id') }}) as platform_id,
        max('shopify|' || loads.store_id || '|' || {{ read_text('cells.email') }}) as customer
    from {{ pending }} as cells
    inner join loads on loads.load_id = cells.load_id
    group by cells.load_id, {{ read_text('cells.name') }}
),

-- raw holds one pseudonym a person; hashed once more with the store, so that two stores' customers are never merged;
-- once a customer, not once a line: it is the slow part
customers as (
    select
        customer,
        {{ pseudonym('customer') }} as customer_key
    from orders
    group by customer
),

read_rows as (
    select
        cells.load_id,
        cells.row_number,
        {{ record_key([
            'loads.store_id', 'loads.account', 'cells.name', moment_text(read_moment(columns.created_at))
        ]) }} as record_key,
        loads.store_id,
        loads.account,
        {{ read_store_day(columns.created_at) }} as business_date,
        {{ read_moment(columns.created_at) }} as created_at,
        {{ read_text('cells.name') }} as order_id,
        orders.platform_id,
        orders.financial_status,
        customers.customer_key,
        orders.country,
        {{ read_text('cells.lineitem_sku') }} as sku,
        {{ read_text('cells.lineitem_name') }} as product_name,
        {{ read_integer(columns.lineitem_quantity) }} as quantity,
        {{ read_number(columns.lineitem_price) }} as unit_price_amount,
        case
            when cells.row_number = orders.first_row_number or not {{ has_column('loads.file_attributes', 'discount_amount') }}
                then {{ known_or_none(read_number(columns.discount_amount), 'discount_amount') }}
            else 0
        end as discount_amount,
        case
            when cells.row_number = orders.first_row_number or not {{ has_column('loads.file_attributes', 'refunded_amount') }}
                then {{ known_or_none(read_number(columns.refunded_amount), 'refunded_amount') }}
            else 0
        end as refund_amount,
        case when cells.row_number = orders.first_row_number then {{ read_number(columns.subtotal) }} end as subtotal_amount,
        coalesce(orders.currency, loads.currency, loads.store_currency) as currency
    from {{ pending }} as cells
    inner join loads on loads.load_id = cells.load_id
    inner join orders on orders.load_id = cells.load_id and orders.name = {{ read_text('cells.name') }}
    left join customers on customers.customer = orders.customer
),

{{ hold_to_own_net('read_rows', [['quantity', 'unit_price_amount']], ['discount_amount'], 'subtotal_amount', [
    'load_id', 'row_number', 'record_key', 'store_id', 'account', 'business_date', 'created_at', 'order_id', 'platform_id',
    'financial_status', 'customer_key', 'country', 'sku', 'product_name', 'quantity', 'unit_price_amount',
    'discount_amount', 'refund_amount', 'subtotal_amount', 'currency',
], within=['record_key']) }}

{{ flag_current_versions(thing='platform_id') }}
