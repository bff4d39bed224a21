"""(a) Loading a large orders file beside a raw COPY of the same bytes."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

from infra.bench.measurement import BenchError, Measurement, run_module
from infra.bench.orders import COLUMNS, PERSONS, write_orders
from infra.bench.warehouse import BenchWarehouse
from tradewind.landing import load_files
from tradewind.settings import Settings, get_settings
from tradewind.warehouse import Role, connect

GROUP = "Loading"
REPEATS = 3
STORE = "bench"
AIM = 0.5
FEW_PERSONS = 1000


def measure(warehouse: BenchWarehouse, rows: int) -> Iterator[Measurement]:
    """Load `rows` orders three ways, and orders of fewer and of more persons, in turn and several times;
    ratios are of the medians.
    """
    seconds: dict[str, list[float]] = {"server": [], "client": [], "loader": [], "few": [], "each": []}
    beginnings: list[float] = []
    memory = 0
    for repeat in range(REPEATS):
        path = orders_file(warehouse.settings, repeat)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_orders(path, rows, first_number=1 + repeat * rows)
        seconds["server"].append(_copy_by_server(warehouse.settings, path))
        seconds["client"].append(_copy_by_client(warehouse.settings, path))
        loaded, _, resident = _load(warehouse, path, rows)
        seconds["loader"].append(loaded)
        memory = max(memory, resident)
        megabytes = path.stat().st_size / 1e6
        if repeat:
            _take_out(warehouse.settings, path)
        for name, persons in (("few", FEW_PERSONS), ("each", None)):
            other = path.with_name(f"{name}_{path.name}")
            write_orders(other, rows, first_number=1 + repeat * rows, persons=persons)
            loaded, beginning, resident = _load(warehouse, other, rows)
            seconds[name].append(loaded)
            beginnings.append(beginning)
            memory = max(memory, resident)
            _take_out(warehouse.settings, other)
    planner, key = _finish(warehouse.settings)
    server, client, loader, few, each = (statistics.median(values) for values in seconds.values())
    file = f"{rows:,} rows, {len(COLUMNS.split(','))} columns, {megabytes:.0f} MB"
    yield Measurement(GROUP, f"server-side COPY, unindexed text table ({file})", _rate(rows, server), "1.00")
    yield Measurement(GROUP, "psycopg COPY of the same bytes", _rate(rows, client), f"{server / client:.2f}")
    yield Measurement(
        GROUP, "load_files: recognised, hashed, checked, ledger, keyed table;"
        f" one personal column, {PERSONS:,} persons",
        _rate(rows, loader), f"{server / loader:.2f}", f"at least {AIM}",
    )  # fmt: skip
    yield Measurement(
        GROUP, f"the same with {FEW_PERSONS:,} persons", _rate(rows, few), f"{server / few:.2f}"
    )
    yield Measurement(GROUP, "the same with a person a row", _rate(rows, each), f"{server / each:.2f}")
    yield Measurement(
        GROUP, "what each of these began with, left out of them: contracts, raw tables",
        f"{statistics.median(beginnings):.1f} s",
    )  # fmt: skip
    yield Measurement(
        GROUP, "what all these left to the next build: statistics and page ranges; the key of originals",
        f"{planner:.1f} s; {key:.1f} s",
    )  # fmt: skip
    yield Measurement(GROUP, "peak memory of the loading process", f"{memory / 1024:,.0f} MB")


def orders_file(settings: Settings, repeat: int) -> Path:
    """Where the file of a repetition lies in landing."""
    return settings.landing / f"store={STORE}" / f"orders_{repeat}.csv"


def _rate(rows: int, seconds: float) -> str:
    return f"{rows / seconds:,.0f} rows/s ({seconds:.1f} s)"


def _copy_by_server(settings: Settings, path: Path) -> float:
    with connect(Role.ADMIN, settings, autocommit=True) as connection:
        _new_text_table(connection)
        # the server has a user of its own
        path.chmod(0o644)
        started = time.perf_counter()
        connection.execute(
            sql.SQL("copy public.bench from {} (format csv, header)").format(sql.Literal(str(path)))
        )
        return time.perf_counter() - started


def _copy_by_client(settings: Settings, path: Path) -> float:
    with connect(Role.ADMIN, settings, autocommit=True) as connection:
        _new_text_table(connection)
        started = time.perf_counter()
        with (
            path.open("rb") as file,
            connection.cursor() as cursor,
            cursor.copy("copy public.bench from stdin (format csv, header)") as copy,
        ):
            while block := file.read(1 << 20):
                copy.write(block)
        return time.perf_counter() - started


def _new_text_table(connection: psycopg.Connection) -> None:
    columns = sql.SQL(", ").join(
        sql.SQL("{} text").format(sql.Identifier(name)) for name in COLUMNS.split(",")
    )
    connection.execute("drop table if exists public.bench")
    connection.execute(sql.SQL("create table public.bench ({})").format(columns))
    connection.execute("checkpoint")


def _load(warehouse: BenchWarehouse, path: Path, rows: int) -> tuple[float, float, int]:
    """Seconds of loading and of what comes before any file, and the peak kilobytes of the process."""
    with connect(Role.ADMIN, warehouse.settings, autocommit=True) as connection:
        connection.execute("drop table if exists public.bench")
        connection.execute("checkpoint")
    output, resident = run_module("infra.bench.loading", [str(path)], warehouse.environment)
    loaded, beginning, seconds = output.split()[-3:]
    if int(loaded) != rows:
        raise BenchError(f"{loaded} of {rows} rows of {path.name} were loaded")
    return float(seconds), float(beginning), resident


def _finish(settings: Settings) -> tuple[float, float]:
    """Seconds of each part of what loads leave to the build."""
    seconds = []
    with connect(Role.BUILDER, settings, autocommit=True) as connection:
        for statement in ("select ops.analyze_raw('shopify_orders')", "select ops.merge_originals()"):
            started = time.perf_counter()
            connection.execute(statement)
            seconds.append(time.perf_counter() - started)
    return seconds[0], seconds[1]


def _take_out(settings: Settings, path: Path) -> None:
    """Take a file and its rows out, so that each load begins with the table as large."""
    path.unlink()
    with connect(Role.ADMIN, settings) as connection:
        rows = connection.execute("select load_id from ops.load where file_name = %s", [path.name])
        ids = [load_id for (load_id,) in rows]
        connection.execute("delete from raw.shopify_orders where load_id = any(%s)", [ids])
        connection.execute("delete from ops.load where load_id = any(%s)", [ids])
        connection.commit()
        connection.autocommit = True
        connection.execute("vacuum raw.shopify_orders")


if __name__ == "__main__":
    began = time.perf_counter()
    # contracts and raw tables, which cost the same however much comes
    load_files([], get_settings())
    ready = time.perf_counter()
    [result] = load_files([Path(sys.argv[1])], get_settings())
    print(result.records_loaded, ready - began, time.perf_counter() - ready)
