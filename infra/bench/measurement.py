"""One line of the table, and a child process whose memory is taken."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tradewind.settings import PROJECT_ROOT

# starts what its arguments say, and writes the peak resident kilobytes of that process behind its output
LAUNCH = """
import os, sys
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(pid, 0)
print(usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status) and 1)
"""


@dataclass(frozen=True)
class Measurement:
    """A line: what was measured, the number with its unit, its ratio to what it is beside, and the aim."""

    group: str
    what: str
    value: str
    ratio: str = ""
    aim: str = ""


class BenchError(RuntimeError):
    """A measurement could not be made; the message says why."""


def run_module(module: str, arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[str, int]:
    """Run `python -m module` to its end: its standard output, and its peak resident kilobytes.

    Raises:
        BenchError: it failed; the message holds the end of its error stream.
    """
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            # a process counts the memory of the one that it was forked from as its own: this one is small
            [sys.executable, "-c", LAUNCH, sys.executable, "-m", module, *arguments],
            cwd=PROJECT_ROOT,
            env={**os.environ, **environment, "PYTHONPATH": "dags:."},
            stdout=output,
            stderr=errors,
        )
        failed = process.wait()
        output.seek(0)
        errors.seek(0)
        if failed:
            raise BenchError(f"{module} failed:\n" + "\n".join(errors.read().splitlines()[-15:]))
        *lines, kilobytes = output.read().splitlines()
        return "\n".join(lines), int(kilobytes)
