-- Builds, gates and publications: what was built from which loads, what the checks said, what is up.
create table ops.build (
    build_id bigint generated always as identity primary key,
    state text not null check (state in ('running', 'failed', 'held', 'published', 'abandoned')),
    is_full_refresh boolean not null default false,
    project_sha256 text not null,
    reason text,
    run_id text,
    started_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz
);
create unique index build_one_at_a_time on ops.build ((true)) where state = 'running';
comment on table ops.build is 'One row per build of the candidate marts; one runs at a time.';

create table ops.build_load (
    build_id bigint not null references ops.build,
    load_id bigint not null references ops.load,
    load_state text not null,
    primary key (build_id, load_id)
);
create index build_load_by_load on ops.build_load (load_id);
comment on table ops.build_load is 'One row per load that a build has to take in (or take out, when the load was superseded).';

create table ops.dbt_result (
    build_id bigint not null references ops.build,
    node text not null,
    resource_type text not null,
    status text not null,
    execution_seconds numeric not null,
    rows_affected bigint,
    failures bigint,
    message text,
    primary key (build_id, node)
);
comment on table ops.dbt_result is 'One row per dbt model, seed and test of a build: status, seconds, rows.';

create table ops.gate_result (
    gate_result_id bigint generated always as identity primary key,
    build_id bigint not null references ops.build,
    gate text not null check (gate in ('landing', 'marts')),
    suite text not null,
    expectation text not null,
    column_name text,
    success boolean not null,
    severity text not null check (severity in ('error', 'warning')),
    why text not null,
    observed jsonb not null default '{}',
    checked_at timestamptz not null default clock_timestamp()
);
create index gate_result_by_build on ops.gate_result (build_id);
comment on table ops.gate_result is 'One row per expectation checked in a build; observed holds counts, never values.';

create table ops.publication (
    publication_id bigint generated always as identity primary key,
    build_id bigint not null references ops.build,
    state text not null check (state in ('published', 'held')),
    reason_code text,
    reason text,
    rows_inserted bigint not null default 0,
    rows_deleted bigint not null default 0,
    decided_at timestamptz not null default clock_timestamp()
);
comment on table ops.publication is 'One row per attempt to publish: published, or held with the reason; the marts show the latest published one.';

create table ops.publication_load (
    publication_id bigint not null references ops.publication,
    load_id bigint not null references ops.load,
    load_state text not null,
    primary key (publication_id, load_id)
);
create index publication_load_by_load on ops.publication_load (load_id, load_state);
comment on table ops.publication_load is 'One row per load that a publication took in for the first time.';

create view ops.pending_load as
select l.load_id, l.state as load_state
from ops.load as l
where l.state in ('loaded', 'superseded')
    and not exists (
        select from ops.publication_load as pl
        where pl.load_id = l.load_id and pl.load_state = l.state
    );
comment on view ops.pending_load is 'Loads whose present state no publication shows yet; the next build takes them.';

create view ops.build_scope as
select bl.load_id, bl.load_state
from ops.build_load as bl
inner join ops.build as b on b.build_id = bl.build_id
where b.state = 'running';
comment on view ops.build_scope is 'The loads of the running build: what an incremental model has to look at.';

-- A load that arrives in the middle of a build stays out of it whole, so that every model sees the same loads.
create view ops.visible_load as
select l.load_id, l.report, l.store_id, l.account, l.extracted_at, l.file_sha256, l.file_name, l.period_start,
    l.period_end, l.currency, l.file_attributes, l.dialect, l.state = 'superseded' as is_superseded
from ops.load as l
where l.state in ('loaded', 'superseded')
    and (
        not exists (select from ops.build where state = 'running')
        or exists (select from ops.build_scope as s where s.load_id = l.load_id)
        or exists (select from ops.publication_load as pl where pl.load_id = l.load_id)
    );
comment on view ops.visible_load is 'The loads that the models may read now.';

-- ANALYZE is the owner's right, and builds run as a role that owns none of these.
create function ops.analyze_ledger() returns void
language plpgsql security definer
set search_path = pg_catalog
as $$
begin
    analyze ops.load;
    analyze ops.build_load;
    analyze ops.publication_load;
end
$$;
revoke all on function ops.analyze_ledger() from public;
grant execute on function ops.analyze_ledger() to tradewind_builder;
comment on function ops.analyze_ledger() is 'Tells the planner how many files there are, as a build begins.';
