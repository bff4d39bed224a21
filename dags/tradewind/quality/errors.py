"""What can go wrong in a gate apart from data that break an expectation."""

from __future__ import annotations


class GateError(RuntimeError):
    """The gate is misconfigured or crashed, which counts as a failure: nothing is published.

    `table` is the one whose check crashed, which what it holds may have caused; None where the gate is wrong.
    """

    def __init__(self, message: str, table: str | None = None) -> None:
        super().__init__(message)
        self.table = table
