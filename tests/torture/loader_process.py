"""The real loader in a process of its own, halted at a named point until it is let go on or ended."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import psutil

from tests.torture.broken import VARIANTS
from tests.torture.points import Gate, Halt, put_on_points
from tradewind import landing
from tradewind.exports.contract import load_contracts
from tradewind.landing import run
from tradewind.settings import Settings

PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Order:
    """What a loader is to do: load `paths`, and halt when it passes `point` for the `occurrence`th time."""

    settings: Settings
    paths: tuple[Path, ...]
    point: str | None = None
    occurrence: int = 1
    variant: str | None = None


@dataclass(frozen=True)
class End:
    """The loader came to its end: the state of each file, or the error it gave up with."""

    states: tuple[str, ...] = ()
    error: str | None = None


class LoaderProcess:
    """A loader that was started, as its runner sees it."""

    def __init__(self, order: Order) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__])
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=run_loader, args=(order, theirs), daemon=True)
        # the server of forks imports the loader once for all; it finds it by the path of this process
        with mock.patch.dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)):
            self._process.start()
        theirs.close()

    def wait(self, seconds: float = PATIENCE_SECONDS) -> Halt | End | None:
        """Its next message; None when there is none within the time.

        Raises:
            EOFError: the process ended without a word.
        """
        return self._pipe.recv() if self._pipe.poll(seconds) else None

    def has_message(self) -> bool:
        """Whether it has said something that nobody has heard yet."""
        return self._pipe.poll(0)

    def release(self) -> None:
        """Let it go on from its point."""
        self._pipe.send("go")

    def finish(self) -> End:
        """Wait for its end.

        Raises:
            TimeoutError: it hangs.
        """
        message = self.wait()
        if not isinstance(message, End):
            raise TimeoutError(f"the loader neither ended nor failed: {message}")
        self._process.join(PATIENCE_SECONDS)
        return message

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal; SIGKILL waits for its end."""
        if self._process.pid is not None:
            os.kill(self._process.pid, number)
        if number is signal.SIGKILL:
            self._process.join(PATIENCE_SECONDS)

    def ports(self) -> list[int]:
        """The local ports of its connections: by them the server knows which sessions are its."""
        return [end.laddr.port for end in psutil.Process(self._process.pid).net_connections("tcp")]

    def close(self) -> None:
        """End it, whatever it does."""
        if self._process.is_alive():
            self.signal(signal.SIGKILL)
        self._pipe.close()


class PipeGate(Gate):
    """Halts the first thread that passes the point for the given time, until the runner answers."""

    def __init__(self, pipe: Connection, point: str | None, occurrence: int) -> None:
        self._pipe = pipe
        self._point = point
        self._left = occurrence
        self._lock = threading.Lock()

    def is_armed(self, point: str) -> bool:
        if point != self._point:
            return False
        with self._lock:
            self._left -= 1
            return self._left == 0

    def halt(self, halt: Halt) -> None:
        self._pipe.send(halt)
        try:
            self._pipe.recv()
        except EOFError:
            # the runner is gone: nobody would ever let this process go on
            os._exit(1)


def run_loader(order: Order, pipe: Connection) -> None:
    """The process's main function: load, and say how it ended."""
    # a collection in a fork would copy every page of what its parent imported
    gc.freeze()
    # it says of each lost connection that it is lost
    logging.getLogger("psycopg").setLevel(logging.CRITICAL)
    # the loader's pauses between its attempts would be most of a run
    run.time = SimpleNamespace(sleep=lambda _seconds: None)
    if order.variant:
        VARIANTS[order.variant].break_loader()
    put_on_points(PipeGate(pipe, order.point, order.occurrence))
    try:
        landing.scan(order.settings)
        results = landing.load_files(order.paths, order.settings)
    except Exception as error:
        code = getattr(error, "sqlstate", None) or getattr(error, "errno", None)
        pipe.send(End(error=f"{type(error).__name__} {code or ''}".strip()))
    else:
        pipe.send(End(states=tuple(result.state for result in results)))


def wait_for(
    condition: Callable[[], bool], what: str, *, seconds: float = PATIENCE_SECONDS, every: float = 0.005
) -> None:
    """Look again and again until it holds.

    Raises:
        TimeoutError: it does not come to hold.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(every)


# read before the forks, which have it for nothing
load_contracts()
