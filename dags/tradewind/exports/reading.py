"""How a typed cell is read: from a column's type and formats come both the pattern that the loader checks a
cell against and the SQL by which the models and the gates read it. What the pattern lets pass, the SQL reads;
of anything else it makes NULL, and no text makes it fail.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from tradewind.exports.blanks import BLANK_CHARACTERS, BLANKS
from tradewind.exports.dates import date_pattern, day_value, moment_value
from tradewind.exports.numbers import NUMBER_TYPES, number_pattern, number_value, sql_text

# what the SQL of `readings` has in the place of a cell, the locale of its file's header, and a time zone
CELL, LOCALE, TIMEZONE = "@cell@", "@locale@", "@timezone@"
ANY_LOCALE = ""
TRUE = ("true", "True", "TRUE", "yes", "Yes", "YES", "1")
FALSE = ("false", "False", "FALSE", "no", "No", "NO", "0")


def trimmed(cell: str) -> str:
    """SQL of a cell without the blanks at its edges."""
    return f"btrim({cell}, {sql_text(BLANK_CHARACTERS)})"


_TRIMMED = trimmed(CELL)


def cell_pattern(kind: str, formats: Sequence[str], symbol: str | None = None) -> str | None:
    """The pattern of a cell of a type without the blanks at its edges; None where any text will do.

    `symbol` is the one sign of a currency that amounts of money may carry.
    """
    if kind in NUMBER_TYPES:
        return number_pattern(kind, tuple(formats), symbol)
    if kind in ("date", "datetime"):
        return "|".join(map(date_pattern, formats))
    return "|".join((*TRUE, *FALSE)) if kind == "boolean" else None


def readings(
    kind: str, formats: Mapping[str, Sequence[str]], default: Sequence[str], null_tokens: Sequence[str]
) -> dict[str, str]:
    """PostgreSQL's expressions of what a cell of a type holds, by kind of value.

    Of numbers `number` (numeric: 5 for 5 %), of dates `day` (date), of datetimes `day`, the one that is
    written in the cell, and `moment` (timestamptz), of booleans `flag`. Each has `@cell@` for the cell,
    `@locale@` for the locale of the file's header, and `@timezone@` for the zone of moments that do not say
    theirs. NULL where the cell is blank, one of `null_tokens`, or nothing of the type.
    """
    by_locale = {locale: tuple(items) for locale, items in formats.items()}
    by_locale.setdefault(ANY_LOCALE, tuple(default))
    return dict(_readings(kind, tuple(sorted(by_locale.items())), tuple(null_tokens)))


@lru_cache(maxsize=10_000)
def _readings(
    kind: str, by_locale: tuple[tuple[str, tuple[str, ...]], ...], null_tokens: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    tokens = [token.strip() for token in null_tokens]

    def read(value: Callable[[tuple[str, ...]], str]) -> str:
        branches = []
        # the locales that have formats of their own come first
        for locale, formats in sorted(by_locale, key=lambda item: item[0] == ANY_LOCALE):
            # the formats of a number have one decimal mark, and are read alike
            for group in [formats] if kind in NUMBER_TYPES else [(item,) for item in formats]:
                branches.append(_branch(locale, cell_pattern(kind, group) or "", tokens, value(group)))
            if locale:
                branches.append(f"when {LOCALE} = {sql_text(locale)} then null")
        return f"(case {' '.join(branches)} end)"

    if kind in NUMBER_TYPES:
        return (("number", read(lambda formats: number_value(kind, formats, CELL))),)
    if kind == "boolean":
        choices = " ".join(
            f"when {_TRIMMED} in ({', '.join(map(sql_text, texts))}) then {value}"
            for texts, value in ((TRUE, "true"), (FALSE, "false"))
        )
        return (("flag", f"(case {choices} end)"),)
    if kind not in ("date", "datetime"):
        return ()
    day = ("day", read(lambda formats: day_value(formats[0], _TRIMMED)))
    moment = ("moment", read(lambda formats: moment_value(formats[0], _TRIMMED, TIMEZONE)))
    return (day,) if kind == "date" else (day, moment)


def account_id(cell: str) -> str:
    """PostgreSQL's expression of an account's id, the same however its digits are written; NULL of a blank.

    123-456-7890, act_1234567890, and 1234567890.0 as a spreadsheet leaves it, are one account.
    """
    text = f"normalize({trimmed(cell)}, nfkc)"
    digits = f"regexp_replace(regexp_replace({text}, '[.,]0+$', ''), '[^0-9]+', '', 'g')"
    return f"coalesce(nullif(ltrim({digits}, '0'), ''), nullif(lower({text}), ''))"


def _branch(locale: str, pattern: str, tokens: Sequence[str], value: str) -> str:
    conditions = [f"{LOCALE} = {sql_text(locale)}"] if locale else []
    conditions.append(f"{CELL} ~ {sql_text(f'^{BLANKS}(?:{pattern}){BLANKS}$')}")
    if fitting := [token for token in tokens if re.fullmatch(pattern, token)]:
        conditions.append(f"{_TRIMMED} not in ({', '.join(map(sql_text, fitting))})")
    return f"when {' and '.join(conditions)} then {value}"


def fill(expression: str, cell: str, locale: str = "''", timezone: str = "'UTC'") -> str:
    """An expression of `readings` for a cell; all given as SQL."""
    return expression.replace(CELL, cell).replace(LOCALE, locale).replace(TIMEZONE, timezone)
