-- One row per load of the build, store, report, day and number that has less than two thirds of the most that a version of
-- that day says, published or not. What a person has released is right, and whatever was older than it counts no more.
-- A key's most is that of one file, so a day that each file names in part is judged by all of them together; what a newer
-- file at the same path no longer names is lost only as far as that file says less than its forerunners (a campaign may
-- have got another name).
-- depends_on: {{ source('ops', 'report') }}, {{ source('ops', 'build_scope') }}
{%- for model in judged_numbers() %}
-- depends_on: {{ ref(model) }}
{%- endfor %}
{%- set pending = pending_judged_numbers() %}
{%- set reports_of_rows = "'" ~ row_reports() | join("', '") ~ "'" %}
{%- set of_day = 'number_name, kind, store_id, report, business_date, currency' %}

with releases as (
    select
        loads.load_id,
        loads.file_path
    from {{ source('ops', 'load_release') }} as released
    inner join {{ source('ops', 'load') }} as loads on loads.load_id = released.load_id
),

-- the loads that count, and those that counted until a newer version of their file came
known as (
    select
        loads.load_id,
        loads.file_path,
        loads.extracted_at,
        loads.superseded_by,
        visible.load_id is not null as is_visible,
        releases.load_id is not null as is_released
    from {{ source('ops', 'load') }} as loads
    left join {{ source('ops', 'visible_load') }} as visible on visible.load_id = loads.load_id
    left join releases on releases.load_id = loads.load_id
    where
        (visible.load_id is not null or (loads.state = 'superseded' and loads.reason_code is null))
        and not exists (
            select 1 from releases as later
            where later.file_path = loads.file_path and later.load_id > loads.load_id and visible.load_id is null
        )
),

judged as (
    select scope.load_id
    from {{ source('ops', 'build_scope') }} as scope
    left join releases on releases.load_id = scope.load_id
    where scope.load_state = 'loaded' and releases.load_id is null
),

{%- for model, rows in pending.items() %}
{%- set numbers = dict({} if rows.any_detail else {'records': ['record', '1', '1 = 0']}, **rows.get('day', {})) %}
{%- call of_pending(judged_source(model, rows)) %}

pending_{{ model }} as (
    select staged.record_key
    from {{ ref(model) }} as staged
    inner join {{ source('ops', 'build_scope') }} as scope on scope.load_id = staged.load_id
    group by staged.record_key
),

touched_{{ model }} as (
    select
        staged.store_id,
        staged.business_date
    from {{ ref(model) }} as staged
    inner join pending_{{ model }} as pending on pending.record_key = staged.record_key
    group by staged.store_id, staged.business_date
),

rows_{{ model }} as (
    select
        staged.*,
        {{ rows.report }} as judged_report,
        coalesce({{ judged_currency(model, 'staged') }}, '') as judged_currency,
        {{ rows.void or '1 = 0' }} as is_void
    from {{ ref(model) }} as staged
    {%- if rows.is_snapshot %}
    inner join pending_{{ model }} as pending on pending.record_key = staged.record_key
    {%- else %}
    inner join touched_{{ model }} as touched
        on touched.store_id = staged.store_id and touched.business_date = staged.business_date
    {%- endif %}
    where {{ judged_where(model, 'staged') }}
),

versions_{{ model }} as (
    select
        load_id,
        record_key,
        store_id,
        judged_report as report,
        {{ 'cast(null as date)' if rows.is_snapshot else 'business_date' }} as business_date,
        judged_currency as currency,
        max(case when is_current then 1 else 0 end) = 1 as is_current
        {%- for name, number in numbers.items() %},
        case
            when judged_report in ({{ reports_of_rows }}) then max({{ number[1] }})
            else sum({{ number[1] }})
        end as {{ name }},
        max(case when {{ number[2] or 'is_void' }} then 1 else 0 end) = 1 as {{ name }}_is_void
        {%- endfor %}
    from rows_{{ model }}
    group by load_id, record_key, store_id, judged_report, {% if not rows.is_snapshot %}business_date, {% endif %}judged_currency
),
{%- endcall %}
{%- endfor %}

versions as (
    select
        cast(null as bigint) as load_id,
        {{ null_texts(1) }} as number_name,
        {{ null_texts(1) }} as kind,
        {{ null_texts(1) }} as record_key,
        {{ null_texts(1) }} as store_id,
        {{ null_texts(1) }} as report,
        cast(null as date) as business_date,
        {{ null_texts(1) }} as currency,
        false as is_current,
        cast(null as {{ exact_numeric() }}) as amount,
        false as is_void,
        false as is_snapshot
    where 1 = 0
    {%- for model, rows in pending.items() %}
    {%- set numbers = dict({} if rows.any_detail else {'records': ['record', '1']}, **rows.get('day', {})) %}
    {%- call of_pending(judged_source(model, rows)) %}
    {%- for name, number in numbers.items() %}
    union all
    select
        load_id, '{{ name }}', '{{ number[0] }}', record_key, store_id, report, business_date, currency,
        is_current, {{ name }}, {{ name }}_is_void, {{ rows.is_snapshot or 'false' }}
    from versions_{{ model }}
    {%- endfor %}
    {%- endcall %}
    {%- endfor %}
),

aged as (
    select
        versions.*,
        known.file_path,
        known.superseded_by,
        known.is_visible,
        known.extracted_at,
        max(case when known.is_released then known.extracted_at end)
            over (partition by versions.number_name, versions.record_key) as released_at,
        dense_rank() over (
            partition by versions.number_name, versions.record_key order by known.extracted_at desc, versions.load_id desc
        ) as age
    from versions
    inner join known on known.load_id = versions.load_id
),

-- a stock of another day is no earlier word on this one: only the last before it is compared
compared as (
    select *
    from aged
    where
        (is_current or released_at is null or extracted_at >= released_at)
        and (not is_snapshot or age <= 2)
),

by_key as (
    select
        {{ of_day }},
        record_key,
        max(case when is_current then 1 else 0 end) = 1 as is_held_by_a_file,
        sum(case when is_current then amount else 0 end) as amount,
        case
            when max(case when is_current and is_void then 1 else 0 end) = 1
                then sum(case when is_current then amount else 0 end)
            else max(amount)
        end as most
    from compared
    group by {{ of_day }}, record_key
),

by_load as (
    select
        {{ of_day }},
        file_path,
        load_id,
        is_visible,
        sum(amount) as amount
    from compared
    group by {{ of_day }}, file_path, load_id, is_visible
),

by_path as (
    select
        {{ of_day }},
        file_path,
        max(amount) - coalesce(sum(case when is_visible then amount end), 0) as fall
    from by_load
    group by {{ of_day }}, file_path
),

falls as (
    select
        {{ of_day }},
        sum(case when fall > 0 then fall else 0 end) as fall
    from by_path
    group by {{ of_day }}
),

by_day as (
    select
        {{ of_day }},
        sum(amount) as amount,
        sum(case when is_held_by_a_file then most else 0 end) as kept,
        sum(case when not is_held_by_a_file then most else 0 end) as lost
    from by_key
    group by {{ of_day }}
),

shrunk as (
    select by_day.*
    from by_day
    inner join falls
        on
            falls.number_name = by_day.number_name
            and falls.store_id = by_day.store_id
            and falls.report = by_day.report
            and falls.currency = by_day.currency
            and (falls.business_date = by_day.business_date or (falls.business_date is null and by_day.business_date is null))
    where
        by_day.amount * 3
        < (by_day.kept + case when by_day.lost < falls.fall then by_day.lost else falls.fall end) * 2
        -- so few may come and go
        and (
            by_day.kind = 'amount'
            or by_day.kept + case when by_day.lost < falls.fall then by_day.lost else falls.fall end
            >= {{ var('fewest_compared') }}
        )
),

suspicious as (
    select shrunk.*
    from shrunk
    left join shrunk as partner
        on
            partner.store_id = shrunk.store_id
            and partner.report = shrunk.report
            and partner.business_date = shrunk.business_date
            and partner.currency = shrunk.currency
            and (
                {%- set ns = namespace(pairs=[]) %}
                {%- for model, rows in judged_numbers().items() %}
                {%- for name, other in rows.get('either', {}).items() %}
                {%- do ns.pairs.append("(shrunk.report = " ~ rows.report ~ " and shrunk.number_name = '" ~ name
                    ~ "' and partner.number_name = '" ~ other ~ "')") %}
                {%- endfor %}
                {%- endfor %}
                {{ ns.pairs | join(' or ') }}
            )
    where partner.store_id is null
),

-- who brought it about: the file that holds a key with less than another said, or the one that took such a file's place
brought as (
    select
        compared.number_name,
        compared.store_id,
        compared.report,
        compared.business_date,
        compared.currency,
        case when compared.is_current then compared.load_id else compared.superseded_by end as load_id
    from compared
    inner join by_key
        on
            by_key.number_name = compared.number_name
            and by_key.record_key = compared.record_key
            and by_key.currency = compared.currency
            and (
                by_key.business_date = compared.business_date
                or (by_key.business_date is null and compared.business_date is null)
            )
    where by_key.amount < by_key.most
)

select
    brought.load_id,
    suspicious.store_id,
    suspicious.report,
    suspicious.business_date,
    suspicious.number_name,
    suspicious.kind
from suspicious
inner join brought
    on
        brought.number_name = suspicious.number_name
        and brought.store_id = suspicious.store_id
        and brought.report = suspicious.report
        and brought.currency = suspicious.currency
        and (
            brought.business_date = suspicious.business_date
            or (brought.business_date is null and suspicious.business_date is null)
        )
inner join judged on judged.load_id = brought.load_id
group by
    brought.load_id, suspicious.store_id, suspicious.report, suspicious.business_date, suspicious.number_name,
    suspicious.kind
