"""Signals in any number and order, while the stack starts, runs or ends: it ends once, and in words."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tradewind.settings import PROJECT_ROOT, Settings
from tradewind.stack_state import holder

# the supervisor as it is, with a program that does nothing in the place of each of the stack's own
SUPERVISE = """
import sys, time
from pathlib import Path
from rich.console import Console
from infra.stack import supervisor
from infra.stack.processes import Child
from tradewind.settings import Settings

class Small(supervisor.Supervisor):
    def _start(self):
        print("starting", flush=True)
        with self._step("Something slow"):
            time.sleep(float(sys.argv[2]))
        self._launch(Child("idle", [sys.executable, "-c", sys.argv[3]], Path(sys.argv[1]) / "log"))
        print("running", flush=True)

supervisor.check_ports = lambda _settings: None
supervisor.embedded_server = lambda _settings: None
supervisor.PATIENCE_SECONDS = 0.7
settings = Settings(_env_file=None, state_dir=Path(sys.argv[1]))
Small(settings, Console(highlight=False, soft_wrap=True)).run()
"""
# a program that takes its time to end
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
time.sleep(60)
"""
ALL = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PAIRS = list(zip(ALL, (*ALL[1:], ALL[0]), strict=True))


@contextmanager
def supervised(folder: Path, start_seconds: float) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", SUPERVISE, str(folder), str(start_seconds), STUBBORN],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": f"{PROJECT_ROOT / 'dags'}:{PROJECT_ROOT}"},
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def read_until(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdout is not None
    while (found := process.stdout.readline()) != f"{line}\n":
        assert found, "it ended"


@pytest.mark.parametrize("phase", ["starting", "running"])
@pytest.mark.parametrize(("first", "second"), PAIRS, ids=str)
def test_a_second_signal_hears_that_the_end_has_begun(
    tmp_path: Path, phase: str, first: signal.Signals, second: signal.Signals
) -> None:
    with supervised(tmp_path, 30 if phase == "starting" else 0) as process:
        read_until(process, phase)
        if phase == "running":
            wait_for(lambda: "up" in (tmp_path / "log").read_text())
        process.send_signal(first)
        read_until(process, "Ending …")
        if phase == "running":
            # the program ignores that it is to end, so the end takes its time
            for _ in range(3):
                process.send_signal(second)
                time.sleep(0.05)
        out, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    assert "Everything has ended" in out
    assert "Traceback" not in errors
    if phase == "running":
        assert "Already ending" in errors
    assert holder(Settings(_env_file=None, state_dir=tmp_path)) is None


def test_a_storm_of_signals_ends_it_once(tmp_path: Path) -> None:
    for delay in (0.0, 0.05, 0.2):
        with supervised(tmp_path, 0.1) as process:
            read_until(process, "starting")
            time.sleep(delay)
            storm = [
                threading.Thread(
                    target=lambda number=number: [process.send_signal(number) for _ in range(40)]
                )
                for number in ALL
            ]
            for thread in storm:
                thread.start()
            for thread in storm:
                thread.join()
            out, errors = process.communicate(timeout=30)
        assert process.returncode == 0, errors
        assert out.count("Everything has ended") == 1
        assert "Traceback" not in errors


def test_stop_ends_a_stack_that_is_told_to_end_meanwhile(tmp_path: Path) -> None:
    with supervised(tmp_path, 0) as process:
        read_until(process, "running")
        wait_for(lambda: "up" in (tmp_path / "log").read_text())
        stops = [
            subprocess.Popen(
                [sys.executable, "-m", "infra.stack", "stop"],
                env={**os.environ, "PYTHONPATH": "dags:.", "TRADEWIND_STATE_DIR": str(tmp_path)},
                cwd=PROJECT_ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                # a stop must not reach its own group
                start_new_session=True,
            )
            for _ in range(2)
        ]  # fmt: skip
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
        for stop in stops:
            said, complaint = stop.communicate(timeout=30)
            assert (stop.returncode, complaint) == (0, "")
            assert "ended" in said or "Nothing runs" in said
    assert process.returncode == 0
    assert "Traceback" not in errors


def test_stop_waits_for_the_name_of_a_stack_that_only_begins(tmp_path: Path) -> None:
    """A holder without a number yet must not be taken for the group of everybody who asks."""
    nameless = """
import fcntl, sys, time
file = open(sys.argv[1], "a+")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(1.0)
"""
    (tmp_path / "stack.lock").touch()
    owner = subprocess.Popen(
        [sys.executable, "-c", nameless, str(tmp_path / "stack.lock")], stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    assert owner.stdout.readline() == "held\n"
    stop = subprocess.run(
        [sys.executable, "-m", "infra.stack", "stop"],
        env={**os.environ, "PYTHONPATH": "dags:.", "TRADEWIND_STATE_DIR": str(tmp_path)},
        cwd=PROJECT_ROOT, capture_output=True, text=True, check=False, start_new_session=True,
    )  # fmt: skip
    assert owner.wait() == 0
    assert (stop.returncode, stop.stdout) == (0, "Nothing runs.\n")


@pytest.mark.parametrize("module", ["infra.stack", "tradewind"])
def test_an_interrupt_while_a_command_is_imported_is_silent(tmp_path: Path, module: str) -> None:
    (tmp_path / "pydantic.py").write_text("import os, signal; os.kill(os.getpid(), signal.SIGINT)")
    ended = subprocess.run(
        [sys.executable, "-m", module, "status"],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:dags:.", "TRADEWIND_STATE_DIR": str(tmp_path)},
        cwd=PROJECT_ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (-signal.SIGINT, "")
