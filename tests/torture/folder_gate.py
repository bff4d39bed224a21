"""A gate by way of a folder: who strikes puts an order down there, and the process that takes it halts."""

from __future__ import annotations

import json
import os
import threading
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from tests.torture.points import Gate, Halt

# names the folder to processes that somebody else starts
FOLDER_VARIABLE = "TORTURE_ORDERS"
TAKEN = "taken"
HALTED = "halted.json"
RELEASED = "released"


class FolderGate(Gate):
    """Halts whoever takes the order first: one alone, however many processes and threads come by."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._passages: Counter[str] = Counter()
        self._lock = threading.Lock()

    @classmethod
    def from_environment(cls) -> FolderGate:
        """The gate that the environment names."""
        return cls(Path(os.environ[FOLDER_VARIABLE]))

    def is_armed(self, point: str) -> bool:
        with self._lock:
            self._passages[point] += 1
            order = _order(self._folder, point, self._passages[point])
        try:
            # one step, and for ever: a process that is killed here leaves nothing armed for its successor
            order.rename(self._folder / TAKEN)
        except FileNotFoundError:
            return False
        return True

    def halt(self, halt: Halt) -> None:
        unfinished = self._folder / f".{HALTED}"
        unfinished.write_text(json.dumps(asdict(halt)))
        unfinished.rename(self._folder / HALTED)
        while not (self._folder / RELEASED).exists():
            time.sleep(0.02)


class Orders:
    """The folder as seen by who strikes."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    def arm(self, point: str, occurrence: int) -> None:
        """Let the first process halt that passes `point` for the `occurrence`th time of its life."""
        for file in self._folder.iterdir():
            file.unlink()
        _order(self._folder, point, occurrence).touch()

    def halted(self) -> Halt | None:
        """Who stands at the point, if somebody does."""
        try:
            return Halt(**json.loads((self._folder / HALTED).read_text()))
        except FileNotFoundError:
            return None

    def release(self) -> None:
        """Let it go on."""
        (self._folder / RELEASED).touch()


def _order(folder: Path, point: str, occurrence: int) -> Path:
    return folder / f"{point}.{occurrence}"
