"""What a file says of itself outside its rows: its days and its currency."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tradewind.drafting.columns import DraftColumn, is_unambiguous_sign
from tradewind.drafting.guess import Guess, asked, count, proven
from tradewind.drafting.vocabulary import AMOUNT_WORDS, ISO_CURRENCIES, has_word

# name, pattern, formats by order of day and month; the first that is in the text counts
_DATES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("[0-9]{4}-[0-9]{2}-[0-9]{2}", ("%Y-%m-%d",)),
    ("[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}", ("%Y/%m/%d",)),
    ("[0-9]{4}\\.[0-9]{2}\\.[0-9]{2}", ("%Y.%m.%d",)),
    ("[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日", ("%Y年%m月%d日",)),
    ("[0-9]{4}_[0-9]{2}_[0-9]{2}", ("%Y_%m_%d",)),
    ("[0-9]{1,2}-[0-9]{1,2}-[0-9]{4}", ("%d-%m-%Y", "%m-%d-%Y")),
    ("[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}", ("%d/%m/%Y", "%m/%d/%Y")),
    ("[0-9]{1,2}\\.[0-9]{1,2}\\.[0-9]{4}", ("%d.%m.%Y", "%m.%d.%Y")),
    ("[0-9]{1,2}_[0-9]{1,2}_[0-9]{4}", ("%d_%m_%Y", "%m_%d_%Y")),
    ("[0-9]{1,2} [A-Z][a-z]{2} [0-9]{4}", ("%d %b %Y",)),
    ("[A-Z][a-z]{2} [0-9]{1,2}, [0-9]{4}", ("%b %d, %Y",)),
    ("[A-Z][a-z]{3,8} [0-9]{1,2}, [0-9]{4}", ("%B %d, %Y",)),
    ("[0-9]{1,2} [A-Z][a-z]{3,8} [0-9]{4}", ("%d %B %Y",)),
    ("20[0-9]{6}", ("%Y%m%d",)),
)
_NO_DIGIT = "(?<![0-9])", "(?![0-9])"
_CURRENCY_LINE = re.compile(
    r"[^A-Za-z]{0,3}(?:Currency|Währung|币种|货币|貨幣|通貨)\W{1,6}("
    + "|".join(sorted(ISO_CURRENCIES))
    + r")\W*"
)


@dataclass(frozen=True)
class DraftFacts:
    """The facts of a draft; each list is as in the contract, with what speaks for it."""

    period: Guess
    currency: Guess
    # whether the file itself says its days
    is_dated: bool
    notes: list[str] = field(default_factory=list)


def draft_facts(columns: Sequence[DraftColumn], above: Sequence[str], stem: str) -> DraftFacts:
    """The period by preamble, file name or folder, and the currency by column, header, cell or preamble."""
    sources, evidence, is_question = _period(above, stem)
    is_dated = bool(sources)
    has_day = any(column.is_date and not column.personal.value for column in columns)
    if sources:
        period = Guess([*sources, {"from": "folder"}], evidence, is_question)
    elif has_day:
        period = proven([], "its rows have days of their own")
    else:
        question = evidence or (
            "neither rows nor file name nor preamble say its days: put each into a folder date=YYYY-MM-DD"
        )
        period = asked([{"from": "folder"}], question)
    return DraftFacts(period, _currency(columns, above), is_dated)


def _period(above: Sequence[str], stem: str) -> tuple[list[dict[str, object]], str, bool]:
    lines = [line for line in above if _dates_in(line)]
    with_two = [line for line in lines if len(_dates_in(line)) == 2]
    if len(lines) == 2 and not with_two and (found := _two_lines(lines)):
        return [found], "two lines above the header name a day each: the first and the last?", True
    chosen = with_two[0] if with_two else lines[0] if len(lines) == 1 else None
    question = ""
    if chosen is not None and len(_dates_in(chosen)) <= 2:
        if found := _source("preamble", chosen):
            evidence = f"line {list(above).index(chosen) + 1} above the header names {_days(chosen)}"
            if with_two:
                return [found], evidence, False
            return [found], f"{evidence}: the day of its rows, or when it was made?", True
        question = "the days above the header fit day first and month first; give facts.period a format"
    dates = _dates_in(stem)
    if 1 <= len(dates) <= 2:
        is_iso = all(pattern == _DATES[0][0] for pattern, _, _ in dates)
        if found := {"from": "file_name"} if is_iso else _source("file_name", stem):
            if len(dates) == 2:
                because = "the first and the last day stand in the name"
                return [{**found, "because": because}], f"the file's name holds {_days(stem)}", False
            because = "the platform writes the reported day into the name"
            question = "the file's name holds 1 day: the reported one, or that of its download?"
            return [{**found, "one_day": True, "because": because}], question, True
        question = "the date in the file's name fits day first and month first; give facts.period a format"
    return [], question, bool(question)


def _days(text: str) -> str:
    return count(len(_dates_in(text)), "day")


def _dates_in(text: str) -> list[tuple[str, tuple[str, ...], str]]:
    """Each date with its pattern and formats; all of the first kind that is in the text."""
    for pattern, formats in _DATES:
        found = re.findall(_NO_DIGIT[0] + pattern + _NO_DIGIT[1], text)
        found = [item for item in found if any(_is_day(item, each) for each in formats)]
        if found:
            return [(pattern, formats, item) for item in found]
    return []


def _source(source: str, text: str) -> dict[str, object] | None:
    """A source of the period, or None where day and month may be either; no word of the text is in it."""
    dates = _dates_in(text)
    pattern, formats, _ = dates[0]
    readings = [item for item in formats if all(_is_day(found, item) for _, _, found in dates)]
    if len(readings) != 1:
        return None
    before, behind = _NO_DIGIT
    start = f"{before}(?P<start>{pattern}){behind}"
    expression = f"{start}.*?{before}(?P<end>{pattern}){behind}" if len(dates) == 2 else start
    if source == "preamble":
        expression = f".*?{expression}.*"
    return {"from": source, "pattern": expression, "formats": readings}


def _two_lines(lines: list[str]) -> dict[str, object] | None:
    """The period of which the first and the last day stand in lines of their own."""
    first, last = (_dates_in(line) for line in lines)
    if len(first) != 1 or len(last) != 1 or first[0][:2] != last[0][:2]:
        return None
    pattern, formats, _ = first[0]
    readings = [item for item in formats if _is_day(first[0][2], item) and _is_day(last[0][2], item)]
    if len(readings) != 1:
        return None
    before, behind = _NO_DIGIT
    days = [datetime.strptime(item[0][2], readings[0]) for item in (first, last)]  # noqa: DTZ007
    if days[0] > days[1]:
        return None
    gap = r"[\s\S]*?"
    expression = f"{gap}{before}(?P<start>{pattern}){behind}{gap}{before}(?P<end>{pattern}){behind}{gap}"
    return {"from": "preamble", "pattern": expression, "formats": readings}


def _is_day(text: str, item: str) -> bool:
    try:
        datetime.strptime(text, item)  # noqa: DTZ007  a day has no zone
    except ValueError:
        return False
    return True


def _currency(columns: Sequence[DraftColumn], above: Sequence[str]) -> Guess:
    amounts = [column for column in columns if column.is_number and has_word(column.header, AMOUNT_WORDS)]
    if own := next((column for column in columns if column.is_currency), None):
        evidence = "each filled cell is the code of a currency"
        return proven([{"from": "column", "column": own.key_name}], evidence)
    if any("{currency}" in column.contract_header for column in columns):
        return proven([{"from": "header"}], "the headers of amounts name one currency")
    signs = {sign for column in columns for sign in column.signs}
    if len(signs) == 1:
        sign = next(iter(signs))
        full = next((column for column in columns if column.signs and column.is_full), None)
        if is_unambiguous_sign(sign) and full:
            evidence = f"every amount with a sign carries {sign}"
            return proven([{"from": "cell", "column": full.key_name}], evidence)
        if not is_unambiguous_sign(sign):
            return asked([], f"amounts carry {sign}, which stands for several currencies; say which it is")
    if len(signs) > 1:
        return asked([], f"amounts carry {len(signs)} signs of currencies; which column says the currency?")
    if any(_CURRENCY_LINE.fullmatch(line.strip()) for line in above):
        pattern = "\\W{0,3}(?:Currency|Währung|币种|货币|貨幣|通貨)\\W{1,6}(?P<value>[A-Z]{3})\\W*"
        return proven([{"from": "preamble", "pattern": pattern}], "a line above the header names it")
    if amounts:
        return asked([], "some headers speak of amounts, and nothing names a currency")
    return proven([], "no column holds amounts")
