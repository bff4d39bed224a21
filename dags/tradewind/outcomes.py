"""What became of files that were brought into landing, read from the ledger."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tradewind.intake import Arrival
from tradewind.landing.files import NO_BYTES, Stamp, ledger_path
from tradewind.settings import Settings
from tradewind.stack_state import holder
from tradewind.terminal import show
from tradewind.warehouse import Role, connect

# the newest row of each file in the version that lies there; for bytes that landing had under another name,
# the row that loaded them
OUTCOME = """
select known.load_id, known.report, known.state, known.records_read, known.records_loaded,
    known.records_quarantined, known.reason, known.warnings,
    exists (
        select from ops.load as whole
        where whole.load_id = coalesce(known.duplicate_of, known.load_id)
            and whole.reason_code in ('unpacked', 'nothing_unpacked')
    ) as holds_others
from unnest(%s::text[], %s::text[], %s::bigint[], %s::timestamptz[]) with ordinality
    as file (path, sha256, size, modified_at, position)
left join lateral (
    select *
    from ops.load
    where state <> 'waiting'
        and (
            file_sha256 = file.sha256
            or (file_path = file.path and file_size = file.size and file_modified_at = file.modified_at)
        )
    order by file_path = file.path desc, load_id desc
    limit 1
) as known on true
order by file.position
"""

# the newest decision about a build that holds one of these loads, where they are still pending
HELD = """
select b.state, coalesce(p.reason, b.reason, 'the build failed')
from ops.pending_load as pl
inner join ops.build_load as bl on bl.load_id = pl.load_id and bl.load_state = pl.load_state
inner join ops.build as b on b.build_id = bl.build_id
left join ops.publication as p on p.build_id = b.build_id
where pl.load_id = any(%s)
order by b.build_id desc
limit 1
"""

# what a file that holds others held, each with its newest row
HELD_FILES = """
select distinct on (file_path) load_id, report, state, records_read, records_loaded, records_quarantined,
    reason, warnings, file_path
from ops.load
where starts_with(file_path, %(path)s || '/') and state <> 'waiting'
order by file_path, load_id desc
"""

STYLES = {"loaded": "green", "duplicate": "dim", "refused": "red", "held": "yellow", "superseded": "dim"}
# states in the order in which they are to be looked at; what is not among them comes first
ORDER = ("refused", "held", "loaded", "superseded", "duplicate")
# what a line says of a file where no terminal shows a table
CELLS = ("outcome", "load", "file", "report", "read", "loaded", "quarantined", "why")
# a table of more files is a summary, with the refused ones by name
MAX_TABLE = 40
# after so long without any change the waiting says where to look
PATIENCE_SECONDS = 60.0


class StackEndedError(RuntimeError):
    """The stack ended while it was waited for."""


@dataclass(frozen=True)
class FileOutcome:
    """One brought file, or a file within it, and its row of the ledger; `state` is None while it has none."""

    source: str
    load_id: int | None = None
    report: str | None = None
    state: str | None = None
    records_read: int = 0
    records_loaded: int = 0
    records_quarantined: int = 0
    reason: str | None = None
    # what is odd about it though it counts
    warnings: Sequence[dict[str, Any]] = ()
    # whether the ledger may still get a row of it
    is_lost: bool = False

    @property
    def is_refused(self) -> bool:
        """Whether nothing of it counts, and somebody has to do something about it."""
        return self.state in ("refused", "held", None)

    @property
    def remarks(self) -> str:
        """Why nothing was loaded, and what is odd about what was."""
        return " ".join([*filter(None, [self.reason]), *(item["reason"] for item in self.warnings)])


def find(arrivals: Sequence[Arrival], settings: Settings) -> list[FileOutcome]:
    """The outcome of each file, in their order; behind a file that holds others those of what it holds."""
    return [outcome for outcomes in _find_each(arrivals, settings) for outcome in outcomes]


def find_refused(arrivals: Sequence[Arrival], settings: Settings) -> list[Path]:
    """Where the files lie that were refused before as they are: a new contract may read them by now."""
    return [
        arrival.path
        for arrival, outcomes in zip(arrivals, _find_each(arrivals, settings), strict=True)
        if any(outcome.state == "refused" for outcome in outcomes)
    ]


def wait_for(arrivals: Sequence[Arrival], settings: Settings, console: Console) -> str | None:
    """Wait until the stack has loaded and published the files; returns why it holds them back, or None.

    Raises:
        StackEndedError: the stack ended before.
    """
    started = changed = time.monotonic()
    said = ""
    with console.status("Waiting for the stack to load …") as shown:
        while True:
            looked = time.monotonic()
            files = find(arrivals, settings)
            missing = sum(file.state is None and not file.is_lost for file in files)
            load_ids = [file.load_id for file in files if file.state in ("loaded", "superseded")]
            if missing:
                stage = f"Loading: {len(files) - missing} of {len(files)} files …"
            else:
                is_pending, held = _read_pending(load_ids, settings)
                if not is_pending or held:
                    return held
                stage = "Building, checking, publishing …"
            now = time.monotonic()
            if stage != said:
                said, changed = stage, now
            shown.update(f"{stage} {now - started:.0f} s")
            running = holder(settings)
            if running is None or running.kind != "stack":
                raise StackEndedError(
                    "The stack ended meanwhile; what is in landing is loaded by the next `make run`."
                )
            if now - changed > PATIENCE_SECONDS:
                console.print(
                    "Nothing has changed for a minute: `make status` and Airflow say what holds it up."
                )
                changed = now + 9 * PATIENCE_SECONDS
            # many files take the database a moment: leave it time for its work
            time.sleep(max(0.3, 3 * (now - looked)))


def print_outcomes(files: Sequence[FileOutcome], console: Console) -> None:
    """Say what each file was, what became of it, and why: a line a file below a header, or at a terminal a
    table.

    At a terminal very many files are counted, and only the refused ones are named.
    """
    ordered = sorted(files, key=lambda file: ORDER.index(file.state) if file.state in ORDER else -1)
    if not console.is_terminal:
        # not print(), which turns tabs into blanks
        console.file.write("\t".join(CELLS) + "\n")
        for line in as_lines(ordered):
            console.file.write(f"{line}\n")
    elif len(files) <= MAX_TABLE:
        console.print(_as_table(ordered))
    else:
        refused = [file for file in ordered if file.is_refused]
        if refused:
            console.print(_as_table(refused[:MAX_TABLE]))
        if len(refused) > MAX_TABLE:
            console.print(f"… and {len(refused) - MAX_TABLE:,} more; the page Data health lists all.")
        console.print(_as_summary(files))
    if len(files) > 1:
        console.print(summarise(files))


def as_lines(files: Sequence[FileOutcome]) -> Iterator[str]:
    """One line a file, its `CELLS` parted by tabs."""
    for file in files:
        cells = (
            _state(file), file.load_id or "", file.source, file.report or "", file.records_read,
            file.records_loaded, file.records_quarantined, file.remarks,
        )  # fmt: skip
        yield "\t".join(map(show, cells))


def summarise(files: Sequence[FileOutcome]) -> str:
    """All files in one sentence."""
    states = Counter(_state(file) for file in files)
    counts = ", ".join(f"{number:,} {state}" for state, number in sorted(states.items()))
    loaded = sum(file.records_loaded for file in files if file.state == "loaded")
    return f"{len(files):,} files: {counts}; {loaded:,} records loaded"


def _as_table(files: Sequence[FileOutcome]) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in ("load", "file", "report", "outcome"):
        table.add_column(title, overflow="fold")
    for title in ("read", "loaded", "quarantined"):
        table.add_column(title, justify="right")
    table.add_column("why", overflow="fold")
    for file in files:
        state = _state(file)
        table.add_row(
            str(file.load_id or ""), show(file.source), file.report or "",
            Text(state, style=STYLES.get(state, "red")), f"{file.records_read:,}", f"{file.records_loaded:,}",
            f"{file.records_quarantined:,}", show(file.remarks),
        )  # fmt: skip
    return table


def _as_summary(files: Sequence[FileOutcome]) -> Table:
    """How many files, and of how many records, by outcome and report."""
    counts: Counter[tuple[str, str]] = Counter()
    loaded: Counter[tuple[str, str]] = Counter()
    quarantined: Counter[tuple[str, str]] = Counter()
    for file in files:
        key = (_state(file), file.report or "")
        counts[key] += 1
        loaded[key] += file.records_loaded
        quarantined[key] += file.records_quarantined
    table = Table(box=None, pad_edge=False)
    for title in ("outcome", "report"):
        table.add_column(title)
    for title in ("files", "loaded", "quarantined"):
        table.add_column(title, justify="right")
    for key, number in sorted(counts.items()):
        state, report = key
        table.add_row(
            Text(state, style=STYLES.get(state, "red")), report, f"{number:,}", f"{loaded[key]:,}",
            f"{quarantined[key]:,}",
        )  # fmt: skip
    return table


def _state(file: FileOutcome) -> str:
    return file.state or "not loaded"


@dataclass(frozen=True)
class _Asked:
    """What the ledger is asked about a file."""

    path: str
    sha256: str | None
    stamp: Stamp | None
    is_gone: bool

    @classmethod
    def about(cls, arrival: Arrival, settings: Settings) -> _Asked:
        """The question about a file as it lies there now."""
        stamp: Stamp | None = arrival.stamp
        try:
            stamp, is_gone = Stamp.of(arrival.path.lstat()), False
        except OSError:
            is_gone = True
        # a file that is new there gets a row of its own, whatever is known of its bytes
        sha256 = None if arrival.is_new or arrival.sha256 == NO_BYTES else arrival.sha256
        return cls(ledger_path(arrival.path, settings), sha256, stamp, is_gone)


def _find_each(arrivals: Sequence[Arrival], settings: Settings) -> list[list[FileOutcome]]:
    asked = [_Asked.about(arrival, settings) for arrival in arrivals]
    found: list[list[FileOutcome]] = []
    with connect(Role.APP, settings) as connection:
        rows = connection.execute(
            OUTCOME,
            [
                [item.path for item in asked],
                [item.sha256 for item in asked],
                [item.stamp.size if item.stamp else None for item in asked],
                [item.stamp.modified_at if item.stamp else None for item in asked],
            ],
        ).fetchall()
        for arrival, item, (*row, holds_others) in zip(arrivals, asked, rows, strict=True):
            source = _shorten(arrival.source)
            if arrival.problem is not None:
                found.append([FileOutcome(source, reason=arrival.problem, is_lost=True)])
            elif row[0] is None:
                reason = "It is gone from landing." if item.is_gone else None
                found.append([FileOutcome(source, reason=reason, is_lost=item.is_gone)])
            else:
                held = _find_held(connection, source, item.path) if holds_others else []
                found.append([FileOutcome(source, *row), *held])
    return found


def _find_held(connection: psycopg.Connection, source: str, path: str) -> Iterator[FileOutcome]:
    for *row, file_path in connection.execute(HELD_FILES, {"path": path}).fetchall():
        yield FileOutcome(source + file_path.removeprefix(path), *row)


def _read_pending(load_ids: list[int | None], settings: Settings) -> tuple[bool, str | None]:
    with connect(Role.BUILDER, settings) as connection:
        row = connection.execute(
            "select exists (select from ops.pending_load where load_id = any(%s))", [load_ids]
        ).fetchone()
        decision = connection.execute(HELD, [load_ids]).fetchone()
    held = decision[1] if decision and decision[0] in ("held", "failed") else None
    return bool(row and row[0]), held


def _shorten(path: Path) -> str:
    """The path as it is read from here, where it lies below."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)
