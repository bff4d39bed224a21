"""The whole stack as a user starts it, in a state folder and on ports of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra.stack.postgres import free_port
from tradewind.settings import PROJECT_ROOT, Settings

STOP_SECONDS = 60


class Stack:
    """A stack in `folder`, driven as the Makefile drives it; what it says goes into `log`.

    `program` is the module that starts it.
    """

    def __init__(self, folder: Path, program: str = "infra.stack") -> None:
        self._program = program
        ports = {name: free_port() for name in ("postgres_port", "airflow_port", "dashboard_port")}
        self.settings = Settings(_env_file=None, state_dir=folder / "state", **ports)
        self.log = folder / "stack.log"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("TRADEWIND_")},
            "PYTHONPATH": "dags:.",
            "TRADEWIND_STATE_DIR": str(self.settings.state_dir),
            **{f"TRADEWIND_{name.upper()}": str(port) for name, port in ports.items()},
        }

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command on it, to its end."""
        return subprocess.run(
            [sys.executable, "-m", *arguments],
            env=self.environment, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip

    def start(self) -> subprocess.Popen[bytes]:
        """Start it, and do not wait; it ends with this process in any case."""
        with self.log.open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-m", self._program, "run", "--end-with-parent"],
                env=self.environment, cwd=PROJECT_ROOT,
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
                # a test run under nohup would hand its ignored SIGHUP on
                preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
            )  # fmt: skip

    def drop(self, name: str, text: str) -> None:
        """Put a file into landing as a browser's download does: under another name first, then whole."""
        target = self.settings.landing / name
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_name(f".{target.name}.part")
        unfinished.write_text(text)
        unfinished.replace(target)

    def fail(self, reason: str) -> None:
        """Fail the test, with the end of what the stack said."""
        pytest.fail(f"{reason}:\n{self.log.read_text()[-4000:]}")


@contextmanager
def running(stack: Stack) -> Iterator[subprocess.Popen[bytes]]:
    """The process of a started stack, ended with the block as by Ctrl-C."""
    process = stack.start()
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
