"""What can go wrong in a gate apart from data that break an expectation."""

from __future__ import annotations


class GateError(RuntimeError):
    """The gate is misconfigured or crashed, which counts as a failure: nothing is published."""
