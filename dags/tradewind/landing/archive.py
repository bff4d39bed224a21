"""The archive: the bytes of every file of which something was loaded, under their own hash."""

from __future__ import annotations

import ctypes
import hashlib
import os
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tradewind.exports.source import raw_chunks
from tradewind.settings import Settings

# a copy that was not touched for so long is one that a kill has cut short
LEFT_AFTER_SECONDS = 24 * 3600


class BytesChangedError(Exception):
    """The bytes of a file are no longer those of the hash that they were to be kept under."""


def archived_file(sha256: str, settings: Settings) -> Path:
    """Where the archive has, or would have, these bytes."""
    return settings.archive / sha256[:2] / sha256


def keep(descriptor: int, sha256: str, settings: Settings) -> None:
    """Copy an open file into the archive, unless it is there; a copy cut short by a kill is never seen.

    Raises:
        BytesChangedError: the file is no longer what was hashed.
    """
    if archived_file(sha256, settings).exists():
        return
    with Copying(descriptor, settings) as copying:
        if copying.sha256() != sha256:
            raise BytesChangedError
        copying.keep()


def keep_all(contents: Mapping[str, bytes], settings: Settings) -> None:
    """Put the bytes of many small files into the archive by their hashes; they are on the disk as one."""
    missing = {
        target: data
        for sha256, data in contents.items()
        if not (target := archived_file(sha256, settings)).exists()
    }
    if not missing:
        return
    unfinished: dict[Path, Path] = {}
    try:
        for target, data in missing.items():
            with _new_file(settings) as (handle, unfinished[target]):
                _write(handle, data)
        _sync(list(unfinished.values()))
        for target, file in unfinished.items():
            _finish(file, target)
    except BaseException:
        for file in unfinished.values():
            file.unlink(missing_ok=True)
        raise


def remove_left_copies(settings: Settings) -> None:
    """Remove what killed processes have left unfinished: nobody would look for a person there."""
    now = time.time()
    for file in _unfinished(settings).glob("*"):
        with suppress(FileNotFoundError):
            if now - file.stat().st_mtime > LEFT_AFTER_SECONDS:
                file.unlink()


class Copying:
    """A file on its way into the archive, copied and hashed by a thread beside whatever is done meanwhile.

    Leaving the block without `keep` leaves nothing of it.
    """

    def __init__(self, descriptor: int, settings: Settings) -> None:
        self._descriptor = descriptor
        self._settings = settings
        self._files: list[Path] = []
        self._is_cut_short = threading.Event()

    def __enter__(self) -> Self:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="archive")
        self._digest = self._thread.submit(self._copy)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._is_cut_short.set()
        self._thread.shutdown()
        for file in self._files:
            file.unlink(missing_ok=True)

    def sha256(self) -> str:
        """The hash of the bytes, once all of them are on the disk.

        Raises:
            OSError: they could not be written.
        """
        return self._digest.result()

    def keep(self) -> None:
        """Let the archive have them under their hash."""
        _finish(self._files.pop(), archived_file(self.sha256(), self._settings))

    def _copy(self) -> str:
        digest = hashlib.sha256()
        with _new_file(self._settings) as (handle, file):
            self._files.append(file)
            for chunk in raw_chunks(self._descriptor, 0):
                if self._is_cut_short.is_set():
                    break
                digest.update(chunk)
                _write(handle, chunk)
            os.fsync(handle)
        return digest.hexdigest()


def _unfinished(settings: Settings) -> Path:
    return settings.archive / "unfinished"


@contextmanager
def _new_file(settings: Settings) -> Iterator[tuple[int, Path]]:
    """A file to be finished, open for writing; its owner's alone, for personal values are in these bytes."""
    folder = _unfinished(settings)
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=folder)
    try:
        yield handle, Path(name)
    finally:
        os.close(handle)


def _finish(file: Path, target: Path) -> None:
    if not target.parent.is_dir():
        target.parent.mkdir(exist_ok=True, mode=0o700)
    file.replace(target)


def _write(handle: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(handle, left) :]


# each file's own fsync would wait for the disk once more
_syncfs = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)


def _sync(files: list[Path]) -> None:
    """Return when the files are on the disk: by one call where the system has it for all that was written."""
    for file in files if _syncfs is None else files[:1]:
        handle = os.open(file, os.O_RDONLY)
        try:
            if _syncfs is None:
                os.fsync(handle)
            elif _syncfs(handle):
                code = ctypes.get_errno()
                raise OSError(code, os.strerror(code))
        finally:
            os.close(handle)
