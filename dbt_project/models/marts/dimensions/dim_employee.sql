-- One row per employee of the roster, and per employee that only assignments name; 'unassigned' takes what has no owner.
with roster as (
    select * from {{ ref('stg_tradewind__roster') }}
    where is_current
),

listed as (
    select
        roster.employee_id,
        roster.employee_name,
        roster.role_id,
        roles.post_id,
        roster.team_id,
        roster.department,
        roster.country,
        roster.hired_on,
        roster.left_on,
        row_number() over (partition by roster.employee_id order by roster.load_id, roster.row_number) as place
    from roster
    left join {{ ref('dim_role') }} as roles on roles.role_id = roster.role_id
),

named_elsewhere as (
    select assignments.employee_id
    from {{ ref('int_assignments') }} as assignments
    left join roster on roster.employee_id = assignments.employee_id
    where roster.employee_id is null
    group by assignments.employee_id
)

select employee_id, employee_name, role_id, post_id, team_id, department, country, hired_on, left_on
from listed
where place = 1
union all
select employee_id, {{ null_texts(6) }}, cast(null as date), cast(null as date)
from named_elsewhere
union all
select 'unassigned', {{ null_texts(6) }}, cast(null as date), cast(null as date)
