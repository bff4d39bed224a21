-- One row per record and sign that something about it cannot be so. It counts all the same: what is true is not for us to
-- say, but somebody should look.
{{ config(
    materialized='incremental', incremental_strategy='touched_partitions',
    indexes=[{'columns': ['store_id', 'business_date']}]
) }}

with lines as (
    select *
    from {{ ref('fct_sales_line') }} as events
    where is_counted and is_order_line and {{ in_touched('events') }}
),

orders as (
    select
        load_id,
        order_id,
        min(row_number) as row_number,
        sum(gross_amount - discount_amount) as goods_amount,
        sum(refund_amount) as refund_amount
    from lines
    where is_sale
    group by load_id, store_id, platform, order_id
),

dated as (
    select
        lines.load_id,
        lines.row_number,
        lines.report,
        lines.business_date,
        lines.store_id
    from lines
    {% for shape in ['tickets', 'shipments', 'returns', 'traffic', 'ads'] %}
    union all
    select
        staged.load_id,
        staged.row_number,
        staged.report,
        staged.business_date,
        staged.store_id
    from {{ ref('stg_shapes__' ~ shape) }} as staged
    where staged.is_current and {{ in_touched('staged') }}
    {% endfor %}
),

flagged as (
    select
        lines.load_id,
        lines.row_number,
        lines.report,
        'refund_above_goods' as flag_code,
        lines.business_date,
        lines.store_id
    from orders
    inner join lines on lines.load_id = orders.load_id and lines.row_number = orders.row_number
    where orders.refund_amount > orders.goods_amount
    union all
    -- the file's own net tells that amounts were edited, or that two columns changed places
    {% for model, report in [
        ('stg_shopify__sales', "'shopify_sales_by_variant'"), ('stg_shopify__order_lines', "'shopify_orders'"),
        ('stg_shapes__orders', 'staged.report'),
    ] %}
    select
        staged.load_id,
        staged.row_number,
        {{ report }},
        'net_differs',
        staged.business_date,
        staged.store_id
    from {{ ref(model) }} as staged
    where staged.is_current and staged.contradicts_net and {{ in_touched('staged') }}
    union all
    {% endfor %}
    -- a day between what the store's clock and the exporter's say is no sign of anything
    select
        dated.load_id,
        dated.row_number,
        dated.report,
        'dated_after_export',
        dated.business_date,
        dated.store_id
    from dated
    inner join {{ source('ops', 'visible_load') }} as visible on visible.load_id = dated.load_id
    where dated.business_date > {{ add_days(local_date('visible.extracted_at', "'UTC'"), 1) }}
    {% for shape, flag_code, earlier, later in [
        ('tickets', 'replied_before_created', 'created_at', 'first_replied_at'),
        ('tickets', 'resolved_before_created', 'created_at', 'resolved_at'),
        ('shipments', 'delivered_before_shipped', 'shipped_at', 'delivered_at'),
    ] %}
    union all
    select
        staged.load_id,
        staged.row_number,
        staged.report,
        '{{ flag_code }}',
        staged.business_date,
        staged.store_id
    from {{ ref('stg_shapes__' ~ shape) }} as staged
    where
        staged.is_current and staged.{{ later }} < staged.{{ earlier }}
        and {{ in_touched('staged') }}
    {% endfor %}
)

select
    load_id,
    row_number,
    report,
    flag_code,
    business_date,
    store_id
from flagged
where business_date is not null
