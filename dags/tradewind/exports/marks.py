"""Whether a file shows which mark its decimals have."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tradewind.exports.checks import Check
from tradewind.exports.faults import RefusedFileError

# 1.080 is a thousand and eighty in one country, and a little more than one in another
_AMBIGUOUS = re.compile("[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*")
_HAS_MARK = re.compile("[0-9.,][.,]|[.,][0-9]")


class ShownMarks:
    """What the numbers of one file show, gathered over its cells."""

    def __init__(self) -> None:
        self._is_shown = False
        self._doubtful: dict[str, None] = {}

    def add(self, check: Check, cells: Iterable[str]) -> None:
        """Take cells of a column in; what breaks its rule shows nothing."""
        if self._is_shown:
            return
        for cell in cells:
            if not _HAS_MARK.search(cell) or check.fault(cell):
                continue
            if _AMBIGUOUS.fullmatch(cell):
                self._doubtful[check.column.name] = None
            else:
                self._is_shown = True
                return

    def refuse_doubtful(self, report: str) -> None:
        """At the end of the file.

        Raises:
            RefusedFileError: numbers have three digits behind their only mark, and none shows what it is.
        """
        if self._doubtful and not self._is_shown:
            raise RefusedFileError("ambiguous_numbers", report=report, columns=list(self._doubtful))
