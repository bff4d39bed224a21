-- Rows of raw were changed in place, which no incremental model can follow: what they had been leaves with a full refresh.
create view ops.unpublished_erasure as
select e.erasure_id, e.load_ids
from ops.erasure as e
where e.load_ids <> '{}'
    and not exists (
        select from ops.build as b
        where b.state = 'published' and b.is_full_refresh and b.started_at > e.erased_at
    );
comment on view ops.unpublished_erasure is 'Erasures that the marts do not show yet; the next build builds everything anew.';
grant select on ops.unpublished_erasure to tradewind_builder, tradewind_publisher, tradewind_loader;

-- The loads that somebody was erased from wait for the next build, and stay visible as they are until then.
create or replace view ops.pending_load as
select l.load_id, l.state as load_state
from ops.load as l
where l.state in ('loaded', 'superseded') and l.report is not null
    and (
        not exists (
            select from ops.publication_load as pl
            where pl.load_id = l.load_id and pl.load_state = l.state
        )
        or exists (select from ops.unpublished_erasure as e where l.load_id = any(e.load_ids))
    );
