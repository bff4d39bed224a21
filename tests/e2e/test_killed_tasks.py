"""A scheduler or a worker is killed in the middle of a load, in the whole stack: the load is done once, by
the run that goes on or by the next try.

The load is halted from outside, by a lock on the table it copies into.
"""

from __future__ import annotations

import contextlib
import random
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psutil
import psycopg
import pytest

from tests.e2e.conftest import START_SECONDS
from tests.torture.checker import check
from tests.torture.offers import Batch, Platform
from tradewind.landing import scan
from tradewind.settings import Settings
from tradewind.warehouse import AIRFLOW_DATABASE, Role, connect, connection_url

# a task without a heartbeat is given up after 60 s and tried again 5 s later
RECOVERY_SECONDS = 300
pytestmark = pytest.mark.timeout(START_SECONDS + RECOVERY_SECONDS + 60)

WAITING_LOADER = """
    select client_port from pg_stat_activity
    where usename = 'tradewind_loader' and wait_event_type = 'Lock' and query like 'copy %'
"""


@dataclass
class LoadingStack:
    """The running stack, and a platform whose files it loads."""

    settings: Settings
    supervisor_pid: int
    platform: Platform

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


@pytest.fixture(scope="module")
def loading(stack: Settings, supervisor: subprocess.Popen[bytes]) -> LoadingStack:
    return LoadingStack(stack, supervisor.pid, Platform(stack.landing, random.Random(1)))


def wait_until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"{what} after {seconds} s")
        time.sleep(0.2)


@contextlib.contextmanager
def halted_load(stack: LoadingStack) -> Iterator[tuple[Batch, list[psutil.Process]]]:
    """A load that waits within its transaction, and its processes: the task's, its parents, the scheduler."""
    with connect(Role.ADMIN, stack.settings) as holder:
        holder.execute("lock table raw.meta_ads_campaign_daily in share row exclusive mode")
        batch = stack.platform.offer()
        ports: list[int] = []

        def waits() -> bool:
            # in a transaction of its own, or its picture of the activity would never change
            with connect(Role.ADMIN, stack.settings) as watcher:
                ports[:] = [port for (port,) in watcher.execute(WAITING_LOADER.encode()).fetchall()]
            return bool(ports)

        wait_until(waits, 120, "no load waits for the table")
        children = psutil.Process(stack.supervisor_pid).children(recursive=True)
        owner = next(child for child in children if set(ports) & _local_ports(child))
        parents = owner.parents()
        place = [parent.pid for parent in parents].index(stack.supervisor_pid)
        yield batch, [owner, *parents[:place]]


def _local_ports(process: psutil.Process) -> set[int]:
    try:
        return {end.laddr.port for end in process.net_connections("tcp")}
    except psutil.Error:
        return set()


def require_everything_once(stack: LoadingStack, runs_before: int) -> None:
    wait_until(stack.is_done, RECOVERY_SECONDS, "the load is not done")
    with connect(Role.ADMIN, stack.settings) as connection:
        findings = check(connection, stack.platform.offers)
    assert not findings, str(findings)
    assert len(stack.runs()) > runs_before


def test_p4_killed_worker_in_the_middle_of_a_load_loses_nothing(loading: LoadingStack) -> None:
    before = len(loading.runs())
    with halted_load(loading) as (_, processes):
        *workers, _scheduler = processes
        assert workers
        for process in workers:
            process.kill()
        psutil.wait_procs(workers, timeout=10)
    require_everything_once(loading, before)


def test_p3_killed_scheduler_in_the_middle_of_a_load_loses_nothing(loading: LoadingStack) -> None:
    before = len(loading.runs())
    with halted_load(loading) as (_, processes):
        scheduler = processes[-1]
        scheduler.kill()
        scheduler.wait(10)
    require_everything_once(loading, before)
