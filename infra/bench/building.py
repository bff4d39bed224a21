"""(b) The first build of a warehouse of many orders, and the build of one more day."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import timedelta

from infra.bench.loading import STORE
from infra.bench.measurement import BenchError, Measurement, run_module
from infra.bench.orders import DAYS, FIRST_DAY, write_orders
from infra.bench.warehouse import BenchWarehouse
from tradewind.building import parse_ahead
from tradewind.landing import load_files, scan
from tradewind.pipeline import build_and_publish
from tradewind.reference.ecb_rates import write_ecb_rates
from tradewind.settings import Settings, get_settings

GROUP = "Building"
INCREMENTS = 3
AIM = 0.1
STORES = (
    "store_id,store_name,platform,country,timezone,currency,opened_on\n"
    f"{STORE},Bench,shopify,US,America/New_York,USD,2020-01-01\n"
)


def measure(warehouse: BenchWarehouse, rows: int) -> Iterator[Measurement]:
    """Build what `loading` left there, then a few days one by one; load and build times are told apart."""
    output, resident = run_module("infra.bench.building", [str(rows)], warehouse.environment)
    times = json.loads(output.splitlines()[-1])
    first, increment = times["first"], statistics.median(times["increments"])
    days = f"{rows // DAYS:,} orders"
    yield Measurement(
        GROUP, f"first build to publication, {rows:,} orders of {DAYS} days", f"{first:.1f} s", "1.00"
    )
    yield Measurement(
        GROUP,
        f"one more day to publication, {days}",
        f"{increment:.1f} s",
        f"{increment / first:.3f}",
        f"under {AIM}",
    )
    yield Measurement(GROUP, "peak memory of the building process", f"{resident / 1024:,.0f} MB")


def _build(settings: Settings) -> float:
    began = time.perf_counter()
    outcome = build_and_publish(settings)
    seconds = time.perf_counter() - began
    if outcome.state != "published":
        raise BenchError(f"the build was not published: {outcome.reason or outcome.state}")
    return seconds


def _first_and_increments(settings: Settings, rows: int) -> dict[str, object]:
    write_ecb_rates(settings.landing / "reference" / "ecb_exchange_rates.csv")
    (settings.landing / "stores.csv").write_text(STORES)
    load_files(scan(settings), settings)
    parse_ahead(settings)  # as the stack does at its start
    first = _build(settings)
    increments = []
    for n in range(INCREMENTS):
        path = settings.landing / f"store={STORE}" / f"day_{n}.csv"
        day = FIRST_DAY + timedelta(days=DAYS + n)
        write_orders(path, rows // DAYS, first_number=100_000_000 + n * rows, first_day=day, days=1)
        load_files([path], settings)
        increments.append(_build(settings))
    return {"first": first, "increments": increments}


if __name__ == "__main__":
    print(json.dumps(_first_and_increments(get_settings(), int(sys.argv[1]))))
