-- Personal values stand apart: raw holds their pseudonyms, the originals stand in schema personal, which no role reads.
create schema personal;
revoke all on schema personal from public;
grant usage on schema personal to tradewind_loader;

create table personal.original (
    pseudonym text primary key,
    value text not null,
    -- no reference: originals outlive a load that is deleted
    first_load_id bigint not null
);
revoke all on personal.original from public;
-- a loader that may not read can only add what is new, by "on conflict do nothing"
grant insert on personal.original to tradewind_loader;
comment on table personal.original is 'One row per pseudonym: the personal value as it first stood in a file.';

-- The key as the two padded forms that HMAC hashes first; the loader asks once a run.
create function ops.pseudonym_pads() returns table (inner_pad bytea, outer_pad bytea)
language sql stable security definer
set search_path = pg_catalog
as $$
    select k.inner_pad, k.outer_pad from private.pseudonym_key as k
$$;
revoke all on function ops.pseudonym_pads() from public;
grant execute on function ops.pseudonym_pads() to tradewind_loader;
comment on function ops.pseudonym_pads() is 'The key of all pseudonyms, for the loader alone.';

create table ops.erasure (
    erasure_id bigint generated always as identity primary key,
    erased_at timestamptz not null default clock_timestamp(),
    -- those whose raw rows were changed
    load_ids bigint[] not null,
    counts jsonb not null
);
comment on table ops.erasure is 'One row per person erased: when, from which loads, and how much; no value.';

create table ops.erased_pseudonym (
    pseudonym text primary key,
    erasure_id bigint not null references ops.erasure
);
comment on table ops.erased_pseudonym is 'Pseudonyms of erased persons: a file that comes again brings back neither them nor their originals.';
grant select, insert on ops.erasure, ops.erased_pseudonym to tradewind_loader;
grant update (raw_record) on ops.quarantined_row to tradewind_loader;

create function personal.count_originals(pseudonyms text[]) returns bigint
language sql stable security definer
set search_path = pg_catalog
as $$
    select count(*) from personal.original as o where o.pseudonym = any(pseudonyms)
$$;
revoke all on function personal.count_originals(text[]) from public;
grant execute on function personal.count_originals(text[]) to tradewind_loader;
comment on function personal.count_originals(text[]) is 'How many of the pseudonyms have an original; tells none of them.';

create function personal.erase_originals(pseudonyms text[]) returns bigint
language sql volatile security definer
set search_path = pg_catalog
as $$
    with gone as (
        delete from personal.original as o where o.pseudonym = any(pseudonyms) returning 1
    )

    select count(*) from gone
$$;
revoke all on function personal.erase_originals(text[]) from public;
grant execute on function personal.erase_originals(text[]) to tradewind_loader;
comment on function personal.erase_originals(text[]) is 'Deletes the originals of the pseudonyms; returns how many there were.';

-- Warehouses that were filled before: personal cells of raw become pseudonyms by the loader's rule as far as SQL has it.
do $$
declare
    report record;
    cells text;
    assignments text;
begin
    create temporary table stand_in (value text primary key, pseudonym text not null) on commit drop;
    for report in
        select r.report as name,
            array(select btrim(t.token) from jsonb_array_elements_text(r.contract -> 'null_tokens') as t (token)) as tokens,
            array(
                select c.column_name::text
                from jsonb_array_elements(r.contract -> 'columns') as d
                inner join information_schema.columns as c
                    on c.table_schema = 'raw' and c.table_name = r.report and c.column_name = d.value ->> 'name'
                where (d.value ->> 'personal')::boolean and c.data_type = 'text'
                    -- the names of staff are shown, so they stay
                    and (r.report, c.column_name::text) <> ('tradewind_roster', 'employee_name')
            ) as columns
        from ops.report as r
        where to_regclass(format('raw.%I', r.report)) is not null
    loop
        select coalesce(string_agg(format('(t.%I)', c.name), ', '), '(null::text)'),
            string_agg(
                format('%1$I = coalesce((select s.pseudonym from stand_in as s where s.value = t.%1$I), t.%1$I)', c.name),
                ', '
            )
        into cells, assignments
        from unnest(report.columns) as c (name);

        truncate stand_in;
        execute format(
            $query$
                insert into stand_in
                select found.value,
                    left(ops.pseudonym(lower(
                        case when $1 = 'online_retail' then regexp_replace(found.text, '^(\d+)\.0$', '\1') else found.text end
                    )), 32)
                from (
                    select distinct cell.value, btrim(normalize(cell.value, NFKC), E' \t\r\n') as text
                    from raw.%1$I as t
                    cross join lateral (
                        select v.value from (values %2$s) as v (value)
                        union all
                        select e.value from jsonb_each_text(t.extra_columns) as e
                    ) as cell
                ) as found
                where found.text <> '' and found.text <> all($2)
            $query$,
            report.name, cells
        )
        using report.name, report.tokens;
        execute format(
            $query$
                insert into personal.original (pseudonym, value, first_load_id)
                select distinct on (s.pseudonym) s.pseudonym, s.value, 0 from stand_in as s
                on conflict do nothing
            $query$
        );
        execute format(
            $query$
                update raw.%1$I as t
                set %2$s extra_columns = case when t.extra_columns is not null then (
                    select jsonb_object_agg(e.key, coalesce(to_jsonb(s.pseudonym), e.value))
                    from jsonb_each(t.extra_columns) as e
                    left join stand_in as s on to_jsonb(s.value) = e.value
                ) end
                where exists (select from stand_in)
            $query$,
            report.name, coalesce(assignments || ', ', '')
        );
    end loop;
    drop table stand_in;
end
$$;
