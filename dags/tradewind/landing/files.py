"""Files as they lie in landing: which count, whether they are settled, their hash and their path in the
ledger.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
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
# a day from the calendar's ends, so that no time zone leads out of it
_OLDEST = datetime(1, 1, 2, tzinfo=UTC)
_NEWEST = datetime(9999, 12, 30, tzinfo=UTC)
# what `text_of` writes for a byte, with or without what makes it a proper one
_ESCAPED = re.compile(rb"\\(?=x[0-9a-f]{2})")


@dataclass(frozen=True)
class Stamp:
    """What tells one version of a file from another without reading it."""

    size: int
    modified_at: datetime

    @classmethod
    def of(cls, status: os.stat_result) -> Stamp:
        """The stamp of a file's status, to the microsecond, as Postgres keeps it.

        A time that no calendar has, as a broken clock leaves it, is the nearest that one has.
        """
        microseconds = status.st_mtime_ns // 1000
        try:
            modified_at = min(max(_EPOCH + timedelta(microseconds=microseconds), _OLDEST), _NEWEST)
        except OverflowError:
            modified_at = _OLDEST if microseconds < 0 else _NEWEST
        return cls(status.st_size, modified_at)

    @property
    def microseconds(self) -> int:
        """The time of the last change since 1970, whole."""
        return (self.modified_at - _EPOCH) // timedelta(microseconds=1)


def is_temporary(name: str) -> bool:
    """Whether a name is that of a hidden file or of a download under way."""
    return name.startswith((".", "~$")) or name.lower().endswith(_TEMPORARY_SUFFIXES)


def walk(landing: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """All entries of landing that may be exports, with their own status.

    A linked folder is not followed, and one that may not be read is not looked into: each is an entry itself,
    so that the loader says what is wrong with it.

    Raises:
        OSError: the landing folder is there and cannot be read.
    """
    unread: list[OSError] = []
    for folder, folders, names in os.walk(landing, onerror=unread.append):
        linked = [name for name in folders if Path(folder, name).is_symlink()]
        folders[:] = sorted(name for name in folders if not is_temporary(name) and name not in linked)
        for name in sorted([*names, *linked]):
            if not is_temporary(name) and (status := _status(Path(folder, name))):
                yield Path(folder, name), status
    for error in unread:
        path = Path(error.filename)
        if path == landing and not isinstance(error, FileNotFoundError):
            raise error
        if (status := _status(path)) and stat.S_ISDIR(status.st_mode):
            yield path, status


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except OSError:
        # gone, or out of reach
        return None


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


def text_of(name: str) -> str:
    """The text of a file's name: itself, with `\\xNN` for each byte that is not UTF-8.

    Two names never have one text: a name that itself holds `\\xNN` has `\\x5c` for that backslash.
    """
    raw = _ESCAPED.sub(rb"\\x5c", os.fsencode(name))
    return raw.decode("utf-8", "backslashreplace")


def ledger_path(path: Path, settings: Settings) -> str:
    """The text of the path relative to landing, or absolute outside it; a very long one ends in a hash.

    Two files never have one path.
    """
    absolute, landing = _absolute(path), _absolute(settings.landing)
    name = str(absolute.relative_to(landing) if absolute.is_relative_to(landing) else absolute)
    text = text_of(name).encode()
    if len(text) <= MAX_PATH_BYTES:
        return text.decode()
    # it is longer than any text that was not cut, so it is the text of no other path
    return f"{text[:MAX_PATH_BYTES].decode(errors='ignore')}…{hashlib.sha256(os.fsencode(name)).hexdigest()}"


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
