-- Whose a row is, is asked at each load of an ads report: of the loads that have its days, and of their rows by their key.
alter table ops.load add column first_row_day text collate "C";
alter table ops.load add column last_row_day text collate "C";
comment on column ops.load.first_row_day is 'The first of the days of its rows as they are written, in the order of their characters; of an ads report by day alone, and NULL for loads from before it was noted.';
comment on column ops.load.last_row_day is 'The last of them.';

do $$
declare
    report_name text;
begin
    for report_name in
        select r.report from ops.report as r
        where r.contract ->> 'settled' is not null and to_regclass(format('raw.%I', r.report)) is not null
    loop
        execute format('create index on raw.%I (load_id)', report_name);
    end loop;
end
$$;

-- what rows tell that is odd about a load, the build says that has read them
grant update (warnings) on ops.load to tradewind_builder;
