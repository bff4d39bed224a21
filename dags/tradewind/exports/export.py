"""One export, opened: what it is, what it says of itself, and its body as blocks for COPY."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePath

from tradewind.exports import source
from tradewind.exports.blocks import Block, BlockReader
from tradewind.exports.contract import Contract
from tradewind.exports.encodings import Evidence
from tradewind.exports.facts import FileFacts, read_facts
from tradewind.exports.faults import Fault, RefusedFileError
from tradewind.exports.kinds import refuse_other_kinds
from tradewind.exports.recognise import Header, recognise
from tradewind.exports.records import RecordSplitter
from tradewind.exports.rows import RowReader

# characters in which a header that is no text is looked for
FIRST_LINES = 4_096


@dataclass(frozen=True)
class Export:
    """An open file whose report is known; reading it takes the descriptor, which stays the caller's."""

    descriptor: int
    header: Header
    facts: FileFacts
    encoding: str
    body_offset: int
    # records known to be no good before they are read, by row number; with the bytes of those that the file
    # has in another form
    faults: Mapping[int, tuple[Fault, bytes | None]] = field(default_factory=dict)
    # texts in a table of numbers that are written like some, one of each form, by the column's position
    number_texts: Mapping[int, list[str]] = field(default_factory=dict)
    # a table of our own writing: its quotes are those of CSV, whatever the cells hold
    is_ours: bool = False

    @property
    def contract(self) -> Contract:
        """The contract of the report that the file is."""
        return self.header.contract

    @property
    def dialect(self) -> dict[str, object]:
        """How the file was read, for `ops.load.dialect`."""
        return {
            "encoding": self.encoding,
            "delimiter": self.header.delimiter,
            "header_row": len(self.header.preamble) + 1,
            "locale": self.header.locale,
        }

    def rows(self, pseudonymise: Callable[[str], str]) -> RowReader:
        """The rules for the rows of this file; `pseudonymise` makes what raw holds for a personal value."""
        rows = RowReader(self.header, pseudonymise, self.facts.symbol, is_typed=self.is_ours)
        rows.note_number_texts(self.number_texts)
        return rows

    def blocks(self, rows: RowReader, load_id: int) -> Iterator[Block]:
        """The records as blocks for COPY under a load id, in constant memory."""
        reader = BlockReader(rows, load_id, self.faults, is_ours=self.is_ours)
        yield from reader.blocks(self._chunks())
        if reader.possible_totals:
            yield reader.settle_totals(self._chunks())
        rows.shown_marks.refuse_doubtful(self.contract.report)

    def _chunks(self) -> Iterator[bytes]:
        return source.utf8_chunks(self.descriptor, self.body_offset, self.encoding)

    def original(self, raw: bytes) -> bytes:
        """A record's bytes as they stood in the file."""
        return source.original_bytes(raw, self.encoding)


def open_export(
    descriptor: int,
    path: PurePath,
    contracts: Mapping[str, Contract],
    report: str | None = None,
    modified_at: datetime | None = None,
    faults: Mapping[int, tuple[Fault, bytes | None]] | None = None,
    *,
    number_texts: Mapping[int, list[str]] | None = None,
    any_preamble: bool = False,
    is_ours: bool = False,
) -> Export:
    """Recognise an open text file and read what it says of itself.

    `path` gives the facts that stand in the names of folders and file; `report` overrules recognition;
    `faults` are known by record, counted from 0; those of single `cells` hold where one of them is of an id.
    `number_texts` are those of a table with numbers. `is_ours` says that the table is of our own writing;
    `any_preamble` that lines may stand above its header.

    Raises:
        RefusedFileError: it is of no known report, or not readable as the contract says.
    """
    head = source.read_head(descriptor)
    refuse_other_kinds(head)
    encoding, mark = source.marked_encoding(head)
    if mark or (head.isascii() and os.fstat(descriptor).st_size == len(head)):
        text = source.decode_head(head, encoding, mark)
        header = recognise(text, contracts, report, any_preamble=any_preamble)
    else:
        evidence = source.weigh_words(descriptor)
        encoding, text, header = _recognise_unmarked(
            head, evidence, contracts, report, any_preamble=any_preamble
        )
    if "\0" in text[: header.end]:
        raise RefusedFileError("nul_bytes")
    if header.end >= len(text) and os.fstat(descriptor).st_size > len(head):
        raise RefusedFileError("header_too_long", limit=source.HEAD_BYTES)
    modified_at = modified_at or datetime.fromtimestamp(os.fstat(descriptor).st_mtime, UTC)
    return Export(
        descriptor=descriptor,
        header=header,
        facts=read_facts(header, path, _first_row(header, text), modified_at),
        encoding=encoding,
        body_offset=mark + len(source.encode(text[: header.end], encoding)),
        faults=_by_row_number(faults, header, text) if faults else {},
        number_texts=number_texts or {},
        is_ours=is_ours,
    )


def _by_row_number(
    faults: Mapping[int, tuple[Fault, bytes | None]], header: Header, text: str
) -> dict[int, tuple[Fault, bytes | None]]:
    """The faults of a table of our own writing by row number, the first record below the header having 1."""
    # a cell above the header may have several lines, and so may the header
    above = sum(1 for _ in csv.reader(io.StringIO(text[: header.end], newline="")))
    return {
        number + 1 - above: (fault, raw)
        for number, (known, raw) in faults.items()
        if (fault := _of_ids(known, header))
    }


def _of_ids(fault: Fault, header: Header) -> Fault | None:
    """A fault of some `cells`, by position, is one where an id stands in one of them: it names that column.

    An amount may well have been rounded to 15 digits; an id would be that of another thing.
    """
    if "cells" not in fault.parameters:
        return fault
    for position in fault.parameters["cells"]:
        column = header.columns[position] if position < len(header.columns) else None
        if column and (column.type == "text" or column.pattern):
            return Fault(fault.code, column.name)
    return None


def _recognise_unmarked(
    head: bytes,
    evidence: Evidence,
    contracts: Mapping[str, Contract],
    report: str | None,
    *,
    any_preamble: bool,
) -> tuple[str, str, Header]:
    """The encoding that the words of a file agree on: UTF-8, or one that the contract declares which the
    header fits.

    Raises:
        RefusedFileError: it is neither, and more of it than some records; or no header is found.
    """
    if not evidence.is_utf8:
        for encoding in sorted({item for contract in contracts.values() for item in contract.encodings}):
            if encoding.startswith("utf") or not evidence.fits(encoding):
                continue
            declaring = {name: item for name, item in contracts.items() if encoding in item.encodings}
            text = source.decode_head(head, encoding, 0)
            try:
                return encoding, text, recognise(text, declaring, report)
            except RefusedFileError:
                continue
    text = source.decode_head(head, "utf-8", 0)
    unknown = RefusedFileError("encoding_unknown", looks_like=evidence.looks_like)
    try:
        header = recognise(text, contracts, report, any_preamble=any_preamble)
    except RefusedFileError as error:
        if evidence.is_utf8 or not _holds_escapes(text[:FIRST_LINES]):
            raise
        raise unknown from error
    if evidence.is_another or _holds_escapes(text[: header.end]):
        raise unknown
    return "utf-8", text, header


def _holds_escapes(text: str) -> bool:
    """Whether bytes were left over that are no UTF-8."""
    return any("\udc80" <= character <= "\udcff" for character in text)


def _first_row(header: Header, text: str) -> dict[str, str]:
    """The first record by column name; empty where there is none."""
    # its rows are judged here, and none is written
    rows = RowReader(header, str)
    splitter = RecordSplitter(header.delimiter, quoted=rows.quoted, width=len(header.columns))
    # a bad byte, or half a character of UTF-16, is of its record alone
    body = text[header.end : header.end + 65_536].encode("utf-8", "surrogatepass")
    for record, _ in splitter.split(body, is_last=True):
        # a blank line or a row that explains the columns comes before the first record and says nothing
        if record.fault or rows.judge(record).is_ignored or len(record.cells) != len(header.columns):
            continue
        pairs = zip(header.columns, record.cells, strict=True)
        return {column.name: cell for column, cell in pairs if column is not None}
    return {}
