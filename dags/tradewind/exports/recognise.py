"""Which report a file is: decided by its header, never by its name."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tradewind.exports.contract import ANY_LOCALE, Column, Contract
from tradewind.exports.faults import RefusedFileError
from tradewind.exports.headers import normalise

DELIMITERS = (",", "\t", ";", "|")
MAX_HEADER_LINES = 60
# as many as a worksheet holds; no report has a tenth of them
MAX_COLUMNS = 16_384
# a record by the rules of CSV, whatever its delimiter: line ends within quotes belong to their cell. A quote
# that does not open a cell, or is not closed before a delimiter, is a character like any other.
_RECORD = re.compile(
    r"""(?>(?:(?<![^,\t;|\r\n])"(?>(?:[^"]|""){0,4096}+)"(?=[,\t;|\r\n]|\Z)|[^"\r\n]+|")*)(?:\r\n|\n|\r|\Z)"""
)


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


def recognise(
    text: str, contracts: Mapping[str, Contract], report: str | None = None, *, any_preamble: bool = False
) -> Header:
    """Find the header in the first lines of a file and the one contract that it fits.

    `report` overrules the choice of the contract; the header has to fit it all the same. With `any_preamble`
    lines may stand above it whatever the contract says.

    Raises:
        RefusedFileError: no contract fits, several do, the header contradicts the one that does, or has more
            columns than any.
    """
    if report is not None:
        if report not in contracts:
            raise RefusedFileError("no_such_report", report=report, known=sorted(contracts))
        contracts = {report: contracts[report]}
    lines = list(_first_lines(text))
    for number, (line, _) in enumerate(lines):
        if max(map(line.count, DELIMITERS)) >= MAX_COLUMNS:
            raise RefusedFileError("too_many_columns", limit=MAX_COLUMNS)
        fitting = [
            (match, delimiter)
            for delimiter in DELIMITERS
            for match in _matches(split_line(line, delimiter), contracts, Contract.may_fit)
            if match.fits
        ]
        if fitting:
            return _choose(fitting, lines, number, any_preamble=any_preamble)
    raise _unknown(_nearest(lines, contracts), report)


def _nearest(lines: list[tuple[str, int]], contracts: Mapping[str, Contract]) -> tuple[_Match, int] | None:
    """The match that comes closest to a header, and its line."""
    matches = (
        (match, number)
        for number, (line, _) in enumerate(lines)
        for delimiter in DELIMITERS
        for match in _matches(split_line(line, delimiter), contracts, Contract.knows_any)
    )
    return max(matches, key=lambda found: _closeness(found[0]), default=None)


def _choose(
    fitting: list[tuple[_Match, str]], lines: list[tuple[str, int]], number: int, *, any_preamble: bool
) -> Header:
    above = [line for line, _ in lines[:number]]
    allowed = [item for item in fitting if any_preamble or _preamble_allowed(item[0].contract, above)]
    if not allowed:
        raise RefusedFileError("lines_above_header", report=fitting[0][0].contract.report, row=number + 1)
    if len(reports := sorted({match.contract.report for match, _ in allowed})) > 1:
        raise RefusedFileError("ambiguous_report", candidates=reports)
    match, delimiter = allowed[0]
    contract = match.contract
    if delimiter not in contract.delimiters:
        raise RefusedFileError(
            "delimiter_not_allowed", report=contract.report, found=delimiter, expected=contract.delimiters
        )
    if match.repeated:
        raise RefusedFileError("header_ambiguous", report=contract.report, columns=list(match.repeated))
    line, end = lines[number]
    cells = tuple(split_line(line, delimiter))
    return Header(
        contract=contract,
        cells=cells,
        columns=match.columns,
        delimiter=delimiter,
        preamble=tuple(above),
        locale=_locale(contract, cells, match.columns),
        currency=match.currency,
        end=end,
    )


def split_line(line: str, delimiter: str) -> list[str]:
    """The cells of one line of a header."""
    line = line.removeprefix("\ufeff")
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return line.split(delimiter)


def _first_lines(text: str) -> Iterator[tuple[str, int]]:
    position = 0
    for _ in range(MAX_HEADER_LINES):
        if position >= len(text):
            return
        match = _RECORD.match(text, position)
        if match is None:  # the pattern fits any text
            return
        position = match.end()
        yield match.group().rstrip("\r\n"), position


def _matches(
    cells: list[str],
    contracts: Mapping[str, Contract],
    is_candidate: Callable[[Contract, frozenset[str]], bool],
) -> Iterator[_Match]:
    if len(cells) < 2:
        return
    normalised = [normalise(cell) for cell in cells]
    found = frozenset(normalised)
    for contract in contracts.values():
        if is_candidate(contract, found):
            yield _match(contract, cells, normalised)


def _match(contract: Contract, cells: list[str], normalised: list[str]) -> _Match:
    columns: list[Column | None] = []
    repeated: list[str] = []
    currencies: set[str] = set()
    for cell in normalised:
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
    forbidden = [cell for cell in contract.absent if normalise(cell) in normalised]
    unknown = [cell for cell, column in zip(cells, columns, strict=True) if column is None]
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
    if contract.preamble.comment is not None:
        return all(not line.strip() or line.startswith(contract.preamble.comment) for line in lines)
    return len(lines) <= contract.preamble.max_lines


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


def _closeness(match: _Match) -> tuple[float, int]:
    required = sum(column.required for column in match.contract.columns) or 1
    return (required - len(match.missing) - len(match.forbidden)) / required, match.found


def _unknown(nearest: tuple[_Match, int] | None, report: str | None) -> RefusedFileError:
    if nearest is None or not nearest[0].found:
        if report is None:
            return RefusedFileError("resembles_no_report")
        return RefusedFileError("header_does_not_fit", report=report, missing=[], unknown=[], row=1)
    match, number = nearest
    if any("\0" in cell for cell in match.unknown):
        return RefusedFileError("nul_bytes")
    # a file without a header has data in its first line: its cells are named only where most of them are
    # headers
    is_header = match.found * 2 >= len(match.columns)
    return RefusedFileError(
        "header_does_not_fit" if report else "unknown_report",
        report=report,
        nearest=match.contract.report,
        missing=list(match.missing),
        unknown=[*match.forbidden, *(match.unknown if is_header else ())],
        row=number + 1,
    )
