{#- The loads of a report, or of several, that a staging model reads now, with what the file says outside its rows: all
    visible ones in a full refresh, those that come in with the running build in an incremental one. What was superseded,
    rejected or held is never read: whatever is wrong with it can break nothing. Gives the CTE `loads`; where rows say on
    which channel they were sold, `by_channel`, also once for every store that has a channel, with it as the store. -#}
{% macro import_loads(report, with_store=true, by_channel=false) -%}
{%- set store_id = 'coalesce(placed.store_id, visible.store_id)' if by_channel else 'visible.store_id' -%}
{%- if by_channel -%}
-- a channel that two stores name is nobody's: its rows stay where their file lies
channels as (
    select
        platform,
        lower(sales_channel) as sales_channel,
        min(store_id) as store_id
    from {{ ref('stg_tradewind__stores') }}
    where is_current and sales_channel is not null
    group by platform, lower(sales_channel)
    having count(*) = 1
),

placed as (
    select cast(null as {{ dbt.type_string() }}) as store_id
    union all
    select store_id from channels group by store_id
),

{% endif -%}
loads as (
    select
        visible.load_id,
        {{ store_id }} as store_id,
        {%- if by_channel %}
        placed.store_id as placed_in,
        {%- endif %}
        visible.account,
        visible.currency,
        visible.period_start,
        visible.period_end,
        visible.extracted_at,
        visible.file_attributes,
        coalesce({{ json_text('visible.dialect', 'locale') }}, '') as header_locale,
        {%- if with_store %}
        stores.currency as store_currency,
        coalesce(stores.timezone, 'UTC') as store_timezone,
        stores.store_id is not null as is_store_declared
        {%- else %}
        visible.report
        {%- endif %}
    from {{ source('ops', 'visible_load') }} as visible
    {%- if by_channel %}
    cross join placed
    {%- endif %}
    {%- if with_store %}
    left join {{ ref('stg_tradewind__stores') }} as stores
        on stores.store_id = {{ store_id }} and stores.is_current
    {%- endif %}
    {%- if is_incremental() %}
    inner join {{ source('ops', 'build_scope') }} as scope on scope.load_id = visible.load_id
    {%- endif %}
    where visible.report in ('{{ ([report] if report is string else report) | join("', '") }}')
)
{%- endmacro %}

{#- The raw rows of those loads. An incremental run copies them aside first: of a new load in a large table the planner
    knows nothing, takes it for one row, and joins it row by row. -#}
{% macro pending_rows(source_name, report) -%}
    {{ return(pending_rows_of(source(source_name, report), report)) }}
{%- endmacro %}

{% macro pending_rows_of(relation, report) -%}
    {%- if not (is_incremental() and execute) -%}{{ return(relation) }}{%- endif -%}
    {%- set copy = 'pending__' ~ relation.identifier -%}
    {%- set statements = copy_pending_rows(relation, report, copy) -%}
    {#- who runs the recorded script does first, and last, what stands in such marks -#}
    {%- if is_recording() -%}{{ return('/*@first ' ~ statements ~ '@*/' ~ copy ~ '/*@last truncate ' ~ copy ~ ';@*/') }}{%- endif -%}
    {%- do run_query(statements) -%}
    {{ return(copy) }}
{%- endmacro %}

{% macro copy_pending_rows(relation, report, copy) %}
    {{ return(adapter.dispatch('copy_pending_rows')(relation, report, copy)) }}
{% endmacro %}

{% macro postgres__copy_pending_rows(relation, report, copy) -%}
    {%- set load_ids -%}
    select visible.load_id from {{ source('ops', 'visible_load') }} as visible
    inner join {{ source('ops', 'build_scope') }} as scope on scope.load_id = visible.load_id
    where visible.report = '{{ report }}'
    {%- endset -%}
    drop table if exists pg_temp.{{ copy }};
    create temporary table {{ copy }} as select * from {{ relation }} as cells where {{ is_among('cells.load_id', load_ids) }};
    analyze {{ copy }};
{%- endmacro %}

{#- Text that is equal for two rows exactly when all the expressions are: the group within which the newest file wins.
    Blanks around a cell make no other key: TikTok Shop's own files end ids with a tab, a spreadsheet saves them without. -#}
{% macro record_key(expressions) -%}
    {%- for expression in expressions -%}
        {%- set part = trimmed(expression) if expression.startswith('cells.') else expression -%}
        replace(replace(coalesce({{ part }}, ''), '~', '~0'), '|', '~1')
        {%- if not loop.last %} || '|' || {% endif -%}
    {%- endfor -%}
{%- endmacro %}

{#- Currency of a row: its own cell, else the file's, else the store's; NULL when none is known. -#}
{% macro row_currency(cell=none) -%}
    coalesce({% if cell %}nullif({{ cell }}, ''), {% endif %}loads.currency, loads.store_currency)
{%- endmacro %}

{#- Ends a staging model: all versions of `parsed`, with is_current. The newest file that holds a key wins it whole;
    order-free, because (extracted_at, file_sha256) is a total order of files. Of `row_reports` a key names one row, and
    the one that was changed last, by `updated_at`, wins; a row that does not say it is as new as its file. A row that is
    not `wanted` wins and does not count: it was another kind of row before.
    Within a key rows of unlike `thing`s, the platform's own id where a row says it, are no versions of one another; a row
    without one is a version of the only thing that its key has, and none of two.
    The rows of a load that is taken out stay, as they were once read and never current, until a full refresh: they say
    which keys come free, and on which days, also to the build after one that failed. -#}
{% macro flag_current_versions(row_reports=[], wanted=none, thing=none) -%}
, versions as (
    {%- if is_incremental() %}
    {%- set columns = adapter.get_columns_in_relation(this) | map(attribute='name') | reject('equalto', 'is_current') | join(', ') %}
    select {{ columns }} from parsed
    union all
    select {{ columns }}
    from {{ this }}
    where
        record_key in (
            select parsed.record_key from parsed
            union
            select staged.record_key
            from {{ this }} as staged
            inner join {{ source('ops', 'build_scope') }} as scope on scope.load_id = staged.load_id
        )
        and load_id not in (select loads.load_id from loads)
    {%- else %}
    select * from parsed
    {%- endif %}
),

{% if thing -%}
things as (
    select
        versions.record_key,
        min(versions.{{ thing }}) as first_thing,
        max(versions.{{ thing }}) as last_thing
    from versions
    inner join {{ source('ops', 'visible_load') }} as visible on visible.load_id = versions.load_id
    where versions.{{ thing }} is not null
    group by versions.record_key
),

{% endif -%}
flagged as (
    select
        versions.*,
        visible.load_id is not null and{% if wanted %} versions.{{ wanted }} and{% endif %}
        {%- if thing %} (versions.{{ thing }} is not null or things.first_thing is null or things.first_thing = things.last_thing) and{% endif %} rank() over (
            partition by versions.record_key{% if thing %}, coalesce(versions.{{ thing }}, things.first_thing){% endif %}
            order by
                case when visible.load_id is not null then 0 else 1 end,
                {%- if row_reports %}
                coalesce(versions.updated_at, visible.extracted_at) desc,
                {%- endif %}
                visible.extracted_at desc,
                visible.file_sha256 desc,
                versions.load_id desc
                {%- if row_reports %},
                case when versions.report in ('{{ row_reports | join("', '") }}') then versions.row_number end desc
                {%- endif %}
        ) = 1 as is_current
    from versions
    left join {{ source('ops', 'visible_load') }} as visible on visible.load_id = versions.load_id
    {%- if thing %}
    left join things on things.record_key = versions.record_key
    {%- endif %}
)

select * from flagged
{%- endmacro %}
