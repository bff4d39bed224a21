"""One export, opened: what it is, what it says of itself, and its body as blocks for COPY."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePath

from tradewind.exports import source
from tradewind.exports.blocks import Block, BlockReader
from tradewind.exports.contract import Contract
from tradewind.exports.facts import FileFacts, read_facts
from tradewind.exports.faults import Fault, RefusedFileError
from tradewind.exports.recognise import Header, recognise
from tradewind.exports.records import RecordSplitter
from tradewind.exports.rows import RowReader


@dataclass(frozen=True)
class Export:
    """An open file whose report is known; reading it takes the descriptor, which stays the caller's."""

    descriptor: int
    header: Header
    facts: FileFacts
    encoding: str
    body_offset: int
    lone_returns: bool
    # records known to be no good before they are read, by row number; with the bytes of those that the file
    # has in another form
    faults: Mapping[int, tuple[Fault, bytes | None]] = field(default_factory=dict)

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
        return RowReader(self.header, pseudonymise, self.facts.symbol)

    def blocks(self, rows: RowReader, load_id: int) -> Iterator[Block]:
        """The records as blocks for COPY under a load id, in constant memory."""
        chunks = source.utf8_chunks(self.descriptor, self.body_offset, self.encoding)
        yield from BlockReader(rows, load_id, self.faults, lone_returns=self.lone_returns).blocks(chunks)
        rows.shown_marks.refuse_doubtful(self.contract.report)

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
    any_preamble: bool = False,
) -> Export:
    """Recognise an open text file and read what it says of itself.

    `path` gives the facts that stand in the names of folders and file; `report` overrules recognition;
    `faults` are known by line, counted from 0; those of single `cells` hold where one of them is of an id.
    `any_preamble` is for tables of our own writing.

    Raises:
        RefusedFileError: it is of no known report, or not readable as the contract says.
    """
    head = source.read_head(descriptor)
    source.refuse_other_kinds(head)
    encoding, mark = source.marked_encoding(head)
    text = source.decode_head(head, encoding, mark)
    if text is None and encoding != "utf-8":
        raise RefusedFileError("encoding_unknown")
    text = text or ""
    try:
        header = recognise(text, contracts, report, any_preamble=any_preamble)
    except RefusedFileError as error:
        encoding, text, header = _recognise_legacy(head, contracts, report, error, is_marked=mark > 0)
    if encoding == "utf-8" and not mark and (legacy := source.legacy_encoding(descriptor, header.contract)):
        encoding, text = legacy, _decode_legacy(head, legacy)
        header = recognise(text, {header.contract.report: header.contract}, report)
    _check_encoding(encoding, header)
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
        body_offset=mark + len(text[: header.end].encode(encoding, "surrogateescape")),
        lone_returns=text[: header.end].endswith("\r"),
        faults={
            line - len(header.preamble): (fault, raw)
            for line, (known, raw) in (faults or {}).items()
            if (fault := _of_ids(known, header))
        },
    )


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


def _recognise_legacy(
    head: bytes,
    contracts: Mapping[str, Contract],
    report: str | None,
    error: RefusedFileError,
    *,
    is_marked: bool,
) -> tuple[str, str, Header]:
    """A header that is not UTF-8, in an encoding that the contract it fits declares."""
    if is_marked or head.isascii():
        raise error
    for encoding in sorted({item for contract in contracts.values() for item in contract.encodings}):
        if encoding.startswith("utf"):
            continue
        declaring = {name: item for name, item in contracts.items() if encoding in item.encodings}
        text = _decode_legacy(head, encoding)
        try:
            header = recognise(text, declaring, report)
        except RefusedFileError:
            continue
        if not _is_misread(text[: header.end], encoding):
            return encoding, text, header
    try:
        head.decode()
    except UnicodeDecodeError as fault:
        if fault.start < min(len(head) - 4, head.find(b"\n") % (len(head) + 1)):
            raise RefusedFileError("encoding_unknown") from error
    raise error


def _is_misread(above_body: str, encoding: str) -> bool:
    """Whether the lines up to the header are UTF-8 after all, or hold bytes that the encoding lacks."""
    raw = above_body.encode(encoding, "surrogateescape")
    try:
        raw.decode()
    except UnicodeDecodeError:
        return any("\udc80" <= character <= "\udcff" for character in above_body)
    return not raw.isascii()


def _decode_legacy(head: bytes, encoding: str) -> str:
    return head.decode(encoding, "surrogateescape")


def _check_encoding(encoding: str, header: Header) -> None:
    declared = header.contract.encodings
    if encoding not in declared and not (encoding.startswith("utf-16") and "utf-16" in declared):
        raise RefusedFileError(
            "encoding_not_declared", report=header.contract.report, found=encoding, expected=list(declared)
        )


def _first_row(header: Header, text: str) -> dict[str, str]:
    """The first record by column name; empty where there is none."""
    # its rows are judged here, and none is written
    rows = RowReader(header, str)
    splitter = RecordSplitter(header.delimiter, quoted=rows.quoted, width=len(header.columns))
    body = text[header.end : header.end + 65_536].encode("utf-8", "surrogatepass")
    for record, _ in splitter.split(body, is_last=True):
        # a blank line or a row that explains the columns comes before the first record and says nothing
        if record.fault or rows.judge(record).is_ignored or len(record.cells) != len(header.columns):
            continue
        pairs = zip(header.columns, record.cells, strict=True)
        return {column.name: cell for column, cell in pairs if column is not None}
    return {}
