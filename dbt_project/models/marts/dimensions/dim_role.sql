-- One row per named role; the post is the one whose metrics apply, if any.
select role_id, name_en, name_zh, role_type, department, post_id
from {{ ref('roles') }}
