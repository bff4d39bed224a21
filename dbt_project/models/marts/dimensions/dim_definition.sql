-- One row per metric and definition_code: same name, other rule.
select metric_id, definition_code, name_en, name_zh, note_en, note_zh
from {{ ref('definitions') }}
