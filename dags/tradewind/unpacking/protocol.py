"""What a child process tells its parent, one JSON object a line. For the children: standard library only."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TextIO

from tradewind.unpacking.number_texts import NumberTexts

# how a child ends for which the disk is full: the file is not to blame
NO_ROOM = 75
# the parent keeps them all; a file with more is no good, whatever share of it they are
MAX_FAULTS = 250_000
MAX_FAULTY_BYTES = 64 << 20
_BATCH_ROWS = 1000


class Refusal(Exception):  # noqa: N818  not an error of ours: the file is no good
    """The file cannot be unpacked: the fault's name, and the line and character where it is known."""

    def __init__(self, fault: str, row: int | None = None, character: int | None = None) -> None:
        super().__init__(fault)
        self.fault = fault
        self.place = {"row": row, "character": character} if row else {}


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

    def announce(
        self, name: str, *, is_table: bool, number_texts: dict[int, list[str]] | None = None
    ) -> None:
        """Tell of the part just written, by a name that no other part has."""
        _tell(
            {
                "name": name,
                "file": str(self._count),
                "is_table": is_table,
                "number_texts": number_texts or {},
            }
        )
        self._count += 1

    def write_table(
        self,
        name: str,
        preamble: Sequence[str],
        rows: Iterable[Sequence[str]],
        faults: list[RowFault],
        number_texts: NumberTexts,
        indent: Callable[[], int] = lambda: 0,
    ) -> None:
        """Write a table as CSV and tell of it. Lines of the preamble hold no line end; rows that end early
        are filled up. `indent` is asked for at the end: so many columns on the left are blank, and left out.

        `faults` gets those of the rows as they come, counted from the first of them. The parent gets them
        counted from the first line of the preamble, each row as one; of one row the last fault holds.
        `number_texts` gets the texts that are written like numbers.

        Raises:
            Refusal: more rows are no good than anybody would load.
        """
        file = self.next_file()
        with (
            file.open("w", encoding="utf-8", newline="") as out,
            file.with_suffix(".faults").open("w", encoding="utf-8") as noted,
        ):
            out.writelines(line + "\n" for line in preamble)
            count = size = 0
            narrowest, widest = sys.maxsize, 0
            for batch in _batches(rows):
                widest = _write_batch(out, batch, widest)
                narrowest = min(narrowest, widest)
                count += len(faults)
                size += sum(len(fault.record or "") for fault in faults)
                if count > MAX_FAULTS or size > MAX_FAULTY_BYTES:
                    raise Refusal("too_many_faults")
                noted.writelines(
                    json.dumps(fault._replace(row=len(preamble) + fault.row)) + "\n" for fault in faults
                )
                faults.clear()
        left_out = min(indent(), widest)
        if narrowest < widest or left_out:
            _straighten(file, len(preamble), widest, left_out)
        self.announce(name, is_table=True, number_texts=number_texts.by_column(left_out))


def _write_batch(out: TextIO, batch: list[Sequence[str]], width: int) -> int:
    """Write rows as CSV from which any text comes back as it was; returns their width, which is the given one
    or more.
    """
    width = max(width, *map(len, batch))
    whole = [row if len(row) == width else [*row, *[""] * (width - len(row))] for row in batch]
    text = _as_csv(whole, csv.QUOTE_MINIMAL)
    # the csv module takes a return for no line end where lines end otherwise, and readers take it for one
    out.write(_as_csv(whole, csv.QUOTE_ALL) if "\r" in text else text)
    return width


def _straighten(file: Path, preamble: int, width: int, left_out: int) -> None:
    """Give each row the width that only later rows have, and leave out blank columns on the left."""
    csv.field_size_limit(sys.maxsize)
    crooked = file.rename(file.with_suffix(".crooked"))
    with (
        crooked.open(encoding="utf-8", newline="") as old,
        file.open("w", encoding="utf-8", newline="") as out,
    ):
        out.writelines(islice(old, preamble))
        for batch in _batches(row[left_out:] for row in csv.reader(old)):
            _write_batch(out, batch, width - left_out)
    crooked.unlink()
    if left_out:
        noted = file.with_suffix(".faults")
        faults = [RowFault(*json.loads(line)) for line in noted.read_text(encoding="utf-8").splitlines()]
        with noted.open("w", encoding="utf-8") as out:
            for fault in faults:
                cells = tuple(cell - left_out for cell in fault.cells)
                out.write(json.dumps(fault._replace(cells=cells)) + "\n")


def _as_csv(rows: list[Sequence[str]], quoting: int) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n", quoting=quoting).writerows(rows)  # type: ignore[arg-type]  # one of csv's own
    return text.getvalue()


def _batches(rows: Iterable[Sequence[str]]) -> Iterator[list[Sequence[str]]]:
    coming = iter(rows)
    while batch := list(islice(coming, _BATCH_ROWS)):
        yield batch


def _tell(message: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")


def refuse(refusal: Refusal) -> None:
    """Tell that the file is no good, and why."""
    _tell({"refused": refusal.fault, **refusal.place})
