"""Pseudonyms: what stands in raw for a personal value, the same for all its spellings."""

from __future__ import annotations

import hashlib
import re
import unicodedata

PSEUDONYM_DIGITS = 32


class Pseudonymiser:
    """Turns a subject into 32 hexadecimal digits of its HMAC-SHA256.

    Takes the two padded forms of the key, since a hash that has read its pad already can be copied: half the
    time of the library's function, which begins anew with each value.
    """

    def __init__(self, inner_pad: bytes, outer_pad: bytes) -> None:
        self._inner = hashlib.sha256(inner_pad)
        self._outer = hashlib.sha256(outer_pad)

    def __call__(self, subject: str) -> str:
        """The pseudonym of what `subject_of` made of a cell."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(subject.encode())
        outer.update(inner.digest())
        return outer.hexdigest()[:PSEUDONYM_DIGITS]


def normalise_value(value: str) -> str:
    """The value without what does not tell two persons apart: width of characters, blanks around it, case."""
    if not value.isascii():
        value = unicodedata.normalize("NFKC", value)
    return value.strip().casefold()


def subject_of(value: str, pseudonym_of: re.Pattern[str] | None = None) -> str:
    """What of a cell is hashed: group 1 where the column's `pseudonym_of` fits, else all, normalised.

    Empty where the cell holds nothing but blanks.
    """
    found = pseudonym_of.fullmatch(value.strip()) if pseudonym_of else None
    return normalise_value(found[1] if found else value)
