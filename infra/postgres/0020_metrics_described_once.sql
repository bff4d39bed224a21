-- A metric says its kind, a rule its unit, and a number the day from which it hardly changes any more. What was published
-- before is read by the same pages until the first build has made it anew.
do $$
declare
    gone record;
begin
    if to_regclass('marts.dim_metric') is not null then
        alter table marts.dim_metric rename column aggregation_class to kind;
        update marts.dim_metric set kind = case
            when metric_id = 'ops_repeat_purchase_rate' then 'snapshot'
            when kind = 'ratio_of_sums' then 'ratio'
            when kind = 'mean_duration' then 'duration'
            when kind = 'distinct_count' then 'distinct'
            when kind = 'event_count' then 'events'
            else kind
        end;
    end if;
    if to_regclass('marts.dim_definition') is not null then
        alter table marts.dim_definition add column unit text, add column parts_unit text;
        update marts.dim_definition as d set
            unit = case when d.definition_code = 'roas' then 'multiple' else m.unit end,
            parts_unit = case when m.unit = 'money' or d.definition_code in ('roas', 'roi') then 'money' else 'count' end
        from marts.dim_metric as m
        where m.metric_id = d.metric_id;
    end if;
    if to_regclass('marts.fct_metric_daily') is not null then
        alter table marts.fct_metric_daily add column matures_on date;
        update marts.fct_metric_daily set matures_on = business_date where is_mature;
    end if;
    for gone in
        select c.table_name, c.column_name
        from information_schema.columns as c
        where c.table_schema = 'marts' and (
            c.table_name in ('fct_network_promotion_daily', 'fct_site_operation_daily')
            and c.column_name not in ('employee_id', 'store_id', 'platform', 'business_date', 'currency')
            or c.table_name = 'fct_metric_daily' and c.column_name = 'is_mature'
        )
    loop
        begin
            execute format('alter table marts.%I drop column %I', gone.table_name, gone.column_name);
        exception when dependent_objects_still_exist then
            -- a view of somebody's reads it: the next publication says which column, and what to do
            null;
        end;
    end loop;
end
$$;
