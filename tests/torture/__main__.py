"""`python -m tests.torture --kills 500` strikes the loader alone, `--airflow` Airflow's load task: a long
run, in a folder of its own, its table printed.
"""

from __future__ import annotations

import argparse
import random
import secrets
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.torture.airflow_runner import airflow_chamber
from tests.torture.runner import Report, torture_chamber


def main() -> int:
    """Run, print, and fail when the checker found something or the run was not aimed."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--kills", type=int, default=500, help="how many strikes at the loader alone")
    parser.add_argument(
        "--airflow",
        action="store_true",
        help="strike Airflow's task, worker and scheduler at every point instead",
    )
    parser.add_argument("--seed", type=int, default=None, help="repeat a run's strikes and files")
    arguments = parser.parse_args()
    seed = secrets.randbelow(1 << 32) if arguments.seed is None else arguments.seed
    # the servers and the disk of this run end with it, by whatever signal
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tradewind-torture-") as folder:
        report = (
            strike_airflow(Path(folder), seed)
            if arguments.airflow
            else strike_loader(Path(folder), seed, arguments.kills)
        )
    sys.stdout.write(f"{report}\n{time.monotonic() - started:.0f} s\n")
    report.require_aim()
    return 1 if report.findings else 0


def strike_loader(folder: Path, seed: int, count: int) -> Report:
    """Strike the loader, its sessions, its server and its disk."""
    with torture_chamber(folder / "state") as torture:
        if torture.disk is None:
            sys.stdout.write("fill_disk is left out: this process may not mount a disk of its own\n")
        return torture.run(seed, count=count)


def strike_airflow(folder: Path, seed: int) -> Report:
    """Strike the load task of a whole stack."""
    with airflow_chamber(folder, random.Random(seed)) as torture:
        return torture.run(seed)


if __name__ == "__main__":
    sys.exit(main())
