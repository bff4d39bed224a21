"""Loading one file: recognised, checked, copied and entered in the ledger, in one transaction or not at
all.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import Any

import psycopg

from tradewind.disk import takes_no_more
from tradewind.exports import source
from tradewind.exports.contract import Contract
from tradewind.exports.export import Export
from tradewind.exports.facts import UNASSIGNED_STORE, FileFacts, folder_facts
from tradewind.exports.faults import RefusedFileError
from tradewind.exports.personal import Pseudonymiser
from tradewind.landing import archive, barrier, identity, ledger
from tradewind.landing.copying import Reading, copy_export
from tradewind.landing.files import (
    NO_BYTES,
    Stamp,
    leads_out,
    ledger_path,
    sha256_of,
    text_of,
    wait_until_settled,
)
from tradewind.landing.ledger import NOT_HASHED, FileVersion, LoadResult, Same
from tradewind.landing.opening import Opener, Piece, is_text
from tradewind.settings import Settings

# a file whose loading has ended the process so often is left alone
MAX_ATTEMPTS = 5
# smaller files are in the machine's memory when they are read a second time
HASHED_LATER_FROM = source.CHUNK_BYTES


class FileChangedError(Exception):
    """The file did not stay the same while it was read."""


class SameBytesError(Exception):
    """What was hashed while it was copied was loaded before, or has been meanwhile."""


@dataclass(frozen=True)
class Task:
    """One file to load, and what holds for the whole run."""

    path: Path
    settings: Settings
    contracts: Mapping[str, Contract]
    pseudonymise: Pseudonymiser = field(repr=False)
    report: str | None = None
    run_id: str | None = None


@dataclass(frozen=True)
class Offered:
    """The open file as it was when it was offered."""

    descriptor: int
    stamp: Stamp

    def is_unchanged(self) -> bool:
        """Whether nobody has written to it since."""
        return Stamp.of(os.fstat(self.descriptor)) == self.stamp

    def hashed(self, version: FileVersion) -> FileVersion:
        """The version with its hash."""
        return version if version.is_hashed else replace(version, sha256=sha256_of(self.descriptor))


def load_file(connection: psycopg.Connection, task: Task) -> list[LoadResult]:
    """Load one file; `connection` is in autocommit mode and belongs to the loader.

    A file on which one process after the other has died is refused (`given_up`).

    Whatever is wrong with the file is in the results and in the ledger. What is wrong with the database is
    raised as `psycopg.OperationalError`, what is wrong with this machine as `OSError`, and then nothing of
    what it was about to load is in the warehouse. A file that holds several gives one result for each, every
    one in a transaction of its own, and its own behind them: without that row it is taken up again.
    """
    with ExitStack() as resources:
        version = absent(task)
        attempts = ledger.begin_attempt(connection, version)
        try:
            results = _load_offered(connection, version, task, resources, attempts)
        except BaseException as error:
            # a full disk, a lock that did not come: not the file's doing. Where the server is gone the
            # attempt stays, since a file may be what brings it down.
            if not connection.broken and (
                takes_no_more(error) or isinstance(error, psycopg.OperationalError)
            ):
                ledger.end_attempts(connection, version)
            refusal = barrier.refusal_of(error, version.path)
            results = [_write(connection, version, "refused", refusal.code, refusal.parameters)]
        ledger.end_attempts(connection, version)
        return results


def _load_offered(
    connection: psycopg.Connection, version: FileVersion, task: Task, resources: ExitStack, attempts: int
) -> list[LoadResult]:
    try:
        if attempts > MAX_ATTEMPTS:
            raise RefusedFileError("given_up", attempts=MAX_ATTEMPTS)
        if leads_out(task.path, task.settings):
            raise RefusedFileError("outside_landing")
        descriptor = source.open_file(task.path)
        resources.callback(os.close, descriptor)
        if not wait_until_settled(descriptor, task.settings):
            raise FileChangedError
        offered = Offered(descriptor, Stamp.of(os.fstat(descriptor)))
        version = version_of(task, NOT_HASHED, offered.stamp)
        if not _may_be_hashed_later(connection, task, offered):
            version = offered.hashed(version)
        try:
            pieces = Opener(task.contracts, task.report, resources).open(descriptor, task.path, version)
        except RefusedFileError:
            version = offered.hashed(version)
            raise
    except RefusedFileError as refusal:
        return [_write(connection, version, "refused", refusal.code, refusal.parameters)]
    except FileNotFoundError:
        return [_write(connection, version, "refused", "file_gone", {})]
    except FileChangedError:
        return [_write(connection, version, "waiting", "file_changed", {})]
    results = [load_piece(connection, piece, task, offered) for piece in pieces]
    if pieces[0].version is version:
        return results
    return [*results, _enter_container(connection, version, results)]


def _may_be_hashed_later(connection: psycopg.Connection, task: Task, offered: Offered) -> bool:
    """Whether the hash may come with the rows: of a large table of text, of a size that no other file had."""
    size = offered.stamp.size
    return (
        size >= HASHED_LATER_FROM
        and is_text(offered.descriptor, task.path)
        and not ledger.has_size(connection, size)
    )


def _enter_container(
    connection: psycopg.Connection, version: FileVersion, results: list[LoadResult]
) -> LoadResult:
    """The row of a file that holds others: as long as one of them waits it is not through."""
    states = Counter(result.state for result in results)
    counts = {name: states[name] for name in ("loaded", "duplicate", "refused")} | {"count": len(results)}
    folders = folder_facts(PurePath(version.path))
    facts = FileFacts(folders.get("store", UNASSIGNED_STORE), folders.get("account", ""))
    with connection.transaction():
        ledger.lock(connection, version)
        if states["waiting"]:
            return ledger.write_outcome(connection, version, "waiting", "file_changed", {}, facts=facts)
        if not states["loaded"] and not states["held"] and not states["duplicate"]:
            return ledger.write_outcome(
                connection, version, "refused", "nothing_unpacked", counts, facts=facts
            )
        same = ledger.find_same(connection, version, facts)
        ledger.supersede_container(connection, version, [result.load_id for result in results], same)
        if same:
            return ledger.write_outcome(
                connection, version, "duplicate", "duplicate", {"load_id": same.load_id}, facts=facts,
                duplicate_of=same.load_id,
            )  # fmt: skip
        return ledger.write_outcome(connection, version, "loaded", "unpacked", counts, facts=facts)


def load_piece(
    connection: psycopg.Connection, piece: Piece, task: Task, offered: Offered, replaces: int | None = None
) -> LoadResult:
    """Load one export in one transaction; with `replaces` in the place of an earlier load of its bytes."""
    version, export = piece.version, piece.opened
    if isinstance(export, RefusedFileError):
        return _write(connection, version, "refused", export.code, export.parameters)
    report = export.contract.report
    try:
        if version.is_hashed:
            return _load_hashed(connection, version, export, task, offered, replaces)
        return _load_while_hashing(connection, version, export, task, offered)
    except SameBytesError:
        return load_piece(connection, replace(piece, version=offered.hashed(version)), task, offered)
    except RefusedFileError as refusal:
        return _write(
            connection, offered.hashed(version), "refused", refusal.code, refusal.parameters, report=report,
            facts=export.facts, counts=(refusal.parameters.get("read", 0), refusal.parameters.get("bad", 0)),
        )  # fmt: skip
    except (FileChangedError, archive.BytesChangedError):
        return _write(
            connection, offered.hashed(version), "waiting", "file_changed", {}, report=report,
            facts=export.facts,
        )  # fmt: skip
    except psycopg.OperationalError:
        raise
    except psycopg.Error as error:
        # the server's message may quote a cell: its code alone is kept
        parameters = {"sqlstate": error.sqlstate or "unknown"}
        return _write(
            connection, offered.hashed(version), "refused", "database_refused", parameters, report=report,
            facts=export.facts,
        )  # fmt: skip
    except BaseException as error:
        fault = barrier.refusal_of(error, version.path)
        return _write(
            connection, offered.hashed(version), "refused", fault.code, fault.parameters, report=report,
            facts=export.facts,
        )  # fmt: skip


def _load_hashed(
    connection: psycopg.Connection,
    version: FileVersion,
    export: Export,
    task: Task,
    offered: Offered,
    replaces: int | None,
) -> LoadResult:
    """Load what is known by its hash, unless its bytes were loaded before."""
    with connection.transaction():
        ledger.lock(connection, version)
        if replaces is not None:
            ledger.replace_load(connection, replaces, None)
        if same := ledger.find_same(connection, version, export.facts):
            if not _is_older(export, same):
                return _enter_same(connection, version, export, same)
            # of equal files the oldest says when they were made, whichever comes first
            replaces = same.load_id
            ledger.replace_load(connection, replaces, None)
        elif replaces is None and (vaguer := ledger.find_vaguer(connection, version, export.facts)):
            # now it is said whose they are
            replaces = vaguer
            ledger.replace_load(connection, replaces, None)
        load_id = ledger.open_load(connection, version, export)
        reading = copy_export(connection, export, load_id, task.settings, task.pseudonymise)
        twice = identity.find_twice(connection, version, export, load_id)
        archive.keep(offered.descriptor, version.archive_sha256, task.settings)
        if not offered.is_unchanged():
            raise FileChangedError
        result = _close(connection, version, export, load_id, reading)
        if replaces is not None:
            ledger.replace_load(connection, replaces, load_id)
        return _held(connection, result, twice) if twice else result


def _load_while_hashing(
    connection: psycopg.Connection, version: FileVersion, export: Export, task: Task, offered: Offered
) -> LoadResult:
    """Load a file that is hashed and archived while it is copied; its ledger row gets the hash at the end.

    Raises:
        SameBytesError: its bytes are in the warehouse already: as a file of that hash it has to be judged.
    """
    with archive.Copying(offered.descriptor, task.settings) as archiving, connection.transaction():
        ledger.lock_paths(connection, version)
        load_id = ledger.open_load(connection, version, export)
        reading = copy_export(connection, export, load_id, task.settings, task.pseudonymise)
        version = replace(version, sha256=archiving.sha256())
        if not offered.is_unchanged():
            raise FileChangedError
        ledger.lock_bytes(connection, version)
        if ledger.find_known_bytes(connection, [version]):
            raise SameBytesError
        twice = identity.find_twice(connection, version, export, load_id)
        archiving.keep()
        ledger.enter_bytes(connection, load_id, version)
        result = _close(connection, version, export, load_id, reading)
        return _held(connection, result, twice) if twice else result


def _held(connection: psycopg.Connection, result: LoadResult, twice: int) -> LoadResult:
    """The result of a load that is kept and does not count, since another load may hold the same."""
    code = "account_twice"
    reason = ledger.hold(connection, result.load_id, code, {"other": twice})
    return replace(result, state="held", reason_code=code, reason=reason)


def _close(
    connection: psycopg.Connection, version: FileVersion, export: Export, load_id: int, reading: Reading
) -> LoadResult:
    """Enter what became of the records of a load; it takes the place of what its path held before."""
    if reading.bad:
        ledger.quarantine(connection, load_id, export, reading.bad)
    ledger.close_load(
        connection, load_id, loaded=reading.loaded, quarantined=len(reading.bad), ignored=reading.ignored,
        open_end=reading.open_end,
    )  # fmt: skip
    ledger.supersede_path(connection, version, load_id)
    return loaded(load_id, version, export, reading)


def loaded(load_id: int, version: FileVersion, export: Export, reading: Reading) -> LoadResult:
    """The result of a load that has its rows."""
    return LoadResult(
        load_id, version.path, export.contract.report, "loaded", records_read=reading.read,
        records_loaded=reading.loaded, records_quarantined=len(reading.bad), records_ignored=reading.ignored,
    )  # fmt: skip


def _is_older(export: Export, same: Same) -> bool:
    made_at = export.facts.extracted_at
    return (
        not same.was_rejected
        and made_at is not None
        and same.extracted_at is not None
        and made_at < same.extracted_at
    )


def _enter_same(
    connection: psycopg.Connection, version: FileVersion, export: Export, same: Same
) -> LoadResult:
    load_id, report = same.load_id, export.contract.report
    if same.was_rejected:
        return ledger.write_outcome(
            connection,
            version,
            "refused",
            "rejected_before",
            {"load_id": load_id},
            report=report,
            facts=export.facts,
        )
    ledger.supersede_path(connection, version, load_id)
    return ledger.write_outcome(
        connection, version, "duplicate", "duplicate", {"load_id": load_id}, report=report,
        facts=export.facts, duplicate_of=load_id,
    )  # fmt: skip


def version_of(task: Task, sha256: str, stamp: Stamp) -> FileVersion:
    """The version of a task's file."""
    return FileVersion(
        path=ledger_path(task.path, task.settings),
        name=text_of(task.path.name),
        sha256=sha256,
        size=stamp.size,
        modified_at=stamp.modified_at,
        run_id=task.run_id,
    )


def absent(task: Task) -> FileVersion:
    """The version of a file whose bytes were not read."""
    try:
        stamp = Stamp.of(task.path.lstat())
    except OSError:
        stamp = Stamp(0, datetime.now(UTC))
    return version_of(task, NO_BYTES, stamp)


def _write(
    connection: psycopg.Connection,
    version: FileVersion,
    state: str,
    code: str,
    parameters: dict[str, Any],
    *,
    report: str | None = None,
    facts: FileFacts | None = None,
    counts: tuple[int, int] = (0, 0),
) -> LoadResult:
    with connection.transaction():
        ledger.lock(connection, version)
        return ledger.write_outcome(
            connection, version, state, code, parameters, report=report, facts=facts, counts=counts
        )
