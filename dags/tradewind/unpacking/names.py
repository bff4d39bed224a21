"""Names of the parts of a file, as the ledger has them behind its path: each once, and none above another."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath

# a name is part of a path in the ledger, which is indexed: a sheet of a member of an archive has two of them
MAX_NAME = 200
MAX_NAME_BYTES = 600
_MARK_LENGTH = 16
_MAX_SUFFIX = 12


def unique_names(names: Iterable[str], *, are_files: bool) -> list[str]:
    """The names in their order, changed only where one would be taken for another; the same each time.

    What comes later under a name that is taken, whatever its case and its way of writing an accent, gets a
    number; so does a file named like a folder, since its own tables stand in the ledger as if they were in
    one. With `are_files` the number stands before the extension.
    """
    readable = [_readable(name, number, are_files=are_files) for number, name in enumerate(names, 1)]
    folders = {_key("/".join(parts[:end])) for parts in map(_parts, readable) for end in range(1, len(parts))}
    taken: set[str] = set()
    unique: list[str] = []
    counts: dict[str, int] = {}
    for name in readable:
        number, free = counts.get(_key(name), 1), name
        while _key(free) in taken or _key(free) in folders:
            number += 1
            free = _numbered(name, number, are_files=are_files)
        counts[_key(name)] = number
        taken.add(_key(free))
        unique.append(free)
    return unique


def _readable(name: str, number: int, *, are_files: bool) -> str:
    """The name as text that a database holds, on one line and not too long."""
    text = name.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
    text = "".join(" " if character in "\r\n\t" else character for character in text)
    text = "/".join(_parts(text)) or f"({number})"
    if len(text) <= MAX_NAME and len(text.encode()) <= MAX_NAME_BYTES:
        return text
    # the hash keeps apart what differs only behind the cut
    mark = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:_MARK_LENGTH]
    suffix = PurePosixPath(text).suffix if are_files else ""
    suffix = suffix if len(suffix.encode()) <= _MAX_SUFFIX else ""
    cut = text[:MAX_NAME].encode()[:MAX_NAME_BYTES].decode(errors="ignore").rstrip("/")
    return f"{cut}…{mark}{suffix}"


def _parts(name: str) -> list[str]:
    return [part for part in name.split("/") if part not in ("", ".")]


def _key(name: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def _numbered(name: str, number: int, *, are_files: bool) -> str:
    suffix = PurePosixPath(name).suffix if are_files else ""
    return f"{name.removesuffix(suffix)} ({number}){suffix}"
