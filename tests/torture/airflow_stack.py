"""The stack's test build: `python -m tests.torture.airflow_stack run` for `python -m infra.stack run`.

It differs in the environment of Airflow's processes alone: a plugin puts the points on in each load task, and
Airflow gives a task that is silent up after seconds instead of a minute.
"""

from __future__ import annotations

import sys
from pathlib import Path

from infra.stack import airflow
from infra.stack.__main__ import main
from tests.torture.folder_gate import FOLDER_VARIABLE
from tradewind.settings import Settings

PLUGINS = Path(__file__).resolve().parent / "airflow_plugins"

_environment = airflow.environment


def orders_folder(settings: Settings) -> Path:
    """Where the nemesis of this stack puts its orders."""
    return settings.state_dir / "orders"


def environment(settings: Settings) -> dict[str, str]:
    """The environment of every Airflow process of the test build."""
    return {
        **_environment(settings),
        FOLDER_VARIABLE: str(orders_folder(settings)),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PLUGINS),
        # six beats may fail to come before a task counts as dead, on a machine that has other work too
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "2",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "12",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "1",
        "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "5",
    }


if __name__ == "__main__":
    airflow.environment = environment
    sys.exit(main())
