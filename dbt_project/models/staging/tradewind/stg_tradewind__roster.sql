-- One row per employee in each roster file; the name is kept, for dim_employee.
{{ config(indexes=[{'columns': ['load_id', 'row_number'], 'unique': true}, {'columns': ['record_key']}]) }}

{% set columns = report_columns('tradewind_roster') %}

with {{ import_loads('tradewind_roster', with_store=false) }},

parsed as (
    select
        cells.load_id,
        cells.row_number,
        {{ record_key(["cells.employee_id"]) }} as record_key,
        {{ read_text('cells.employee_id') }} as employee_id,
        {{ read_text('cells.employee_name') }} as employee_name,
        {{ read_text('cells.role_id') }} as role_id,
        {{ read_text('cells.team_id') }} as team_id,
        {{ read_text('cells.team_name') }} as team_name,
        {{ read_text('cells.department') }} as department,
        {{ read_text('cells.manager_id') }} as manager_id,
        {{ read_text('cells.country') }} as country,
        {{ read_day(columns.hired_on) }} as hired_on,
        {{ read_day(columns.left_on) }} as left_on
    from {{ pending_rows('tradewind', 'tradewind_roster') }} as cells
    inner join loads on loads.load_id = cells.load_id
)

{{ flag_current_versions() }}
