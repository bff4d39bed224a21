-- One row per post, object, store, platform, day and employee. An object's own assignment goes before the store's; what
-- is missing to 1 is the share of 'unassigned'.
{{ config(
    materialized='incremental', incremental_strategy='touched_partitions',
    indexes=[{'columns': ['store_id', 'business_date']}]
) }}

with store_days as (
    select * from {{ ref('int_store_days') }} as days
    where {{ in_touched('days') }}
),

objects as (
    select
        'network_promotion' as post_id, 'store' as object_type, store_id as object_id, store_id, platform, business_date
    from store_days
    union all
    select 'site_operation', 'store', store_id, store_id, platform, business_date
    from store_days
    union all
    select 'network_promotion', 'campaign', campaign_name, store_id, platform, business_date
    from {{ ref('int_ad_activity') }} as ads
    where is_counted and {{ in_touched('ads') }}
    group by campaign_name, store_id, platform, business_date
    union all
    select 'site_operation', 'listing', owner_object_id, store_id, platform, business_date
    from {{ ref('fct_sales_line') }} as lines
    where is_counted and owner_object_type = 'listing' and {{ in_touched('lines') }}
    group by owner_object_id, store_id, platform, business_date
),

assigned as (
    select
        objects.*,
        assignments.employee_id,
        assignments.share,
        -- 1 the object's own assignment, 2 its store's
        case when assignments.object_type = objects.object_type then 1 else 2 end as level
    from objects
    inner join {{ ref('int_assignments') }} as assignments
        on
            assignments.post_id = objects.post_id
            and (
                (assignments.object_type = objects.object_type and assignments.object_id = objects.object_id)
                or (assignments.object_type = 'store' and assignments.object_id = objects.store_id)
            )
            and (assignments.store_id = objects.store_id or assignments.store_id is null)
            and (assignments.platform = objects.platform or assignments.platform is null)
            and objects.business_date >= assignments.valid_from
            and objects.business_date <= assignments.valid_to
),

ranked as (
    select
        *,
        min(level) over (partition by post_id, object_type, object_id, store_id, platform, business_date) as best_level
    from assigned
),

credited as (
    select
        post_id, object_type, object_id, store_id, platform, business_date, employee_id,
        sum(share) as share
    from ranked
    where level = best_level
    group by post_id, object_type, object_id, store_id, platform, business_date, employee_id
),

credited_sums as (
    select
        post_id, object_type, object_id, store_id, platform, business_date,
        sum(share) as share
    from credited
    group by post_id, object_type, object_id, store_id, platform, business_date
),

remainders as (
    select
        objects.post_id, objects.object_type, objects.object_id, objects.store_id, objects.platform, objects.business_date,
        'unassigned' as employee_id,
        1 - coalesce(credited_sums.share, 0) as share
    from objects
    left join credited_sums
        on
            credited_sums.post_id = objects.post_id
            and credited_sums.object_type = objects.object_type
            and credited_sums.object_id = objects.object_id
            and credited_sums.store_id = objects.store_id
            and credited_sums.platform = objects.platform
            and credited_sums.business_date = objects.business_date
    where coalesce(credited_sums.share, 0) < 1
),

owned as (
    select * from credited
    union all
    select * from remainders
)

select * from owned
