"""Unpacking as the loader sees it: files that hold others, or tables, become plain files in a work folder."""

from __future__ import annotations

import codecs
import errno
import json
import re
import resource
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tradewind.exports.faults import Fault, RefusedFileError
from tradewind.unpacking.kinds import is_workbook
from tradewind.unpacking.limits import MAX_UNPACKED_BYTES
from tradewind.unpacking.protocol import NO_ROOM

MAX_SECONDS = 120
MAX_MEMORY_BYTES = 512 << 20
ZIP_MAGIC = b"PK\x03\x04"
EMPTY_ZIP_MAGIC = b"PK\x05\x06"
_PACKAGES = Path(__file__).parents[2]
_REASONS = {"json": "json_unreadable", "workbook": "workbook_unreadable", "zip": "archive_unreadable"}
# how a child ends that no longer could say what was wrong
_FAULTS_BY_SIGNAL = {
    -signal.SIGXCPU: "too_slow",
    -signal.SIGABRT: "too_much_memory",
    -signal.SIGXFSZ: "too_large",
}
# what is no fault of the file: by what a child says, the reason
_NO_FAULTS = {"no_records": "no_data_no_header", "error_answer": "json_error_answer"}


@dataclass(frozen=True)
class Part:
    """A file or a table out of another file."""

    name: str
    file: Path
    # a table is CSV of our own writing; any other part is a file as it was in the archive
    is_table: bool
    # records of the table that are no good, counted from 0; with the record where the table does not have it
    faults: dict[int, tuple[Fault, bytes | None]] = field(default_factory=dict)
    # of a table, by position: texts that are written like numbers, one of each form
    number_texts: dict[int, list[str]] = field(default_factory=dict)


def kind_of(file: Path, head: bytes) -> str | None:
    """`zip`, `workbook` or `json` by the first bytes, or None for what no child unpacks.

    Raises:
        RefusedFileError: it is a document of another program.
    """
    if head.startswith((ZIP_MAGIC, EMPTY_ZIP_MAGIC)):
        return "workbook" if is_workbook(file) else "zip"
    # a formatted text (RTF) has a brace in front too
    start = head[:4096]
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        start = start.decode("utf-16", "ignore").encode(errors="replace")
    if re.match(rb"(?:\xef\xbb\xbf)?\s*[\[{](?!\\rtf)", start):
        return "json"
    return None


def unpack(kind: str, file: Path, folder: Path) -> list[Part]:
    """The parts of a file, written into the folder by a child process with limits.

    Raises:
        RefusedFileError: it cannot be unpacked, or takes more time, memory or disk than it may.
        OSError: the disk of the folder is full.
    """
    code = _REASONS[kind]
    try:
        result = subprocess.run(  # noqa: S603  our own script, no shell
            [sys.executable, "-P", "-s", "-m", "tradewind.unpacking.child", kind, str(file), str(folder)],
            env={"PYTHONPATH": str(_PACKAGES)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            timeout=MAX_SECONDS,
            check=False,
            preexec_fn=_limit,
        )
    except subprocess.TimeoutExpired as error:
        raise RefusedFileError(code, fault="too_slow") from error
    if result.returncode == NO_ROOM:
        raise OSError(errno.ENOSPC, f"no room to unpack a file in {folder.parent}")
    messages = [json.loads(line) for line in result.stdout.splitlines()]
    for message in messages:
        if fault := message.pop("refused", None):
            if fault in _NO_FAULTS:
                raise RefusedFileError(_NO_FAULTS[fault])
            raise RefusedFileError("json_not_standard" if message else code, fault=fault, **message)
    if result.returncode:
        raise RefusedFileError(code, fault=_FAULTS_BY_SIGNAL.get(result.returncode, "damaged"))
    return [_part(folder, **message) for message in messages]


def _part(folder: Path, *, name: str, file: str, is_table: bool, number_texts: dict[str, list[str]]) -> Part:
    path = folder / file
    faults: dict[int, tuple[Fault, bytes | None]] = {}
    if is_table:
        known: dict[tuple[str, tuple[int, ...]], Fault] = {}
        with path.with_suffix(".faults").open(encoding="utf-8") as lines:
            for line in lines:
                row, code, raw, cells = json.loads(line)
                kind = code, tuple(cells)
                if kind not in known:
                    known[kind] = Fault(code, parameters={"cells": cells} if cells else {})
                faults[row] = (known[kind], raw.encode() if raw is not None else None)
    texts = {int(position): found for position, found in number_texts.items()}
    return Part(name, path, is_table, faults, texts)


def _limit() -> None:
    for limit, value in (
        (resource.RLIMIT_AS, MAX_MEMORY_BYTES),
        (resource.RLIMIT_CPU, MAX_SECONDS),
        (resource.RLIMIT_FSIZE, MAX_UNPACKED_BYTES),
    ):
        resource.setrlimit(limit, (value, value))
