-- One row per number of a load of the build that nobody sells, shows or holds in stock (`beyond_bounds`; the bounds stand in
-- dbt_project.yml), or that is a thousand times the next largest of its file (`stands_out`). It needs no history.
-- depends_on: {{ source('ops', 'report') }}, {{ source('ops', 'build_scope') }}
{%- for model in judged_numbers() %}
-- depends_on: {{ ref(model) }}
{%- endfor %}
{%- set pending = pending_judged_numbers() %}

with judged as (
    select scope.load_id
    from {{ source('ops', 'build_scope') }} as scope
    left join {{ source('ops', 'load_release') }} as released on released.load_id = scope.load_id
    where scope.load_state = 'loaded' and released.load_id is null
),

cells as (
    select
        cast(null as bigint) as load_id,
        cast(null as bigint) as row_number,
        cast(null as date) as business_date,
        {{ null_texts(1) }} as currency,
        {{ null_texts(1) }} as number_name,
        {{ null_texts(1) }} as kind,
        cast(null as {{ exact_numeric() }}) as size
    where 1 = 0
    {%- for model, rows in pending.items() %}
    {%- for name, number in dict(rows.get('day', {}), **rows.get('cells', {})).items() %}
    union all
    select
        staged.load_id, staged.row_number, staged.business_date, {{ judged_currency(model, 'staged') }}, '{{ name }}',
        '{{ number[0] }}', abs({{ number[1] }})
    from {{ ref(model) }} as staged
    where staged.load_id in (select judged.load_id from judged) and {{ judged_where(model, 'staged') }}
    {%- endfor %}
    {%- endfor %}
),

largest as (
    select
        load_id,
        number_name,
        max(size) as size
    from cells
    group by load_id, number_name
),

next_largest as (
    select
        cells.load_id,
        cells.number_name,
        max(case when cells.size < largest.size then cells.size end) as size,
        sum(case when cells.size = largest.size then 1 else 0 end) as places
    from cells
    inner join largest on largest.load_id = cells.load_id and largest.number_name = cells.number_name
    group by cells.load_id, cells.number_name
)

select
    cells.load_id,
    cells.row_number,
    cells.number_name,
    cells.kind,
    'beyond_bounds' as finding
from cells
left join {{ ref('int_exchange_rates') }} as rates
    on rates.business_date = cells.business_date and rates.currency = cells.currency
where
    (cells.kind = 'count' and cells.size > {{ var('largest_count') }})
    or (cells.kind = 'pieces' and cells.size > {{ var('largest_quantity') }})
    -- without a rate nobody knows what it is worth: a million rials are some euros
    or (
        cells.kind = 'amount'
        and cells.size * coalesce({{ reporting_rate('cells.currency') }}, 0.00001) > {{ var('largest_amount') }}
    )
union all
select
    cells.load_id,
    cells.row_number,
    cells.number_name,
    cells.kind,
    'stands_out' as finding
from cells
inner join next_largest
    on next_largest.load_id = cells.load_id and next_largest.number_name = cells.number_name
where
    cells.kind <> 'count' and next_largest.places = 1 and next_largest.size > 0
    and cells.size >= 1000 * next_largest.size
