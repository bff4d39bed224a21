-- One row per order line. Order-wide cells stand on an order's first line only: discount and refund stay on that
-- line, so that sums over lines are the order's; the rest is filled down.
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

parsed as (
    select
        cells.load_id,
        cells.row_number,
        {{ record_key(['loads.store_id', 'loads.account', 'cells.name']) }} as record_key,
        loads.store_id,
        loads.account,
        {{ local_date(read_moment(columns.created_at), 'loads.store_timezone') }} as business_date,
        {{ read_moment(columns.created_at) }} as created_at,
        {{ read_text('cells.name') }} as order_id,
        orders.financial_status,
        customers.customer_key,
        orders.country,
        {{ read_text('cells.lineitem_sku') }} as sku,
        {{ read_text('cells.lineitem_name') }} as product_name,
        {{ read_integer(columns.lineitem_quantity) }} as quantity,
        {{ read_number(columns.lineitem_price) }} as unit_price_amount,
        case
            when cells.row_number = orders.first_row_number then coalesce({{ read_number(columns.discount_amount) }}, 0)
            else 0
        end as discount_amount,
        case
            when cells.row_number = orders.first_row_number then coalesce({{ read_number(columns.refunded_amount) }}, 0)
            else 0
        end as refund_amount,
        coalesce(orders.currency, loads.currency, loads.store_currency) as currency
    from {{ pending }} as cells
    inner join loads on loads.load_id = cells.load_id
    inner join orders on orders.load_id = cells.load_id and orders.name = {{ read_text('cells.name') }}
    left join customers on customers.customer = orders.customer
)

{{ flag_current_versions() }}
