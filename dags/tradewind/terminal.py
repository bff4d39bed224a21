"""What the commands print: any name, header or reason is text on one line, and steers no terminal."""

from __future__ import annotations

import io
import sys
import unicodedata

from rich.console import Console


def show(text: object) -> str:
    """A text as a terminal may have it: what cannot be seen, or turns others round, is written as `\\xNN`."""
    return "".join(
        character
        if character.isprintable() or unicodedata.category(character) == "Zs"
        else _escape(character)
        for character in str(text)
    )


def open_console(*, is_error: bool = False) -> Console:
    """A console that takes square brackets for square brackets, and any text for text.

    Where the terminal's encoding lacks a character, that is written as `\\xNN` too.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    return Console(highlight=False, soft_wrap=True, markup=False, emoji=False, stderr=is_error)


def _escape(character: str) -> str:
    # bytes of a name that are not UTF-8 come as these
    code = ord(character) - 0xDC00 if "\udc80" <= character <= "\udcff" else ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
