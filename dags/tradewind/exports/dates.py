"""Date formats as regular expressions that Python, polars (Rust) and PostgreSQL read alike, and how
PostgreSQL reads a text that fits one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from tradewind.exports.blanks import BLANKS
from tradewind.exports.numbers import sql_text

_ZONE_NAMES = "UTC|GMT|[PMCE][DS]T|JST|BST|CES?T|AE[DS]T"
# no zone is further west than -12:00, nor further east than +14:00
_OFFSET = "[+](?:(?:0[0-9]|1[0-3]):?[0-5][0-9]|14:?00)|[-](?:(?:0[0-9]|1[01]):?[0-5][0-9]|12:?00)"
_DIRECTIVES = {
    "Y": "[0-9]{4}", "y": "[0-9]{2}", "m": "[0-9]{1,2}", "d": "[0-9]{1,2}", "B": "[A-Za-z]+",
    "b": "[A-Za-z]{3}", "H": "(?:[01]?[0-9]|2[0-3])", "I": "(?:0?[1-9]|1[0-2])", "M": "[0-5][0-9]",
    "S": "[0-5][0-9]", "f": "[0-9]{1,6}", "p": "(?:AM|PM|am|pm)", "z": f"(?:Z|{_OFFSET})",
    "Z": f"(?:{_ZONE_NAMES})", "%": "%",
}  # fmt: skip
_WORDS = {
    "Y": "YYYY", "y": "YY", "m": "MM", "d": "DD", "B": "month", "b": "mon", "H": "hh", "I": "hh", "M": "mm",
    "S": "ss", "f": "fraction", "p": "AM/PM", "z": "zone", "Z": "zone", "%": "%",
}  # fmt: skip
_TO_DATE = {"Y": "YYYY", "y": "YY", "m": "MM", "d": "DD", "B": "Month", "b": "Mon", "%": "%"}
_DATE_DIRECTIVES = "YymdBb"
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
_LONG_MONTHS = (1, 3, 5, 7, 8, 10, 12)
_FEBRUARY = 2
# before the year 1000 stand the zeros that tools write for no date
_YEARS = {"Y": "[1-9][0-9]{3}", "y": "[0-9]{2}"}
_LEAP_YEARS = {
    "Y": "(?:[1-9][0-9](?:0[48]|[2468][048]|[13579][26])|(?:[2468][048]|[13579][26])00)",
    "y": "(?:[02468][048]|[13579][26])",
}
# formats whose texts PostgreSQL casts as they are
_AS_POSTGRES = re.compile(r"%Y-%m-%d(?:[ T]%H:%M(?::%S(?:\.%f)?)?(?: ?%z| %Z|Z)?)?")
_TIME_IN_TEXT = "[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.][0-9]+)?)?(?: *[AaPp][Mm])?"
_ZONE_AT_END = f"(?:Z|{_ZONE_NAMES}|[-+][0-9]{{2}}:?[0-9]{{2}})(?=[)]?$)"


@dataclass(frozen=True)
class DateFormat:
    """A date format as a pattern whose only group is the date's part, and the format of that part.

    The pattern fits days that do not exist, too.
    """

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


@lru_cache(maxsize=1_000)
def date_format(text: str) -> DateFormat:
    """What days in a date format look like."""
    start, end = _date_span(text)
    parts = (_translate(part, _DIRECTIVES) for part in (text[:start], text[start:end], text[end:]))
    return DateFormat("{}{}({}){}{}".format(BLANKS, *parts, BLANKS), text[start:end])


@lru_cache(maxsize=1_000)
def date_pattern(text: str) -> str:
    """The pattern of the days, and times, that a date format writes and that exist."""
    names = set(re.findall("%(.)", text))
    if "d" not in names:
        return _translate(text, {**_DIRECTIVES, **_YEARS, **_months(range(1, 13))})
    all_but_february = [month for month in range(1, 13) if month != _FEBRUARY]
    days = (
        (range(1, 13), "(?:0?[1-9]|1[0-9]|2[0-8])", _YEARS),
        (all_but_february, "(?:29|30)", _YEARS),
        (_LONG_MONTHS, "31", _YEARS),
        ((_FEBRUARY,), "29", _LEAP_YEARS),
    )
    start, end = _date_span(text)
    day = "|".join(
        _translate(text[start:end], {**_DIRECTIVES, **years, **_months(months), "d": day})
        for months, day, years in days
    )
    return f"{_translate(text[:start], _DIRECTIVES)}(?:{day}){_translate(text[end:], _DIRECTIVES)}"


def have_two_readings(formats: Sequence[str]) -> bool:
    """Whether a text that one of the formats writes is another day by another: 03/04/2026 may be."""
    day = datetime(2003, 4, 5, 6, 7, 8)  # noqa: DTZ001  a local time, of which each part differs
    for item in formats:
        text = day.strftime(item.replace("%z", "+0000").replace("%Z", "UTC"))
        names = set(re.findall("%(.)", item))
        for other in formats:
            # a month without its day is the same in each way
            if "d" in names and other != item and _reads_otherwise(text, other, day):
                return True
    return False


def _reads_otherwise(text: str, date_format: str, day: datetime) -> bool:
    try:
        found = datetime.strptime(text, date_format)  # noqa: DTZ007  only its day counts
    except ValueError:
        return False
    return found.date() != day.date()


def readable_format(text: str) -> str:
    """A date format as people write it: DD/MM/YYYY hh:mm."""
    parts = re.split(r"%(.)", text)
    return "".join(_WORDS[part] if index % 2 else part for index, part in enumerate(parts))


def day_value(text: str, cell: str) -> str:
    """SQL of the day in a trimmed cell that fits the format; a time behind it falls away."""
    day = f"to_date({cell}, {sql_text(_to_date(text[: _date_span(text)[1]]))})"
    if "%y" not in text:
        return day
    # 69 is 1969 for Python, and 2069 for PostgreSQL
    return f"cast({day} - case when {day} >= '2069-01-01' then interval '100 years' else '0' end as date)"


def moment_value(text: str, cell: str, timezone: str) -> str:
    """SQL of the moment in a trimmed cell that fits the format; without a zone it is local to `timezone`."""
    names = set(re.findall("%(.)", text))
    has_time, has_zone = bool(names & {"H", "I"}), bool(names & {"z", "Z"})
    if _AS_POSTGRES.fullmatch(text):
        wall = cell
    elif has_time:
        time = f"substring({cell} from {sql_text(_TIME_IN_TEXT)})"
        wall = f"(to_char({day_value(text, cell)}, 'YYYY-MM-DD') || ' ' || {time})"
        if has_zone:
            wall = f"({wall} || ' ' || substring({cell} from {sql_text(_ZONE_AT_END)}))"
    else:
        wall = day_value(text, cell)
    if has_zone or text.endswith("Z"):
        return (
            f"cast({wall} as timestamptz)" if has_zone else f"(cast({wall} as timestamp) at time zone 'UTC')"
        )
    return f"(cast({wall} as timestamp) at time zone {timezone})"


def _months(numbers: range | list[int] | tuple[int, ...]) -> dict[str, str]:
    short = [_any_case(_MONTHS[number - 1][:3]) for number in numbers]
    return {
        "m": f"(?:{'|'.join(f'0?{number}' if number < 10 else str(number) for number in numbers)})",
        "B": f"(?:{'|'.join(_any_case(_MONTHS[number - 1]) for number in numbers)})",
        "b": f"(?:{'|'.join(short)})",
    }


def _any_case(word: str) -> str:
    return "".join(f"[{letter.upper()}{letter.lower()}]" for letter in word)


def _date_span(text: str) -> tuple[int, int]:
    of_date = [item for item in re.finditer("%(.)", text) if item[1] in _DATE_DIRECTIVES]
    return of_date[0].start(), of_date[-1].end()


def _translate(text: str, directives: dict[str, str]) -> str:
    parts = re.split(r"%(.)", text)
    return "".join(directives[part] if index % 2 else re.escape(part) for index, part in enumerate(parts))


def _to_date(text: str) -> str:
    """strptime's format of a day as to_date's."""
    parts = re.split(r"%(.)", text)
    return "".join(
        _TO_DATE[part] if index % 2 else f'"{part}"' if part.strip(" -/.,") else part
        for index, part in enumerate(parts)
    )
