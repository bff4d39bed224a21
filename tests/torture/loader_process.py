"""The real loader in a process of its own, halted at a named point until the runner lets it go on or ends it.

The points are wrappers around the loader's functions, put on in this process alone; the product knows nothing
of them.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import psutil
import psycopg

from tests.torture.broken import VARIANTS
from tradewind.exports import source
from tradewind.exports.contract import load_contracts
from tradewind.landing import ledger, load, raw_tables, run
from tradewind.settings import Settings

# small, so that a file of a few pages comes in several blocks
CHUNK_BYTES = 32 << 10
PATIENCE_SECONDS = 60

# the points in the order in which a file passes them
POINTS = (
    "in_scan", "scanned", "in_raw_tables", "before_lock", "after_lock", "after_find_same", "after_open_load",
    "copy_started", "between_blocks", "after_copy", "before_quarantine", "in_quarantine", "after_quarantine",
    "after_close_load", "before_supersede", "after_supersede", "before_commit", "commit_sent",
    "commit_acknowledged", "before_statistics",
)  # fmt: skip


@dataclass(frozen=True)
class Order:
    """What a loader is to do: load `paths`, and halt when it passes `point` for the `occurrence`th time."""

    settings: Settings
    paths: tuple[Path, ...]
    point: str | None = None
    occurrence: int = 1
    variant: str | None = None


@dataclass(frozen=True)
class Halt:
    """The loader stands at its point; `backend_pid` is its server process there, if it has one."""

    backend_pid: int | None
    is_commit_pending: bool


@dataclass(frozen=True)
class End:
    """The loader came to its end: the state of each file, or the error it gave up with."""

    states: tuple[str, ...] = ()
    error: str | None = None


class LoaderProcess:
    """A loader that was started, as its runner sees it."""

    def __init__(self, order: Order) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__])
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=run_loader, args=(order, theirs), daemon=True)
        # the server of forks imports the loader once for all; it finds it by the path of this process
        with mock.patch.dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)):
            self._process.start()
        theirs.close()

    def wait(self, seconds: float = PATIENCE_SECONDS) -> Halt | End | None:
        """Its next message; None when there is none within the time.

        Raises:
            EOFError: the process ended without a word.
        """
        return self._pipe.recv() if self._pipe.poll(seconds) else None

    def has_message(self) -> bool:
        """Whether it has said something that nobody has heard yet."""
        return self._pipe.poll(0)

    def release(self) -> None:
        """Let it go on from its point."""
        self._pipe.send("go")

    def finish(self) -> End:
        """Wait for its end.

        Raises:
            TimeoutError: it hangs.
        """
        message = self.wait()
        if not isinstance(message, End):
            raise TimeoutError(f"the loader neither ended nor failed: {message}")
        self._process.join(PATIENCE_SECONDS)
        return message

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal; SIGKILL waits for its end."""
        if self._process.pid is not None:
            os.kill(self._process.pid, number)
        if number is signal.SIGKILL:
            self._process.join(PATIENCE_SECONDS)

    def ports(self) -> list[int]:
        """The local ports of its connections: by them the server knows which sessions are its."""
        return [end.laddr.port for end in psutil.Process(self._process.pid).net_connections("tcp")]

    def close(self) -> None:
        """End it, whatever it does."""
        if self._process.is_alive():
            self.signal(signal.SIGKILL)
        self._pipe.close()


class _Gate:
    """Halts the first thread that passes the point for the given time."""

    def __init__(self, pipe: Connection, point: str | None, occurrence: int) -> None:
        self._pipe = pipe
        self._point = point
        self._left = occurrence
        self._lock = threading.Lock()

    def is_armed(self, point: str) -> bool:
        """Whether this passage of the point is the one to halt at; asking counts as passing."""
        if point != self._point:
            return False
        with self._lock:
            self._left -= 1
            return self._left == 0

    def halt(self, connection: psycopg.Connection | None, *, is_commit_pending: bool = False) -> None:
        """Tell the runner, and stay here until it answers."""
        pid = connection.info.backend_pid if connection is not None and not connection.closed else None
        self._pipe.send(Halt(pid, is_commit_pending))
        try:
            self._pipe.recv()
        except EOFError:
            # the runner is gone: nobody would ever let this process go on
            os._exit(1)

    def reach(self, point: str, connection: psycopg.Connection | None = None) -> None:
        """Pass a point."""
        if self.is_armed(point):
            self.halt(connection)


def run_loader(order: Order, pipe: Connection) -> None:
    """The process's main function: load, and say how it ended."""
    # a collection in a fork would copy every page of what its parent imported
    gc.freeze()
    # it says of each lost connection that it is lost
    logging.getLogger("psycopg").setLevel(logging.CRITICAL)
    source.CHUNK_BYTES = CHUNK_BYTES
    # the loader's pauses between its attempts would be most of a run
    run.time = SimpleNamespace(sleep=lambda _seconds: None)
    if order.variant:
        VARIANTS[order.variant].break_loader()
    _put_on_points(_Gate(pipe, order.point, order.occurrence))
    try:
        run.scan(order.settings)
        results = run.load_files(order.paths, order.settings)
    except Exception as error:
        code = getattr(error, "sqlstate", None) or getattr(error, "errno", None)
        pipe.send(End(error=f"{type(error).__name__} {code or ''}".strip()))
    else:
        pipe.send(End(states=tuple(result.state for result in results)))


def _put_on_points(gate: _Gate) -> None:
    _wrap(ledger, "find_same", gate, after="after_find_same")
    _wrap(ledger, "open_load", gate, after="after_open_load")
    _wrap(load, "_copy", gate, after="after_copy")
    _wrap(ledger, "quarantine", gate, before="before_quarantine", after="after_quarantine")
    _wrap(ledger, "close_load", gate, after="after_close_load")
    _wrap(ledger, "supersede_path", gate, before="before_supersede", after="after_supersede")
    _wrap(ledger, "lock", gate, before="before_lock", after="after_lock")
    _wrap(raw_tables, "_ensure_table", gate, after="in_raw_tables")
    _wrap(run, "scan", gate, after="scanned", has_connection=False)
    _wrap(run, "_tell_the_planner", gate, before="before_statistics", has_connection=False)
    _put_on_scan(gate)
    _put_on_copy(gate)
    _put_on_transaction(gate)


def _wrap(
    owner: Any,
    name: str,
    gate: _Gate,
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


def _put_on_scan(gate: _Gate) -> None:
    connect = run.connect

    def connect_and_halt(*arguments: Any, autocommit: bool = False) -> psycopg.Connection:
        connection = connect(*arguments, autocommit=autocommit)
        # the scan's connection is the only one here that is not in autocommit mode
        if not autocommit:
            gate.reach("in_scan", connection)
        return connection

    run.connect = connect_and_halt


def _put_on_copy(gate: _Gate) -> None:
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


def _put_on_transaction(gate: _Gate) -> None:
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


def _commit_and_halt(gate: _Gate, connection: psycopg.Connection) -> None:
    """Send the commit and halt before its answer is read, as when the network is lost at this moment."""
    connection.pgconn.send_query(b"commit")
    connection.pgconn.flush()
    gate.halt(connection, is_commit_pending=True)
    while connection.pgconn.get_result():
        # the block's own commit then meets no transaction, or a lost connection
        continue


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Look again and again until it holds.

    Raises:
        TimeoutError: it does not come to hold.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.005)


# read before the forks, which have it for nothing
load_contracts()
