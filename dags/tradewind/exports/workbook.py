"""Workbooks: each visible sheet is written out as CSV by a child process with limits, and then read as any
CSV.

Some benign-looking workbooks take minutes or all memory to open, and that must not be the loader's end.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

from tradewind.exports.faults import RefusedFileError

MAX_SECONDS = 120
MAX_MEMORY_BYTES = 4 << 30
_CHILD = Path(__file__).with_name("workbook_child.py")


def write_sheets(workbook: Path, folder: Path) -> dict[str, Path]:
    """Write each visible sheet of a workbook into the folder; returns the CSV files by name of the sheet.

    Raises:
        RefusedFileError: the workbook cannot be read, or takes more time or memory than it may.
    """
    try:
        result = subprocess.run(  # noqa: S603  our own script, no shell
            [sys.executable, "-I", str(_CHILD), str(workbook), str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            timeout=MAX_SECONDS,
            check=False,
            preexec_fn=_limit,
        )
    except subprocess.TimeoutExpired as error:
        raise RefusedFileError("workbook_unreadable", fault="too_slow") from error
    if result.returncode:
        known = {3: "too_large", 4: "truncated"}
        raise RefusedFileError("workbook_unreadable", fault=known.get(result.returncode, "damaged"))
    return {name: folder / f"{number}.csv" for number, name in enumerate(result.stdout.splitlines())}


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
