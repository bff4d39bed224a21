"""What two spellings of one column header have in common."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

CURRENCY = "{currency}"
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_SPACES = re.compile(r"\s+")


@lru_cache(maxsize=10_000)
def normalise(header: str) -> str:
    """The form in which headers are compared.

    Byte-order mark, case, kinds of dash and blank, full-width forms and blanks at the edges make no
    difference.
    """
    if header.isascii():
        return " ".join(header.split()).lower()
    text = unicodedata.normalize("NFKC", header.replace("\ufeff", ""))
    text = _DASHES.sub("-", text)
    return _SPACES.sub(" ", text).strip().casefold()
