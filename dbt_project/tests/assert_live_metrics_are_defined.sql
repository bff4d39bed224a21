-- The catalogue says a metric is live exactly when definitions make it, and names a headline that exists.
select
    catalogue.metric_id,
    catalogue.headline_definition_code
from {{ ref('dim_metric') }} as catalogue
left join {{ ref('dim_definition') }} as definitions
    on
        definitions.metric_id = catalogue.metric_id
        and (
            definitions.definition_code = catalogue.headline_definition_code
            or catalogue.headline_definition_code is null
        )
where
    catalogue.is_implemented <> (definitions.metric_id is not null)
    and catalogue.aggregation_class is not null
