-- One row per day of a traffic report, or per page or listing and day. Visitors are distinct people and never summed.
-- Amazon's report by day goes before its report by listing, whose sessions overlap; GA4 counts for all users and for
-- the audience of paid traffic, other audiences overlap with these.
{{ config(
    materialized='incremental', incremental_strategy='touched_partitions',
    indexes=[{'columns': ['store_id', 'business_date']}]
) }}

with reported as (
    select
        false as is_mapped, load_id, row_number, 'shopify_visitors' as report, 'shopify' as platform, store_id, business_date,
        {{ null_texts(1) }} as audience, {{ null_texts(1) }} as page, visitor_count, session_count, cast(null as bigint) as page_view_count,
        cast(null as bigint) as order_item_count, cast(null as bigint) as unit_count
    from {{ ref('stg_shopify__visitors') }} as staged
    where is_current and {{ in_touched('staged') }}
    union all
    select
        false, load_id, row_number, 'amazon_business_report_asin', 'amazon', store_id, business_date,
        {{ null_texts(1) }}, coalesce(sku, child_asin), cast(null as bigint), session_count, page_view_count, order_item_count, unit_count
    from {{ ref('stg_amazon__listing_traffic') }} as staged
    where is_current and period_start = period_end and {{ in_touched('staged') }}
    union all
    select
        false, load_id, row_number, 'amazon_business_report_by_date', 'amazon', store_id, business_date,
        {{ null_texts(2) }}, cast(null as bigint), session_count, page_view_count, order_item_count, unit_count
    from {{ ref('stg_amazon__store_traffic') }} as staged
    where is_current and {{ in_touched('staged') }}
    union all
    -- sessions and users of a page overlap with those of other pages, so only its views are taken
    select
        false, load_id, row_number, 'ga4_pages', 'ga4', store_id, business_date,
        audience, page_path, cast(null as bigint), cast(null as bigint), page_view_count, cast(null as bigint), cast(null as bigint)
    from {{ ref('stg_ga4__pages') }} as staged
    where is_current and period_start = period_end and {{ in_touched('staged') }}
    union all
    select
        true, load_id, row_number, report, platform, store_id, business_date,
        {{ null_texts(1) }}, page, visitor_count, session_count, page_view_count, order_item_count, unit_count
    from {{ ref('stg_shapes__traffic') }} as staged
    where is_current and period_start = period_end and {{ in_touched('staged') }}
),

-- reports mapped to the shape overlap with others of the platform: one counts a day, rather one of the whole store
best_reports as (
    select
        store_id,
        platform,
        business_date,
        min({{ traffic_source_rank() }}) as best_rank
    from reported
    group by store_id, platform, business_date
),

store_days as (
    select
        store_id,
        business_date
    from reported
    where report = 'amazon_business_report_by_date'
    group by store_id, business_date
),

marked as (
    select
        reported.*,
        coalesce(lower(reported.audience) like '%paid%', false) as is_paid_audience,
        case
            when reported.report = 'amazon_business_report_asin' then store_days.store_id is null
            when reported.report = 'ga4_pages'
                then coalesce(lower(reported.audience), 'all users') = 'all users' or lower(reported.audience) like '%paid%'
            when reported.is_mapped then best_reports.best_rank = {{ traffic_source_rank('reported') }}
            else true
        end as is_counted
    from reported
    left join store_days
        on store_days.store_id = reported.store_id and store_days.business_date = reported.business_date
    inner join best_reports
        on
            best_reports.store_id = reported.store_id
            and best_reports.platform = reported.platform
            and best_reports.business_date = reported.business_date
)

select
    load_id,
    row_number,
    report,
    store_id,
    platform,
    business_date,
    is_counted,
    audience,
    is_paid_audience,
    page,
    visitor_count,
    session_count,
    page_view_count,
    order_item_count,
    unit_count
from marked
