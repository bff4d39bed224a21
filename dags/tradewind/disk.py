"""Disks that take no more: the machine's trouble, whatever file was being read or written."""

from __future__ import annotations

import errno

_TAKES_NO_MORE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}


def takes_no_more(error: BaseException) -> bool:
    """Whether the error says that a disk is full, over its quota, or read-only."""
    return isinstance(error, OSError) and error.errno in _TAKES_NO_MORE
