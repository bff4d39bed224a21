"""Airflow's plugin of the test build: the process of a load task passes the points of the nemesis's gate."""

from __future__ import annotations

from typing import Any

from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin


class PutOnPoints:
    """Puts them on as soon as a task of load_exports runs."""

    @hookimpl
    def on_task_instance_running(self, task_instance: Any) -> None:
        """Called in the task's own process, right before its code."""
        if task_instance.dag_id == "load_exports":
            # every Airflow process reads this file, and none but a load task needs the loader
            from tests.torture.folder_gate import FolderGate
            from tests.torture.points import put_on_points

            put_on_points(FolderGate.from_environment())


class HaltAtPoints(AirflowPlugin):
    """Brings the listener."""

    name = "halt_at_points"
    listeners = (PutOnPoints(),)
