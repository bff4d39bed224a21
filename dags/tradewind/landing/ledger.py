"""The rows of `ops.load` and `ops.quarantined_row`: what became of each file and each bad record."""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import psycopg
from psycopg.types.json import Jsonb

from tradewind.exports.blocks import BadRecord
from tradewind.exports.export import Export
from tradewind.exports.facts import FileFacts
from tradewind.landing.reasons import describe


@dataclass(frozen=True)
class FileVersion:
    """One version of a file: where it lies, and which bytes. `path` is relative to landing where it lies
    there.
    """

    path: str
    name: str
    sha256: str
    size: int
    modified_at: datetime
    run_id: str | None = None
    # hash of the file as it arrived, where this is only a part of it
    container_sha256: str | None = None

    @property
    def archive_sha256(self) -> str:
        """Hash under which the archive keeps the bytes that it came with."""
        return self.container_sha256 or self.sha256


@dataclass(frozen=True)
class LoadResult:
    """What became of a file; the fields are those of `ops.load`."""

    load_id: int
    path: str
    report: str | None
    state: str
    records_read: int = 0
    records_loaded: int = 0
    records_quarantined: int = 0
    records_ignored: int = 0
    reason_code: str | None = None
    reason: str | None = None


def lock(connection: psycopg.Connection, version: FileVersion) -> None:
    """Hold the bytes and then the path until the transaction ends: who loads them meanwhile waits.

    Whatever comes now, the path waits no longer.
    """
    path_hash = hashlib.sha256(version.path.encode("utf-8", "surrogateescape")).hexdigest()
    keys = [int.from_bytes(bytes.fromhex(text[:16]), signed=True) for text in (version.sha256, path_hash)]
    connection.execute("select pg_advisory_xact_lock(%s), pg_advisory_xact_lock(%s)", keys)
    connection.execute(
        "delete from ops.load where file_path = %s and state = 'waiting'", [_version(version)[1]]
    )


def begin_attempt(connection: psycopg.Connection, version: FileVersion) -> int:
    """Note that a file is about to be loaded; returns how many processes began that without an outcome."""
    _, path, _, size, modified_at, _ = _version(version)
    # a connection that is lost is not the file's fault: another try of the same process does not count
    process = f"{socket.gethostname()}:{os.getpid()}"
    row = connection.execute(
        """
        insert into ops.load_attempt as known (file_path, file_size, file_modified_at, process)
        values (%s, %s, %s, %s)
        on conflict (file_path) do update set
            attempts = case
                when (known.file_size, known.file_modified_at)
                    = (excluded.file_size, excluded.file_modified_at)
                    then known.attempts + (known.process <> excluded.process)::integer
                else 1
            end,
            process = excluded.process,
            file_size = excluded.file_size, file_modified_at = excluded.file_modified_at,
            last_tried_at = clock_timestamp()
        returning attempts
        """,
        [path, size, modified_at, process],
    ).fetchall()[0]
    return int(row[0])


def end_attempt(connection: psycopg.Connection, version: FileVersion) -> None:
    """The file has come to an outcome."""
    connection.execute("delete from ops.load_attempt where file_path = %s", [_version(version)[1]])


class Same(NamedTuple):
    """A load of the same bytes: whether an operator took it out, and when its file was made."""

    load_id: int
    was_rejected: bool
    extracted_at: datetime | None


def find_same(connection: psycopg.Connection, version: FileVersion, facts: FileFacts) -> Same | None:
    """The load of the same bytes for the same days.

    A file in another store's folder is another file; one that names no store is the same.
    """
    row = connection.execute(
        """
        select load_id, reason_code is not distinct from 'rejected', extracted_at
        from ops.load
        where file_sha256 = %(sha256)s and (state in ('loaded', 'held') or reason_code = 'rejected')
            and period_start is not distinct from %(start)s and period_end is not distinct from %(end)s
            and (
                (store_id = %(store)s and account = %(account)s)
                or (%(store)s = 'unassigned' and %(account)s = '')
            )
        order by state in ('loaded', 'held') desc, load_id
        limit 1
        """,
        {
            "sha256": version.sha256,
            "start": facts.period_start,
            "end": facts.period_end,
            "store": facts.store_id,
            "account": facts.account,
        },
    ).fetchone()
    return Same(*row) if row else None


def find_vaguer(connection: psycopg.Connection, version: FileVersion, facts: FileFacts) -> int | None:
    """The load of the same bytes for the same days that says less of whose they are."""
    row = connection.execute(
        """
        select load_id from ops.load
        where file_sha256 = %(sha256)s and state in ('loaded', 'held')
            and period_start is not distinct from %(start)s and period_end is not distinct from %(end)s
            and account = '' and (store_id, account) <> (%(store)s, %(account)s)
            and (store_id = 'unassigned' or (store_id = %(store)s and %(account)s <> ''))
        order by load_id
        limit 1
        """,
        {
            "sha256": version.sha256,
            "start": facts.period_start,
            "end": facts.period_end,
            "store": facts.store_id,
            "account": facts.account,
        },
    ).fetchone()
    return int(row[0]) if row else None


def lock_rivals(
    connection: psycopg.Connection,
    version: FileVersion,
    report: str,
    facts: FileFacts,
    load_id: int,
    *,
    of_same_days: bool,
) -> list[int]:
    """The other loads of a report that count for the same store and account, one file at a time asking.

    What lay at the file's path before gives way to it and is no rival. `of_same_days` keeps to the loads of
    the same period.
    """
    owner = f"{report}|{facts.store_id}|{facts.account}"
    key = int.from_bytes(hashlib.sha256(owner.encode()).digest()[:8], signed=True)
    connection.execute("select pg_advisory_xact_lock(%s)", [key])
    rows = connection.execute(
        """
        select load_id from ops.load
        where report = %(report)s and store_id = %(store)s and account = %(account)s
            and state in ('loaded', 'held') and load_id <> %(load_id)s
            and file_path <> %(path)s and not starts_with(file_path, %(path)s || '/')
            and (not %(of_same_days)s
                or (period_start, period_end) is not distinct from (%(start)s::date, %(end)s::date))
        """,
        {"report": report, "store": facts.store_id, "account": facts.account, "load_id": load_id,
         "path": _version(version)[1], "of_same_days": of_same_days, "start": facts.period_start,
         "end": facts.period_end},
    ).fetchall()  # fmt: skip
    return [row[0] for row in rows]


def open_load(connection: psycopg.Connection, version: FileVersion, export: Export) -> int:
    """Insert the row of a load that begins; its counts come with `close_load`, in the same transaction."""
    facts = export.facts
    row = connection.execute(
        """
        insert into ops.load (file_name, file_path, file_sha256, file_size, file_modified_at, run_id, report,
            state, store_id, account, extracted_at, period_start, period_end, currency, file_attributes,
            dialect, contract_sha256, archive_sha256)
        values (%s, %s, %s, %s, %s, %s, %s, 'loaded', %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        returning load_id
        """,
        [*_version(version), export.contract.report, facts.store_id, facts.account, facts.extracted_at,
         facts.period_start, facts.period_end, facts.currency, Jsonb(facts.attributes), Jsonb(export.dialect),
         export.contract.sha256, version.archive_sha256],
    ).fetchall()[0]  # fmt: skip
    return int(row[0])


def close_load(
    connection: psycopg.Connection, load_id: int, *, loaded: int, quarantined: int, ignored: int
) -> None:
    """Write the counts of a load."""
    connection.execute(
        """
        update ops.load set records_read = %s, records_loaded = %s, records_quarantined = %s,
            records_ignored = %s, finished_at = clock_timestamp()
        where load_id = %s
        """,
        [loaded + quarantined, loaded, quarantined, ignored, load_id],
    )


def quarantine(
    connection: psycopg.Connection, load_id: int, export: Export, bad: Iterable[BadRecord]
) -> None:
    """Keep the records that could not be loaded, with their bytes as they stand in the file."""
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "copy ops.quarantined_row (load_id, row_number, column_name, reason_code, reason, "
            "reason_details, raw_record) from stdin (format binary)"
        ) as copy,
    ):
        copy.set_types(["int8", "int8", "text", "text", "text", "jsonb", "bytea"])
        for record in bad:
            fault = record.fault
            details = record.details()
            copy.write_row(
                (load_id, record.row_number, fault.column, fault.code, describe(fault.code, details),
                 Jsonb(details), export.original(record.raw))
            )  # fmt: skip


def find_load(connection: psycopg.Connection, load_id: int) -> tuple[FileVersion, str, str, str] | None:
    """The file, report, state and contract's hash of a load of which something was loaded."""
    row = connection.execute(
        """
        select file_path, file_name, file_sha256, file_size, file_modified_at, run_id, archive_sha256, report,
            state, contract_sha256
        from ops.load
        where load_id = %s and report is not null and archive_sha256 is not null
        """,
        [load_id],
    ).fetchone()
    return (FileVersion(*row[:7]), *row[7:]) if row else None


def replace_load(connection: psycopg.Connection, old: int, new: int | None) -> None:
    """Take out a load that is read anew, and with `new` what of it is in quarantine: it was judged again."""
    connection.execute(
        "update ops.load set state = 'superseded', superseded_by = %s where load_id = %s", [new, old]
    )
    if new is not None:
        connection.execute("delete from ops.quarantined_row where load_id = %s", [old])


def supersede_path(connection: psycopg.Connection, version: FileVersion, load_id: int) -> None:
    """The file at this path was replaced: what was loaded from it before, or of what it held, gives way."""
    connection.execute(
        """
        update ops.load set state = 'superseded', superseded_by = %(load_id)s
        where (file_path = %(path)s or starts_with(file_path, %(path)s || '/'))
            and state in ('loaded', 'held') and load_id <> %(load_id)s
        """,
        {"path": _version(version)[1], "load_id": load_id},
    )


def supersede_container(
    connection: psycopg.Connection,
    version: FileVersion,
    load_ids: list[int],
    same: Same | None,
) -> None:
    """The file at this path holds the files of these loads: what it was, or held beside them, gives way."""
    connection.execute(
        """
        with kept as (
            select coalesce(duplicate_of, load_id) as load_id, file_path
            from ops.load
            where load_id = any(%(load_ids)s)
        )
        update ops.load set state = 'superseded', superseded_by = (select max(load_id) from kept)
        where (file_path = %(path)s or starts_with(file_path, %(path)s || '/'))
            and state in ('loaded', 'held') and load_id not in (select load_id from kept)
            and load_id is distinct from %(same)s
        """,
        {"path": _version(version)[1], "load_ids": load_ids, "same": same.load_id if same else None},
    )


def write_outcome(
    connection: psycopg.Connection,
    version: FileVersion,
    state: str,
    code: str,
    parameters: dict[str, Any],
    *,
    report: str | None = None,
    facts: FileFacts | None = None,
    duplicate_of: int | None = None,
    counts: tuple[int, int] = (0, 0),
) -> LoadResult:
    """Insert the row of a file of which nothing was loaded."""
    facts = facts or FileFacts()
    reason = describe(code, parameters)
    row = connection.execute(
        """
        insert into ops.load (file_name, file_path, file_sha256, file_size, file_modified_at, run_id, report,
            state, store_id, account, period_start, period_end, reason_code, reason, reason_details,
            duplicate_of, records_read, records_quarantined, finished_at)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, clock_timestamp())
        returning load_id
        """,
        [*_version(version), report, state, facts.store_id, facts.account, facts.period_start,
         facts.period_end, code, reason, Jsonb(parameters), duplicate_of, *counts],
    ).fetchall()[0]  # fmt: skip
    return LoadResult(
        row[0], version.path, report, state, records_read=counts[0], records_quarantined=counts[1],
        reason_code=code, reason=reason,
    )  # fmt: skip


def _version(version: FileVersion) -> list[Any]:
    # a name that is no proper text is stored with what can be shown of it
    shown = [
        text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        for text in (version.name, version.path)
    ]
    return [*shown, version.sha256, version.size, version.modified_at, version.run_id]
