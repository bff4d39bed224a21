"""(c) The memory of loading a file far larger than memory should be, and of one without line ends."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

from infra.bench.measurement import BenchError, Measurement, run_module
from infra.bench.orders import write_orders
from infra.bench.warehouse import BenchWarehouse
from tradewind.landing import load_files
from tradewind.settings import get_settings

GROUP = "Large files"
# with a million orders 5.3 GB, and a line of 1 GB
TIMES = 20
LINE_BYTES_PER_ROW = 1000
AIM = "under 512 MB"


def measure(warehouse: BenchWarehouse, rows: int) -> Iterator[Measurement]:
    """Load `rows` orders many times over as one file; then a file of one line, which must be refused."""
    folder = warehouse.settings.landing / "store=large"
    folder.mkdir(parents=True)
    path = folder / "orders.csv"
    _write_many(path, rows)
    gigabytes = path.stat().st_size / 1e9
    outcome, seconds, resident = _load(warehouse, path)
    if outcome != f"loaded:{rows * TIMES}":
        raise BenchError(f"{path.name} was {outcome}")
    yield Measurement(
        GROUP, f"loading a CSV of {gigabytes:.1f} GB, {rows * TIMES:,} rows", f"{resident / 1024:,.0f} MB",
        f"({seconds:.0f} s)", AIM,
    )  # fmt: skip
    path.unlink()
    path = folder / "one_line.csv"
    _write_line(path, rows * LINE_BYTES_PER_ROW)
    gigabytes = path.stat().st_size / 1e9
    outcome, seconds, resident = _load(warehouse, path)
    if not outcome.startswith("refused:"):
        raise BenchError(f"{path.name} was {outcome}")
    yield Measurement(
        GROUP, f"refusing a single line of {gigabytes:.1f} GB ({outcome.removeprefix('refused:')})",
        f"{resident / 1024:,.0f} MB", f"({seconds:.1f} s)", AIM,
    )  # fmt: skip


def _write_many(path: Path, rows: int) -> None:
    write_orders(path, rows)
    with path.open("rb") as file:
        file.readline()
        start, end = file.tell(), path.stat().st_size
        with path.open("ab") as out:
            for _ in range(TIMES - 1):
                file.seek(start)
                while block := file.read(min(1 << 20, end - file.tell())):
                    out.write(block)


def _write_line(path: Path, size: int) -> None:
    """A header that fits, and behind it a record that never ends."""
    write_orders(path, 1)
    with path.open("rb+") as file:
        file.truncate(path.stat().st_size - 1)
        file.seek(0, 2)
        for _ in range(size >> 20):
            file.write(b"x" * (1 << 20))


def _load(warehouse: BenchWarehouse, path: Path) -> tuple[str, float, int]:
    """The outcome, seconds inside `load_files`, and the peak kilobytes of its process."""
    output, resident = run_module("infra.bench.large", [str(path)], warehouse.environment)
    outcome, seconds = output.split()[-2:]
    return outcome, float(seconds), resident


if __name__ == "__main__":
    began = time.perf_counter()
    [result] = load_files([Path(sys.argv[1])], get_settings())
    told = result.records_loaded if result.state == "loaded" else result.reason_code
    print(f"{result.state}:{told}", time.perf_counter() - began)
