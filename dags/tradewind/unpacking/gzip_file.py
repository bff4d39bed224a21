"""Gzip files: unpacked within limits, in flat memory."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from pathlib import Path

from tradewind.exports.faults import RefusedFileError
from tradewind.exports.source import CHUNK_BYTES, raw_chunks
from tradewind.unpacking.limits import allowed_bytes

_GZIP_FORMAT = 31
# what follows a member is copied for the next: a file of many small members is read in small windows
_WINDOW_BYTES = 16 << 10


def unpack_gzip(descriptor: int, target: Path) -> None:
    """Write what a gzip file holds, all members one behind the other, to `target`; memory stays flat.

    Raises:
        RefusedFileError: it is cut off, damaged, followed by something else, or unpacks too large.
    """
    limit = allowed_bytes(os.fstat(descriptor).st_size)
    written = 0
    member = None
    with target.open("wb") as out:
        for window in _windows(descriptor):
            rest = window
            while True:
                if member is None:
                    # zeros behind the last member are padding
                    rest = rest.lstrip(b"\0")
                    if not rest:
                        break
                    member = zlib.decompressobj(_GZIP_FORMAT)
                try:
                    data = member.decompress(rest, CHUNK_BYTES)
                except zlib.error as error:
                    raise RefusedFileError("archive_unreadable", fault="damaged") from error
                written += len(data)
                if written > limit:
                    raise RefusedFileError("archive_unreadable", fault="too_large")
                out.write(data)
                if member.eof:
                    rest, member = member.unused_data, None
                else:
                    rest = member.unconsumed_tail
                    if not rest and len(data) < CHUNK_BYTES:
                        break
    if member is not None:
        raise RefusedFileError("archive_unreadable", fault="cut_off")


def _windows(descriptor: int) -> Iterator[bytes]:
    for chunk in raw_chunks(descriptor, 0):
        view = memoryview(chunk)
        for start in range(0, len(chunk), _WINDOW_BYTES):
            yield bytes(view[start : start + _WINDOW_BYTES])
