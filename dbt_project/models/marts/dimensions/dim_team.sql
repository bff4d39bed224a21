-- One row per team of the roster; its post is set where all members' roles share one.
with members as (
    select
        roster.team_id,
        roster.team_name,
        roles.post_id
    from {{ ref('stg_tradewind__roster') }} as roster
    left join {{ ref('dim_role') }} as roles on roles.role_id = roster.role_id
    where roster.is_current and roster.team_id <> ''
)

select
    team_id,
    max(team_name) as team_name,
    case when min(post_id) = max(post_id) then min(post_id) end as post_id
from members
group by team_id
