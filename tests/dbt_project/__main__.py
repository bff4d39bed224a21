"""`python -m tests.dbt_project --orders 100`: files in many orders give the same marts."""

from __future__ import annotations

import argparse
import secrets
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.dbt_project.orders import FILES, Step, differences, marts_after, random_orders
from tests.warehouses import own_warehouse
from tradewind.landing import ensure_raw_tables


def main() -> int:
    """Build each order, print those whose marts differ, and fail when there are any."""
    parser = argparse.ArgumentParser(prog="python -m tests.dbt_project", description=__doc__)
    parser.add_argument("--orders", type=int, default=100, help="how many orders")
    parser.add_argument("--seed", type=int, default=None, help="repeat a run's orders")
    arguments = parser.parse_args()
    seed = secrets.randbelow(1 << 32) if arguments.seed is None else arguments.seed
    # the server of this run ends with it, by whatever signal
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    started = time.monotonic()
    builds = different = 0
    with (
        tempfile.TemporaryDirectory(prefix="tradewind-orders-") as folder,
        own_warehouse(Path(folder)) as settings,
    ):
        ensure_raw_tables(settings)
        expected = marts_after(settings, [Step(FILES)])
        for number, steps in enumerate(random_orders(seed, arguments.orders)):
            builds += len(steps)
            tables = differences(marts_after(settings, steps), expected)
            if tables:
                different += 1
                order = " ".join(map(str, steps))
                sys.stdout.write(f"order {number} of seed {seed}: {', '.join(tables)} differ\n{order}\n")
    sys.stdout.write(
        f"seed {seed}: {arguments.orders} orders of {len(FILES)} files in {builds} builds;"
        f" {different} of them differ in one of {len(expected)} tables\n{time.monotonic() - started:.0f} s\n"
    )
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
