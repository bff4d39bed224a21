"""What a row is one of: the smallest set of columns that no two records agree in."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from tradewind.drafting.columns import DraftColumn
from tradewind.drafting.guess import Guess, asked, count, proven
from tradewind.drafting.vocabulary import EVENT_CONCEPTS, plain

MAX_COLUMNS = 4
MAX_CANDIDATES = 14
# of fewer records it proves little that no two agree
ENOUGH_RECORDS = 20


def guess_key(columns: Sequence[DraftColumn], records: list[tuple[str, ...]], *, has_period: bool) -> Guess:
    """The key of the contract; its value is the list of columns and facts."""
    days = [
        column
        for column in columns
        if column.type.name == "date" and column.is_full and not column.personal.value
    ]
    candidates = _candidates(columns)
    if not records:
        first = next((column for column in columns if column.is_id), columns[0])
        return asked([first.key_name], "no record shows what a row is one of")
    # a moment, such as that of the last change, names a row by chance alone
    without_moments = [column for column in candidates if column.type.name != "datetime"]
    found = _smallest(without_moments, records) or _smallest(candidates, records)
    if found is None:
        return _without_key(columns, days, has_period=has_period)
    names = [column.key_name for column in found]
    evidence = f"no two of {count(len(records), 'record')} agree in {' and '.join(names)}"
    is_event = any(_names_an_event(column) for column in found)
    has_day = any(column.is_date for column in found)
    if not is_event and not has_day:
        # the same product or campaign comes again the next day
        if days and len(days) == 1:
            names = [days[0].key_name, *names]
            evidence += f"; {days[0].key_name} goes with it, since it comes again on another day"
        elif has_period:
            names = ["load.period_start", *names]
            evidence += "; the file's first day goes with it, since it comes again in the next file"
        else:
            question = (
                f"{evidence}, but no day goes with it: does a newer file replace the row of an older one?"
            )
            return asked(names, question)
    if len(records) < ENOUGH_RECORDS:
        return asked(names, f"{evidence}, which proves little; is a row one of them?")
    return proven(names, evidence)


def _names_an_event(column: DraftColumn) -> bool:
    return column.concept in EVENT_CONCEPTS or plain(column.header) in ("id", "key", "uuid")


def _candidates(columns: Sequence[DraftColumn]) -> list[DraftColumn]:
    """Columns that may tell rows apart: identifiers and days first, then texts; never what is measured."""

    def rank(column: DraftColumn) -> tuple[int, int]:
        if _names_an_event(column):
            return 0, column.position
        if column.is_id:
            return 1, column.position
        if column.type.name == "date" or column.type.open_kind == "date":
            return 2, column.position
        return (3 if column.is_date else 4), column.position

    usable = [
        column
        for column in columns
        if column.filled == column.records
        and not column.is_number
        and column.type.name != "boolean"
        and column.type.open_kind != "number"
        and not (column.personal.value and not column.is_id)
        and len(column.values) > 1
    ]
    return sorted(usable, key=rank)[:MAX_CANDIDATES]


def _smallest(candidates: list[DraftColumn], records: list[tuple[str, ...]]) -> list[DraftColumn] | None:
    if len(records) == 1 and candidates:
        return candidates[:1]
    for size in range(1, MAX_COLUMNS + 1):
        for chosen in itertools.combinations(candidates, size):
            # no set of fewer different values than records can tell them apart
            possible = 1
            for column in chosen:
                possible *= len(column.values)
            if possible < len(records):
                continue
            if _is_unique([column.position for column in chosen], records):
                return list(chosen)
    return None


def _is_unique(positions: list[int], records: list[tuple[str, ...]]) -> bool:
    seen: set[tuple[str, ...]] = set()
    for row in records:
        cells = tuple(row[position] for position in positions)
        if cells in seen:
            return False
        seen.add(cells)
    return True


def _without_key(columns: Sequence[DraftColumn], days: list[DraftColumn], *, has_period: bool) -> Guess:
    none = f"rows have no key: no {MAX_COLUMNS} columns or fewer tell them apart"
    if days:
        return asked(
            [days[0].key_name],
            f"{none}, so whole days are replaced: is a file complete for every {days[0].key_name} in it?",
        )
    if has_period:
        return asked(["load.period_start"], f"{none}, so a file replaces that of the same first day")
    whole = [column for column in columns if column.is_full]
    first = next((column for column in whole if column.is_id), whole[0] if whole else columns[0])
    return asked(
        [first.key_name],
        f"{none}, and nothing says the day: all rows of one {first.key_name} are replaced together",
    )
