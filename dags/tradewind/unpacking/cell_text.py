"""Values of a workbook's cells as a CSV export would write them."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal

# a spreadsheet keeps 15 digits of a number, and writes zeros for the rest
FIRST_ROUNDED = 10**15
# what float() takes is more: blanks, underscores, names of what is no number
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_ISO_MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]+)?")
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  a cell has no zone
_DAYS_FROM_1900_TO_1904 = 1462
# Excel's calendar has a 29 February 1900, and its first two months are a day off
_FIRST_RIGHT_DAY = 60
_SECONDS_A_DAY = 86_400
# a spreadsheet writes 15 digits, and so a time of today to some 10 microseconds: what is nearer to a whole
# second than that is one, and of all else the second that has begun counts
_WRITTEN_TO = 1e-5

# built-in formats that show a number as a date or a time; from 27 on those of Chinese, Japanese and Korean
DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)})
DURATION_FORMATS = frozenset({46})


class TextFaultError(ValueError):
    """A text that no file may hold; the argument is the reason code."""


def as_text(cell: object) -> str:
    """A cell as a CSV export would write it: no exponent, no `.0` behind a whole number, ISO dates."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        text = format(Decimal(repr(cell)), "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, time):
        return cell.isoformat(timespec="seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(int(cell.total_seconds()))
    return str(cell)


def as_number(written: str) -> float | None:
    """The number that a cell holds, or None where it is none, or one that no spreadsheet has."""
    if not _NUMBER.fullmatch(written):
        return None
    number = float(written)
    return None if math.isinf(number) else number


def unescaped(text: str) -> str:
    """A text of a workbook, in which `_x000D_` stands for a character that XML would not keep.

    Raises:
        TextFaultError: it stands for a zero byte, or for half a character.
    """
    if "_x" not in text:
        return text
    found = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    if "\0" in found:
        raise TextFaultError("nul_byte")
    try:
        # two halves beside each other are a character
        return found.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError as error:
        raise TextFaultError("invalid_encoding") from error


def format_kind(code: str) -> str | None:
    """`date` or `duration` where a number format shows a number as one; its first section counts."""
    is_escaped = is_quoted = has_am = in_elapsed = False
    brackets = 0
    previous = " "
    for character in code:
        low = character.lower()
        if is_escaped:
            is_escaped = False
        elif is_quoted:
            is_quoted = character != '"'
        elif character in "_\\":
            is_escaped = True
        elif character == '"':
            is_quoted = True
        elif character == ";":
            return None
        elif character == "[":
            brackets += 1
        elif character == "]":
            if brackets == 1 and in_elapsed:
                return "duration"
            brackets = max(0, brackets - 1)
        elif not brackets and low == "a" and not has_am:
            has_am = True
        elif not brackets and (low in "pm/" if has_am else low in "dmhys"):
            return "date"
        elif not (in_elapsed and low == previous):
            in_elapsed = previous == "[" and low in "mhs"
        previous = low
    return None


def as_moment(number: float, kind: str, *, is_1904: bool) -> date | datetime | time | timedelta | None:
    """What a number shows as a date or a duration; None where there is no such day."""
    try:
        if kind == "duration":
            return timedelta(seconds=_whole_seconds(number))
        days = number + _DAYS_FROM_1900_TO_1904 if is_1904 else number
        days = days if days >= _FIRST_RIGHT_DAY else days + 1
        moment = _EPOCH + timedelta(seconds=_whole_seconds(days))
    except (OverflowError, ValueError):
        return None
    if number < 0:
        return None
    if number < 1:
        return moment.time()
    return moment if moment.time() != time() else moment.date()


def _whole_seconds(days: float) -> int:
    return math.floor(days * _SECONDS_A_DAY + _WRITTEN_TO)


def from_iso(written: str) -> str:
    """A moment that a workbook holds as text, as the others are written; any other text as it is."""
    found = _ISO_MOMENT.fullmatch(written)
    return f"{found[1]} {found[2]}" if found else written
