"""What nobody foresaw, in words that hold no value of a file: the kind of the error and our own lines."""

from __future__ import annotations

import traceback
from pathlib import Path

_PACKAGE = Path(__file__).parent
# the innermost lines of ours say where it happened, the outer ones only how we came there
MAX_LINES = 6


def describe_error(error: BaseException) -> str:
    """The error's type, and where in our own code it arose; its message may quote a cell and is left out."""
    frames = [
        f"{Path(frame.filename).relative_to(_PACKAGE)}:{frame.lineno} in {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(_PACKAGE)
    ]
    return f"{type(error).__name__} at {' < '.join(reversed(frames[-MAX_LINES:])) or 'an unknown place'}"
