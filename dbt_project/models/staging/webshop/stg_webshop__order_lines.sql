-- One row per invoice line. An invoice number with C is a cancellation, its quantities are negative; equal lines within
-- an invoice are separate sales. Times are local to the store already.
{{ config(indexes=[
    {'columns': ['load_id', 'row_number'], 'unique': true},
    {'columns': ['record_key']},
    {'columns': ['store_id', 'business_date']},
]) }}

{% set pending = pending_rows('webshop', 'online_retail') %}
{% set columns = report_columns('online_retail') %}

with {{ import_loads('online_retail') }},

-- raw holds one pseudonym a person; hashed once more with the store, so that two stores' customers are never merged;
-- once a customer, not once a line: it is the slow part
customers as (
    select
        cells.customer_id,
        loads.store_id,
        {{ pseudonym("'webshop|' || loads.store_id || '|' || cells.customer_id") }} as customer_key
    from {{ pending }} as cells
    inner join loads on loads.load_id = cells.load_id
    where {{ read_text('cells.customer_id') }} is not null
    group by cells.customer_id, loads.store_id
),

parsed as (
    select
        cells.load_id,
        cells.row_number,
        {{ record_key([
            'loads.store_id', 'loads.account', 'cells.invoice_no',
            'cast(' ~ read_day(columns.invoice_date) ~ ' as ' ~ dbt.type_string() ~ ')'
        ]) }} as record_key,
        loads.store_id,
        loads.account,
        {{ read_day(columns.invoice_date) }} as business_date,
        {{ read_moment(columns.invoice_date, 'loads.store_timezone') }} as created_at,
        {{ read_text('cells.invoice_no') }} as order_id,
        {{ read_text('cells.invoice_no') }} like 'C%' as is_cancellation,
        customers.customer_key,
        {{ read_text('cells.country') }} as country,
        {{ read_text('cells.stock_code') }} as sku,
        {{ read_text('cells.description') }} as product_name,
        {{ read_integer(columns.quantity) }} as quantity,
        {{ read_number(columns.unit_price) }} as unit_price_amount,
        {{ row_currency() }} as currency
    from {{ pending }} as cells
    inner join loads on loads.load_id = cells.load_id
    left join customers
        on customers.customer_id = cells.customer_id and customers.store_id = loads.store_id
)

{{ flag_current_versions() }}
