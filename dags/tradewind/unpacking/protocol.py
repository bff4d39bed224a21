"""What a child process tells its parent, one JSON object a line. For the children: standard library only."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

# a name is part of a path in the ledger, which is indexed
MAX_NAME = 200
# how a child ends for which the disk is full: the file is not to blame
NO_ROOM = 75


class Refusal(Exception):  # noqa: N818  not an error of ours: the file is no good
    """The file cannot be unpacked; the argument is the fault's name."""


class RowFault(NamedTuple):
    """A row of a table that is no good: its number, counted from 0, and a reason code.

    `record` is the row as it stood where it is not in the table. `cells` are positions: the row is no good
    only if one of them belongs to a column of ids, which the parent knows.
    """

    row: int
    code: str
    record: str | None = None
    cells: tuple[int, ...] = ()


class Parts:
    """The parts found so far: each one a file in the work folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0

    def next_file(self) -> Path:
        """Where the next part is written; its name has nothing to do with what the archive calls it."""
        return self._folder / str(self._count)

    def announce(self, name: str, *, is_table: bool) -> None:
        """Tell of the part just written, by a name that any text may hold."""
        name = name.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
        if len(name) > MAX_NAME:
            name = f"{name[:MAX_NAME]} ({self._count + 1})"
        _tell({"name": name, "file": str(self._count), "is_table": is_table})
        self._count += 1

    def write_table(
        self,
        name: str,
        preamble: Sequence[str],
        rows: Iterable[Sequence[object]],
        faults: Iterable[RowFault] = (),
    ) -> None:
        """Write a table as CSV and tell of it.

        Faults are asked for when all rows are written, and count from the first of them. The parent gets them
        counted from the first line of the preamble; of one row the last fault holds.
        """
        file = self.next_file()
        with file.open("w", encoding="utf-8", newline="") as out:
            out.writelines(line + "\n" for line in preamble)
            csv.writer(out, lineterminator="\n").writerows(rows)
        with file.with_suffix(".faults").open("w", encoding="utf-8") as out:
            out.writelines(
                json.dumps(fault._replace(row=len(preamble) + fault.row)) + "\n" for fault in faults
            )
        self.announce(name, is_table=True)


def _tell(message: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")


def refuse(fault: str) -> None:
    """Tell that the file is no good, and why."""
    _tell({"refused": fault})
