"""How a text is laid out: its delimiter and quotes, the lines above its header, and its records."""

from __future__ import annotations

import csv
import itertools
import re
from collections import Counter
from dataclasses import dataclass, field

from tradewind.drafting.guess import DraftError, Guess, asked, count, proven
from tradewind.drafting.personal import reaches_a_person
from tradewind.exports.blanks import BLANK_CHARACTERS
from tradewind.exports.recognise import DELIMITERS, MAX_HEADER_LINES, split_line
from tradewind.exports.records import Record, RecordSplitter

SAMPLE_LINES = 500
# so many widths of lines are tried, the most frequent ones first
MAX_WIDTHS = 8
MAX_PREAMBLE = 50
# records at either end that may be totals
EDGE = 5
NAMES = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "vertical bars"}
TOTAL_WORDS = (
    "grand total", "subtotal", "totals", "total", "sum", "gesamtsumme", "gesamt", "zwischensumme", "summe",
    "insgesamt", "totale", "totaal", "razem", "итого", "всего", "合计", "总计", "小计", "汇总", "合計",
    "總計", "小計", "総計",
)  # fmt: skip
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|\Z)")
_NUMBER = re.compile(r"[-+(]?[^\w\s]?\s?[0-9][0-9.,' ]*\)?\s?[%€$£¥]?")
_DATE = re.compile(r"[0-9]{1,4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,4}日?(?:[ T].*)?")


@dataclass(frozen=True)
class Layout:
    """A table as it stands in the file; `records` are those that could be split, total rows taken out."""

    delimiter: Guess
    quoted: Guess
    preamble: Guess
    above: tuple[str, ...]
    header: tuple[str, ...]
    records: list[tuple[str, ...]]
    totals: Guess
    # whether the last record has a line end, as the others have
    has_last_line_end: bool
    # how many records could not be split, by what is wrong with them
    faults: Counter[str]
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Candidate:
    delimiter: str
    line: int
    cells: tuple[str, ...]
    share: float
    is_doubtful: bool
    # cells of records that fit the header
    covered: int


def read_layout(text: str) -> Layout:
    """Find the table in a text.

    Raises:
        DraftError: it holds no table of two columns or more with a header.
    """
    lines = _physical_lines(text)
    candidates = [found for delimiter in DELIMITERS if (found := _candidate(lines, delimiter))]
    if not candidates:
        raise DraftError(
            "No line among the first 60 is a header of two columns or more (separated by commas, tabs, "
            "semicolons or bars) over records of its width. A contract needs a header: add one to the file, "
            "or export it with one."
        )
    candidates.sort(key=lambda item: (-round(item.share, 2), -len(item.cells)))
    best, *others = candidates
    if any("\udc80" <= character <= "\udcff" for cell in best.cells for character in cell):
        raise DraftError("The header holds bytes that are not in the file's encoding. Export it again.")
    body = "".join(lines[best.line + 1 :]) if len(lines) < SAMPLE_LINES else _behind(text, best.line + 1)
    if "\n" not in text:
        body = body.replace("\r", "\n")
    quoted, records = _split(body, best)
    cells = [record.cells for record in records if not record.fault]
    kept = [row for row in cells if any(cell.strip(BLANK_CHARACTERS) for cell in row)]
    _refuse_records_as_header(best, kept)
    kept, totals, notes = _without_totals(kept)
    faults = Counter(record.fault.code for record in records if record.fault)
    if faults:
        listed = ", ".join(f"{number:,} {code}" for code, number in sorted(faults.items()))
        notes.append(f"records that cannot be split and go to quarantine: {listed}")
    return Layout(
        delimiter=_delimiter(best, others),
        quoted=quoted,
        preamble=_preamble(lines[: best.line], best),
        above=tuple(line.rstrip("\r\n") for line in lines[: best.line]),
        header=best.cells,
        records=kept,
        totals=totals,
        has_last_line_end=text.endswith(("\n", "\r")),
        faults=faults,
        notes=notes,
    )


def is_value(cell: str) -> bool:
    """Whether a cell is a number, a day or reaches a person, as no header is or does."""
    text = cell.strip(BLANK_CHARACTERS)
    return bool(_NUMBER.fullmatch(text) or _DATE.fullmatch(text)) or reaches_a_person(text)


def _physical_lines(text: str) -> list[str]:
    return list(itertools.islice((m[0] for m in _LINE.finditer(text) if m[0]), SAMPLE_LINES))


def _behind(text: str, lines: int) -> str:
    found = next(itertools.islice(_LINE.finditer(text), lines, None), None)
    return text[found.start() :] if found else ""


def _candidate(lines: list[str], delimiter: str) -> _Candidate | None:
    """The table that a delimiter makes of the lines: the one that most cells belong to."""
    widths = Counter(len(row) for row in _rows(lines, delimiter) if len(row) > 1)
    # a wide table may stand below more lines of names and values than it has records
    found = [_of_width(lines, delimiter, width) for width, _ in widths.most_common(MAX_WIDTHS)]
    return max(
        filter(None, found), key=lambda item: (item.share * item.covered, len(item.cells)), default=None
    )


def _rows(lines: list[str], delimiter: str) -> list[list[str]]:
    try:
        rows = [row for row in csv.reader(lines, delimiter=delimiter) if any(cell.strip() for cell in row)]
    except csv.Error:
        return []
    # where the sample ends, so may the last of its records
    return rows[:-1] if len(lines) == SAMPLE_LINES else rows


def _of_width(lines: list[str], delimiter: str, width: int) -> _Candidate | None:
    headers: list[tuple[int, tuple[str, ...]]] = []
    of_values = 0
    for number, line in enumerate(lines[:MAX_HEADER_LINES]):
        cells = tuple(split_line(line.rstrip("\r\n"), delimiter))
        if len(cells) != width:
            continue
        if _is_header(cells):
            headers.append((number, cells))
        elif _holds_values(line, delimiter, width):
            of_values += 1
            # one such line may stand above the header, with the days of the report
            if headers or of_values > 1:
                break
    if not headers:
        return None
    # of two columns, lines of a name and its value look like a header
    has_pairs = width == 2 and len(headers) > 1 and of_values > 0
    number, cells = headers[-1] if has_pairs else headers[0]
    is_doubtful = has_pairs or any(_holds_values(line, delimiter, width) for line in lines[:number])
    below = _rows(lines[number:], delimiter)
    fitting = sum(len(row) == width for row in below)
    share = fitting / len(below) if below else 0.0
    return _Candidate(delimiter, number, cells, share, is_doubtful, fitting * width) if share >= 0.5 else None


def _holds_values(line: str, delimiter: str, width: int) -> bool:
    """Whether a line looks like a record: half its cells filled, a number or a day among them."""
    cells = split_line(line.rstrip("\r\n"), delimiter)
    is_filled = sum(bool(cell.strip()) for cell in cells) * 2 >= width
    return len(cells) == width and is_filled and any(map(is_value, cells))


def _is_header(cells: tuple[str, ...]) -> bool:
    named = [cell.strip() for cell in cells if cell.strip()]
    if len(named) < 2 or len(named) < 0.6 * len(cells):
        return False
    is_distinct = len({cell.casefold() for cell in named}) >= 0.5 * len(named)
    return is_distinct and not any(is_value(cell) or len(cell) > 200 for cell in named)


def _split(body: str, best: _Candidate) -> tuple[Guess, list[Record]]:
    data = body.encode("utf-8", "surrogateescape")
    if b'"' not in data:
        guess = proven(True, "no cell holds a quote")
        return guess, _records(data, best, quoted=True)
    quoted = _records(data, best, quoted=True)
    quotes = count(data.count(b'"'), "quote")
    faults = sum(record.fault is not None for record in quoted)
    if not faults:
        return proven(True, f"{quotes}, as CSV has them"), quoted
    plain = _records(data, best, quoted=False)
    plain_faults = sum(record.fault is not None for record in plain)
    evidence = (
        f"with quotes as CSV has them {count(faults, 'record')} cannot be split, with quotes as ordinary "
        f"characters {plain_faults:,}"
    )
    cells = [cell.strip() for record in plain for cell in record.cells if '"' in cell]
    enclosed = sum(len(cell) > 1 and cell.startswith('"') and cell.endswith('"') for cell in cells)
    if plain_faults >= faults or enclosed * 2 > len(cells):
        # a quote too many in one record makes ordinary characters of none of the others
        question = (
            f"{evidence}; {enclosed:,} of {count(len(cells), 'cell')} with a quote are enclosed in quotes"
        )
        return asked(True, f"{question}: are the others mistakes, as the draft has it?"), quoted
    return asked(False, f"{evidence}: is a quote a character like any other?"), plain


def _records(data: bytes, best: _Candidate, *, quoted: bool) -> list[Record]:
    splitter = RecordSplitter(best.delimiter, quoted=quoted, width=len(best.cells))
    found = (record for record, _ in splitter.split(data, is_last=True))
    return [record for record in found if record.raw.strip()]


def _refuse_records_as_header(best: _Candidate, records: list[tuple[str, ...]]) -> None:
    again = sum(
        any(row[position].strip() == cell.strip() for row in records)
        for position, cell in enumerate(best.cells)
        if cell.strip()
    )
    if records and again * 2 >= len(best.cells):
        raise DraftError(
            f"Line {best.line + 1} was taken for the header, and its cells come again in the records below: "
            "it looks like a record. A contract needs a header: add one to the file, or export it with one."
        )


def _delimiter(best: _Candidate, others: list[_Candidate]) -> Guess:
    evidence = f"{best.share:.0%} of the first records have the header's {len(best.cells)} columns"
    rivals = [NAMES[item.delimiter] for item in others if round(item.share, 2) == round(best.share, 2)]
    if rivals:
        evidence = f"{evidence}; {' and '.join(rivals)} fit as well, with fewer columns"
    return Guess(best.delimiter, f"{NAMES[best.delimiter]}: {evidence}", is_question=bool(rivals))


def _preamble(lines: list[str], best: _Candidate) -> Guess:
    above = [line.strip() for line in lines]
    if len(above) > MAX_PREAMBLE:
        raise DraftError(f"{len(above)} lines stand above the header; a contract allows {MAX_PREAMBLE}.")
    named = sum(bool(cell.strip()) for cell in best.cells)
    evidence = (
        f"line {best.line + 1} is the first with {count(named, 'name')} and no number or day in it"
        if above
        else f"{count(named, 'name')} in the first line, no number or day among them"
    )
    value: dict[str, object] = {"max_lines": len(above)}
    if above and all(not line or line.startswith("#") for line in above) and any(above):
        value = {"comment": "#"}
        evidence = f"{count(len(above), 'line')} above the header, all blank or beginning with #"
    if best.is_doubtful:
        return asked(
            value,
            f"line {best.line + 1} is taken for the header; one above looks like one too, or like a record",
        )
    return proven(value, evidence)


def _without_totals(
    records: list[tuple[str, ...]],
) -> tuple[list[tuple[str, ...]], Guess, list[str]]:
    """The records without total rows, the patterns of these, and what else is at the end of the file."""
    words = "|".join(re.escape(word) for word in sorted(TOTAL_WORDS, key=len, reverse=True))
    total = re.compile(f"(?i:({words}))(?:[\\s:：].*)?", re.DOTALL)
    found = {
        number: match[1].casefold()
        for number, row in enumerate(records)
        if (match := total.fullmatch(_first_text(row)))
    }
    edges = {*range(min(EDGE, len(records))), *range(max(len(records) - EDGE, 0), len(records))}
    at_edge = {number: word for number, word in found.items() if number in edges}
    notes: list[str] = []
    if not at_edge or len(records) - len(at_edge) < 1:
        if found:
            notes.append(
                f"QUESTION: {count(len(found), 'record')} amid the others begin with a word for a total; if "
                "they are totals, give total_rows a pattern"
            )
        return records, proven([], "no record at either end begins with a word for a total"), notes
    patterns = [
        {"pattern": f"(?i:{word})(?:[\\s:：].*)?"} for word in dict.fromkeys(at_edge.values())
    ]  # fmt: skip
    evidence = f"{count(len(at_edge), 'record')} at the first or last lines begin with it"
    inside = len(found) - len(at_edge)
    if inside:
        evidence += f", and {inside:,} amid the others, left out too: are all of them totals?"
    kept = [row for number, row in enumerate(records) if found.get(number) not in at_edge.values()]
    return kept, Guess(patterns, evidence, is_question=inside > 0), notes


def _first_text(row: tuple[str, ...]) -> str:
    return next((text for cell in row if (text := cell.strip(BLANK_CHARACTERS))), "")
