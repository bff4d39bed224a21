-- What loads leave for later is done once, before the next build. Builds run as a role that owns no raw table.
create function ops.analyze_raw(report text) returns void
language plpgsql volatile strict security definer
set search_path = pg_catalog
as $$
begin
    execute format('analyze raw.%I', report);
    -- pages that no range tells of are read in every search
    perform brin_summarize_new_values(i.indexrelid)
    from pg_index as i
    inner join pg_class as c on c.oid = i.indexrelid
    inner join pg_am as a on a.oid = c.relam
    where i.indrelid = format('raw.%I', report)::regclass and a.amname = 'brin';
end
$$;
revoke all on function ops.analyze_raw(text) from public;
grant execute on function ops.analyze_raw(text) to tradewind_builder;
comment on function ops.analyze_raw(text) is 'Renews statistics and page ranges of the raw table of a report, as a build begins.';

-- A key costs most where values arrive: loads write originals here, in no order, and the next build brings them to theirs.
create table personal.incoming (
    pseudonym uuid not null,
    value text not null,
    load_id bigint not null
);
revoke all on personal.incoming from public;
grant insert on personal.incoming to tradewind_loader;
comment on table personal.incoming is 'One row per pseudonym and load since the last build: on its way to personal.original.';

create function ops.merge_originals() returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog
as $$
declare
    merged bigint;
begin
    -- the lock of erasures (ERASURE_LOCK), shared: an erasure must not miss what is between the two tables
    perform pg_advisory_xact_lock_shared(7215312);
    with taken as (
        delete from personal.incoming returning pseudonym, value, load_id
    )

    insert into personal.original (pseudonym, value, first_load_id)
    select distinct on (t.pseudonym) t.pseudonym, t.value, t.load_id
    from taken as t
    order by t.pseudonym, t.load_id
    on conflict do nothing;
    get diagnostics merged = row_count;
    return merged;
end
$$;
revoke all on function ops.merge_originals() from public;
grant execute on function ops.merge_originals() to tradewind_builder;
comment on function ops.merge_originals() is 'Brings the originals that loads have left to their key; returns how many were new.';

create or replace function personal.count_originals(pseudonyms text[]) returns bigint
language sql stable security definer
set search_path = pg_catalog
as $$
    select count(*)
    from (
        select o.pseudonym from personal.original as o where o.pseudonym = any(pseudonyms::uuid[])
        union
        select i.pseudonym from personal.incoming as i where i.pseudonym = any(pseudonyms::uuid[])
    ) as known
$$;

create or replace function personal.erase_originals(pseudonyms text[]) returns bigint
language sql volatile security definer
set search_path = pg_catalog
as $$
    with gone as (
        delete from personal.original as o where o.pseudonym = any(pseudonyms::uuid[]) returning o.pseudonym
    ),

    gone_before_the_key as (
        delete from personal.incoming as i where i.pseudonym = any(pseudonyms::uuid[]) returning i.pseudonym
    )

    select count(*)
    from (select g.pseudonym from gone as g union select b.pseudonym from gone_before_the_key as b) as known
$$;

-- A file of a size that no load has had needs no hash before it is copied.
create index load_by_size on ops.load (file_size);
