-- One row per metric and definition_code: same name, other rule.
select
    metric_id, definition_code, name_en, name_zh, note_en, note_zh, unit, parts_unit,
    cast(maturity_days as bigint) as maturity_days, numerator_may_be_negative, denominator_may_be_negative,
    is_part_of_whole
from {{ ref('definitions') }}
