"""Date formats as regular expressions, in the subset that Python, polars (Rust) and PostgreSQL read alike."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

BLANKS = "[ \t\u00a0\u202f]*"
_DIRECTIVES = {
    "Y": "[0-9]{4}", "y": "[0-9]{2}", "m": "[0-9]{1,2}", "d": "[0-9]{1,2}", "B": "[A-Za-z]+",
    "b": "[A-Za-z]{3}", "H": "(?:[01]?[0-9]|2[0-3])", "I": "(?:0?[1-9]|1[0-2])", "M": "[0-5][0-9]",
    "S": "[0-5][0-9]", "f": "[0-9]{1,6}", "p": "(?:AM|PM|am|pm)", "z": "(?:Z|[-+][0-9]{2}:?[0-9]{2})",
    "Z": "(?:UTC|GMT|[PMCE][DS]T|JST|BST|CES?T|AE[DS]T)", "%": "%",
}  # fmt: skip
_WORDS = {
    "Y": "YYYY", "y": "YY", "m": "MM", "d": "DD", "B": "month", "b": "mon", "H": "hh", "I": "hh", "M": "mm",
    "S": "ss", "f": "fraction", "p": "AM/PM", "z": "zone", "Z": "zone", "%": "%",
}  # fmt: skip
_DATE_DIRECTIVES = "YymdBb"


@dataclass(frozen=True)
class DateFormat:
    """A date format as a pattern whose only group is the date's part, and the format of that part."""

    pattern: str
    date_part: str


@lru_cache(maxsize=100_000)
def is_calendar_day(text: str, date_format: str) -> bool:
    """Whether the text is a day that exists."""
    try:
        datetime.strptime(text, date_format)  # noqa: DTZ007  a day has no zone
    except ValueError:
        return False
    return True


def date_format(text: str) -> DateFormat:
    """The pattern of a date format."""
    start, end = _date_span(text)
    return DateFormat(f"{BLANKS}{date_pattern(text, group='(')}{BLANKS}", text[start:end])


def date_pattern(text: str, group: str = "(?:") -> str:
    """A date format as a regular expression; `group` opens the group of the date's part."""
    start, end = _date_span(text)
    return f"{_translate(text[:start])}{group}{_translate(text[start:end])}){_translate(text[end:])}"


def readable_format(text: str) -> str:
    """A date format as people write it: DD/MM/YYYY hh:mm."""
    parts = re.split(r"%(.)", text)
    return "".join(_WORDS[part] if index % 2 else part for index, part in enumerate(parts))


def _date_span(text: str) -> tuple[int, int]:
    of_date = [item for item in re.finditer("%(.)", text) if item[1] in _DATE_DIRECTIVES]
    return of_date[0].start(), of_date[-1].end()


def _translate(text: str) -> str:
    parts = re.split(r"%(.)", text)
    return "".join(_DIRECTIVES[part] if index % 2 else re.escape(part) for index, part in enumerate(parts))
