"""Cells of a workbook, which come as ISO dates and plain numbers, in the forms in which the report's own text
has them: what reads the rows needs one form alone.
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TextIO

from tradewind.exports.contract import Column
from tradewind.exports.faults import Fault
from tradewind.exports.recognise import Header

_MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[ T]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:\.0+)?)?")
_PLAIN = re.compile(r"[-+]?[0-9]+(?:\.[0-9]+)?")
# a number, or the text of a report that groups its digits by dots
_OPEN = re.compile(r"[-+]?[0-9]{1,3}\.[0-9]{3}")
_OF_TIME = re.compile("%[HIMSpf]")
_OF_ZONE = re.compile("%[zZ]")

Rewrite = Callable[[str], str | None]


def rewrites_of(header: Header, number_texts: Mapping[int, list[str]]) -> dict[int, Rewrite]:
    """By position the columns whose typed cells are not in the report's form; None for a cell that could be
    two: where a column holds such texts, each of its cells may be one.
    """
    found = {}
    for position, column in enumerate(header.columns):
        texts = number_texts.get(position, [])
        rewrite = _rewrite_of(column, header.locale, texts) if column else None
        if rewrite:
            found[position] = rewrite
    return found


def rewrite_table(
    lines: TextIO, out: TextIO, header: Header, rewrites: dict[int, Rewrite]
) -> Iterator[tuple[int, Fault]]:
    """Write a table of our own anew; yields the rows that cannot be told, from 0, with the fault."""
    # a cell is as long as it is
    csv.field_size_limit(sys.maxsize)
    writer = csv.writer(out, lineterminator="\n")
    is_body = False
    for number, row in enumerate(csv.reader(lines)):
        if is_body:
            for position, rewrite in rewrites.items():
                if position >= len(row):
                    continue
                cell = rewrite(row[position])
                if cell is None:
                    column = header.columns[position]
                    yield number, Fault("ambiguous_number", column.name if column else None)
                else:
                    row[position] = cell
        is_body = is_body or tuple(row) == header.cells
        writer.writerow(row)


def _rewrite_of(column: Column, locale: str, texts: list[str]) -> Rewrite | None:
    formats = column.formats_for(locale)
    if column.type in ("date", "datetime"):
        is_iso = any(item.startswith("%Y-%m-%d") and not _OF_ZONE.search(item) for item in formats)
        days = [item for item in formats if not _OF_TIME.search(item)]
        moments = [item for item in formats if _OF_TIME.search(item) and not _OF_ZONE.search(item)]
        if is_iso and (column.type == "date" or "%Y-%m-%d %H:%M:%S" in formats):
            return None
        return lambda cell: _moment(cell, days, moments)
    if column.type in ("integer", "decimal", "percent", "money") and {*formats} <= {"de", "fr"}:
        is_open = any(_OPEN.fullmatch(text.strip()) for text in texts)
        return _number_or_text if is_open else _number
    return None


def _moment(cell: str, days: list[str], moments: list[str]) -> str:
    """A typed date in the first of the formats that holds all of it; else as it is, and set aside."""
    found = _MOMENT.fullmatch(cell.strip())
    if found is None:
        return cell
    try:
        moment = datetime.fromisoformat(found[1] + ("T" + found[2] if found[2] else ""))
    except ValueError:
        return cell
    is_day = not (moment.hour or moment.minute or moment.second)
    formats = [*days, *moments] if is_day else moments
    return moment.strftime(formats[0]) if formats else cell


def _number_or_text(cell: str) -> str | None:
    return None if _OPEN.fullmatch(cell.strip()) else _number(cell)


def _number(cell: str) -> str:
    text = cell.strip()
    return text.replace(".", ",") if _PLAIN.fullmatch(text) else cell
