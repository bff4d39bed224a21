-- A file that holds others has a row without a report: what it held was loaded by itself, and nothing of it waits.
create or replace view ops.pending_load as
select l.load_id, l.state as load_state
from ops.load as l
where l.state in ('loaded', 'superseded') and l.report is not null
    and not exists (
        select from ops.publication_load as pl
        where pl.load_id = l.load_id and pl.load_state = l.state
    );

-- The standard shapes that contracts map their columns to; written from dags/tradewind/exports/shapes.yml.
create table ops.shape (
    shape text primary key,
    definition jsonb not null,
    updated_at timestamptz not null default clock_timestamp()
);
comment on table ops.shape is 'One row per standard shape of reports: its fields, their types, what they mean.';
grant select, insert, update, delete on ops.shape to tradewind_loader;
grant select on ops.shape to tradewind_builder, tradewind_reader;

-- A file whose loading ends the process (memory, a fault of the parser) would be tried for ever.
create table ops.load_attempt (
    file_path text primary key,
    file_size bigint not null,
    file_modified_at timestamptz not null,
    process text not null,
    attempts integer not null default 1,
    last_tried_at timestamptz not null default clock_timestamp()
);
comment on table ops.load_attempt is 'One row per file that is being loaded, or whose loading ended without an outcome: how many processes have tried.';
grant select, insert, update, delete on ops.load_attempt to tradewind_loader;

-- An anomaly that a person has looked at and found to be true.
create table ops.load_release (
    load_id bigint primary key references ops.load,
    reason text not null,
    released_by text not null,
    released_at timestamptz not null default clock_timestamp()
);
comment on table ops.load_release is 'One row per load whose unusual numbers a person has confirmed; the checks for jumps leave it alone.';
grant select, insert, update on ops.load_release to tradewind_publisher;
grant select on ops.load_release to tradewind_builder, tradewind_reader;

-- What the archive keeps is the file as it arrived, which may hold several loads.
alter table ops.load add column archive_sha256 text check (archive_sha256 ~ '^[0-9a-f]{64}$');
comment on column ops.load.archive_sha256 is 'Hash of the file in the archive that the load came from; NULL where nothing of it was loaded.';

comment on column ops.load.report is 'Report that the file is; NULL for a file of which nothing was recognised, and for one that only holds others.';
