"""`python -m tests.torture --kills 500`: a long run, in a folder of its own, its table printed."""

from __future__ import annotations

import argparse
import secrets
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.torture.runner import torture_chamber


def main() -> int:
    """Run, print, and fail when the checker found something or the run was not aimed."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--kills", type=int, default=500, help="how many strikes")
    parser.add_argument("--seed", type=int, default=None, help="repeat a run's strikes and files")
    arguments = parser.parse_args()
    seed = secrets.randbelow(1 << 32) if arguments.seed is None else arguments.seed
    # the server and the disk of this run end with it, by whatever signal
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    started = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="tradewind-torture-") as folder,
        torture_chamber(Path(folder) / "state") as torture,
    ):
        if torture.disk is None:
            sys.stdout.write("fill_disk is left out: this process may not mount a disk of its own\n")
        report = torture.run(seed, count=arguments.kills)
    sys.stdout.write(f"{report}\n{time.monotonic() - started:.0f} s\n")
    report.require_aim()
    return 1 if report.findings else 0


if __name__ == "__main__":
    sys.exit(main())
