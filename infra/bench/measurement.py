"""One line of the table, and a child process whose memory is taken."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tradewind.settings import PROJECT_ROOT


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
            [sys.executable, "-m", module, *arguments],
            cwd=PROJECT_ROOT,
            env={**os.environ, **environment, "PYTHONPATH": "dags:."},
            stdout=output,
            stderr=errors,
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        if process.returncode:
            raise BenchError(f"{module} failed:\n" + "\n".join(errors.read().splitlines()[-15:]))
        return output.read(), usage.ru_maxrss
