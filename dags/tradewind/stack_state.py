"""Who runs the stack now: a lock file that the running command holds and that dies with it."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from tradewind.settings import Settings

Kind = Literal["stack", "command"]


class StackIsHeldError(RuntimeError):
    """Another process holds the lock; `holder` says which."""

    def __init__(self, holder: Holder) -> None:
        super().__init__(f"process {holder.pid} ({holder.title}) uses {holder.state_dir} already")
        self.holder = holder


@dataclass(frozen=True)
class Holder:
    """The process that owns the state folder: the whole stack, or one command that started the database."""

    pid: int
    kind: Kind
    title: str
    state_dir: Path


def holder(settings: Settings) -> Holder | None:
    """The process that holds the lock, or None; a killed process holds nothing."""
    try:
        with _lock_file(settings).open("r") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return _read_holder(file, settings)
    except FileNotFoundError:
        pass
    return None


@contextmanager
def hold(settings: Settings, kind: Kind, title: str, wait_seconds: float = 1.0) -> Iterator[None]:
    """Own the state folder within the block.

    Raises:
        StackIsHeldError: another process owned it through all of `wait_seconds`.
    """
    path = _lock_file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        deadline = time.monotonic() + wait_seconds
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                # a reader of the state holds the lock for an instant, another owner for long
                if time.monotonic() > deadline:
                    raise StackIsHeldError(_read_holder(file, settings)) from None
                time.sleep(0.1)
        file.truncate(0)
        json.dump({"pid": os.getpid(), "kind": kind, "title": title}, file)
        file.flush()
        yield
        file.truncate(0)


def _lock_file(settings: Settings) -> Path:
    return settings.state_dir / "stack.lock"


def _read_holder(file: IO[str], settings: Settings) -> Holder:
    file.seek(0)
    try:
        content = json.load(file)
    except json.JSONDecodeError:
        # it has the lock and has not written its name yet
        content = {"pid": 0, "kind": "stack", "title": "starting"}
    return Holder(content["pid"], content["kind"], content["title"], settings.state_dir)
