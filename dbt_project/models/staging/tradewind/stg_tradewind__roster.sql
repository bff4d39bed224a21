-- One row per employee in each roster file; the name is kept, for dim_employee.
{{ config(indexes=[{'columns': ['load_id', 'row_number'], 'unique': true}, {'columns': ['record_key']}]) }}

with {{ import_loads('tradewind_roster', with_store=false) }},

parsed as (
    select
        cells.load_id,
        cells.row_number,
        {{ record_key(["cells.employee_id"]) }} as record_key,
        cells.employee_id,
        cells.employee_name,
        cells.role_id,
        cells.team_id,
        cells.team_name,
        cells.department,
        nullif(cells.manager_id, '') as manager_id,
        nullif(cells.country, '') as country,
        {{ parse_date('cells.hired_on') }} as hired_on,
        {{ parse_date('cells.left_on') }} as left_on
    from {{ pending_rows('tradewind', 'tradewind_roster') }} as cells
    inner join loads on loads.load_id = cells.load_id
)

{{ flag_current_versions() }}
