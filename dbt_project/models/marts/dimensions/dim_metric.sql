-- One row per assessment metric of the five posts, live or waiting for its files.
select
    metric_id, post_id, cast(sort_order as bigint) as sort_order, name_en, name_zh, seed_wording, base_measure,
    kind, meaning_en, meaning_zh, numerator_text, denominator_text, grain, unit, direction,
    default_target_text, edge_cases, source_exports, sources, waiting_for_en, waiting_for_zh, is_implemented,
    is_additive_across_platforms, headline_definition_code, min_denominator,
    cast(maturity_days as bigint) as maturity_days, origin
from {{ ref('metric_catalogue') }}
