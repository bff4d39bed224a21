-- Spend shared out to people is the spend of the events.
select
    events.store_id,
    events.platform
from (
    select store_id, platform, sum(spend_amount_reporting) as spend
    from {{ ref('fct_ad_activity') }}
    where is_counted
    group by store_id, platform
) as events
left join (
    select store_id, platform, sum(spend_amount_reporting) as spend
    from {{ ref('fct_network_promotion_daily') }}
    group by store_id, platform
) as shared on shared.store_id = events.store_id and shared.platform = events.platform
where coalesce(events.spend, 0) <> coalesce(shared.spend, 0)
