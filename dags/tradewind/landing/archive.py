"""The archive: the bytes of every file of which something was loaded, under their own hash."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from tradewind.exports.source import raw_chunks
from tradewind.settings import Settings


def archived_file(sha256: str, settings: Settings) -> Path:
    """Where the archive has, or would have, these bytes."""
    return settings.archive / sha256[:2] / sha256


def keep(descriptor: int, sha256: str, settings: Settings) -> None:
    """Copy an open file into the archive, unless it is there; a copy cut short by a kill is never seen."""
    target = archived_file(sha256, settings)
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # personal values are in these bytes: mkstemp's files are their owner's alone
    handle, unfinished = tempfile.mkstemp(prefix=".", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            for chunk in raw_chunks(descriptor, 0):
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        Path(unfinished).replace(target)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
