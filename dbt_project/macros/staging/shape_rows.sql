{#- The staging model of a standard shape: the rows of every report whose contract maps its columns to it, as the
    contracts in ops.report say. A new contract needs no model. -#}
{% macro shape_rows(shape) %}
{{ config(
    indexes=[
        {'columns': ['load_id', 'row_number'], 'unique': true},
        {'columns': ['record_key']},
        {'columns': ['store_id', 'business_date']},
    ],
    meta={'shape': shape},
) }}
-- depends_on: {{ source('ops', 'report') }}, {{ source('ops', 'shape') }}, {{ source('ops', 'build_scope') }}
{%- set definition = shape_definition(shape) %}
{%- set contracts = shape_contracts(shape) %}
{%- set adds_up = definition['adds_up'] %}
{%- set columns = [
    'load_id', 'row_number', 'record_key', 'report', 'platform', 'store_id', 'account', 'business_date', 'period_start',
    'period_end', 'updated_at', 'currency', 'is_of_shape',
] + definition['fields'] | list
    + (['is_daily'] if 'first_date' in definition['fields'] else []) + (['date_source'] if definition['is_snapshot'] else [])
    + (['platform_id'] if 'order_id' in definition['fields'] else []) %}

with {{ import_loads(contracts | map(attribute='report') | list, by_channel='sales_channel' in definition['fields']) }},

{{ 'read_rows' if adds_up else 'parsed' }} as (
    select
        cast(null as bigint) as load_id,
        cast(null as bigint) as row_number,
        {{ shape_null('text') }} as record_key,
        {{ shape_null('text') }} as report,
        {{ shape_null('text') }} as platform,
        {{ shape_null('text') }} as store_id,
        {{ shape_null('text') }} as account,
        {{ shape_null('date') }} as business_date,
        {{ shape_null('date') }} as period_start,
        {{ shape_null('date') }} as period_end,
        {%- if definition['is_snapshot'] %}
        {{ shape_null('text') }} as date_source,
        {%- endif %}
        {%- if 'first_date' in definition['fields'] %}
        {{ shape_null('flag') }} as is_daily,
        {%- endif %}
        {{ shape_null('moment') }} as updated_at,
        {%- if 'order_id' in definition['fields'] %}
        {{ shape_null('text') }} as platform_id,
        {%- endif %}
        {%- for name, field in definition['fields'] | dictsort %}
        {{ shape_null(field['type']) }} as {{ name }},
        {%- endfor %}
        {{ shape_null('text') }} as currency,
        {{ shape_null('flag') }} as is_of_shape
    where 1 = 0
    {%- for contract in contracts %}
    {%- call of_pending(contract['report']) %}
    union all
    {{ shape_select(definition, contract) }}
    {%- endcall %}
    {%- endfor %}
){{ ',' if adds_up }}
{%- if adds_up %}

{{ hold_to_own_net('read_rows', adds_up['of'], adds_up['less'], adds_up['net'], columns) }}
{%- endif %}

{{ flag_current_versions(contracts | selectattr('latest_by') | map(attribute='report') | list, 'is_of_shape', 'platform_id' if 'order_id' in definition['fields'] else none) }}
{% endmacro %}

{#- A shape as `ops.shape` has it: {date, fields, is_snapshot}. -#}
{% macro shape_definition(shape) %}
    {%- if not execute %}{{ return({'date': '', 'fields': {}}) }}{% endif -%}
    {%- set found = run_query(
        "select cast(definition as text) as definition from " ~ source('ops', 'shape') ~ " where shape = '" ~ shape ~ "'"
    ) -%}
    {{ return(fromjson(found.columns[0].values()[0])) }}
{% endmacro %}

{#- The contracts of a shape of which the build has loads, those that it takes out among them; all of them in a recording. -#}
{% macro shape_contracts(shape) %}
    {%- if not execute %}{{ return([]) }}{% endif -%}
    {%- set found = run_query(
        "select cast(r.contract as text) as contract from " ~ source('ops', 'report') ~ " as r"
        ~ " where " ~ json_text('r.contract', 'shape') ~ " = '" ~ shape ~ "' and r.report in (select known.report from "
        ~ source('ops', 'report' if is_recording() else 'build_scope' if is_incremental() else 'visible_load')
        ~ " as known) order by r.report"
    ) -%}
    {%- set contracts = [] -%}
    {%- for text in found.columns[0].values() %}{% do contracts.append(fromjson(text)) %}{% endfor -%}
    {{ return(contracts) }}
{% endmacro %}

{% macro shape_select(definition, contract) %}
    {%- set columns = {} %}
    {%- for column in contract['columns'] %}{% do columns.update({column['name']: column}) %}{% endfor %}
    {%- set mapping = contract['mapping'] %}
    {%- set day = definition['date'] %}
    {%- set row_day = shape_day(day, definition, contract, columns) if day in mapping else shape_null('date') %}
    {%- set business_date = shape_day_or_file(day, 'loads.period_end', definition, contract, columns) %}
    {%- set first_day = 'first_date' if 'first_date' in mapping else day %}
    {%- set first_date = shape_day_or_file(first_day, 'loads.period_start', definition, contract, columns) %}
    {%- set is_daily = rows_are_days('(' ~ first_date ~ ')', '(' ~ business_date ~ ')') if 'first_date' in definition['fields'] %}
    {%- if definition['is_snapshot'] %}
        {%- set made_on = local_date('loads.extracted_at', 'loads.store_timezone') %}
        {%- set business_date = 'coalesce(' ~ row_day ~ ', loads.period_end, ' ~ made_on ~ ')' %}
        {%- set first_date = business_date %}
    {%- endif %}
    select
        cells.load_id,
        cells.row_number,
        {{ record_key(shape_key(contract, columns, is_daily)) }} as record_key,
        '{{ contract['report'] }}' as report,
        '{{ contract['platform'] }}' as platform,
        loads.store_id,
        loads.account,
        {{ business_date }} as business_date,
        {{ first_date }} as period_start,
        {{ business_date }} as period_end,
        {%- if definition['is_snapshot'] %}
        case when {{ row_day }} is not null then 'row' when loads.period_end is not null then 'file' else 'file_time' end as date_source,
        {%- endif %}
        {%- if is_daily %}
        {{ is_daily }} as is_daily,
        {%- endif %}
        {{ shape_field('moment', {'column': contract['latest_by'], 'value': none}, contract, columns) if contract['latest_by'] else shape_null('moment') }} as updated_at,
        {%- if 'order_id' in definition['fields'] %}
        {%- set id = contract['platform_id'] or (contract['key'][0] if contract['unique_on_platform']) %}
        {{ read_text('cells.' ~ id) if id else shape_null('text') }} as platform_id,
        {%- endif %}
        {%- for name, field in definition['fields'] | dictsort %}
        {{ shape_known(field, mapping[name], contract, columns, definition) }} as {{ name }},
        {%- endfor %}
        {{ row_currency('upper(' ~ shape_field('text', mapping['currency'], contract, columns) ~ ')' if 'currency' in mapping else none) }} as currency,
        {{ shape_conditions(contract) }} as is_of_shape
    from {{ pending_rows_of(raw_table(contract['report']), contract['report']) }} as cells
    {%- if 'sales_channel' in mapping %}
    left join channels
        on
            channels.platform = '{{ contract['platform'] }}'
            and channels.sales_channel = lower({{ shape_field('text', mapping['sales_channel'], contract, columns) }})
    {%- endif %}
    inner join loads
        on
            loads.load_id = cells.load_id
            {%- if 'sales_channel' in definition['fields'] %}
            and coalesce(loads.placed_in, '') = {{ "coalesce(channels.store_id, '')" if 'sales_channel' in mapping else "''" }}
            {%- endif %}
{%- endmacro %}

{#- The key of a contract as SQL: whose the row is, and cells, or what the file says outside its rows. Days and moments are
    parts of it by what they mean, however they are written. -#}
{% macro shape_key(contract, columns, is_daily) %}
    {%- set owner = ['loads.store_id', row_account(columns, contract['account'])] %}
    {%- set parts = ["'" ~ contract['report'] ~ "'"] + ([] if contract['unique_on_platform'] else owner) %}
    {%- if is_daily %}{% do parts.append("case when " ~ is_daily ~ " then 'day' else 'period' end") %}{% endif %}
    {%- for name in contract['key'] %}
        {%- if name in ('load.period_start', 'load.period_end', 'load.currency') %}
            {%- do parts.append('cast(loads.' ~ name[5:] ~ ' as ' ~ dbt.type_string() ~ ')') %}
        {%- elif name.startswith('load.') %}
            {%- do parts.append(json_text('loads.file_attributes', name[5:])) %}
        {%- elif columns[name]['type'] in ('date', 'datetime') %}
            {%- if columns[name]['type'] == 'date' %}
                {%- do parts.append('cast(' ~ read_day(columns[name]) ~ ' as ' ~ dbt.type_string() ~ ')') %}
            {%- else %}
                {%- do parts.append(moment_text(shape_moment(columns[name], contract))) %}
            {%- endif %}
        {%- else %}
            {%- do parts.append('cells.' ~ name) %}
        {%- endif %}
    {%- endfor %}
    {{ return(parts) }}
{% endmacro %}

{#- Whether a row is one of the shape's: each of the contract's conditions holds. -#}
{% macro shape_conditions(contract) -%}
    {%- for name, condition in contract['where'] | dictsort -%}
        {{ shape_flag(clean_cell('cells.' ~ name, contract['null_tokens']), {'in': condition['in'], 'not_in': condition['not']}) }}
        {{- ' and ' if not loop.last }}
    {%- else -%}true
    {%- endfor -%}
{%- endmacro %}

{#- The day of a field: its own, or that of its moment in the store's time zone. -#}
{% macro shape_day(name, definition, contract, columns) -%}
    {%- set source = contract['mapping'][name] -%}
    {%- if columns[source['column']]['type'] == 'date' -%}
        {{ shape_field('date', source, contract, columns) }}
    {%- else -%}
        {{ shape_day_of_moment(columns[source['column']], contract) }}
    {%- endif -%}
{%- endmacro %}

{% macro shape_day_of_moment(column, contract) -%}
    {{ store_day(shape_moment(column, contract), read_day(column)) }}
{%- endmacro %}

{#- The same where a file may lack the column, or blank a cell: then the day is the file's. -#}
{% macro shape_day_or_file(name, file_day, definition, contract, columns) -%}
    {%- set source = contract['mapping'][name] -%}
    {%- if not source -%}{{ file_day }}
    {%- elif definition['fields'][name]['required'] or columns[source['column']]['not_empty'] -%}
        {{ shape_day(name, definition, contract, columns) }}
    {%- else -%}coalesce({{ shape_day(name, definition, contract, columns) }}, {{ file_day }})
    {%- endif -%}
{%- endmacro %}

{#- The value of a field, or what it is where the report has none. -#}
{% macro shape_known(field, source, contract, columns, definition) -%}
    {%- if not source -%}{{ '0' if field['blank_is_none'] else shape_null(field['type']) }}
    {%- elif source['of_order'] -%}{{ share_of_order(source['of_order'], contract, columns, definition) }}
    {%- elif not field['blank_is_none'] or source['value'] is not none -%}{{ shape_field(field['type'], source, contract, columns) }}
    {%- elif source['sum'] -%}
        ({%- for name in source['sum'] -%}
            {{ known_or_none(read_number(columns[name]), name) }}{{ ' + ' if not loop.last }}
        {%- endfor -%}){{ shape_times('', source) }}
    {%- else -%}{{ known_or_none(shape_field(field['type'], source, contract, columns), source['column']) }}
    {%- endif -%}
{%- endmacro %}

{#- A line's part of an amount that its whole order has: all of the line where the order's total came back, none where
    nothing did, and else as much of it as the line is of the total. -#}
{% macro share_of_order(shared, contract, columns, definition) -%}
    {%- set field = {} -%}
    {%- for name in ['net_amount', 'gross_amount', 'quantity', 'unit_price_amount', 'discount_amount'] -%}
        {%- do field.update({name: shape_known(definition['fields'][name], contract['mapping'][name], contract, columns, definition)}) -%}
    {%- endfor -%}
    {%- set amount = known_or_none(read_number(columns[shared['amount']]), shared['amount']) -%}
    {%- set total = read_number(columns[shared['total']]) -%}
    {%- set line = 'coalesce(' ~ field['net_amount'] ~ ', ' ~ field['gross_amount'] ~ ' - ' ~ field['discount_amount']
        ~ ', ' ~ field['quantity'] ~ ' * ' ~ field['unit_price_amount'] ~ ' - ' ~ field['discount_amount'] ~ ')' -%}
    case
        when {{ amount }} = 0 then 0
        when {{ amount }} >= {{ total }} then {{ line }}
        {%- if not shared['is_off_quantity'] %}
        when {{ amount }} > 0 and {{ total }} > 0 then round({{ amount }} * {{ line }} / {{ total }}, 2)
        {%- endif %}
    end
{%- endmacro %}

{#- The value of a field by its type, from where the mapping says. -#}
{% macro shape_field(type, source, contract, columns) -%}
    {%- if source['value'] is not none -%}
        {%- if type in ('text', 'person') -%}{{ sql_text(source['value']) }}
        {%- else -%}cast({{ sql_text(source['value']) }} as {{ {'integer': 'bigint', 'flag': 'boolean', 'date': 'date'}.get(type, exact_numeric()) }})
        {%- endif -%}
    {%- elif source['sum'] -%}
        ({%- for name in source['sum'] -%}
            coalesce({{ read_number(columns[name]) }}, 0){{ ' + ' if not loop.last }}
        {%- endfor -%}){{ shape_times('', source) }}
    {%- else -%}
        {%- set column = columns[source['column']] -%}
        {%- set cell = clean_cell('cells.' ~ column['name'], contract['null_tokens']) -%}
        {%- if type == 'text' -%}{{ cell }}
        {#- another one in each store: raw's pseudonym would tell that two stores have the same customer -#}
        {%- elif type == 'person' -%}{{ dbt.hash("'" ~ contract['platform'] ~ "|' || loads.store_id || '|' || (" ~ cell ~ ")") }}
        {%- elif type == 'integer' -%}{{ whole_number(shape_times(read_number(column), source)) }}
        {%- elif type in ('number', 'amount') -%}{{ shape_times(read_number(column), source) }}
        {%- elif type == 'flag' and column['type'] == 'boolean' and not (source['in'] or source['not_in']) -%}
            coalesce({{ read_flag(column) }}, false)
        {%- elif type == 'flag' -%}{{ shape_flag(cell, source) }}
        {%- elif type == 'date' and column['type'] == 'datetime' -%}{{ shape_day_of_moment(column, contract) }}
        {%- elif type == 'date' -%}{{ read_day(column) }}
        {%- elif column['type'] == 'date' -%}{{ start_of_day(read_day(column), 'loads.store_timezone') }}
        {%- else -%}{{ shape_moment(column, contract) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{% macro shape_times(number, source) -%}
    {{ number }}{% if source['times'] is not none %} * {{ source['times'] }}{% endif %}
{%- endmacro %}

{% macro shape_flag(cell, source) -%}
    {%- set texts = source['in'] or source['not_in'] -%}
    coalesce(lower({{ cell }}), '') {{ 'not in' if source['not_in'] else 'in' }} (
    {%- for text in texts %}{{ sql_text(text | lower) }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}

{#- A moment without a zone is of the contract's, or the store's. -#}
{% macro shape_moment(column, contract) -%}
    {{ read_moment(column, sql_text(contract['timezone']) if contract['timezone'] else 'loads.store_timezone') }}
{%- endmacro %}
