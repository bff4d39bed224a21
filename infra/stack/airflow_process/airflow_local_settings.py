"""What every Airflow process imports when it starts: ties its end to its parent's, and loads dbt and GX once.

The scheduler forks its workers and they fork the tasks: what the scheduler has imported costs a task nothing.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

__all__: list[str] = []  # nothing here overrides a setting of Airflow

PR_SET_PDEATHSIG = 1


def _tie_forks_to_their_parents() -> None:
    libc = ctypes.CDLL(None)
    parent = 0

    def remember_parent() -> None:
        nonlocal parent
        parent = os.getpid()

    def tie() -> None:
        # a fork does not inherit its parent's wish; KILL, because TERM waits for running tasks
        libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    os.register_at_fork(before=remember_parent, after_in_child=tie)


if sys.platform == "linux":
    _tie_forks_to_their_parents()

if "scheduler" in sys.argv:
    from tradewind.orchestration.preload import preload

    preload()
