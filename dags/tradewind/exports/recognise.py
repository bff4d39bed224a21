"""Which report a file is: decided by its header, never by its name."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property

from tradewind.exports.contract import ANY_LOCALE, Column, Contract
from tradewind.exports.faults import RefusedFileError
from tradewind.exports.headers import normalise
from tradewind.exports.languages import foreign_headers
from tradewind.exports.surroundings import is_remark_on_days, says_nothing, separator_of

DELIMITERS = (",", "\t", ";", "|")
MAX_HEADER_LINES = 60
# as many as a worksheet holds; no report has a tenth of them
MAX_COLUMNS = 16_384
# no header names a column at such length
MAX_HEADER_CELL = 4_096
# a report is called the nearest where at least so much of what it needs is there
MIN_RESEMBLANCE = 0.6
# with what a spreadsheet fills a line up
_FILLING = ' "' + "".join(DELIMITERS)
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|\Z)")
_LINE_END = re.compile(r"\r\n|\n|\r")
_QUOTED_CELL = re.compile(r'"([^"]*(?:""[^"]*)*)"')
_PLAIN_CELLS = {item: re.compile(rf'[^"\r\n{re.escape(item)}]*') for item in DELIMITERS}


@dataclass(frozen=True)
class Header:
    """A header line that fits a contract."""

    contract: Contract
    cells: tuple[str, ...]
    # one entry a column of the file; None where the contract does not know the column or sets it aside
    columns: tuple[Column | None, ...]
    delimiter: str
    preamble: tuple[str, ...]
    locale: str
    currency: str | None
    # characters from the beginning of the text to the first record
    end: int

    @property
    def extra_names(self) -> dict[int, str]:
        """Names of the columns that go to `extra_columns`, by position, each made unique."""
        names: dict[int, str] = {}
        taken: set[str] = set()
        for position, (cell, column) in enumerate(zip(self.cells, self.columns, strict=True)):
            if column is None:
                name = cell.strip() or f"column {position + 1}"
                names[position] = name if name not in taken else f"{name} ({position + 1})"
                taken.add(names[position])
        return names


@dataclass(frozen=True)
class _Match:
    contract: Contract
    columns: tuple[Column | None, ...]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    repeated: tuple[str, ...]
    forbidden: tuple[str, ...]
    currency: str | None

    @property
    def fits(self) -> bool:
        return not self.missing and not self.forbidden

    @property
    def found(self) -> int:
        return sum(column is not None for column in self.columns)


@dataclass(frozen=True)
class _Candidate:
    """The cells of what may be a header: one record by the rules of CSV, or one line split plainly."""

    cells: tuple[str, ...]
    delimiter: str
    is_quoted: bool
    number: int
    start: int
    end: int
    # its quotes are those of CSV
    is_sound: bool = True

    @cached_property
    def normalised(self) -> list[str]:
        return [normalise(cell) for cell in self.cells]

    @cached_property
    def found(self) -> frozenset[str]:
        return frozenset(self.normalised)

    def is_for(self, contract: Contract) -> bool:
        """Whether files of the report with this delimiter are split in this way."""
        return contract.is_quoted(self.delimiter) == self.is_quoted


def recognise(
    text: str, contracts: Mapping[str, Contract], report: str | None = None, *, any_preamble: bool = False
) -> Header:
    """Find the header in the first lines of a file and the one contract that it fits.

    `report` overrules the choice of the contract; the header has to fit it all the same. With `any_preamble`
    lines may stand above it whatever the contract says.

    Raises:
        RefusedFileError: no contract fits, several do, the header contradicts the one that does, is broken,
            or has more columns than any.
    """
    if report is not None:
        if report not in contracts:
            raise RefusedFileError("no_such_report", report=report, known=_by_likeness(report, contracts))
        contracts = {report: contracts[report]}
    lines = list(_first_lines(text))
    candidates: list[_Candidate] = []
    for number, (line, start, _) in enumerate(lines):
        if max(map(line.count, DELIMITERS)) >= MAX_COLUMNS:
            raise RefusedFileError("too_many_columns", limit=MAX_COLUMNS)
        ways = list(_candidates(text, line, number, start))
        fitting = [
            (match, way)
            for way in ways
            for contract in contracts.values()
            if way.is_for(contract) and contract.may_fit(way.found)
            if (match := _match(contract, way)).fits
        ]
        if fitting:
            above = [line for line, *_ in lines[:number]]
            return _choose(fitting, above, any_preamble=any_preamble)
        candidates += ways
    raise _unknown(_nearest(candidates, contracts), candidates, [line for line, *_ in lines], report)


def _by_likeness(name: str, contracts: Mapping[str, Contract]) -> list[str]:
    """The reports' names, those first that `name` may have meant."""
    alike = get_close_matches(name, contracts, n=5, cutoff=0.5)
    return [*alike, *(item for item in sorted(contracts) if item not in alike)]


def _candidates(text: str, line: str, number: int, start: int) -> Iterator[_Candidate]:
    """The ways to read a header that begins with this line."""
    end = _behind_line(text, start + len(line))
    for delimiter in DELIMITERS:
        if delimiter not in line:
            continue
        names = tuple(line.removeprefix("\ufeff").split(delimiter))
        quoted = _Candidate(names, delimiter, is_quoted=True, number=number, start=start, end=end)
        if '"' in line:
            record = _split_record(text, start, delimiter)
            cells, record_end = record or (tuple(name.strip().strip('"') for name in names), end)
            quoted = replace(quoted, cells=cells, end=record_end, is_sound=record is not None)
            # where quotes are ordinary characters in the rows, they may enclose the names all the same
            names = tuple(split_line(line, delimiter))
        yield quoted
        yield replace(quoted, cells=names, end=end, is_quoted=False, is_sound=True)


def _split_record(text: str, start: int, delimiter: str) -> tuple[tuple[str, ...], int] | None:
    """The cells of the record that begins here by the rules of CSV, and where it ends; None where its quotes
    are out of place.
    """
    cells = []
    position = start + text.startswith("\ufeff", start)
    plain = _PLAIN_CELLS[delimiter]
    while True:
        if text.startswith('"', position):
            # without this limit a quote left open costs the whole text, for each line again
            found = _QUOTED_CELL.match(text, position, position + MAX_HEADER_CELL)
            if found is None:
                return None
            cells.append(found[1].replace('""', '"'))
        else:
            found = plain.match(text, position)
            if found is None:  # the pattern fits any text
                return None
            cells.append(found[0])
        position = found.end()
        behind = text[position : position + 1]
        if behind == delimiter and len(cells) <= MAX_COLUMNS:
            position += 1
        elif behind in ("", "\r", "\n"):
            return tuple(cells), _behind_line(text, position)
        else:
            return None


def _behind_line(text: str, end: int) -> int:
    found = _LINE_END.match(text, end)
    return found.end() if found else end


def _nearest(
    candidates: list[_Candidate], contracts: Mapping[str, Contract]
) -> tuple[Contract, _Candidate] | None:
    """The report of whose required columns the largest share is there, and where; None where it is small."""
    best: tuple[tuple[float, int], Contract, _Candidate] | None = None
    for way in candidates:
        for contract in contracts.values():
            if not way.is_for(contract) or not contract.knows_any(way.found):
                continue
            share, count = contract.resemblance(way.found)
            if best is None or (share, count) > best[0]:
                best = (share, count), contract, way
    if best is None or best[0][0] < MIN_RESEMBLANCE or best[0][1] < 2:
        return None
    return best[1], best[2]


def _choose(fitting: list[tuple[_Match, _Candidate]], above: list[str], *, any_preamble: bool) -> Header:
    way = fitting[0][1]
    texts = [_without_padding(line, way.delimiter) for line in above]
    allowed = [item for item in fitting if any_preamble or _preamble_allowed(item[0].contract, texts)]
    if not allowed:
        report = fitting[0][0].contract.report
        raise RefusedFileError("lines_above_header", report=report, row=way.number + 1)
    if len(reports := sorted({match.contract.report for match, _ in allowed})) > 1:
        raise RefusedFileError("ambiguous_report", candidates=reports)
    match, way = allowed[0]
    contract = match.contract
    if not way.is_sound:
        raise RefusedFileError("header_broken", report=contract.report, row=way.number + 1)
    if not contract.may_be_delimited_by(way.delimiter):
        raise RefusedFileError(
            "delimiter_not_allowed", report=contract.report, found=way.delimiter, expected=[",", ";", "\t"]
        )
    if match.repeated:
        raise RefusedFileError("header_ambiguous", report=contract.report, columns=list(match.repeated))
    return Header(
        contract=contract,
        cells=way.cells,
        columns=match.columns,
        delimiter=way.delimiter,
        preamble=tuple(above if any_preamble else texts),
        locale=_locale(contract, way.cells, match.columns),
        currency=match.currency,
        end=way.end,
    )


def _without_padding(line: str, delimiter: str) -> str:
    """A line above the header without the delimiters and quotes with which a spreadsheet fills it up."""
    if separator_of(line):
        return line
    cells = split_line(line, delimiter)
    while cells and not cells[-1].strip():
        cells.pop()
    return ",".join(cells)


def split_line(line: str, delimiter: str) -> list[str]:
    """The cells of one line of a header."""
    line = line.removeprefix("\ufeff")
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return line.split(delimiter)


def _first_lines(text: str) -> Iterator[tuple[str, int, int]]:
    """The lines in which a header may begin: without their ends, with the places of begin and end."""
    position = 0
    for _ in range(MAX_HEADER_LINES):
        if position >= len(text):
            return
        match = _LINE.match(text, position)
        if match is None:  # the pattern fits any text
            return
        yield match.group().rstrip("\r\n"), position, match.end()
        position = match.end()


def _match(contract: Contract, way: _Candidate) -> _Match:
    columns: list[Column | None] = []
    repeated: list[str] = []
    currencies: set[str] = set()
    for cell in way.normalised:
        column, currency = _column(contract, cell)
        if currency:
            currencies.add(currency)
        if column is not None and column in columns:
            if not column.may_repeat:
                repeated.append(column.name)
            column = None
        columns.append(column)
    names = {column.name for column in columns if column is not None}
    missing = [column.headers for column in contract.columns if column.required and column.name not in names]
    wanted = [next(iter(headers.values()))[0] for headers in missing]
    if contract.any_of and not any(names.issuperset(group) for group in contract.any_of):
        wanted.append(" or ".join(" with ".join(group) for group in contract.any_of))
    forbidden = [cell for cell in contract.absent if normalise(cell) in way.found]
    unknown = [cell for cell, column in zip(way.cells, columns, strict=True) if column is None]
    return _Match(
        contract, tuple(columns), tuple(wanted), tuple(unknown), tuple(repeated), tuple(forbidden),
        currencies.pop() if len(currencies) == 1 else None,
    )  # fmt: skip


def _column(contract: Contract, cell: str) -> tuple[Column | None, str | None]:
    if column := contract.by_header.get(cell):
        return column, None
    if any(re.fullmatch(pattern, cell) for pattern in contract.set_aside):
        return None, None
    for pattern, column in contract.currency_headers:
        if found := pattern.fullmatch(cell):
            return column, found["currency"].upper()
    return None, None


def _preamble_allowed(contract: Contract, lines: list[str]) -> bool:
    """Whether the lines above the header are those of the report; some may stand above any."""
    remarks = [line for line in lines if not _is_harmless(line)]
    if contract.preamble.comment is not None:
        return all(line.startswith(contract.preamble.comment) for line in remarks)
    return len(remarks) <= contract.preamble.max_lines


def _is_harmless(line: str) -> bool:
    return bool(not line.strip() or separator_of(line) or is_remark_on_days(line) or says_nothing(line))


def _locale(contract: Contract, cells: tuple[str, ...], columns: tuple[Column | None, ...]) -> str:
    scores: dict[str, int] = {}
    for cell, column in zip(cells, columns, strict=True):
        for locale, headers in column.headers.items() if column else ():
            # dashes count here: American headers have the hyphen, European ones the en dash
            is_same = cell.strip().casefold() in {header.casefold() for header in headers}
            is_same = is_same or (
                "-" not in cell and normalise(cell) in map(normalise, headers) and "–" not in cell
            )
            scores[locale] = scores.get(locale, 0) + is_same
    return max(scores, key=lambda locale: scores[locale], default=ANY_LOCALE)


def _unknown(
    nearest: tuple[Contract, _Candidate] | None,
    candidates: list[_Candidate],
    lines: list[str],
    report: str | None,
) -> RefusedFileError:
    if any("\0" in cell for way in candidates for cell in way.cells):
        return RefusedFileError("nul_bytes")
    if (
        report is None
        and any(says_nothing(line.strip(_FILLING)) for line in lines)
        and not any(map(str.strip, lines[MAX_HEADER_LINES - 1 :]))
    ):
        return RefusedFileError("no_data_no_header")
    if nearest is None:
        for way in candidates:
            if known := foreign_headers(way.found):
                platform, language = known
                return RefusedFileError(
                    "header_in_other_language", platform=platform, language=language, row=way.number + 1
                )
        if report is None:
            return RefusedFileError("resembles_no_report")
        return RefusedFileError("header_does_not_fit", report=report, missing=[], unknown=[], row=1)
    contract, way = nearest
    match = _match(contract, way)
    # a file without a header has data in its first line: its cells are named only where most of them are
    # headers
    is_header = match.found * 2 >= len(match.columns)
    return RefusedFileError(
        "header_does_not_fit" if report else "unknown_report",
        report=report,
        nearest=contract.report,
        missing=list(match.missing),
        unknown=[*match.forbidden, *(match.unknown if is_header else ())],
        row=way.number + 1,
    )
