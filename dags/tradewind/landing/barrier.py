"""The wall around each file: what reading one raises ends that file and no other, and it ends in time."""

from __future__ import annotations

import errno
import logging
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from tradewind.disk import takes_no_more
from tradewind.exports.faults import RefusedFileError
from tradewind.unforeseen import describe_error

logger = logging.getLogger(__name__)

# A file may hold its thread, its transaction and its locks for so long; looked at between its blocks. The
# slowest ones are read twenty times as fast on a busy machine: what takes longer does not end by itself.
BASE_SECONDS = 600.0
BYTES_PER_SECOND = 100_000
# within a block nothing can look: so long may a file hold the interpreter; real ones do for milliseconds
HELD_CPU_SECONDS = 120.0

# what the machine lacks, whichever file was being read
_MACHINE = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EIO, errno.ESTALE, errno.ETIMEDOUT}


def is_the_machines(error: BaseException) -> bool:
    """Whether an error says nothing of the file: the process is to end, or database, disk or memory fail it.

    An `OSError` without a number is not the system's: libraries raise it for what they read.
    """
    if isinstance(error, OSError):
        return takes_no_more(error) or error.errno in _MACHINE
    ends = KeyboardInterrupt | SystemExit | GeneratorExit
    return isinstance(error, ends | psycopg.OperationalError | psycopg.InterfaceError)


def refusal_of(error: BaseException, path: str) -> RefusedFileError:
    """The refusal of a file whose reading raised what nobody foresaw; the log says where.

    Raises:
        BaseException: the error itself, where it says nothing of the file.
    """
    if isinstance(error, RefusedFileError):
        return error
    if is_the_machines(error):
        raise error
    logger.error("reading %s failed: %s", ascii(path), describe_error(error))
    return RefusedFileError("reader_failed", error=type(error).__name__)


class Clock:
    """The time that one file may take, by its size; it runs from here."""

    def __init__(self, size: int) -> None:
        self._seconds = BASE_SECONDS + size / BYTES_PER_SECOND
        self._ends_at = time.monotonic() + self._seconds

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self._ends_at - time.monotonic()

    def check(self) -> None:
        """Go on while there is time; called between blocks.

        Raises:
            RefusedFileError: there is none left.
        """
        if self.left <= 0:
            raise RefusedFileError("too_slow", seconds=round(self._seconds))


@contextmanager
def watched() -> Iterator[None]:
    """End this process where one file holds the interpreter within the block, as a regular expression may.

    No thread of ours could do so, for none would run. So the kernel does, unless a thread puts it off again
    and again; it counts the time in which the process computes, not that in which it waits or sleeps. The
    server then lets go of what the process held, and the file is tried again until it is given up.
    """
    is_through = threading.Event()

    def put_off() -> None:
        while not is_through.is_set():
            signal.setitimer(signal.ITIMER_PROF, HELD_CPU_SECONDS)
            is_through.wait(HELD_CPU_SECONDS / 20)
        signal.setitimer(signal.ITIMER_PROF, 0)

    thread = threading.Thread(target=put_off, name="watch")
    thread.start()
    try:
        yield
    finally:
        is_through.set()
        thread.join()
