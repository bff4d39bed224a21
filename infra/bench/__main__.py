"""`make bench`: measures loading, formats, large files, building, arrival, pages: `infra/benchmarks.md`."""

from __future__ import annotations

import argparse
import os
import platform
import signal
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from infra.bench import arrival, building, formats, large, loading, pages
from infra.bench.measurement import Measurement
from infra.bench.warehouse import bench_stack, bench_warehouse
from tradewind.settings import PROJECT_ROOT

REPORT = PROJECT_ROOT / "infra" / "benchmarks.md"
PARTS = ("loading", "formats", "large", "building", "arrival", "pages")


def measurements(parts: tuple[str, ...], rows: int) -> Iterator[Measurement]:
    """The lines of the table, as they are measured; building builds what loading has loaded."""
    if {"loading", "building"} & set(parts):
        with bench_warehouse("warehouse") as warehouse:
            yield from loading.measure(warehouse, rows)
            if "building" in parts:
                yield from building.measure(warehouse, rows)
    if "formats" in parts:
        # a warehouse of its own: building builds what loading has loaded, and nothing else
        with bench_warehouse("formats") as warehouse:
            yield from formats.measure(warehouse, rows)
    if "large" in parts:
        with bench_warehouse("large") as warehouse:
            yield from large.measure(warehouse, rows)
    if {"arrival", "pages"} & set(parts):
        with bench_stack("stack") as warehouse, arrival.running_stack(warehouse) as seconds:
            yield Measurement(
                arrival.GROUP, "`make run` to the demo company's first publication", f"{seconds:.0f} s"
            )
            if "arrival" in parts:
                yield from arrival.measure(warehouse)
            if "pages" in parts:
                yield from pages.measure(warehouse)


def print_table(lines: list[Measurement], console: Console) -> None:
    """Show the lines as a table."""
    table = Table("", "What", "Measured", "Ratio", "Aim")
    for line in lines:
        table.add_row(line.group, line.what, line.value, line.ratio, line.aim)
    console.print(table)


def write_report(lines: list[Measurement], path: Path) -> None:
    """Write the table and how to have it again."""
    cells = [(m.group, m.what, m.value, m.ratio, m.aim) for m in lines]
    table = ["| | What | Measured | Ratio | Aim |", "|---|---|---|---|---|"]
    table += [f"| {' | '.join(row)} |" for row in cells]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    path.write_text(
        "# Benchmarks\n\n"
        f"Measured on {datetime.now(UTC):%d %B %Y} with {os.cpu_count()} cores and {memory:.0f} GB "
        f"({platform.system()}, Python {platform.python_version()}). "
        "Ratios are of one run on one machine; compare them, not the seconds.\n\n" + "\n".join(table) + "\n\n"
        "To have it again: `make bench`; a part alone: `python -m infra.bench --only loading building`.\n"
        "What each line measures, and how, stands in `infra/bench/README.md`.\n",
        encoding="utf-8",
    )


def main() -> None:
    """Measure, print, and write the report when everything was measured."""
    parser = argparse.ArgumentParser(prog="python -m infra.bench", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="parts to measure")
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the orders file")
    options = parser.parse_args()
    # an end from outside takes the servers and their folders along, as Ctrl-C does
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    console = Console()
    lines = []
    for line in measurements(tuple(options.only), options.rows):
        console.print(f"{line.what}: {line.value}", style="dim")
        lines.append(line)
    print_table(lines, console)
    if set(options.only) == set(PARTS):
        write_report(lines, REPORT)
        console.print(f"written to {REPORT.relative_to(PROJECT_ROOT)}")


if __name__ == "__main__":
    main()
