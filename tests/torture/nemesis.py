"""What is done to a loader that stands at a point, to its server, and to its disk."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg

from infra.stack.postgres import EmbeddedPostgres, PortInUseError, server_user, wait_until_ended
from tests.torture.loader_process import PATIENCE_SECONDS, LoaderProcess, Order, wait_for
from tests.torture.points import POINTS, Halt
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

SMALL_DISK_BYTES = 48 << 20
SMALL_DISK_TABLE = "raw.pinterest_ads_daily"

_WITH_BACKEND = tuple(point for point in POINTS if point != "scanned")
_IN_TRANSACTION = POINTS[POINTS.index("before_lock") : POINTS.index("commit_sent")]
# of a file that is alone
_BEFORE_ROWS = POINTS[POINTS.index("before_lock") : POINTS.index("between_blocks")]

# of twenty strikes; a crash of the whole server costs seconds
WEIGHTS = {
    "kill_loader": 8,
    "end_session": 3,
    "kill_session": 2,
    "kill_server": 1,
    "stop_loader": 2,
    "stop_and_end": 1,
    "kill_of_two": 2,
    "fill_disk": 1,
}
TARGETS = {
    "kill_loader": POINTS,
    "end_session": _WITH_BACKEND,
    "kill_session": _WITH_BACKEND,
    "kill_server": _WITH_BACKEND,
    "stop_loader": _IN_TRANSACTION,
    "stop_and_end": _IN_TRANSACTION,
    "kill_of_two": _IN_TRANSACTION,
    "fill_disk": _BEFORE_ROWS,
}
# how often a batch passes a point at least; the others three times and more
_ONCE = ("in_scan", "scanned", "in_raw_tables", "between_blocks", "archived", "bytes_entered")
_ONCE += tuple(point for point in POINTS if point.startswith("group_"))
_TWICE = ("after_copy", "before_quarantine", "after_quarantine")


@dataclass(frozen=True)
class Aim:
    """A fault, and where it is to strike."""

    fault: str
    point: str
    occurrence: int = 1


def plan_strikes(count: int, rng: random.Random, *, has_small_disk: bool) -> list[Aim]:
    """So many strikes: every fault in its share, every point of a fault once before any a second time."""
    faults = [fault for fault, weight in WEIGHTS.items() for _ in range(weight)]
    if not has_small_disk:
        faults = [fault for fault in faults if fault != "fill_disk"]
    coming = {fault: _shuffled_for_ever(TARGETS[fault], rng) for fault in WEIGHTS}
    aims = []
    for number in range(count):
        fault = faults[number % len(faults)]
        point = next(coming[fault])
        aims.append(Aim(fault, point, 1 if fault == "fill_disk" else _any_passage(point, rng)))
    rng.shuffle(aims)
    return aims


def plan_every_pair(faults: Sequence[str], rng: random.Random) -> list[Aim]:
    """Every fault at every point once, in any order."""
    pairs = [(fault, point) for fault in faults for point in POINTS]
    rng.shuffle(pairs)
    return [Aim(fault, point, _any_passage(point, rng)) for fault, point in pairs]


def _any_passage(point: str, rng: random.Random) -> int:
    return 1 if point in _ONCE else rng.randint(1, 2 if point in _TWICE else 3)


def _shuffled_for_ever(points: tuple[str, ...], rng: random.Random) -> Iterator[str]:
    while True:
        yield from rng.sample(points, len(points))


class SmallDisk:
    """A file system of its own, which can be filled and freed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    @classmethod
    @contextlib.contextmanager
    def mounted(cls, folder: Path, size: int = SMALL_DISK_BYTES) -> Iterator[SmallDisk | None]:
        """Mount it on a new folder; None where this process may not mount anything."""
        folder.mkdir()
        options = f"size={size},mode=0755"
        command = ["mount", "-t", "tmpfs", "-o", options, "tradewind-torture", str(folder)]
        if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
            yield None
            return
        try:
            yield cls(folder)
        finally:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)

    def hold_table(self, settings: Settings) -> None:
        """Move the table onto it."""
        with connect(Role.ADMIN, settings, autocommit=True) as connection:
            connection.execute(f"create tablespace small_disk location '{self.server_folder()}'".encode())
            connection.execute(f"alter table {SMALL_DISK_TABLE} set tablespace small_disk".encode())

    def server_folder(self) -> Path:
        """A new folder on it for the server."""
        folder = self.folder / "server"
        folder.mkdir(mode=0o700)
        user = server_user()
        if user:
            os.chown(folder, user.pw_uid, user.pw_gid)
        return folder

    def fill(self) -> None:
        """Leave no block free."""
        with self._ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(1 << 20))

    def free(self) -> None:
        """Make room again."""
        self._ballast.unlink(missing_ok=True)


def is_in_transaction(connection: psycopg.Connection, halt: Halt) -> bool:
    """Whether its transaction is open by the server's own word, or its commit unanswered."""
    if halt.is_commit_pending:
        return True
    row = connection.execute(
        "select xact_start is not null from pg_stat_activity where pid = %s", [halt.backend_pid]
    ).fetchone()
    return bool(row and row[0])


class Nemesis:
    """Strikes loaders of one warehouse."""

    def __init__(
        self, settings: Settings, server: EmbeddedPostgres, disk: SmallDisk | None, rng: random.Random
    ) -> None:
        self._settings = settings
        self._server = server
        self._disk = disk
        self._rng = rng

    def is_in_transaction(self, halt: Halt) -> bool:
        """Whether its transaction is open, asked of a server that may be about to recover."""
        with self.administrator() as connection:
            return is_in_transaction(connection, halt)

    def strike(self, fault: str, loader: LoaderProcess, halt: Halt, order: Order) -> bool:
        """Do it to a loader that halts; whether it had its effect."""
        actions: dict[str, Callable[[LoaderProcess, Halt, Order], bool]] = {
            "kill_loader": self._kill_loader,
            "end_session": self._end_session,
            "kill_session": self._kill_session,
            "kill_server": self._kill_server,
            "stop_loader": self._stop_loader,
            "stop_and_end": self._stop_and_end,
            "kill_of_two": self._kill_of_two,
            "fill_disk": self._fill_disk,
        }
        return actions[fault](loader, halt, order)

    @contextlib.contextmanager
    def administrator(self) -> Iterator[psycopg.Connection]:
        """A connection to the server, which may be about to recover."""
        wait_for(self._answers, "the server does not answer")
        with connect(Role.ADMIN, self._settings, autocommit=True) as connection:
            yield connection

    def _answers(self) -> bool:
        try:
            connect(Role.ADMIN, self._settings).close()
        except psycopg.OperationalError:
            return False
        return True

    def _kill_loader(self, loader: LoaderProcess, _halt: Halt, _order: Order) -> bool:
        loader.signal(signal.SIGKILL)
        return True

    def _end_session(self, loader: LoaderProcess, halt: Halt, _order: Order) -> bool:
        with self.administrator() as connection:
            connection.execute("select pg_terminate_backend(%s, 5000)", [halt.backend_pid])
        loader.release()
        loader.finish()
        return True

    def _kill_session(self, loader: LoaderProcess, halt: Halt, _order: Order) -> bool:
        if halt.backend_pid is not None:
            os.kill(halt.backend_pid, signal.SIGKILL)
        loader.release()
        loader.finish()
        return True

    def _kill_server(self, loader: LoaderProcess, _halt: Halt, _order: Order) -> bool:
        postmaster = self._server.postmaster_pid()
        os.kill(postmaster, signal.SIGKILL)
        wait_until_ended(postmaster, PATIENCE_SECONDS)
        # the loader sees either a server that is gone, or one that has forgotten it
        is_first = self._rng.random() < 0.5
        if is_first:
            loader.release()
        wait_for(self._starts, "the server does not start again")
        if not is_first:
            loader.release()
        loader.finish()
        return True

    def _stop_loader(self, loader: LoaderProcess, _halt: Halt, order: Order) -> bool:
        with self._stopped_beside_another(loader, order) as other:
            pass
        loader.release()
        return other.finish().error is None and loader.finish().error is None

    def _stop_and_end(self, loader: LoaderProcess, _halt: Halt, order: Order) -> bool:
        with self._stopped_beside_another(loader, order) as other:
            # all its threads sleep, each with a file of its own locked
            self._end_sessions(loader.ports())
            is_done = other.finish().error is None
        loader.release()
        loader.finish()
        return is_done

    def _kill_of_two(self, loader: LoaderProcess, _halt: Halt, order: Order) -> bool:
        with self._stopped_beside_another(loader, order) as other:
            loader.signal(signal.SIGKILL)
            return other.finish().error is None

    def _fill_disk(self, loader: LoaderProcess, _halt: Halt, _order: Order) -> bool:
        assert self._disk is not None
        self._disk.fill()
        try:
            loader.release()
            error = loader.finish().error
        finally:
            self._disk.free()
        return error == "DiskFull 53100"

    @contextlib.contextmanager
    def _stopped_beside_another(self, loader: LoaderProcess, order: Order) -> Iterator[LoaderProcess]:
        """The loader sleeps while a second one takes the same files, as far as it can get."""
        loader.signal(signal.SIGSTOP)
        other = LoaderProcess(replace(order, point=None))
        try:
            wait_for(lambda: self._is_held_up(other), "the second loader neither waits nor ends")
            yield other
        except BaseException:
            other.close()
            raise
        finally:
            with contextlib.suppress(ProcessLookupError):
                loader.signal(signal.SIGCONT)

    def _is_held_up(self, other: LoaderProcess) -> bool:
        if other.has_message():
            return True
        with self.administrator() as connection:
            return bool(
                connection.execute(
                    "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
                ).fetchall()[0][0]
            )

    def _end_sessions(self, ports: list[int]) -> None:
        with self.administrator() as connection:
            connection.execute(
                "select pg_terminate_backend(pid, 5000) from pg_stat_activity where client_port = any(%s)",
                [ports],
            )

    def _starts(self) -> bool:
        try:
            self._server.start()
        except (RuntimeError, PortInUseError):
            # what is left of the killed server still holds its memory
            return False
        return True
