"""The rows of `ops.load` and `ops.quarantined_row`: what became of each file and each bad record."""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

import psycopg
from psycopg.types.json import Json, Jsonb

from tradewind.exports.blocks import BadRecord
from tradewind.exports.export import Export
from tradewind.exports.facts import FileFacts
from tradewind.landing.reasons import describe

# hash of a version whose bytes are hashed while they are loaded
NOT_HASHED = ""


@dataclass(frozen=True)
class FileVersion:
    """One version of a file: where it lies, and which bytes. `path` is relative to landing where it lies
    there; it and `name` are texts of names (`files.text_of`).
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
    def is_hashed(self) -> bool:
        """Whether its bytes have been read."""
        return self.sha256 != NOT_HASHED

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


def lock(connection: psycopg.Connection, *versions: FileVersion) -> None:
    """Hold the paths and then the bytes until the transaction ends: who loads them meanwhile waits.

    Whatever comes now, the paths wait no longer. All paths come before all bytes, and each in one order, lest
    two loaders wait for each other.
    """
    lock_paths(connection, *versions)
    lock_bytes(connection, *versions)


def lock_paths(connection: psycopg.Connection, *versions: FileVersion) -> None:
    """Hold the paths alone, of files whose bytes are not known yet."""
    _lock(connection, [hashlib.sha256(version.path.encode()).hexdigest() for version in versions])
    connection.execute(
        "delete from ops.load where file_path = any(%s) and state = 'waiting'",
        [[version.path for version in versions]],
    )


def lock_bytes(connection: psycopg.Connection, *versions: FileVersion) -> None:
    """Hold the bytes, behind the paths."""
    _lock(connection, [version.sha256 for version in versions])


def _lock(connection: psycopg.Connection, hashes: Iterable[str]) -> None:
    keys = sorted(int.from_bytes(bytes.fromhex(text[:16]), signed=True) for text in hashes)
    connection.execute("select pg_advisory_xact_lock(key) from unnest(%s::bigint[]) as key", [keys])


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


def note_first_attempts(connection: psycopg.Connection, versions: Sequence[FileVersion]) -> list[bool]:
    """Note that files are about to be loaded together; says of each whether nothing was known against it.

    What an earlier process began without an outcome may have ended that process: its count stays as it is.
    """
    rows = sorted({version.path: (version.size, version.modified_at) for version in versions}.items())
    process = f"{socket.gethostname()}:{os.getpid()}"
    noted = connection.execute(
        """
        insert into ops.load_attempt (file_path, file_size, file_modified_at, process)
        select *, %s from unnest(%s::text[], %s::bigint[], %s::timestamptz[])
        on conflict do nothing
        returning file_path
        """,
        [process, [path for path, _ in rows], [size for _, (size, _) in rows], [at for _, (_, at) in rows]],
    ).fetchall()
    left = {path for (path,) in noted}
    is_first = []
    for path in (version.path for version in versions):
        is_first.append(path in left)
        # the second of one path is for another try
        left.discard(path)
    return is_first


def end_attempts(connection: psycopg.Connection, *versions: FileVersion) -> None:
    """The files have come to an outcome, or will be tried again."""
    connection.execute(
        "delete from ops.load_attempt where file_path = any(%s)", [[version.path for version in versions]]
    )


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
        _whose(version, facts),
    ).fetchone()
    return Same(*row) if row else None


def _whose(version: FileVersion, facts: FileFacts) -> dict[str, Any]:
    """Which bytes, of which days, and whose: the parameters of the statements that look for others."""
    return {
        "sha256": version.sha256, "start": facts.period_start, "end": facts.period_end,
        "store": facts.store_id, "account": facts.account,
    }  # fmt: skip


def find_known_bytes(connection: psycopg.Connection, versions: Iterable[FileVersion]) -> set[str]:
    """The hashes of which `find_same` may find a load, whatever the store and the days."""
    rows = connection.execute(
        """
        select distinct file_sha256
        from ops.load
        where file_sha256 = any(%s) and (state in ('loaded', 'held') or reason_code = 'rejected')
        """,
        [[version.sha256 for version in versions]],
    ).fetchall()
    return {sha256 for (sha256,) in rows}


def has_size(connection: psycopg.Connection, size: int) -> bool:
    """Whether the ledger has a file of so many bytes; any other is new for sure."""
    rows = connection.execute("select exists (select from ops.load where file_size = %s)", [size]).fetchall()
    return bool(rows[0][0])


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
        _whose(version, facts),
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
    row_days: tuple[str, str] | None,
) -> list[int]:
    """The other loads of a report that count for the same store, or that either's store is not known, one
    file of the report at a time asking.

    What lay at the file's path before gives way to it and is no rival, nor is what is held as another's
    double. `of_same_days` keeps to the loads of the same period, `row_days` to those that may have rows of a
    day between the two, whatever these are written like.
    """
    key = int.from_bytes(hashlib.sha256(report.encode()).digest()[:8], signed=True)
    connection.execute("select pg_advisory_xact_lock(%s)", [key])
    rows = connection.execute(
        """
        select load_id from ops.load
        where report = %(report)s and (store_id in (%(store)s, 'unassigned') or %(store)s = 'unassigned')
            and state in ('loaded', 'held') and reason_code is distinct from 'account_twice'
            and load_id <> %(load_id)s
            and file_path <> %(path)s and not starts_with(file_path, %(path)s || '/')
            and (not %(of_same_days)s
                or (period_start, period_end) is not distinct from (%(start)s::date, %(end)s::date))
            and (%(first)s::text is null or first_row_day is null
                or first_row_day <= %(last)s and last_row_day >= %(first)s)
        """,
        {"report": report, "store": facts.store_id, "load_id": load_id, "path": version.path,
         "of_same_days": of_same_days, "start": facts.period_start, "end": facts.period_end,
         "first": row_days and row_days[0], "last": row_days and row_days[1]},
    ).fetchall()  # fmt: skip
    return [row[0] for row in rows]


def was_confirmed(connection: psycopg.Connection, version: FileVersion) -> bool:
    """Whether a person has said of these bytes that they are right."""
    rows = connection.execute(
        "select exists (select from ops.load_release as r inner join ops.load as l on l.load_id = r.load_id"
        " where l.file_sha256 = %s)",
        [version.sha256],
    ).fetchall()
    return bool(rows[0][0])


def hold(connection: psycopg.Connection, load_id: int, code: str, parameters: dict[str, Any]) -> str:
    """Hold a load of the transaction; what it has replaced counts on, or is held on. Returns the sentence."""
    details = {**parameters, "load_id": load_id}
    reason = describe(code, details)
    connection.execute(
        "update ops.load set state = 'held', reason_code = %s, reason = %s, reason_details = %s"
        " where load_id = %s",
        [code, reason, Jsonb(details), load_id],
    )
    connection.execute(
        "update ops.load set state = case when reason_code is null then 'loaded' else 'held' end"
        " where superseded_by = %s and state = 'superseded' and report is not null"
        " and reason_code is distinct from 'rejected'",
        [load_id],
    )
    return reason


def open_load(connection: psycopg.Connection, version: FileVersion, export: Export) -> int:
    """Insert the row of a load that begins; its counts come with `close_load`, in the same transaction.

    Where the bytes are not hashed yet, `enter_bytes` must follow.
    """
    return open_loads(connection, [(version, export)])[0]


def open_loads(connection: psycopg.Connection, opened: Sequence[tuple[FileVersion, Export]]) -> list[int]:
    """The same for several, in their order."""
    rows = connection.execute(
        """
        insert into ops.load (file_name, file_path, file_sha256, file_size, file_modified_at, run_id, report,
            state, store_id, account, extracted_at, period_start, period_end, currency, file_attributes,
            dialect, contract_sha256, archive_sha256)
        select file_name, file_path, file_sha256, file_size, file_modified_at, run_id, report, 'loaded',
            store_id, account, extracted_at, period_start, period_end, currency, file_attributes, dialect,
            contract_sha256, archive_sha256
        from json_to_recordset(%s) as opened (
            file_name text, file_path text, file_sha256 text, file_size bigint, file_modified_at timestamptz,
            run_id text, report text, store_id text, account text, extracted_at timestamptz,
            period_start date, period_end date, currency text, file_attributes jsonb, dialect jsonb,
            contract_sha256 text, archive_sha256 text
        )
        returning load_id
        """,
        [Json([_opened(version, export) for version, export in opened])],
    ).fetchall()
    # numbers are given in the order of the rows
    return sorted(load_id for (load_id,) in rows)


def _opened(version: FileVersion, export: Export) -> dict[str, Any]:
    facts = export.facts
    name, path, sha256, size, modified_at, run_id = _version(version)
    # of two files that are hashed while they are loaded none may wait for the other: they may differ
    sha256 = sha256 if version.is_hashed else secrets.token_hex(32)
    return {
        "file_name": name, "file_path": path, "file_sha256": sha256, "file_size": size,
        "file_modified_at": modified_at.isoformat(), "run_id": run_id, "report": export.contract.report,
        "store_id": facts.store_id, "account": facts.account, "extracted_at": _iso(facts.extracted_at),
        "period_start": _iso(facts.period_start), "period_end": _iso(facts.period_end),
        "currency": facts.currency, "file_attributes": facts.attributes, "dialect": export.dialect,
        "contract_sha256": export.contract.sha256, "archive_sha256": version.archive_sha256 or None,
    }  # fmt: skip


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def enter_bytes(connection: psycopg.Connection, load_id: int, version: FileVersion) -> None:
    """Enter the hash of a load that began without."""
    connection.execute(
        "update ops.load set file_sha256 = %s, archive_sha256 = %s where load_id = %s",
        [version.sha256, version.archive_sha256, load_id],
    )


def drop_loads(connection: psycopg.Connection, load_ids: list[int]) -> None:
    """Take out the rows of loads that were opened in this transaction, and of which nothing was written."""
    connection.execute("delete from ops.load where load_id = any(%s)", [load_ids])


class Counts(NamedTuple):
    """The records of a load."""

    load_id: int
    loaded: int
    quarantined: int
    ignored: int
    open_end: int | None


def close_load(
    connection: psycopg.Connection, load_id: int, *, loaded: int, quarantined: int, ignored: int,
    open_end: int | None,
) -> None:  # fmt: skip
    """Write the counts of a load, and the row of a last record without a line end that may be cut off."""
    close_loads(connection, [Counts(load_id, loaded, quarantined, ignored, open_end)])


def close_loads(connection: psycopg.Connection, counts: Sequence[Counts]) -> None:
    """The same for several."""
    connection.execute(
        """
        update ops.load as l set records_read = c.loaded + c.quarantined, records_loaded = c.loaded,
            records_quarantined = c.quarantined, records_ignored = c.ignored, finished_at = clock_timestamp(),
            dialect = l.dialect || jsonb_strip_nulls(jsonb_build_object('open_end', c.open_end))
        from unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
            as c (load_id, loaded, quarantined, ignored, open_end)
        where l.load_id = c.load_id
        """,
        [list(column) for column in zip(*counts, strict=True)],
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


def write_warnings(
    connection: psycopg.Connection,
    codes: Sequence[str],
    found: Mapping[int, Sequence[tuple[str, dict[str, Any]]]],
) -> None:
    """Say on loads what is odd about them, by load a list of codes with parameters, in place of what was said
    by any of `codes`; what others said stays.
    """
    items = [
        Jsonb(
            [{"code": code, "details": details, "reason": describe(code, details)} for code, details in odd]
        )
        for odd in found.values()
    ]
    connection.execute(
        """
        update ops.load as l
        set warnings = jsonb_path_query_array(l.warnings, %(others)s, %(codes)s) || found.items
        from unnest(%(load_ids)s::bigint[], %(items)s::jsonb[]) as found (load_id, items)
        where l.load_id = found.load_id
            and l.warnings <> jsonb_path_query_array(l.warnings, %(others)s, %(codes)s) || found.items
        """,
        {"load_ids": list(found), "items": items, "codes": Jsonb({"codes": list(codes)}),
         "others": "$[*] ? (!(@.code == $codes[*]))"},
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
    supersede_paths(connection, [(version, load_id)])


def supersede_paths(connection: psycopg.Connection, loads: Sequence[tuple[FileVersion, int]]) -> None:
    """The same for several. What lies within a path comes, by its bytes, before that path with a `0`."""
    connection.execute(
        r"""
        update ops.load as l set state = 'superseded', superseded_by = r.load_id
        from (
            select p.load_id, bounds.*
            from unnest(%s::text[], %s::bigint[]) as p (path, load_id)
            cross join lateral (
                values (p.path, p.path || E''), (p.path || '/', p.path || '0')
            ) as bounds (low, high)
        ) as r
        where l.file_path ~>=~ r.low and l.file_path ~<~ r.high
            and l.state in ('loaded', 'held') and l.load_id <> r.load_id
        """,
        [[version.path for version, _ in loads], [load_id for _, load_id in loads]],
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
        {"path": version.path, "load_ids": load_ids, "same": same.load_id if same else None},
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
    return [version.name, version.path, version.sha256, version.size, version.modified_at, version.run_id]
