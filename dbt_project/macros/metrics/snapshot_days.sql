{#- The days of the snapshots of an event model: one row per store, platform and day with anything counted, numerator and
    denominator of each rule a column. A row of the event model stands from its day until `until`, and is in a side of a rule
    while that side's date lies within the window that ends on the day. Exact: who enters a window minus who leaves it, summed
    up to the day; an incremental run goes on from the last day that stands. -#}
{% macro snapshot_days(event_model) %}
{%- set sides = [] -%}
{%- set parts = [] -%}
{%- for post in metric_rules().values() -%}
    {%- for source in post.sources if source.model == event_model and source.by_day -%}
        {%- do parts.append(source) -%}
        {%- for term in source.terms -%}
            {%- for side in ['numerator', 'denominator'] -%}
                {%- do sides.append({
                    'column': term.column ~ '_' ~ side,
                    'is_in': '(' ~ term.where ~ ') and ' ~ add_days(term[side], term.window) ~ ' > business_date',
                    'left_on': 'least(' ~ add_days(source.until, 1) ~ ', ' ~ add_days(term[side], term.window) ~ ')',
                }) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endfor -%}

with first_events as (
    select
        store_id,
        platform,
        min(business_date) as first_date
    from {{ ref(event_model) }}
    where {{ parts[0].counted }}
    group by store_id, platform
),

{% if is_incremental() %}
first_touched as (
    select
        store_id,
        min(business_date) as first_date
    from intermediate.touched
    where model = '{{ model.name }}'
    group by store_id
),

standing as (
    select
        kept.*,
        row_number() over (partition by kept.store_id, kept.platform order by kept.business_date desc) as age
    from {{ this }} as kept
    inner join first_touched
        on first_touched.store_id = kept.store_id and kept.business_date < first_touched.first_date
),

{% endif %}
events as (
    select
        rows_of_days.*
        {%- if is_incremental() %},
        standing.business_date as standing_date
        {%- endif %}
    from {{ ref(event_model) }} as rows_of_days
    {%- if is_incremental() %}
    inner join first_touched on first_touched.store_id = rows_of_days.store_id
    left join standing
        on standing.store_id = rows_of_days.store_id and standing.platform = rows_of_days.platform and standing.age = 1
    -- nothing changes any more behind the last day of a row
    where standing.business_date is null or rows_of_days.{{ parts[0].until }} >= standing.business_date
    {%- endif %}
),

changes as (
    select
        store_id,
        platform,
        business_date
        {%- for side in sides %},
        sum(case when {{ side.is_in }} then 1 else 0 end) as {{ side.column }}
        {%- endfor %}
    from events
    where {{ parts[0].counted }}
        {%- if is_incremental() %} and (standing_date is null or business_date > standing_date){% endif %}
    group by store_id, platform, business_date
    {%- for side in sides %}
    union all
    select
        store_id,
        platform,
        {{ side.left_on }}
        {%- for other in sides %},
        {{ '-count(*)' if other.column == side.column else 0 }}
        {%- endfor %}
    from events
    where {{ parts[0].counted }} and {{ side.is_in }}
        {%- if is_incremental() %} and (standing_date is null or {{ side.left_on }} > standing_date){% endif %}
    group by store_id, platform, {{ side.left_on }}
    {%- endfor %}
    {%- if is_incremental() %}
    union all
    select
        store_id,
        platform,
        business_date
        {%- for side in sides %},
        {{ side.column }}
        {%- endfor %}
    from standing
    where age = 1
    {%- endif %}
),

all_days as (
    select
        store_id,
        platform,
        business_date,
        false as is_store_day
        {%- for side in sides %},
        {{ side.column }}
        {%- endfor %}
    from changes
    union all
    select
        days.store_id, days.platform, days.business_date, true
        {%- for _ in sides %}, 0{% endfor %}
    from {{ ref('int_store_days') }} as days
),

running as (
    select
        store_id,
        platform,
        business_date,
        is_store_day
        {%- for side in sides %},
        sum({{ side.column }}) over so_far as {{ side.column }}
        {%- endfor %}
    from all_days
    window so_far as (partition by store_id, platform order by business_date)
)

select
    running.store_id,
    running.platform,
    running.business_date,
    first_events.first_date
    {%- for side in sides %},
    running.{{ side.column }}
    {%- endfor %}
from running
inner join first_events
    on first_events.store_id = running.store_id and first_events.platform = running.platform
where
    running.is_store_day and running.business_date >= first_events.first_date
    and {{ in_touched('running') }}
{% endmacro %}
