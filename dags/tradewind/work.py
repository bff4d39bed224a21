"""What waits to be done: files in landing that the ledger lacks, and loads that no build has tried."""

from __future__ import annotations

from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

# a held or failed build leaves its loads pending: they are tried again with the next files or by hand
UNTRIED_LOADS = """
select p.load_id
from ops.pending_load as p
where not exists (
    select from ops.build_load as bl
    inner join ops.build as b on b.build_id = bl.build_id
    left join ops.load_release as r on r.load_id = bl.load_id
    where bl.load_id = p.load_id and bl.load_state = p.load_state and b.state <> 'abandoned'
        and (r.released_at is null or r.released_at < b.started_at)
)
order by p.load_id
"""


def find_untried_loads(settings: Settings) -> list[int]:
    """The load ids that are in no publication and that no build has tried to take in, in their order."""
    with connect(Role.BUILDER, settings) as connection:
        return [load_id for (load_id,) in connection.execute(UNTRIED_LOADS)]


def find_work(settings: Settings) -> frozenset[str]:
    """Names of what waits: `file:<path>:<size>:<time>` and `load:<id>`; empty when there is nothing to do."""
    from tradewind.landing import scan  # reads files; who asks for publications alone need not load that

    names = {f"load:{load_id}" for load_id in find_untried_loads(settings)}
    for path in scan(settings):
        status = path.stat()
        names.add(f"file:{path}:{status.st_size}:{status.st_mtime_ns}")
    return frozenset(names)


def is_anything_published(settings: Settings) -> bool:
    """Whether a publication is up."""
    with connect(Role.BUILDER, settings) as connection:
        row = connection.execute(
            "select exists (select from ops.publication where state = 'published')"
        ).fetchone()
    return bool(row and row[0])
