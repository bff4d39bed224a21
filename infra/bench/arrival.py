"""(c) Seconds from a file's arrival in landing to its number in the marts, with the stack running."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal

import psycopg

from infra.bench.measurement import BenchError, Measurement
from infra.bench.warehouse import BenchWarehouse
from tradewind.settings import PROJECT_ROOT, Settings
from tradewind.warehouse import Role, WarehouseNotReadyError, connect

GROUP = "Arrival"
REPEATS = 5
AIM = 10
START_PATIENCE_SECONDS = 900
ARRIVAL_PATIENCE_SECONDS = 120
# the day after the demo company's last
FIRST_DAY = date(2026, 10, 1)
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
GROSS_SALES = """
select coalesce(sum(numerator), 0) from marts.fct_metric_daily
where metric_id = 'ops_gross_merchandise_value' and definition_code = 'gross_sales'
    and store_id = 'lumen-trade' and business_date = %s
"""


def measure(warehouse: BenchWarehouse) -> Iterator[Measurement]:
    """Drop one-line files of new days, one after the other; the first warms up and is not counted."""
    seconds = [_arrive(warehouse.settings, FIRST_DAY + timedelta(days=n)) for n in range(REPEATS + 1)][1:]
    settle = warehouse.settings.settle_seconds
    yield Measurement(
        GROUP,
        f"file in landing to number in marts, median of {REPEATS} ({settle:.0f} s of it settling)",
        f"{statistics.median(seconds):.1f} s (slowest {max(seconds):.1f} s)",
        "",
        f"under {AIM} s",
    )


@contextmanager
def running_stack(warehouse: BenchWarehouse) -> Iterator[float]:
    """`make run` on the demo company; gives the seconds to the first publication, and ends it."""
    settings = warehouse.settings
    settings.state_dir.mkdir(parents=True, exist_ok=True)
    log_file = settings.state_dir / "bench_stack.log"
    began = time.monotonic()
    with log_file.open("w") as log:
        stack = subprocess.Popen(
            [sys.executable, "-m", "infra.stack", "run", "--end-with-parent"],
            cwd=PROJECT_ROOT,
            env={**os.environ, **warehouse.environment, "PYTHONPATH": "dags:."},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        while not _is_published(settings):
            if stack.poll() is not None or time.monotonic() > began + START_PATIENCE_SECONDS:
                end = "\n".join(log_file.read_text().splitlines()[-15:])
                raise BenchError(f"the stack published nothing; it said last:\n{end}")
            time.sleep(0.5)
        yield time.monotonic() - began
    finally:
        stack.send_signal(signal.SIGINT)
        stack.wait(timeout=60)


def _is_published(settings: Settings) -> bool:
    try:
        with connect(Role.APP, settings) as connection:
            row = connection.execute(
                "select count(*) from ops.publication where state = 'published'"
            ).fetchone()
    except (WarehouseNotReadyError, psycopg.Error):
        return False
    return bool(row and row[0])


def _arrive(settings: Settings, day: date) -> float:
    """Seconds until the day has the sales of its file."""
    unfinished = settings.state_dir / "arriving.csv"
    unfinished.write_text(f"{HEADER}{day:%y%m%d},LH-TL-001,LAMP,1,{day} 10:00:00,111.11,,United Kingdom\n")
    with connect(Role.APP, settings, autocommit=True) as connection:
        began = time.monotonic()
        unfinished.replace(settings.landing / "store=lumen-trade" / f"{day}.csv")
        while _gross_sales(connection, day) == 0:
            if time.monotonic() > began + ARRIVAL_PATIENCE_SECONDS:
                raise BenchError(f"the file of {day} is not in the marts after {ARRIVAL_PATIENCE_SECONDS} s")
            time.sleep(0.05)
        return time.monotonic() - began


def _gross_sales(connection: psycopg.Connection, day: date) -> Decimal:
    row = connection.execute(GROSS_SALES, [day]).fetchone()
    return row[0] if row else Decimal(0)
