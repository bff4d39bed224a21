-- Nothing is credited twice, nothing is lost: what has no owner is the share of 'unassigned'.
select
    post_id,
    object_type,
    object_id,
    store_id,
    platform,
    business_date
from {{ ref('bridge_ownership') }}
group by post_id, object_type, object_id, store_id, platform, business_date
having sum(share) <> 1 or min(share) <= 0
