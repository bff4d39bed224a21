-- One row per post.
select post_id, cast(sort_order as bigint) as sort_order, name_en, name_zh
from {{ ref('posts') }}
