"""Small files in groups: a hundred in one transaction, each of them whole or absent.

A file's own commits, its sync and its round trips to the server cost more than its few rows. A group takes
what is plain: new tables of text that are in order. Whatever else turns up among them, a copy, a packed file,
one to be refused or to wait, is left to be loaded alone, by the rules of `load.py`; and so are all files of a
group in which anything fails.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tradewind.exports import source
from tradewind.exports.export import Export
from tradewind.exports.faults import RefusedFileError
from tradewind.exports.personal import Pseudonymiser
from tradewind.exports.rows import RowReader
from tradewind.landing import archive, identity, ledger
from tradewind.landing.copying import Reading, copy_statement, read_rows
from tradewind.landing.files import Stamp, is_settled, leads_out
from tradewind.landing.ledger import Counts, FileVersion, LoadResult
from tradewind.landing.load import Offered, Task, absent, loaded, version_of
from tradewind.landing.opening import Opener, is_text
from tradewind.landing.personal import Originals, set_apart

# files of a group, all of which are open at once, in each of a few threads
GROUP_FILES = 100
# a larger file costs more than what it costs to load it alone
MAX_BYTES = 64 << 10


@dataclass
class _Member:
    """A file of the group, from when it is open to when it is loaded."""

    position: int
    version: FileVersion
    offered: Offered
    export: Export
    content: bytes = field(repr=False)
    load_id: int = 0
    rows: RowReader = field(init=False)
    reading: Reading = field(init=False)
    payloads: list[bytes | memoryview] = field(default_factory=list, repr=False)
    originals: list[Mapping[str, str]] = field(default_factory=list, repr=False)


def is_small(path: Path) -> bool:
    """Whether a file is of a size to be loaded with others."""
    try:
        status = path.lstat()
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_size <= MAX_BYTES


def load_group(connection: psycopg.Connection, tasks: Sequence[Task]) -> list[LoadResult | None]:
    """Load small files in one transaction; `connection` is in autocommit mode and belongs to the loader.

    Returns a result for each that was loaded, and None for each that has to be loaded alone. Whatever is
    raised, nothing of any of them is in the warehouse.
    """
    versions = [absent(task) for task in tasks]
    is_first = ledger.note_first_attempts(connection, versions)
    noted = [version for version, is_new in zip(versions, is_first, strict=True) if is_new]
    results: list[LoadResult | None] = [None] * len(tasks)
    try:
        with ExitStack() as resources:
            # what may have ended a process goes alone, lest it take others with it again
            candidates = [(number, tasks[number]) for number, is_new in enumerate(is_first) if is_new]
            members = _open(candidates, resources)
            with connection.transaction():
                for member in _load(connection, members, tasks):
                    results[member.position] = loaded(
                        member.load_id, member.version, member.export, member.reading
                    )
                ledger.end_attempts(connection, *noted)
    except BaseException:
        # the files' next tries say whose fault it was; where the server is gone it may be one of theirs
        if not connection.broken:
            ledger.end_attempts(connection, *noted)
        raise
    return results


def _open(candidates: Iterable[tuple[int, Task]], resources: ExitStack) -> list[_Member]:
    """Those that are tables of text of a known report and did not change while they were young."""
    found: list[tuple[int, Task, Offered]] = []
    must_wait = 0.0
    for position, task in candidates:
        try:
            if leads_out(task.path, task.settings):
                continue
            descriptor = source.open_file(task.path)
        except (RefusedFileError, FileNotFoundError):
            continue
        resources.callback(os.close, descriptor)
        status = os.fstat(descriptor)
        if not is_settled(status, task.settings):
            must_wait = task.settings.settle_seconds
        found.append((position, task, Offered(descriptor, Stamp.of(status))))
    time.sleep(must_wait)
    return [member for each in found if (member := _open_one(*each, resources))]


def _open_one(position: int, task: Task, offered: Offered, resources: ExitStack) -> _Member | None:
    content = os.pread(offered.descriptor, MAX_BYTES + 1, 0)
    if not offered.is_unchanged() or len(content) > MAX_BYTES or not is_text(offered.descriptor, task.path):
        return None
    version = version_of(task, hashlib.sha256(content).hexdigest(), offered.stamp)
    try:
        [piece] = Opener(task.contracts, task.report, resources).open(offered.descriptor, task.path, version)
    except Exception:
        # refused, or what nobody foresaw: alone it comes to its outcome
        return None
    if isinstance(piece.opened, RefusedFileError):
        return None
    return _Member(position, version, offered, piece.opened, content)


def _load(connection: psycopg.Connection, members: list[_Member], tasks: Sequence[Task]) -> list[_Member]:
    """Load what is new and in order, in the connection's transaction; returns those that were."""
    if not members:
        return []
    ledger.lock(connection, *(member.version for member in members))
    members = _open_loads(connection, _new_ones(connection, members))
    in_order = [member for member in members if _read(member, tasks[member.position])]
    archive.keep_all({item.version.sha256: item.content for item in in_order}, tasks[0].settings)
    in_order = [member for member in in_order if member.offered.is_unchanged()]
    numbers = {member.load_id for member in in_order}
    ledger.drop_loads(connection, [item.load_id for item in members if item.load_id not in numbers])
    _copy(connection, in_order, tasks[0].pseudonymise)
    # alone the one that is another account's is refused or held; in one order, lest two groups wait for each
    # other
    for member in sorted(in_order, key=lambda item: item.export.contract.report):
        if identity.find_twice(connection, member.version, member.export, member.load_id):
            raise identity.TwiceError
    _close(connection, in_order)
    return in_order


def _new_ones(connection: psycopg.Connection, members: list[_Member]) -> list[_Member]:
    """Those whose bytes are neither in the warehouse nor in the group before."""
    known = ledger.find_known_bytes(connection, [member.version for member in members])
    first = {member.version.sha256: member for member in reversed(members)}
    return [
        item for item in members if item.version.sha256 not in known and first[item.version.sha256] is item
    ]


def _open_loads(connection: psycopg.Connection, members: list[_Member]) -> list[_Member]:
    load_ids = ledger.open_loads(connection, [(member.version, member.export) for member in members])
    for member, load_id in zip(members, load_ids, strict=True):
        member.load_id = load_id
    return members


def _read(member: _Member, task: Task) -> bool:
    """Read the rows of a file; whether they may be loaded."""
    member.rows = member.export.rows(task.pseudonymise)
    try:
        member.reading = read_rows(
            member.export, member.rows, member.load_id, member.payloads.append, member.originals.append
        )
        member.reading.require_sound(task.settings)
    except Exception:
        # as above
        return False
    return True


def _copy(connection: psycopg.Connection, members: list[_Member], pseudonymise: Pseudonymiser) -> None:
    """Copy the rows of all: one COPY for all tables that look the same."""
    alike: dict[tuple[object, ...], list[_Member]] = {}
    for member in members:
        rows = member.rows
        look = (member.export.contract.report, rows.delimiter, rows.quote, *rows.target_columns)
        alike.setdefault(look, []).append(member)
    for those in alike.values():
        statement = copy_statement(those[0].export, those[0].rows)
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write(b"".join(payload for member in those for payload in member.payloads))
    with Originals() as originals:
        for member in members:
            for values in member.originals:
                originals.add(member.load_id, values)
        contracts = {member.load_id: member.export.contract for member in members}
        set_apart(connection, contracts, originals, pseudonymise)


def _close(connection: psycopg.Connection, members: list[_Member]) -> None:
    """Enter what became of the records; each takes the place of what its path held before."""
    for member in members:
        if member.reading.bad:
            ledger.quarantine(connection, member.load_id, member.export, member.reading.bad)
    ledger.close_loads(
        connection,
        [
            Counts(
                item.load_id,
                item.reading.loaded,
                len(item.reading.bad),
                item.reading.ignored,
                item.reading.open_end,
            )
            for item in members
        ],
    )
    ledger.supersede_paths(connection, [(member.version, member.load_id) for member in members])
