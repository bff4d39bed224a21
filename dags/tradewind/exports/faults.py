"""Why a file, or a record of it, cannot be loaded: a stable code with parameters, never a cell's value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# of a last record without a line end that is good as it stands, and may be the beginning of another
MAY_BE_CUT_OFF = "may_be_cut_off"


class RefusedFileError(Exception):
    """The file is set aside whole. `code` and `parameters` are those of `tradewind.landing.reasons`."""

    def __init__(self, code: str, **parameters: Any) -> None:
        super().__init__(code)
        self.code = code
        self.parameters = parameters


@dataclass(frozen=True)
class Fault:
    """What is wrong with one record."""

    code: str
    column: str | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
