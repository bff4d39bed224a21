"""What waits to be done: files in landing that the ledger lacks, and loads that no build has tried."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

if TYPE_CHECKING:
    from tradewind.landing.files import Stamp

# stands for all that a place may have when it cannot be looked at
UNREADABLE_PLACE = "place:unreadable"

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
    """Names of what waits, empty when there is nothing: `file:<path>:<size>:<time in µs>` and `load:<id>`."""
    # they read files; who asks for publications alone need not load that
    from tradewind.landing import scan
    from tradewind.landing.files import Stamp

    names = {f"load:{load_id}" for load_id in find_untried_loads(settings)}
    for path in scan(settings):
        try:
            # a link is judged as it lies: where it leads may be gone
            stamp = Stamp.of(path.lstat())
        except FileNotFoundError:
            continue
        names.add(_name_file(path, stamp))
    return frozenset(names)


class RemoteWork:
    """What waits at the place of TRADEWIND_LANDING_URL, from one look to the next."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._seen: frozenset[str] = frozenset()
        self._failures = 0

    def look(self) -> frozenset[str]:
        """Names of files to be fetched, those that `find_work` gives them once they are in landing.

        A young file is named when a second look finds it unchanged, so that an upload under way starts no
        run after run. A place that fails twice is work too: the run that it starts says what is wrong.
        """
        from tradewind.fetching import FetchError, find_new, is_young

        try:
            files = find_new(self._settings)
        except FetchError:
            self._failures += 1
            return frozenset({UNREADABLE_PLACE}) if self._failures > 1 else frozenset()
        self._failures = 0
        names = {
            _name_file(self._settings.landing / file.path, file.stamp): is_young(file, self._settings)
            for file in files
        }
        seen, self._seen = self._seen, frozenset(names)
        return frozenset(name for name, young in names.items() if not young or name in seen)


def _name_file(path: Path, stamp: Stamp) -> str:
    return f"file:{path}:{stamp.size}:{stamp.microseconds}"


def is_anything_published(settings: Settings) -> bool:
    """Whether a publication is up."""
    with connect(Role.BUILDER, settings) as connection:
        row = connection.execute(
            "select exists (select from ops.publication where state = 'published')"
        ).fetchone()
    return bool(row and row[0])
