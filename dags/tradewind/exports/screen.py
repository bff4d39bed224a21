"""Checks of whole columns with polars: first a cheap test that only sound cells pass, then the rule for the
rest.
"""

from __future__ import annotations

import re

import numpy as np
import polars as pl

from tradewind.exports.checks import BOOLEANS, Check, is_calendar_day

# fixed-width directives; days that every month has need no calendar
_PLAIN_DIRECTIVES = {
    "Y": "[1-9][0-9]{3}", "m": "(?:0[1-9]|1[0-2])", "d": "(?:0[1-9]|1[0-9]|2[0-8])",
    "H": "(?:[01][0-9]|2[0-3])", "M": "[0-5][0-9]", "S": "[0-5][0-9]", "z": "[-+][0-9]{2}:?[0-9]{2}",
}  # fmt: skip


def find_suspects(frame: pl.DataFrame, checks: dict[str, Check]) -> np.ndarray:
    """A mask of the rows of which a cell breaks its column's rule; `checks` by name of the column in the
    frame.
    """
    suspects = np.zeros(frame.height, dtype=bool)
    is_sound = frame.select(_is_surely_sound(name, check).alias(name) for name, check in checks.items())
    for name, check in checks.items():
        if is_sound[name].all():
            continue
        doubtful = (~is_sound[name]).arg_true()
        faulty = _breaks_rule(frame[name].gather(doubtful), check)
        suspects[doubtful.filter(faulty).to_numpy()] = True
    return suspects


def _is_surely_sound(name: str, check: Check) -> pl.Expr:
    cell = pl.col(name)
    test = _plain_test(cell, check)
    return test if check.column.not_empty else (cell.str.len_bytes() == 0) | test


def _plain_test(cell: pl.Expr, check: Check) -> pl.Expr:
    column = check.column
    if column.one_of:
        return cell.is_in(column.one_of)
    if column.pattern:
        return cell.str.contains(f"^(?:{column.pattern})$")
    if check.dates:
        pattern = _plain_date_pattern(check.formats[0])
        return cell.str.contains(pattern) if pattern else pl.lit(value=False)
    if column.type == "integer":
        return cell.cast(pl.Int64, strict=False).is_not_null()
    if column.type == "boolean":
        return cell.is_in(BOOLEANS)
    if column.type == "text":
        return cell.str.contains("^[!-~]")
    if "en" not in check.formats:
        return pl.lit(value=False)
    has_exponent = cell.str.contains("e", literal=True) | cell.str.contains("E", literal=True)
    return cell.cast(pl.Decimal(38, 12), strict=False).is_not_null() & ~has_exponent


def _plain_date_pattern(text: str) -> str | None:
    parts = re.split("%(.)", text)
    if not all(part in _PLAIN_DIRECTIVES for part in parts[1::2]):
        return None
    return "^" + "".join(
        _PLAIN_DIRECTIVES[part] if index % 2 else re.escape(part) for index, part in enumerate(parts)
    ) + "$"  # fmt: skip


def _breaks_rule(cells: pl.Series, check: Check) -> pl.Series:
    is_faulty = ~cells.str.contains(f"^(?:{check.pattern})$")
    if not check.dates:
        return is_faulty
    is_good = cells.str.contains(f"^(?:{check.empty})$")
    for date in check.dates:
        parts = cells.str.extract(f"^(?:{date.pattern})$", 1)
        days = [day for day in parts.unique().to_list() if day and is_calendar_day(day, date.date_part)]
        is_good = is_good | parts.is_in(days).fill_null(value=False)
    return is_faulty | ~is_good
