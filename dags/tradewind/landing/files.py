"""Files as they lie in landing: which count, whether they are settled, their hash and their path in the
ledger.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tradewind.exports.source import raw_chunks
from tradewind.settings import Settings

NO_BYTES = hashlib.sha256(b"").hexdigest()
# the ledger's index takes no more than 2,704 bytes, and names of parts come behind
MAX_PATH_BYTES = 1200
_TEMPORARY_SUFFIXES = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".swp", "~")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Stamp:
    """What tells one version of a file from another without reading it."""

    size: int
    modified_at: datetime

    @classmethod
    def of(cls, status: os.stat_result) -> Stamp:
        """The stamp of a file's status, to the microsecond, as Postgres keeps it."""
        return cls(status.st_size, _EPOCH + timedelta(microseconds=status.st_mtime_ns // 1000))

    @property
    def microseconds(self) -> int:
        """The time of the last change since 1970, whole."""
        return (self.modified_at - _EPOCH) // timedelta(microseconds=1)


def is_temporary(name: str) -> bool:
    """Whether a name is that of a hidden file or of a download under way."""
    return name.startswith((".", "~$")) or name.lower().endswith(_TEMPORARY_SUFFIXES)


def walk(landing: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """All entries of landing that may be exports, with their own status; links are not followed."""
    for folder, folders, names in os.walk(landing):
        folders[:] = sorted(name for name in folders if not is_temporary(name))
        for name in sorted(names):
            path = Path(folder, name)
            try:
                status = path.lstat()
            except FileNotFoundError:
                continue
            if not is_temporary(name):
                yield path, status


def is_settled(status: os.stat_result, settings: Settings) -> bool:
    """Whether the last change lies `settle_seconds` back; a change in the future says nothing of when it
    was.
    """
    age = time.time() - max(status.st_mtime, status.st_ctime)
    return age >= settings.settle_seconds or age < 0


def wait_until_settled(descriptor: int, settings: Settings) -> bool:
    """Give a young file its time; whether it stayed the same."""
    before = os.fstat(descriptor)
    if not is_settled(before, settings):
        time.sleep(settings.settle_seconds)
    return Stamp.of(os.fstat(descriptor)) == Stamp.of(before)


def ledger_path(path: Path, settings: Settings) -> str:
    """The path relative to landing, or absolute outside it; a very long one ends in the hash of itself."""
    absolute, landing = _absolute(path), _absolute(settings.landing)
    text = str(absolute.relative_to(landing) if absolute.is_relative_to(landing) else absolute)
    whole = os.fsencode(text)
    if len(whole) <= MAX_PATH_BYTES:
        return text
    return f"{os.fsdecode(whole[:MAX_PATH_BYTES])}…{hashlib.sha256(whole).hexdigest()}"


def leads_out(path: Path, settings: Settings) -> bool:
    """Whether a path of the landing folder leads elsewhere through a linked folder."""
    landing = settings.landing
    if not _absolute(path).is_relative_to(_absolute(landing)):
        return False
    return not path.parent.resolve().is_relative_to(landing.resolve())


def _absolute(path: Path) -> Path:
    # not resolve(): a link is judged where it lies, not where it leads
    return Path(os.path.abspath(path))  # noqa: PTH100


def sha256_of(descriptor: int) -> str:
    """The hash of a file's bytes."""
    digest = hashlib.sha256()
    for chunk in raw_chunks(descriptor, 0):
        digest.update(chunk)
    return digest.hexdigest()
