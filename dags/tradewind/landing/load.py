"""Loading one file: recognised, checked, copied and entered in the ledger, in one transaction or not at
all.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import Any

import psycopg
from psycopg import sql

from tradewind.disk import takes_no_more
from tradewind.exports import source
from tradewind.exports.blocks import BadRecord, Block
from tradewind.exports.contract import Contract
from tradewind.exports.export import Export
from tradewind.exports.facts import UNASSIGNED_STORE, FileFacts, folder_facts
from tradewind.exports.faults import RefusedFileError
from tradewind.exports.personal import Pseudonymiser
from tradewind.exports.rows import RowReader
from tradewind.landing import archive, ledger
from tradewind.landing.files import NO_BYTES, Stamp, leads_out, ledger_path, sha256_of, wait_until_settled
from tradewind.landing.ledger import FileVersion, LoadResult, Same
from tradewind.landing.opening import Opener, Piece
from tradewind.landing.personal import Originals, set_apart
from tradewind.landing.raw_tables import raw_table
from tradewind.settings import Settings

# bad records are kept in memory until the file is read; more than this means that the file is no good
MAX_QUARANTINED_BYTES = 64 << 20


# a file whose loading has ended the process so often is left alone
MAX_ATTEMPTS = 5


class FileChangedError(Exception):
    """The file did not stay the same while it was read."""


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
    """The open file as it was when it was hashed."""

    descriptor: int
    stamp: Stamp

    def is_unchanged(self) -> bool:
        """Whether nobody has written to it since."""
        return Stamp.of(os.fstat(self.descriptor)) == self.stamp


@dataclass
class _Counts:
    loaded: int = 0
    ignored: int = 0

    def add(self, block: Block) -> None:
        self.loaded += block.loaded
        self.ignored += block.ignored


def load_file(connection: psycopg.Connection, task: Task) -> list[LoadResult]:
    """Load one file; `connection` is in autocommit mode and belongs to the loader.

    A file on which one process after the other has died is refused (`given_up`).

    Whatever is wrong with the file is in the results and in the ledger. What is wrong with the database is
    raised as `psycopg.OperationalError`, what is wrong with this machine as `OSError`, and then nothing of
    what it was about to load is in the warehouse. A file that holds several gives one result for each, every
    one in a transaction of its own, and its own behind them: without that row it is taken up again.
    """
    with ExitStack() as resources:
        version = _absent(task)
        attempts = ledger.begin_attempt(connection, version)
        try:
            results = _load_offered(connection, version, task, resources, attempts)
        except (psycopg.OperationalError, OSError) as error:
            # a full disk, a lock that did not come: not the file's doing. Where the server is gone the
            # attempt stays, since a file may be what brings it down.
            if not connection.broken and (takes_no_more(error) or isinstance(error, psycopg.Error)):
                ledger.end_attempt(connection, version)
            raise
        ledger.end_attempt(connection, version)
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
        stamp = Stamp.of(os.fstat(descriptor))
        version = _version(task, sha256_of(descriptor), stamp)
        pieces = Opener(task.contracts, task.report, resources).open(descriptor, task.path, version)
        offered = Offered(descriptor, stamp)
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
        if not states["loaded"] and not states["duplicate"]:
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
            load_id = ledger.open_load(connection, version, export)
            counts, bad = _copy(connection, export, load_id, task)
            # bytes that changed while they were read must neither count nor be kept under a hash not theirs
            archive.keep(offered.descriptor, version.archive_sha256, task.settings)
            if not offered.is_unchanged():
                raise FileChangedError
            if bad:
                ledger.quarantine(connection, load_id, export, bad)
            ledger.close_load(
                connection, load_id, loaded=counts.loaded, quarantined=len(bad), ignored=counts.ignored
            )
            ledger.supersede_path(connection, version, load_id)
            if replaces is not None:
                ledger.replace_load(connection, replaces, load_id)
    except RefusedFileError as refusal:
        return _write(
            connection, version, "refused", refusal.code, refusal.parameters, report=report,
            facts=export.facts, counts=(refusal.parameters.get("read", 0), refusal.parameters.get("bad", 0)),
        )  # fmt: skip
    except FileChangedError:
        return _write(connection, version, "waiting", "file_changed", {}, report=report, facts=export.facts)
    except psycopg.OperationalError:
        raise
    except psycopg.Error as error:
        # the server's message may quote a cell: its code alone is kept
        parameters = {"sqlstate": error.sqlstate or "unknown"}
        return _write(
            connection, version, "refused", "database_refused", parameters, report=report, facts=export.facts
        )
    return LoadResult(
        load_id, version.path, report, "loaded", records_read=counts.loaded + len(bad),
        records_loaded=counts.loaded, records_quarantined=len(bad), records_ignored=counts.ignored,
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


def _copy(
    connection: psycopg.Connection, export: Export, load_id: int, task: Task
) -> tuple[_Counts, list[BadRecord]]:
    with Originals() as originals:
        counts, bad = _copy_rows(connection, export, load_id, task, originals)
        set_apart(connection, load_id, export.contract, originals, task.pseudonymise)
    return counts, bad


def _copy_rows(
    connection: psycopg.Connection, export: Export, load_id: int, task: Task, originals: Originals
) -> tuple[_Counts, list[BadRecord]]:
    rows = export.rows(task.pseudonymise)
    counts = _Counts()
    bad: list[BadRecord] = []
    bad_bytes = 0
    with connection.cursor() as cursor, cursor.copy(_copy_statement(export, rows)) as copy:
        blocks = export.blocks(rows, load_id)
        is_large = os.fstat(export.descriptor).st_size > source.CHUNK_BYTES
        for block in _ahead(blocks) if is_large else blocks:
            if block.payload:
                copy.write(block.payload)
            counts.add(block)
            originals.add(block.originals)
            bad += block.bad
            bad_bytes += sum(len(record.raw) for record in block.bad)
            if bad_bytes > MAX_QUARANTINED_BYTES:
                break
    if bad and _ends_within(export, bad[-1]):
        raise RefusedFileError("cut_off", row=bad[-1].row_number)
    read = counts.loaded + len(bad)
    if len(bad) > task.settings.max_bad_record_share * read or bad_bytes > MAX_QUARANTINED_BYTES:
        raise RefusedFileError(
            "too_many_bad_records", read=read, bad=len(bad), examples=_examples(bad),
            share=f"{task.settings.max_bad_record_share * 100:g}%",
        )  # fmt: skip
    return counts, bad


def _ends_within(export: Export, record: BadRecord) -> bool:
    """Whether the file breaks off in this record: too short a one, and no line end behind it."""
    width = record.fault.parameters
    is_short = record.fault.code == "wrong_width" and width["found"] < width["expected"]
    if not is_short and record.fault.code != "unclosed_quote":
        return False
    size = os.fstat(export.descriptor).st_size
    end = os.pread(export.descriptor, len(record.raw), max(0, size - len(record.raw)))
    return end == record.raw and not end.endswith((b"\n", b"\r"))


def _copy_statement(export: Export, rows: RowReader) -> sql.Composed:
    columns = sql.SQL(", ").join(map(sql.Identifier, rows.target_columns))
    return sql.SQL(
        "copy {} (load_id, row_number, {}) from stdin (format csv, delimiter {}, quote {}, force_null ({}))"
    ).format(
        raw_table(export.contract.report),
        columns,
        sql.Literal(rows.delimiter),
        sql.Literal(rows.quote),
        columns,
    )


def _ahead(blocks: Iterator[Block]) -> Iterator[Block]:
    """The same blocks, the next one being read and checked while the server takes the one before."""
    with ThreadPoolExecutor(1, thread_name_prefix="read") as reader:
        coming = reader.submit(next, blocks, None)
        while (block := coming.result()) is not None:
            coming = reader.submit(next, blocks, None)
            yield block


def _examples(bad: list[BadRecord]) -> list[dict[str, Any]]:
    """The first record of each of the most frequent faults, by code and column."""
    kinds = Counter((record.fault.code, record.fault.column) for record in bad)
    first = {(record.fault.code, record.fault.column): record for record in reversed(bad)}
    return [{**first[kind].details(), "code": kind[0]} for kind, _ in kinds.most_common(3)]


def _version(task: Task, sha256: str, stamp: Stamp) -> FileVersion:
    return FileVersion(
        path=ledger_path(task.path, task.settings),
        name=task.path.name,
        sha256=sha256,
        size=stamp.size,
        modified_at=stamp.modified_at,
        run_id=task.run_id,
    )


def _absent(task: Task) -> FileVersion:
    """The version of a file whose bytes were not read."""
    try:
        stamp = Stamp.of(task.path.lstat())
    except OSError:
        stamp = Stamp(0, datetime.now(UTC))
    return _version(task, NO_BYTES, stamp)


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
