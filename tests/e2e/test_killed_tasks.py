"""A scheduler or a worker is killed in the middle of a load, in the whole stack: the load is done once, by
the run that goes on or by the next try.

The stack is the one that a user starts, so the load is halted from outside, by a lock on the table it copies
into; `python -m tests.torture --airflow` strikes at every point, in a build that has them.
"""

from __future__ import annotations

import contextlib
import random
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import psutil
import pytest

from tests.e2e.conftest import START_SECONDS
from tests.torture.airflow_nemesis import RECOVERY_SECONDS, Family, LoadingStack
from tests.torture.checker import check
from tests.torture.loader_process import wait_for
from tests.torture.offers import Platform
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

pytestmark = pytest.mark.timeout(START_SECONDS + RECOVERY_SECONDS + 60)

WAITING_LOADER = """
    select client_port from pg_stat_activity
    where usename = 'tradewind_loader' and wait_event_type = 'Lock' and query like 'copy %'
"""


@dataclass
class Loading:
    """The running stack, and a platform whose files it loads."""

    stack: LoadingStack
    platform: Platform


@pytest.fixture(scope="module")
def loading(stack: Settings, supervisor: subprocess.Popen[bytes]) -> Loading:
    return Loading(LoadingStack(stack, supervisor.pid), Platform(stack.landing, random.Random(1)))


@contextlib.contextmanager
def halted_load(loading: Loading) -> Iterator[Family]:
    """A load that waits within its transaction, and its processes."""
    settings, supervisor_pid = loading.stack.settings, loading.stack.supervisor_pid
    with connect(Role.ADMIN, settings) as holder:
        holder.execute("lock table raw.meta_ads_campaign_daily in share row exclusive mode")
        loading.platform.offer()
        ports: list[int] = []

        def waits() -> bool:
            # in a transaction of its own, or its picture of the activity would never change
            with connect(Role.ADMIN, settings) as watcher:
                ports[:] = [port for (port,) in watcher.execute(WAITING_LOADER.encode()).fetchall()]
            return bool(ports)

        wait_for(waits, "no load waits for the table", seconds=120, every=0.2)
        children = psutil.Process(supervisor_pid).children(recursive=True)
        owner = next(child for child in children if set(ports) & _local_ports(child))
        yield loading.stack.family_of(owner.pid)


def _local_ports(process: psutil.Process) -> set[int]:
    try:
        return {end.laddr.port for end in process.net_connections("tcp")}
    except psutil.Error:
        return set()


def require_everything_once(loading: Loading, runs_before: int) -> None:
    loading.stack.wait_until_done()
    with connect(Role.ADMIN, loading.stack.settings) as connection:
        findings = check(connection, loading.platform.offers)
    assert not findings, str(findings)
    assert len(loading.stack.runs()) > runs_before


def test_p4_killed_worker_in_the_middle_of_a_load_loses_nothing(loading: Loading) -> None:
    before = len(loading.stack.runs())
    with halted_load(loading) as family:
        assert family.workers
        processes = [family.task, *family.workers]
        for process in processes:
            process.kill()
        psutil.wait_procs(processes, timeout=10)
    require_everything_once(loading, before)


def test_p3_killed_scheduler_in_the_middle_of_a_load_loses_nothing(loading: Loading) -> None:
    before = len(loading.stack.runs())
    with halted_load(loading) as family:
        family.scheduler.kill()
        family.scheduler.wait(10)
    require_everything_once(loading, before)
