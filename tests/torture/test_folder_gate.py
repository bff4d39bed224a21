"""A process halts where the nemesis ordered it, alone and once; Airflow finds the listener that does it."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from airflow.sdk._shared.listeners.listener import ListenerManager
from airflow.sdk._shared.listeners.spec import taskinstance
from airflow.sdk._shared.plugins_manager import _load_plugins_from_plugin_directory

from tests.torture.airflow_stack import PLUGINS, environment, orders_folder
from tests.torture.folder_gate import FOLDER_VARIABLE, FolderGate, Orders
from tests.torture.loader_process import wait_for
from tests.torture.points import Halt
from tradewind.settings import Settings


def pass_twice(folder: Path) -> None:
    gate = FolderGate(folder)
    for _ in range(2):
        gate.reach("scanned")
        gate.reach("before_lock")


@contextmanager
def passing(folder: Path, count: int = 1) -> Iterator[list[BaseProcess]]:
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=pass_twice, args=(folder,)) for _ in range(count)]
    for process in processes:
        process.start()
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.join()


def wait_for_halt(orders: Orders) -> Halt:
    wait_for(lambda: orders.halted() is not None, "nobody halts")
    halt = orders.halted()
    assert halt is not None
    return halt


def test_one_of_many_processes_halts_and_says_who_it_is(tmp_path: Path) -> None:
    orders = Orders(tmp_path)
    orders.arm("before_lock", 2)
    with passing(tmp_path, 4) as processes:
        halt = wait_for_halt(orders)
        wait_for(lambda: sum(process.is_alive() for process in processes) == 1, "others halt too")
        [halted] = [process for process in processes if process.is_alive()]
        assert halt == Halt(halted.pid, backend_pid=None, is_commit_pending=False)
        orders.release()
        halted.join(10)
        assert [process.exitcode for process in processes] == [0, 0, 0, 0]


def test_order_ends_with_the_process_that_took_it(tmp_path: Path) -> None:
    orders = Orders(tmp_path)
    orders.arm("scanned", 1)
    with passing(tmp_path):
        os.kill(wait_for_halt(orders).pid, signal.SIGKILL)
    with passing(tmp_path) as [successor]:
        successor.join(10)
        assert successor.exitcode == 0


def test_each_order_is_a_new_one(tmp_path: Path) -> None:
    orders = Orders(tmp_path)
    for _ in range(2):
        orders.arm("scanned", 1)
        assert orders.halted() is None
        with passing(tmp_path) as [process]:
            assert wait_for_halt(orders).pid == process.pid


def test_airflow_of_the_test_build_puts_the_points_on_in_load_tasks_alone(
    database_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables = environment(database_settings)
    assert variables["AIRFLOW__CORE__PLUGINS_FOLDER"] == str(PLUGINS)
    monkeypatch.setenv(FOLDER_VARIABLE, variables[FOLDER_VARIABLE])
    gates: list[FolderGate] = []
    monkeypatch.setattr("tests.torture.points.put_on_points", gates.append)
    [plugin], errors = _load_plugins_from_plugin_directory(str(PLUGINS))
    assert not errors
    manager = ListenerManager()
    manager.add_hookspecs(taskinstance)
    manager.add_listener(plugin.listeners[0])
    for dag_id in ("build_warehouse", "load_exports"):
        instance = type("Instance", (), {"dag_id": dag_id})
        manager.hook.on_task_instance_running(previous_state=None, task_instance=instance)
        assert len(gates) == (dag_id == "load_exports")
    orders = Orders(orders_folder(database_settings))
    orders.arm("scanned", 1)
    assert gates[0].is_armed("scanned")
