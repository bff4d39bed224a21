-- One row per store that is declared in a stores file, or that a loaded file belongs to.
with declared as (
    select
        *,
        row_number() over (partition by store_id order by load_id, row_number) as place
    from {{ ref('stg_tradewind__stores') }}
    where is_current
),

mentioned as (
    select store_id from {{ source('ops', 'visible_load') }}
    union
    select 'unassigned'
)

select store_id, store_name, platform, country, timezone, currency, opened_on, true as is_declared
from declared
where place = 1
union all
select mentioned.store_id, mentioned.store_id, {{ null_texts(2) }}, 'UTC', {{ null_texts(1) }}, cast(null as date), false
from mentioned
left join declared on declared.store_id = mentioned.store_id
where declared.store_id is null
