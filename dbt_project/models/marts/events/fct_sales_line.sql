-- One row per sold or returned line, or per row of a platform's sales report. Of each store, platform and day one source
-- counts: the most detailed one that holds the day; is_counted says which, the others are kept for comparison.
{{ config(
    materialized='incremental', incremental_strategy='touched_partitions',
    indexes=[{'columns': ['store_id', 'business_date']}],
    meta={'reach': {'sales_sources': 'none'}}
) }}

{%- set one_currency -%}
    coalesce(finer.first_currency, coarser.first_currency, '') = coalesce(coarser.last_currency, finer.last_currency, '')
    and coalesce(finer.last_currency, coarser.last_currency, '') = coalesce(coarser.first_currency, finer.first_currency, '')
{%- endset %}

with shopify_orders as (
    select
        *,
        quantity > 0 and unit_price_amount >= 0 as is_sale
    from {{ ref('stg_shopify__order_lines') }} as staged
    where is_current and {{ in_touched('staged') }}
),

webshop_orders as (
    select
        *,
        quantity > 0 and unit_price_amount > 0 and not is_cancellation as is_sale,
        is_cancellation and quantity < 0 and unit_price_amount > 0 as is_return
    from {{ ref('stg_webshop__order_lines') }} as staged
    where is_current and {{ in_touched('staged') }}
),

mapped_orders as (
    select
        staged.*,
        coalesce(staged.gross_amount, staged.quantity * staged.unit_price_amount) as line_amount,
        -- a line without a price (pending, or the summary of others) is no sale
        coalesce(
            not coalesce(staged.is_cancelled, false)
            and staged.quantity > 0
            and coalesce(staged.gross_amount, staged.quantity * staged.unit_price_amount) >= 0,
            false
        ) as is_sale
    from {{ ref('stg_shapes__orders') }} as staged
    where staged.is_current and {{ in_touched('staged') }}
),

lines as (
    select
        false as is_mapped, load_id, row_number, 'shopify_orders' as report, 'shopify' as platform, store_id, business_date,
        order_id, customer_key, country, sku, product_name, currency,
        true as is_order_line, is_sale, false as is_return, true as is_product,
        financial_status in ('paid', 'partially_refunded', 'refunded') as is_paid,
        cast(quantity as {{ exact_numeric() }}) as quantity,
        case when is_sale then quantity * unit_price_amount else 0 end as gross_amount,
        case when quantity > 0 then quantity * unit_price_amount end as held_amount,
        discount_amount,
        {{ none_or_more('refund_amount') }} as refund_amount,
        -- what the order's own subtotal leaves of it, on its first line like its discount
        subtotal_amount - own_whole_amount + quantity * unit_price_amount - {{ none_or_more('refund_amount') }}
            as reported_net_amount,
        cast(null as bigint) as reported_order_count
    from shopify_orders
    union all
    select
        false, load_id, row_number, 'online_retail', 'webshop', store_id, business_date,
        order_id, customer_key, country, sku, product_name, currency,
        true, is_sale, is_return, {{ is_product_code('sku') }}, cast(null as boolean),
        cast(quantity as {{ exact_numeric() }}),
        case when is_sale then quantity * unit_price_amount else 0 end,
        case when is_sale then quantity * unit_price_amount end,
        0,
        case when is_return then -quantity * unit_price_amount else 0 end,
        cast(null as {{ exact_numeric() }}),
        cast(null as bigint)
    from webshop_orders
    union all
    select
        false, load_id, row_number, 'shopify_sales_by_variant', 'shopify', store_id, business_date,
        {{ null_texts(3) }}, sku, product_name, currency,
        false, true, false, product_name is not null, cast(null as boolean),
        cast(net_item_quantity as {{ exact_numeric() }}),
        gross_amount,
        gross_amount,
        discount_amount,
        return_amount,
        net_amount,
        order_count
    from {{ ref('stg_shopify__sales') }} as staged
    where is_current and {{ in_touched('staged') }}
    union all
    select
        false, load_id, row_number, 'amazon_business_report_asin', 'amazon', store_id, business_date,
        {{ null_texts(3) }}, coalesce(sku, child_asin), product_name, currency,
        false, true, false, true, cast(null as boolean),
        cast(unit_count as {{ exact_numeric() }}),
        gross_amount,
        gross_amount,
        0,
        0,
        cast(null as {{ exact_numeric() }}),
        order_item_count
    from {{ ref('stg_amazon__listing_traffic') }} as staged
    where is_current and period_start = period_end and {{ in_touched('staged') }}
    union all
    select
        false, load_id, row_number, 'amazon_business_report_by_date', 'amazon', store_id, business_date,
        {{ null_texts(5) }}, currency,
        false, true, false, true, cast(null as boolean),
        cast(unit_count as {{ exact_numeric() }}),
        gross_amount,
        gross_amount,
        0,
        0,
        cast(null as {{ exact_numeric() }}),
        order_item_count
    from {{ ref('stg_amazon__store_traffic') }} as staged
    where is_current and {{ in_touched('staged') }}
    union all
    select
        true, load_id, row_number, report, platform, store_id, business_date,
        order_id, customer, country, sku, product_name, currency,
        true, is_sale, false, coalesce(sku, product_name) is not null, is_paid,
        quantity,
        case when is_sale then line_amount else 0 end,
        -- of a day whose orders were cancelled nothing is missing
        case when quantity > 0 then line_amount end,
        case when is_sale then discount_amount else 0 end,
        case when is_sale then {{ none_or_more('refund_amount') }} else 0 end,
        case when is_sale then net_amount - {{ none_or_more('refund_amount') }} end,
        cast(null as bigint)
    from mapped_orders
),

-- what each report holds of a day; amounts are compared in their own currency where the day has but one, which a report
-- that does not say its own is taken to be in
held as (
    select
        lines.store_id,
        lines.platform,
        lines.business_date,
        lines.report,
        {{ sales_source_rank('lines', 'declared') }} as source_rank,
        sum(lines.held_amount) as held_amount,
        sum({{ to_reporting('lines.held_amount', reporting_rate('lines.currency')) }}) as held_amount_reporting,
        count(lines.held_amount) = count({{ to_reporting('lines.held_amount', reporting_rate('lines.currency')) }})
            as is_converted,
        min(lines.currency) as first_currency,
        max(lines.currency) as last_currency,
        -- of a sales report its own net, of orders all that it is made of
        min(
            case
                when lines.is_order_line and lines.discount_amount is not null and lines.refund_amount is not null then 1
                when lines.reported_net_amount is not null then 1
                else 0
            end
        ) as knows_net
    from lines
    left join {{ ref('sales_sources') }} as declared on declared.report = lines.report
    left join {{ ref('int_exchange_rates') }} as rates
        on rates.business_date = lines.business_date and rates.currency = lines.currency
    group by lines.store_id, lines.platform, lines.business_date, lines.report, source_rank
),

compared as (
    select
        finer.store_id,
        finer.platform,
        finer.business_date,
        finer.report,
        coarser.knows_net > finer.knows_net as is_better_known,
        case
            when {{ one_currency }} then coalesce(finer.held_amount, 0)
            when finer.is_converted and coarser.is_converted then coalesce(finer.held_amount_reporting, 0)
        end as finer_amount,
        case when {{ one_currency }} then coarser.held_amount else coarser.held_amount_reporting end as coarser_amount
    from held as finer
    inner join held as coarser
        on
            coarser.store_id = finer.store_id
            and coarser.platform = finer.platform
            and coarser.business_date = finer.business_date
            and coarser.source_rank > finer.source_rank
),

-- a source stands back before a coarser one that shows it to be a part of the day, or that holds the day as well and
-- knows the net which it lacks
outdone as (
    select
        store_id,
        platform,
        business_date,
        report
    from compared
    where
        finer_amount < {{ var('whole_day_share') }} * coarser_amount
        or (is_better_known and coarser_amount >= {{ var('whole_day_share') }} * finer_amount)
    group by store_id, platform, business_date, report
),

sources as (
    select
        held.store_id,
        held.platform,
        held.business_date,
        min(held.source_rank) as best_rank
    from held
    left join outdone
        on
            outdone.store_id = held.store_id
            and outdone.platform = held.platform
            and outdone.business_date = held.business_date
            and outdone.report = held.report
    where outdone.report is null
    group by held.store_id, held.platform, held.business_date
),

-- an order counts once, on its first line
first_lines as (
    select
        load_id,
        store_id,
        platform,
        business_date,
        order_id,
        min(row_number) as row_number
    from lines
    where is_order_line and is_sale
    group by load_id, store_id, platform, business_date, order_id
),

listing_days as (
    select
        lines.store_id,
        lines.platform,
        lines.business_date,
        lines.sku
    from lines
    inner join {{ ref('int_assignments') }} as assignments
        on
            assignments.object_id = lines.sku
            and (assignments.store_id = lines.store_id or assignments.store_id is null)
            and (assignments.platform = lines.platform or assignments.platform is null)
            and lines.business_date >= assignments.valid_from
            and lines.business_date <= assignments.valid_to
    where assignments.post_id = 'site_operation' and assignments.object_type = 'listing'
    group by lines.store_id, lines.platform, lines.business_date, lines.sku
),

session_days as (
    select
        store_id,
        platform,
        business_date
    from {{ ref('fct_web_traffic') }} as traffic
    where is_counted and session_count is not null and {{ in_touched('traffic') }}
    group by store_id, platform, business_date
),

priced as (
    select
        lines.*,
        {{ reporting_rate('lines.currency') }} as rate,
        {{ sales_source_rank('lines', 'declared') }} = sources.best_rank as is_counted,
        case
            when not lines.is_order_line then lines.reported_order_count
            when first_lines.row_number is not null then 1
            else 0
        end as order_count,
        session_days.business_date is not null as has_sessions,
        case when listing_days.sku is not null then 'listing' else 'store' end as owner_object_type,
        coalesce(listing_days.sku, lines.store_id) as owner_object_id,
        case
            when lines.is_product and (lines.is_sale or lines.is_return)
                then {{ to_reporting(
                    'lines.quantity * costs.unit_cost_amount', reporting_rate('costs.currency', 'cost_rates')
                ) }}
        end as cost_amount_reporting
    from lines
    inner join sources
        on
            sources.store_id = lines.store_id
            and sources.platform = lines.platform
            and sources.business_date = lines.business_date
    left join {{ ref('sales_sources') }} as declared on declared.report = lines.report
    left join first_lines
        on
            first_lines.load_id = lines.load_id
            and first_lines.row_number = lines.row_number
    left join session_days
        on
            session_days.store_id = lines.store_id
            and session_days.platform = lines.platform
            and session_days.business_date = lines.business_date
    left join listing_days
        on
            listing_days.store_id = lines.store_id
            and listing_days.platform = lines.platform
            and listing_days.business_date = lines.business_date
            and listing_days.sku = lines.sku
    left join {{ ref('int_exchange_rates') }} as rates
        on rates.business_date = lines.business_date and rates.currency = lines.currency
    left join {{ ref('int_product_costs') }} as costs
        on
            costs.store_id = lines.store_id
            and costs.sku = lines.sku
            and costs.valid_from <= lines.business_date
            and (costs.valid_until is null or lines.business_date < costs.valid_until)
    left join {{ ref('int_exchange_rates') }} as cost_rates
        on cost_rates.business_date = lines.business_date and cost_rates.currency = costs.currency
),

converted as (
    select
        *,
        {{ to_reporting('gross_amount', 'rate') }} as gross_amount_reporting,
        {{ to_reporting('discount_amount', 'rate') }} as discount_amount_reporting,
        {{ to_reporting('refund_amount', 'rate') }} as refund_amount_reporting
    from priced
),

-- where the parts are not known, a report's own net is all the same; where they are, they add up to it
netted as (
    select
        *,
        coalesce(gross_amount - discount_amount - refund_amount, reported_net_amount) as net_amount,
        coalesce(
            gross_amount_reporting - discount_amount_reporting - refund_amount_reporting,
            {{ to_reporting('reported_net_amount', 'rate') }}
        ) as net_amount_reporting
    from converted
)

select
    load_id,
    row_number,
    report,
    store_id,
    platform,
    business_date,
    is_counted,
    is_order_line,
    is_sale,
    is_return,
    is_product,
    is_paid,
    order_id,
    customer_key,
    country,
    sku,
    product_name,
    owner_object_type,
    owner_object_id,
    quantity,
    cast(order_count as bigint) as order_count,
    has_sessions,
    currency,
    gross_amount,
    discount_amount,
    refund_amount,
    net_amount,
    gross_amount_reporting,
    discount_amount_reporting,
    refund_amount_reporting,
    net_amount_reporting,
    cost_amount_reporting,
    net_amount_reporting - cost_amount_reporting as gross_profit_amount_reporting
from netted
