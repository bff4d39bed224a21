"""What became of files that were brought into landing, read from the ledger."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from rich.console import Console
from rich.table import Table

from tradewind.intake import Arrival
from tradewind.landing.files import ledger_path
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

# the newest row of the file itself; for bytes that landing had under another name, the row that loaded them
OUTCOME = """
select load_id, report, state, records_read, records_loaded, records_quarantined, reason, warnings
from ops.load
where file_sha256 = %(sha256)s and state <> 'waiting'
order by file_path = %(path)s desc, load_id desc
limit 1
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

    @property
    def remarks(self) -> str:
        """Why nothing was loaded, and what is odd about what was."""
        return " ".join([*filter(None, [self.reason]), *(item["reason"] for item in self.warnings)])


def find(arrivals: Sequence[Arrival], settings: Settings) -> list[FileOutcome]:
    """The outcome of each file, in their order; behind a file that holds others those of what it holds."""
    with connect(Role.APP, settings) as connection:
        return [outcome for arrival in arrivals for outcome in _find_one(connection, arrival, settings)]


def wait_for(arrivals: Sequence[Arrival], settings: Settings, console: Console) -> str | None:
    """Wait until the stack has loaded and published the files; returns why it holds them back, or None."""
    started = time.monotonic()
    with console.status("Waiting for the stack to load …") as shown:
        while True:
            files = find(arrivals, settings)
            missing = [file for file in files if file.state is None]
            load_ids = [file.load_id for file in files if file.state in ("loaded", "superseded")]
            if missing:
                shown.update(f"Loading: {len(files) - len(missing)} of {len(files)} files …")
            else:
                is_pending, held = _read_pending(load_ids, settings)
                if not is_pending or held:
                    return held
                shown.update(f"Building, checking, publishing … {time.monotonic() - started:.0f} s")
            time.sleep(0.3)


def as_table(files: Sequence[FileOutcome]) -> Table:
    """One line a file: what it was, what became of it, and why."""
    table = Table(box=None, pad_edge=False)
    for title in ("load", "file", "report", "outcome"):
        table.add_column(title, overflow="fold")
    for title in ("read", "loaded", "quarantined"):
        table.add_column(title, justify="right")
    table.add_column("why", overflow="fold")
    for file in files:
        state = file.state or "not loaded"
        table.add_row(
            str(file.load_id or ""), file.source, file.report or "",
            f"[{STYLES.get(state, 'red')}]{state}[/]", f"{file.records_read:,}", f"{file.records_loaded:,}",
            f"{file.records_quarantined:,}", file.remarks,
        )  # fmt: skip
    return table


def _find_one(connection: psycopg.Connection, arrival: Arrival, settings: Settings) -> list[FileOutcome]:
    path = ledger_path(arrival.path, settings)
    source = _shorten(arrival.source)
    row = connection.execute(OUTCOME, {"sha256": arrival.sha256, "path": path}).fetchone()
    if row is None:
        return [FileOutcome(source)]
    held = connection.execute(HELD_FILES, {"path": path}).fetchall()
    return [
        FileOutcome(source, *row),
        *(FileOutcome(source + file_path.removeprefix(path), *rest) for *rest, file_path in held),
    ]


def _read_pending(load_ids: list[int | None], settings: Settings) -> tuple[bool, str | None]:
    with connect(Role.BUILDER, settings) as connection:
        row = connection.execute(
            "select exists (select from ops.pending_load where load_id = any(%s))", [load_ids]
        ).fetchone()
        decision = connection.execute(HELD, [load_ids]).fetchone()
    held = decision[1] if decision and decision[0] in ("held", "failed") else None
    return bool(row and row[0]), held


def _shorten(path: Path) -> str:
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return path.name
