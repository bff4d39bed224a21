"""What type the cells of a column are of: by the loader's own checks, as far as the cells prove it."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache

from tradewind.drafting.guess import Guess, asked, count, proven
from tradewind.drafting.vocabulary import (
    AMOUNT_WORDS,
    DATE_WORDS,
    ISO_CURRENCIES,
    MEASURE_WORDS,
    has_word,
    names_an_id,
)
from tradewind.exports.checks import Check, compile_check
from tradewind.exports.contract import Column, Contract
from tradewind.exports.dates import date_format, is_calendar_day
from tradewind.exports.numbers import SYMBOL

NULL_TOKENS = (
    "--", "-", "—", "–", "n/a", "N/A", "n.a.", "NA", "#N/A", "null", "NULL", "Null", "none", "None", "nan",
    "NaN", "nil", "k. A.", "k.A.", "无", "無", "暂无", "不适用", "なし", "該当なし",
)  # fmt: skip
# a closed list is drafted of few texts that come often
MAX_CHOICES = 10
MIN_ROWS_OF_CHOICES = 30
MIN_TIMES = 3
MAX_CHOICE_LENGTH = 40
MAX_INTEGER_DIGITS = 15
_FRACTION = re.compile("[-+]?[0-9.,]*[0-9][.,][0-9]+")
_BOOLEAN = {"true", "false", "yes", "no"}
_DAYS_FIRST = "day before month"
_MONTHS_FIRST = "month before day"


@dataclass(frozen=True)
class CellType:
    """The type of a column: `guess` is for the key `type`; formats, patterns and tokens go with it."""

    guess: Guess
    formats: list[str] = field(default_factory=list)
    null_tokens: frozenset[str] = frozenset()
    format_evidence: str | None = None
    # what the text is once a question is answered: `number` or `date`
    open_kind: str | None = None

    @property
    def name(self) -> str:
        """The type's name in a contract."""
        return str(self.guess.value)


@dataclass(frozen=True)
class Hints:
    """What other columns of the file have proven: the order of days and months, the format of numbers."""

    order: str | None = None
    number: str | None = None


def guess_type(header: str, values: Mapping[str, int], *, is_personal: bool, hints: Hints) -> CellType:
    """The type of the cells, blank ones left out; `values` are the others with how often each comes."""
    if not values:
        return CellType(asked("text", "no record fills it, so nothing shows its type"))
    tokens = frozenset(values.keys() & set(NULL_TOKENS))
    real = [value for value in values if value not in tokens]
    if not real:
        return CellType(asked("text", "it holds nothing but texts for nothing, so nothing shows its type"))
    found = (
        _as_boolean(real)
        or _as_date(header, real, hints)
        or _as_identifier(header, real)
        or _as_number(header, real, values, hints)
    )
    if found and found.name != "text":
        return _with_tokens(found, tokens)
    if found:
        return found
    return _as_text(header, values, is_personal=is_personal)


def _with_tokens(found: CellType, tokens: frozenset[str]) -> CellType:
    if not tokens:
        return found
    return replace(found, null_tokens=tokens)


def _as_boolean(values: list[str]) -> CellType | None:
    texts = {value.casefold() for value in values}
    if not texts <= _BOOLEAN or not _fits_all("boolean", (), values):
        return None
    if texts <= {"true", "yes"} or texts <= {"false", "no"}:
        return CellType(
            asked(
                "text",
                "every filled cell gives one answer; boolean, if the others are yes, no, true or false",
            )
        )
    return CellType(proven("boolean", "true, false, yes or no in each filled cell"))


def _as_identifier(header: str, values: list[str]) -> CellType | None:
    if not any(character.isdigit() for value in values for character in value):
        return None
    if all(_FRACTION.fullmatch(value) for value in values):
        return None
    are_digits = all(re.fullmatch("[0-9]+", value) for value in values)
    if names_an_id(header):
        evidence = "the header names an identifier, which is never added up"
    elif are_digits and any(len(value) > 1 and value.startswith("0") for value in values):
        leading = sum(len(value) > 1 and value.startswith("0") for value in values)
        evidence = f"{count(leading, 'different value')} with a leading 0, which a number would lose"
    elif are_digits and any(len(value) > MAX_INTEGER_DIGITS for value in values):
        evidence = "values longer than 15 digits, which are numbers of things"
    else:
        return None
    # whatever form these have, next month's may have another: no pattern is drafted
    return CellType(proven("text", evidence))


def _as_text(header: str, values: Mapping[str, int], *, is_personal: bool) -> CellType:
    total = sum(values.values())
    evidence = f"{count(len(values), 'different text')} in {count(total, 'filled cell')}"
    guess = proven("text", evidence)
    few = (
        not is_personal
        and 1 < len(values) <= MAX_CHOICES
        and total >= MIN_ROWS_OF_CHOICES
        and min(values.values()) >= MIN_TIMES
        and max(map(len, values)) <= MAX_CHOICE_LENGTH
        and all(value.isprintable() for value in values)
    )
    if not few:
        return CellType(guess)
    # what a file shows of a list need not be all of it: a text that it lacks would stop next month's records
    question = (
        f"{count(len(values), 'text')} in {total:,} cells: a closed list? Then give one_of, with all of them"
    )
    return CellType(asked("text", question))


# ------------------------------------------------------------------------------------------
# Numbers


def _as_number(header: str, values: list[str], counts: Mapping[str, int], hints: Hints) -> CellType | None:
    english, german = _reading("en", values), _reading("de", values)
    if english is None and german is None:
        return None
    if english and german:
        if not any(character in value for value in values for character in ".,"):
            if english == "integer" and has_word(header, AMOUNT_WORDS + MEASURE_WORDS):
                evidence = _evidence(english, counts) + ", whole in this file; it may have fractions"
                return CellType(proven("decimal", evidence), formats=[hints.number or "en"])
            return CellType(proven(english, _evidence(english, counts)), formats=_other_than_en(hints))
        if hints.number:
            kind = english if hints.number == "en" else german
            return CellType(
                proven(kind, _evidence(kind, counts)),
                formats=[hints.number],
                format_evidence=f"its values fit both; other number columns of the file are {hints.number}",
            )
        question = (
            "every value fits both 1,234.56 and 1.234,56, so it is text; choose "
            f"type: {english}, formats: [en], or type: {german}, formats: [de]"
        )
        return CellType(asked("text", question), open_kind="number")
    kind, reading, other = (english or "", "en", "de") if english else (german or "", "de", "en")
    only = sum(not _fits_all("money", (other,), [value]) for value in values)
    return CellType(
        proven(kind, _evidence(kind, counts)),
        formats=[reading],
        format_evidence=f"{count(only, 'different value')} can be read this way alone",
    )


def _other_than_en(hints: Hints) -> list[str]:
    """The format of whole numbers without separators, whose larger ones may have some next month."""
    return [hints.number] if hints.number == "de" else []


def number_format(values: Iterable[str]) -> str | None:
    """The only format in which all values are numbers, where one is proven."""
    real = [value for value in values if value not in NULL_TOKENS]
    english, german = _reading("en", real), _reading("de", real)
    return None if (english is None) == (german is None) else "en" if english else "de"


def _reading(reading: str, values: list[str]) -> str | None:
    """The narrowest type of number that all values are of in a format."""
    if not values:
        return None
    for kind in ("integer", "decimal", "percent", "money"):
        if _fits_all(kind, (reading,), values):
            # three capitals before digits are more often a product than a price
            signs = currency_signs(values) if kind == "money" else set()
            is_code = any(re.fullmatch("[A-Z]{3}", sign) and sign not in ISO_CURRENCIES for sign in signs)
            return None if is_code else kind
    return None


def _evidence(kind: str, counts: Mapping[str, int]) -> str:
    total = sum(number for value, number in counts.items() if value not in NULL_TOKENS)
    sign = {"percent": ", some with %", "money": ", some with the sign of a currency"}.get(kind, "")
    return f"a number in each of {count(total, 'filled cell')}{sign}"


def currency_signs(values: Iterable[str]) -> set[str]:
    """The signs of currencies that stand in amounts."""
    return {found[0] for value in values if (found := re.search(SYMBOL, value))}


# ------------------------------------------------------------------------------------------
# Dates

_TIMES = ("", "%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p", "%I:%M%p", "%I:%M:%S%p")
_ZONES = ("", "%z", " %z", " %Z", " (%Z)")
_DAYS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d",
    *(f"%d{s}%m{s}%{y}" for s in "/-." for y in "Yy"),
    *(f"%m{s}%d{s}%{y}" for s in "/-." for y in "Yy"),
    *(f"%y{s}%m{s}%d" for s in "/-."),
    "%d %b %Y", "%d-%b-%Y", "%d/%b/%Y", "%d-%b-%y", "%d/%b/%y", "%d %b %y", "%b %d, %Y", "%b %d %Y",
    "%d %B %Y",
    "%B %d, %Y", "%d. %B %Y", "%b %d, %y",
)  # fmt: skip


@lru_cache(maxsize=1)
def _formats_by_outline() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for day, gap, time, zone in itertools.product(_DAYS, (" ", "T", ", "), _TIMES, _ZONES):
        if not time and (zone or gap != " "):
            continue
        text = day + (gap + time if time else "") + zone
        outline = re.sub("%[YymdHIMSf]", "9", re.sub("%[bBpZ]", "A", text))
        for zone_outline in ("+9:9", "-9:9", "+9", "-9", "A") if "%z" in text else ("",):
            key = _outline(outline.replace("%z", zone_outline))
            if text not in found[key]:
                found[key].append(text)
    return found


def _outline(text: str) -> str:
    return re.sub("[A-Za-z]+", "A", re.sub("[0-9]+", "9", text))


def _as_date(header: str, values: list[str], hints: Hints) -> CellType | None:
    groups = _date_groups(header, values)
    if groups is None:
        return None
    formats: list[str] = []
    evidence: list[str] = []
    order = _proven_order(groups)
    for items, candidates in groups:
        readings = [item for item in candidates if _order(item) in (None, order)] if order else candidates
        if len(readings) > 1 and (plausible := _plausible_years(items, readings)):
            readings = plausible
            evidence.append("the years of this reading are a few, of any other many")
        if len(readings) > 1 and hints.order and not order:
            readings = [item for item in readings if _order(item) in (None, hints.order)] or readings
            evidence.append(f"{hints.order}: other dates of the file prove it, these fit both")
        if len(readings) > 1:
            choices = " or ".join(f'"{item}"' for item in readings)
            kind = "datetime" if any("%H" in item or "%I" in item for item in readings) else "date"
            return CellType(
                asked("text", f"every value fits {choices}, so it is text; choose type: {kind} and formats"),
                open_kind="date",
            )
        if order and _order(readings[0]) == order and len(candidates) == 1:
            other = _turned(readings[0])
            number = sum(not _is_day(value, other) for value in items)
            part = "first" if order == _DAYS_FIRST else "second"
            evidence.append(f"{order}: {count(number, 'different value')} with a {part} part above 12")
        formats.append(readings[0])
        if "%b" in readings[0] and _all_days(items, readings[0].replace("%b", "%B")):
            # May is both its short and its long name
            formats.append(readings[0].replace("%b", "%B"))
    formats = list(dict.fromkeys(formats))
    kind = "datetime" if any("%H" in item or "%I" in item for item in formats) else "date"
    text = "a day of the calendar in each filled cell" + (" with its time" if kind == "datetime" else "")
    return CellType(
        proven(kind, text), formats=formats, format_evidence="; ".join(dict.fromkeys(evidence)) or None
    )


def holds_days(values: list[str]) -> bool:
    """Whether all values are days in some format."""
    return _date_groups("date", values) is not None


def date_order(header: str, values: Iterable[str]) -> str | None:
    """The order of day and month where the values prove one."""
    groups = _date_groups(header, [value for value in values if value not in NULL_TOKENS])
    return _proven_order(groups) if groups else None


def _date_groups(header: str, values: list[str]) -> list[tuple[list[str], list[str]]] | None:
    """The values by outline, each with the formats that all of it fits; None where one is no date."""
    if not values or (all(value.isdigit() for value in values) and not has_word(header, DATE_WORDS)):
        return None
    if any(value.isdigit() and len(value) != len("20260131") for value in values):
        return None
    by_outline: dict[str, list[str]] = defaultdict(list)
    for value in values:
        by_outline[_outline(value)].append(value)
    if len(by_outline) > 6:
        return None
    groups = []
    for outline, items in by_outline.items():
        candidates = [item for item in _formats_by_outline().get(outline, ()) if _all_days(items, item)]
        if not candidates:
            return None
        if any("%b" in item for item in candidates):
            candidates = [item for item in candidates if "%B" not in item]
        groups.append((items, candidates))
    return groups


def _proven_order(groups: list[tuple[list[str], list[str]]]) -> str | None:
    orders = {_order(candidates[0]) for _, candidates in groups if len(candidates) == 1} - {None}
    return orders.pop() if len(orders) == 1 else None


def _plausible_years(values: list[str], readings: list[str]) -> list[str]:
    """The one reading by which two-digit years lie close together, where by the others they do not."""
    if not any("%y" in item for item in readings):
        return []
    spreads = {}
    for item in readings:
        years = {_year(value, item) for value in values}
        spreads[item] = max(years) - min(years)
    close = [item for item, spread in spreads.items() if spread <= 3]
    far = [item for item, spread in spreads.items() if spread > 10]
    return close if close and len(close) + len(far) == len(readings) and far else []


def _year(value: str, item: str) -> int:
    """The year of a date in a format."""
    found = date_format(item)
    match = _compiled(found.pattern).fullmatch(value)
    return datetime.strptime(match[1], found.date_part).year if match else 0  # noqa: DTZ007  a year has no zone


def _order(item: str) -> str | None:
    if re.match("%d[-/.]%m[-/.]", item):
        return _DAYS_FIRST
    return _MONTHS_FIRST if re.match("%m[-/.]%d[-/.]", item) else None


def _turned(item: str) -> str:
    return item.translate(str.maketrans("dm", "md")) if _order(item) else item


def _is_day(value: str, item: str) -> bool:
    found = date_format(item)
    match = _compiled(found.pattern).fullmatch(value)
    return match is not None and is_calendar_day(match[1], found.date_part)


def _all_days(values: list[str], item: str) -> bool:
    return all(_is_day(value, item) for value in values)


@lru_cache(maxsize=5000)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


# ------------------------------------------------------------------------------------------
# The loader's own rule

_NO_TOKENS = Contract(
    report="drafted", platform="drafted", title="", description="", key=["c"],
    columns=[
        Column.model_validate(
            {"name": "c", "headers": ["c"], "type": "text", "required": True, "not_empty": True}
        )
    ],
)  # fmt: skip


def _fits_all(kind: str, formats: tuple[str, ...], values: Iterable[str]) -> bool:
    check = _check(kind, formats)
    return all(check.fault(value) is None for value in values)


@lru_cache(maxsize=64)
def _check(kind: str, formats: tuple[str, ...]) -> Check:
    content: dict[str, object] = {"name": "c", "headers": ["c"], "type": kind}
    if formats:
        content["formats"] = list(formats)
    return compile_check(Column.model_validate(content), _NO_TOKENS, "")
