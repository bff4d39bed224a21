"""Child processes that cannot outlive the stack, whatever ends it: Ctrl-C, a closed terminal, `kill -9`."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

# loaded here, because a forked child must not load anything before it runs its program
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(ending: signal.Signals = signal.SIGKILL) -> None:
    """Ask the kernel to send this process `ending` when the thread that started it is gone (Linux alone)."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, int(ending), 0, 0, 0)


def end_with_parent(ending: signal.Signals = signal.SIGTERM) -> None:
    """The same for a process that runs already; ends at once when its parent is gone before it could ask."""
    parent = os.getppid()
    die_with_parent(ending)
    if os.getppid() != parent:
        os.kill(os.getpid(), ending)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends, so that none is out of reach."""
    if _libc is not None:
        _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


@dataclass
class Child:
    """A program that the stack keeps running; it writes its output to `log_file`."""

    name: str
    arguments: list[str]
    log_file: Path
    environment: dict[str, str] = field(default_factory=dict)
    working_dir: Path | None = None
    starts: list[float] = field(default_factory=list)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it in a session of its own, so that the terminal's Ctrl-C reaches the supervisor alone."""
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                self.arguments,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.environment},
                cwd=self.working_dir,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        self.starts.append(time.monotonic())

    @property
    def is_running(self) -> bool:
        """Whether it runs now."""
        return self.process is not None and self.process.poll() is None

    def end_of_log(self, lines: int = 12) -> str:
        """The last lines it wrote."""
        with contextlib.suppress(FileNotFoundError):
            return "\n".join(self.log_file.read_text(errors="replace").splitlines()[-lines:])
        return ""


def stop_children(children: Iterable[Child], patience_seconds: float) -> None:
    """Ask each to end; what still runs when patience ends is killed, with all its descendants."""
    running = [child.process for child in children if child.process is not None and child.is_running]
    families = [process for child in running for process in descendants(child.pid)]
    for child in running:
        with contextlib.suppress(ProcessLookupError):
            child.terminate()
    deadline = time.monotonic() + patience_seconds
    for child in running:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(max(0.0, deadline - time.monotonic()))
    for child in running:
        families += descendants(child.pid)
    kill_all(families)
    for child in running:
        child.kill()
        child.wait()


def descendants(pid: int) -> list[psutil.Process]:
    """Every process below `pid`."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def kill_all(processes: Iterable[psutil.Process]) -> None:
    """Kill these and wait for their end; a number that another process has taken over is left alone."""
    targets = list(processes)
    for process in targets:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(targets, timeout=5)


def reap_orphans(known: Iterable[int]) -> None:
    """Collect adopted children that have ended; `known` are those that somebody else waits for."""
    others = set(known)
    with contextlib.suppress(ChildProcessError):
        while ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if ended.si_pid in others:
                return
            os.waitpid(ended.si_pid, 0)
