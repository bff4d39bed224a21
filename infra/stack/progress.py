"""What the first load and publication are doing, read from the ops tables and shown on the terminal."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
from rich.console import Console
from rich.text import Text

from tradewind.settings import Settings
from tradewind.terminal import show
from tradewind.warehouse import Role, connect

QUERY = """
select
    (select count(*) from ops.load where state <> 'waiting') as files_decided,
    (select coalesce(sum(records_loaded), 0) from ops.load where state = 'loaded') as records_loaded,
    (select state from ops.build order by build_id desc limit 1) as build_state,
    (select extract(epoch from clock_timestamp() - started_at)::integer
        from ops.build order by build_id desc limit 1) as build_seconds,
    (select count(*) from ops.publication where state = 'published') as publications,
    (select reason from ops.publication where state = 'held'
        and publication_id = (select max(publication_id) from ops.publication)) as held_reason,
    (select exists (select from ops.pending_load)) as is_pending
"""


@dataclass(frozen=True)
class Progress:
    """How far the warehouse is; counts since it was made."""

    files_decided: int
    records_loaded: int
    build_state: str | None
    build_seconds: int | None
    publications: int
    held_reason: str | None
    is_pending: bool

    def __str__(self) -> str:
        if self.files_decided == 0:
            return "Waiting for Airflow to look into landing"
        loaded = f"{self.files_decided} files looked at, {self.records_loaded:,} records loaded"
        if self.build_state == "running":
            return f"Building, checking and publishing for {self.build_seconds} s ({loaded})"
        return f"Loading ({loaded})"


def read_progress(connection: psycopg.Connection) -> Progress:
    """The progress now."""
    (row,) = connection.execute(QUERY).fetchall()
    return Progress(*row)


def follow_first_publication(settings: Settings, console: Console, look_after: Callable[[], None]) -> None:
    """Show progress until the first publication is up or held; calls `look_after` several times a second."""
    started = time.monotonic()
    said = ""
    with connect(Role.ADMIN, settings, autocommit=True) as connection, console.status("Loading …") as status:
        while True:
            look_after()
            progress = read_progress(connection)
            if progress.publications:
                break
            if progress.held_reason is not None:
                console.print(
                    Text.assemble(
                        "  ", ("✗", "red"), f" The publication is held back: {show(progress.held_reason)}"
                    )
                )
                return
            status.update(f"{progress} …")
            stage = str(progress).split(" ", 1)[0]
            if stage != said and not console.is_terminal:
                console.print(f"  {progress} …")
                said = stage
            time.sleep(0.3)
    console.print(
        f"  [green]✓[/green] {progress.files_decided} files, {progress.records_loaded:,} records loaded, "
        f"built, checked and published [dim]{time.monotonic() - started:.1f} s[/dim]"
    )
