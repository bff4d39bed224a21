"""Texts that are written like numbers, where a number could have stood: which mark is their decimal one is
for the file as a whole to show. A true number leaves nothing open.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# of a column these are enough to tell what its texts show
MAX_FORMS = 64
MAX_LENGTH = 48
MAX_SEEN = 4096
_NINES = str.maketrans("12345678", "99999999")
_HAS_MARK = re.compile("[0-9.,][.,]|[.,][0-9]")
_LIKE_NUMBER = re.compile(r"[^0-9]{0,8}[-+0-9.,'’\s]*[^0-9]{0,8}")
_DIGITS = re.compile("[0-9]+")


def is_like_number(text: str) -> bool:
    """Whether a text has digits and a decimal mark or groups, and next to nothing else."""
    return len(text) <= MAX_LENGTH and bool(_HAS_MARK.search(text) and _LIKE_NUMBER.fullmatch(text))


def _form(digits: re.Match[str]) -> str:
    return ("0" if digits[0][0] == "0" else "9") * min(4, len(digits[0]))


class NumberTexts:
    """An example of each form in which the texts of a column write numbers, by the column's position."""

    def __init__(self) -> None:
        self._examples: dict[int, dict[str, str]] = {}
        # by position, what texts look like with one digit for all but the zero: few, whatever a column holds
        self._seen: dict[int, set[str]] = {}

    def add(self, position: int, texts: Iterable[str]) -> None:
        """Look at some more texts of a column."""
        seen = self._seen.setdefault(position, set())
        looks = {text.translate(_NINES): text for text in texts if len(text) <= MAX_LENGTH}
        for look in looks.keys() - seen:
            if len(seen) < MAX_SEEN:
                seen.add(look)
            if is_like_number(look):
                examples = self._examples.setdefault(position, {})
                # how many digits there are makes a difference up to four, and whether the first is a zero
                form = _DIGITS.sub(_form, look)
                if len(examples) < MAX_FORMS:
                    examples.setdefault(form, looks[look])

    def by_column(self, left_out: int = 0) -> dict[int, list[str]]:
        """The examples by position, so many columns on the left being left out."""
        return {position - left_out: [*found.values()] for position, found in self._examples.items()}
