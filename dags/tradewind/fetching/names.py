"""Which names of a place elsewhere may become names in landing."""

from __future__ import annotations

import unicodedata

# what file systems allow for one name, and far below what they allow for a path
MAX_NAME_BYTES = 255
MAX_PATH_BYTES = 1024
# a name in a log: enough to find the file by
SHOWN_CHARACTERS = 120


def find_fault(path: str) -> str | None:
    """Why a path below the place must not become a path below landing, or None."""
    try:
        # a file system's name may be of any bytes, and keeps them in landing
        encoded = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return "its name is no text"
    if any(unicodedata.category(character) == "Cc" for character in path):
        return "its name holds a control character"
    parts = path.split("/")
    if path.startswith("/"):
        return "its name is absolute"
    if any(part in ("", ".", "..") for part in parts):
        return "its name leads elsewhere"
    if len(encoded) > MAX_PATH_BYTES or any(len(part) > MAX_NAME_BYTES for part in encoded.split(b"/")):
        return "its name is too long"
    return None


def show(path: str) -> str:
    """A name as a log may hold it: on one line, without characters that steer a terminal."""
    shown = ascii(path)[1:-1]
    return shown if len(shown) <= SHOWN_CHARACTERS else f"{shown[:SHOWN_CHARACTERS]}…"
