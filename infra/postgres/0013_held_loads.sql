-- A load that breaks something is held by itself, and the rest is published. A build therefore keeps the state in which
-- it takes each load, which may be another than the ledger's: what is tried without, and what came or went meanwhile.

-- equal bytes may stand twice: as they count, and read again and held
drop index ops.load_same_bytes_once;
create unique index load_same_bytes_once on ops.load (file_sha256, store_id, account, period_start, period_end)
    nulls not distinct where state = 'loaded';

comment on column ops.load.state is 'loaded, refused (nothing of it was loaded, reason says why), waiting (not complete yet), held (loaded, and left out of every number until it is rejected, released or replaced; reason says why), superseded (a newer version of the file replaced it), duplicate (the same bytes were loaded before).';
comment on column ops.load.superseded_by is 'The load that took its place; of a load that counts, the held one that would.';
comment on column ops.build_load.load_state is 'How the build takes it: loaded (in), superseded or held (out).';

-- A state may come back: a held load is released and held again. So it is not pending only if a publication has it as it
-- is and no later build has had to look at it.
create or replace view ops.pending_load as
select l.load_id, l.state as load_state
from ops.load as l
where l.state in ('loaded', 'superseded', 'held') and l.report is not null
    and not exists (
        select from ops.publication_load as pl
        inner join ops.publication as p on p.publication_id = pl.publication_id
        where pl.load_id = l.load_id and pl.load_state = l.state
            and not exists (
                select from ops.build_load as bl where bl.load_id = pl.load_id and bl.build_id > p.build_id
            )
    );

create or replace view ops.build_scope as
select bl.load_id, bl.load_state, l.report
from ops.build_load as bl
inner join ops.build as b on b.build_id = bl.build_id
inner join ops.load as l on l.load_id = bl.load_id
where b.state = 'running';

-- What was published counts until a build has taken it out, whatever happens to it while one runs.
drop view ops.visible_load;
create view ops.visible_load as
select l.load_id, l.report, l.store_id, l.account, l.extracted_at, l.file_sha256, l.file_name, l.period_start,
    l.period_end, l.currency, l.file_attributes, l.dialect
from ops.load as l
left join ops.build_scope as s on s.load_id = l.load_id
where s.load_state = 'loaded'
    or s.load_id is null and (
        not exists (select from ops.build where state = 'running') and l.state = 'loaded'
        or exists (select from ops.build where state = 'running')
        and exists (
            select from ops.publication_load as pl where pl.load_id = l.load_id and pl.load_state = 'loaded'
        )
        and not exists (
            select from ops.publication_load as pl where pl.load_id = l.load_id and pl.load_state = 'superseded'
        )
    );
comment on view ops.visible_load is 'The loads that count now: what the models may read.';
grant select on ops.visible_load to tradewind_builder, tradewind_publisher;

-- a build says of a load that it is held, a release that it no longer is; neither touches what was loaded
grant update (load_state) on ops.build_load to tradewind_builder;
grant update (state, reason_code, reason, reason_details) on ops.load to tradewind_builder, tradewind_publisher;
