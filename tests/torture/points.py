"""The points of a load, and the gates that halt a process at one of them.

The points are wrappers around the loader's functions, put on in the process that is to be struck alone; the
product knows nothing of them.
"""

from __future__ import annotations

import contextlib
import functools
import os
import weakref
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg

from tradewind import landing
from tradewind.exports import source
from tradewind.landing import groups, ledger, load, raw_tables, run

# small, so that a file of a few pages comes in several blocks
CHUNK_BYTES = 32 << 10
# between the sizes of two files of a batch: one is hashed before its COPY, the other beside it
HASHED_LATER_FROM = 100 << 10

# the points in the order in which a file passes them, that of a group before the others
POINTS = (
    "in_scan", "scanned", "in_raw_tables", "group_noted", "before_lock", "paths_locked", "after_lock",
    "after_find_same", "after_open_load", "copy_started", "between_blocks", "after_copy", "group_opened",
    "group_archived", "group_copied", "archived", "bytes_entered", "before_quarantine", "in_quarantine",
    "after_quarantine", "after_close_load", "before_supersede", "after_supersede", "group_closed",
    "before_commit", "commit_sent", "commit_acknowledged",
)  # fmt: skip


@dataclass(frozen=True)
class Halt:
    """The process `pid` stands at its point; `backend_pid` is its server process there, if it has one."""

    pid: int
    backend_pid: int | None
    is_commit_pending: bool


class Gate(ABC):
    """Knows which passage of which point is the one to halt at, and how a process halts."""

    @abstractmethod
    def is_armed(self, point: str) -> bool:
        """Whether this passage of the point is the one to halt at; asking counts as passing."""

    @abstractmethod
    def halt(self, halt: Halt) -> None:
        """Say so to whoever strikes, and stay here until let go."""

    def hold(self, connection: psycopg.Connection | None, *, is_commit_pending: bool = False) -> None:
        """Halt here, at an armed point."""
        backend = connection.info.backend_pid if connection is not None and not connection.closed else None
        self.halt(Halt(os.getpid(), backend, is_commit_pending))

    def reach(self, point: str, connection: psycopg.Connection | None = None) -> None:
        """Pass a point."""
        if self.is_armed(point):
            self.hold(connection)


def put_on_points(gate: Gate) -> None:
    """Wrap the loader's functions in this process: from now on it passes the points of `gate`."""
    source.CHUNK_BYTES = CHUNK_BYTES
    load.HASHED_LATER_FROM = HASHED_LATER_FROM
    _wrap(ledger, "note_first_attempts", gate, after="group_noted")
    _wrap(ledger, "lock_paths", gate, before="before_lock", after="paths_locked")
    _wrap(ledger, "lock_bytes", gate, after="after_lock")
    _wrap(ledger, "find_same", gate, after="after_find_same")
    _wrap(ledger, "open_loads", gate, after="after_open_load")
    _wrap(load, "copy_export", gate, after="after_copy")
    _wrap(ledger, "enter_bytes", gate, before="archived", after="bytes_entered")
    _wrap(ledger, "quarantine", gate, before="before_quarantine", after="after_quarantine")
    _wrap(ledger, "close_loads", gate, after="after_close_load")
    _wrap(ledger, "supersede_paths", gate, before="before_supersede", after="after_supersede")
    _wrap(groups, "_open_loads", gate, after="group_opened")
    _wrap(ledger, "drop_loads", gate, before="group_archived")
    _wrap(groups, "_copy", gate, after="group_copied")
    _wrap(groups, "_close", gate, after="group_closed")
    _wrap(raw_tables, "_ensure_table", gate, after="in_raw_tables")
    _wrap(landing, "scan", gate, after="scanned", has_connection=False)
    _put_on_scan(gate)
    _put_on_copy(gate)
    _put_on_transaction(gate)


def _wrap(
    owner: Any,
    name: str,
    gate: Gate,
    *,
    before: str | None = None,
    after: str | None = None,
    has_connection: bool = True,
) -> None:
    function = getattr(owner, name)

    @functools.wraps(function)
    def wrapped(*arguments: Any, **named: Any) -> Any:
        connection = arguments[0] if has_connection else None
        if before:
            gate.reach(before, connection)
        result = function(*arguments, **named)
        if after:
            gate.reach(after, connection)
        return result

    setattr(owner, name, wrapped)


def _put_on_scan(gate: Gate) -> None:
    connect = run.connect

    def connect_and_halt(*arguments: Any, autocommit: bool = False) -> psycopg.Connection:
        connection = connect(*arguments, autocommit=autocommit)
        # the scan's connection is the only one here that is not in autocommit mode
        if not autocommit:
            gate.reach("in_scan", connection)
        return connection

    run.connect = connect_and_halt


def _put_on_copy(gate: Gate) -> None:
    write, write_row = psycopg.Copy.write, psycopg.Copy.write_row
    blocks_sent: weakref.WeakKeyDictionary[psycopg.Copy, int] = weakref.WeakKeyDictionary()

    def write_and_halt(copy: psycopg.Copy, buffer: Any) -> None:
        sent = blocks_sent.get(copy, 0)
        if sent == 0:
            gate.reach("copy_started", copy.connection)
        write(copy, buffer)
        blocks_sent[copy] = sent + 1
        # the server puts rows on their pages by 64 KB: by then the first are there
        if sent + 1 == 3:
            gate.reach("between_blocks", copy.connection)

    def write_row_and_halt(copy: psycopg.Copy, row: Any) -> None:
        write_row(copy, row)
        gate.reach("in_quarantine", copy.connection)

    psycopg.Copy.write, psycopg.Copy.write_row = write_and_halt, write_row_and_halt


def _put_on_transaction(gate: Gate) -> None:
    begin = psycopg.Connection.transaction

    @contextlib.contextmanager
    def transaction(connection: psycopg.Connection, *arguments: Any, **named: Any) -> Iterator[Any]:
        with begin(connection, *arguments, **named) as begun:
            yield begun
            gate.reach("before_commit", connection)
            if gate.is_armed("commit_sent"):
                _commit_and_halt(gate, connection)
        gate.reach("commit_acknowledged", connection)

    psycopg.Connection.transaction = transaction


def _commit_and_halt(gate: Gate, connection: psycopg.Connection) -> None:
    """Send the commit and halt before its answer is read, as when the network is lost at this moment."""
    connection.pgconn.send_query(b"commit")
    connection.pgconn.flush()
    gate.hold(connection, is_commit_pending=True)
    while connection.pgconn.get_result():
        # the block's own commit then meets no transaction, or a lost connection
        continue
