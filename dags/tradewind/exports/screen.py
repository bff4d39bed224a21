"""Checks of whole columns with polars: first a cheap test that only sound cells pass, then the rule for the
rest.
"""

from __future__ import annotations

import re

import numpy as np
import polars as pl

from tradewind.exports.blanks import BLANKS
from tradewind.exports.checks import ROUNDED_ID, Check
from tradewind.exports.numbers import MAX_DIGITS, MAX_INTEGER_DIGITS
from tradewind.exports.reading import FALSE, TRUE

# fixed-width directives, and days that every month has
_PLAIN_DIRECTIVES = {
    "Y": "[1-9][0-9]{3}", "m": "(?:0[1-9]|1[0-2])", "d": "(?:0[1-9]|1[0-9]|2[0-8])",
    "H": "(?:[01][0-9]|2[0-3])", "M": "[0-5][0-9]", "S": "[0-5][0-9]", "z": "[-+]0[0-9]:?[0-5][0-9]",
}  # fmt: skip


_ROUNDED_ID = f"^{BLANKS}(?:{ROUNDED_ID}){BLANKS}$"
_POINT_FORMATS = ("en", "ch", "in")
_POINT_NUMBER = rf"^-?[0-9]{{1,{MAX_DIGITS}}}(?:\.[0-9]{{1,{MAX_DIGITS}}})?$"


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
    if column.type == "text":
        test = pl.lit(value=True)
        if column.one_of:
            test = cell.is_in(column.one_of)
        elif column.pattern:
            test = cell.str.contains(f"^(?:{column.pattern})$")
        elif column.not_empty:
            test = cell.str.contains("^[!-~]")
        return test & ~cell.str.contains(_ROUNDED_ID) if check.is_id else test
    if len(check.patterns) > 1:
        return pl.lit(value=False)
    if check.forms:
        pattern = _plain_date_pattern(check.formats[0])
        return cell.str.contains(pattern) if pattern else pl.lit(value=False)
    if column.type == "boolean":
        return cell.is_in([*TRUE, *FALSE])
    if column.type == "integer":
        return cell.str.contains(f"^-?[0-9]{{1,{MAX_INTEGER_DIGITS}}}$")
    has_point = any(item in _POINT_FORMATS for item in check.formats)
    return cell.str.contains(_POINT_NUMBER) if has_point else pl.lit(value=False)


def _plain_date_pattern(text: str) -> str | None:
    parts = re.split("%(.)", text)
    if not all(part in _PLAIN_DIRECTIVES for part in parts[1::2]):
        return None
    return "^" + "".join(
        _PLAIN_DIRECTIVES[part] if index % 2 else re.escape(part) for index, part in enumerate(parts)
    ) + "$"  # fmt: skip


def _breaks_rule(cells: pl.Series, check: Check) -> pl.Series:
    is_faulty = cells.str.contains(f"^(?:{check.empty})$")
    for pattern in check.patterns:
        is_faulty |= ~cells.str.contains(f"^{BLANKS}(?:{pattern}){BLANKS}$")
    if check.is_id:
        is_faulty |= cells.str.contains(_ROUNDED_ID)
    if check.may_be_empty is None:
        return is_faulty
    return is_faulty & ~cells.str.contains(f"^(?:{check.may_be_empty})$")
