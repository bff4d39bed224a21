"""What is done to Airflow's processes while a load task stands at a point, in a running stack."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil
import psycopg

from tests.torture.folder_gate import Orders
from tests.torture.loader_process import wait_for
from tests.torture.points import Halt
from tradewind.landing import scan
from tradewind.settings import Settings
from tradewind.warehouse import AIRFLOW_DATABASE, Role, connect, connection_url

FAULTS = ("kill_task", "kill_worker", "kill_scheduler", "stop_task")
# a task without a heartbeat is given up after 60 s, unless it is a test build, and tried again 5 s later
RECOVERY_SECONDS = 300
# more than a small load still needs when it wakes
WAKE_SECONDS = 3


@dataclass(frozen=True)
class Family:
    """The processes of a running task, each the child of the next."""

    task: psutil.Process
    workers: tuple[psutil.Process, ...]
    scheduler: psutil.Process


@dataclass
class LoadingStack:
    """A running stack, and what became of its loads."""

    settings: Settings
    supervisor_pid: int

    def runs(self) -> list[str]:
        """The states of the runs of load_exports, oldest first."""
        url = connection_url(Role.AIRFLOW, self.settings, database=AIRFLOW_DATABASE)
        with psycopg.connect(url) as connection:
            rows = connection.execute("select state from dag_run where dag_id = 'load_exports' order by id")
            return [state for (state,) in rows.fetchall()]

    def is_done(self) -> bool:
        """Whether everything in landing is in the ledger, and the last run of load_exports ended well."""
        runs = self.runs()
        return not scan(self.settings) and runs[-1:] == ["success"] and "running" not in runs

    def wait_until_done(self) -> None:
        """Wait for that.

        Raises:
            TimeoutError: it takes longer than `RECOVERY_SECONDS`.
        """
        wait_for(self.is_done, "the load is not done", seconds=RECOVERY_SECONDS, every=0.2)

    def family_of(self, task_pid: int) -> Family:
        """The processes around a task of this stack."""
        task = psutil.Process(task_pid)
        parents = task.parents()
        *workers, scheduler = parents[: [parent.pid for parent in parents].index(self.supervisor_pid)]
        return Family(task, tuple(workers), scheduler)


class AirflowNemesis:
    """Strikes the task that halts by its orders, and what is around it."""

    def __init__(self, stack: LoadingStack, orders: Orders) -> None:
        self._stack = stack
        self._orders = orders

    def strike(self, fault: str, halt: Halt) -> None:
        """Do it to a task that halts.

        Raises:
            TimeoutError: it has no effect.
        """
        actions: dict[str, Callable[[Family], None]] = {
            "kill_task": self._kill_task,
            "kill_worker": self._kill_worker,
            "kill_scheduler": self._kill_scheduler,
            "stop_task": self._stop_task,
        }
        actions[fault](self._stack.family_of(halt.pid))

    def _kill_task(self, family: Family) -> None:
        """The process around the task sees its end, and says so."""
        _kill(family.task)

    def _kill_worker(self, family: Family) -> None:
        """Nobody sees the task's end, and Airflow misses its heartbeat."""
        _kill(*family.workers, family.task)

    def _kill_scheduler(self, family: Family) -> None:
        """The kernel ends the task at its point too, as it ends every process of the stack with its parent: a
        task that outlives its scheduler is what `stop_task` shows.
        """
        _kill(family.scheduler)
        _wait_for_end(*family.workers, family.task)

    def _stop_task(self, family: Family) -> None:
        """The task sleeps until its successor has done its work or waits for a lock of the sleeper's; then it
        goes on from its point, as far as it gets before the process around it wakes and learns the truth.
        """
        asleep = (*family.workers, family.task)
        for process in asleep:
            process.suspend()
        sessions = self._sessions()
        wait_for(
            lambda: self._stack.is_done() or self._waits_for_lock(sessions),
            "no other task took the place of the one that sleeps",
            seconds=RECOVERY_SECONDS,
            every=0.2,
        )
        self._orders.release()
        family.task.resume()
        time.sleep(WAKE_SECONDS)
        for process in family.workers:
            process.resume()
        _wait_for_end(family.task)

    def _sessions(self) -> list[int]:
        """The server processes of all loaders."""
        with connect(Role.ADMIN, self._stack.settings) as connection:
            rows = connection.execute("select pid from pg_stat_activity where usename = 'tradewind_loader'")
            return [pid for (pid,) in rows.fetchall()]

    def _waits_for_lock(self, known: list[int]) -> bool:
        """Whether a loader's session that is not among the `known` waits; those of one task wait for each
        other.
        """
        with connect(Role.ADMIN, self._stack.settings) as connection:
            row = connection.execute(
                "select count(*) from pg_stat_activity"
                " where usename = 'tradewind_loader' and wait_event_type = 'Lock' and pid <> all(%s)",
                [known],
            ).fetchall()[0]
            return bool(row[0])


def _kill(*processes: psutil.Process) -> None:
    for process in processes:
        # the kernel may have been faster, with one whose parent was killed
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    _wait_for_end(*processes)


def _wait_for_end(*processes: psutil.Process) -> None:
    wait_for(lambda: not any(map(_runs, processes)), f"{processes} do not end", every=0.05)


def _runs(process: psutil.Process) -> bool:
    """Whether it does something yet; a dead one stays in the list until its parent has looked."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
