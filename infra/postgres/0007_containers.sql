-- A file that holds others has a row without a report: what it held was loaded by itself, and nothing of it waits.
create or replace view ops.pending_load as
select l.load_id, l.state as load_state
from ops.load as l
where l.state in ('loaded', 'superseded') and l.report is not null
    and not exists (
        select from ops.publication_load as pl
        where pl.load_id = l.load_id and pl.load_state = l.state
    );
comment on column ops.load.report is 'Report that the file is; NULL for a file of which nothing was recognised, and for one that only holds others.';
