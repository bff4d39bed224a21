"""(b) Loading the same rows as CSV, gzip, XLSX and JSON beside a bare parse of each and COPY; small files."""

from __future__ import annotations

import csv
import gzip
import json
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

from infra.bench.measurement import BenchError, Measurement, run_module
from infra.bench.warehouse import BenchWarehouse
from infra.demo.exports.workbook import workbook_bytes
from tradewind.landing import load_files
from tradewind.settings import Settings, get_settings
from tradewind.warehouse import Role, connect

GROUP = "Formats"
# a JSON document is limited to 64 MB, a worksheet to 1,048,575 rows
MAX_ROWS = 400_000
SMALL_FILES = 10_000
# exchange rates come as a table, as a workbook and as a document alike
COLUMNS = ("rate_date", "currency", "units_per_eur", "source")
FIRST_DAY = date(2000, 1, 1)


def measure(warehouse: BenchWarehouse, rows: int, small_files: int = SMALL_FILES) -> Iterator[Measurement]:
    """Each format in turn: COPY and bare parse of its bytes, then `load_files` in a process of its own."""
    rows = min(rows, MAX_ROWS)
    folder = warehouse.settings.landing / "store=formats"
    folder.mkdir(parents=True, exist_ok=True)
    for position, (name, write) in enumerate(WRITERS.items()):
        path = folder / f"rates.{name}"
        table = _rows(rows, position)
        write(path, table)
        parsed = _seconds(PARSERS[name], path)
        if name == "csv":
            copied = _seconds(lambda file: _copy(warehouse.settings, file), path)
            yield Measurement(GROUP, f"COPY of the CSV ({_size(path, rows)})", _rate(rows, copied))
        loaded, resident, _ = _load(warehouse, [path], rows)
        yield Measurement(GROUP, f"bare parse of {name} ({_size(path, rows)})", _rate(rows, parsed), "1.00")
        yield Measurement(
            GROUP, f"load_files of {name}, {resident / 1024:,.0f} MB at its peak", _rate(rows, loaded),
            f"{parsed / loaded:.3f}",
        )  # fmt: skip
    small = folder / "small"
    small.mkdir()
    for number, row in enumerate(_rows(small_files, len(WRITERS))):
        _write_csv(small / f"{number}.csv", [row])
    loaded, resident, processor = _load(warehouse, [small], small_files)
    yield Measurement(
        GROUP, f"{small_files:,} files of one row, {resident / 1024:,.0f} MB at its peak,"
        f" {processor / small_files * 1000:.1f} ms of the loader's processor for one",
        f"{small_files / loaded:,.0f} files/s ({loaded:.1f} s)",
    )  # fmt: skip


def _rows(count: int, position: int) -> list[tuple[str, str, str, str]]:
    """As many rates; those of another position are others, for the same bytes would not be loaded again."""
    days = [(FIRST_DAY + timedelta(days=number)).isoformat() for number in range(9000)]
    return [
        (days[number % 9000], "USD", f"{position + 1}.{number:06}", f"bank {number % 97}")
        for number in range(count)
    ]


def _write_csv(path: Path, rows: list[tuple[str, str, str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *rows])


def _write_gzip(path: Path, rows: list[tuple[str, str, str, str]]) -> None:
    _write_csv(path, rows)
    path.write_bytes(gzip.compress(path.read_bytes(), 6))


def _write_workbook(path: Path, rows: list[tuple[str, str, str, str]]) -> None:
    path.write_bytes(workbook_bytes("Rates", [COLUMNS, *rows]))


def _write_document(path: Path, rows: list[tuple[str, str, str, str]]) -> None:
    path.write_text(json.dumps([dict(zip(COLUMNS, row, strict=True)) for row in rows]))


def _write_lines(path: Path, rows: list[tuple[str, str, str, str]]) -> None:
    path.write_text("".join(json.dumps(dict(zip(COLUMNS, row, strict=True))) + "\n" for row in rows))


def _parse_csv(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        for _ in csv.reader(file):
            pass


def _parse_workbook(path: Path) -> None:
    from python_calamine import CalamineWorkbook

    for _ in CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).iter_rows():
        pass


def _parse_lines(path: Path) -> None:
    with path.open(encoding="utf-8") as file:
        for line in file:
            json.loads(line)


WRITERS: dict[str, Callable[[Path, list[tuple[str, str, str, str]]], None]] = {
    "csv": _write_csv,
    "csv.gz": _write_gzip,
    "xlsx": _write_workbook,
    "json": _write_document,
    "jsonl": _write_lines,
}
PARSERS: dict[str, Callable[[Path], object]] = {
    "csv": _parse_csv,
    "csv.gz": lambda path: zlib.decompress(path.read_bytes(), 31),
    "xlsx": _parse_workbook,
    "json": lambda path: json.loads(path.read_bytes()),
    "jsonl": _parse_lines,
}


def _copy(settings: Settings, path: Path) -> None:
    with connect(Role.ADMIN, settings) as connection:
        connection.execute("create temporary table rates (a text, b text, c text, d text)")
        with (
            path.open("rb") as file,
            connection.cursor() as cursor,
            cursor.copy("copy rates from stdin (format csv, header)") as copy,
        ):
            while block := file.read(1 << 20):
                copy.write(block)


def _seconds(work: Callable[[Path], object], path: Path) -> float:
    began = time.perf_counter()
    work(path)
    return time.perf_counter() - began


def _load(warehouse: BenchWarehouse, paths: list[Path], rows: int) -> tuple[float, int, float]:
    """Seconds inside `load_files`, the peak kilobytes of its process or of the one that unpacked, and seconds
    of processor time of the former.
    """
    output, resident = run_module("infra.bench.formats", [str(path) for path in paths], warehouse.environment)
    loaded, seconds, unpacking, processor = output.split()[-4:]
    if int(loaded) != rows:
        raise BenchError(f"{loaded} of {rows} rows of {paths[0].name} were loaded")
    return float(seconds), max(resident, int(unpacking)), float(processor)


def _size(path: Path, rows: int) -> str:
    return f"{rows:,} rows, {path.stat().st_size / 1e6:.1f} MB"


def _rate(rows: int, seconds: float) -> str:
    return f"{rows / seconds:,.0f} rows/s ({seconds:.1f} s)"


if __name__ == "__main__":
    import resource

    named = [Path(argument) for argument in sys.argv[1:]]
    files = [file for path in named for file in (sorted(path.iterdir()) if path.is_dir() else [path])]
    # contracts and raw tables, which cost the same however much comes
    load_files([], get_settings())
    started, used = time.perf_counter(), time.process_time()
    results = load_files(files, get_settings())
    took, used = time.perf_counter() - started, time.process_time() - used
    count = sum(result.records_loaded for result in results)
    print(count, took, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, used)
