"""The fast reader: blocks of many records, checked by column, made ready for COPY without taking them apart.

A block whose quotes, widths, line ends and encoding are in order needs no splitting: its bytes are sent as
they are, each record behind its load id and row number. What is not in order goes to the exact reader
(`records.py`); both give the same rows.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from tradewind.exports.faults import Fault, RefusedFileError
from tradewind.exports.records import MAX_RECORD_BYTES, NO_QUOTE, Record, RecordSplitter
from tradewind.exports.rows import RowReader
from tradewind.exports.source import NUL_BLOCK

NEWLINE, RETURN, QUOTE = 10, 13, 34
# fewer bytes are sooner split one by one than laid out in columns
FEW_BYTES = 8 << 10


@dataclass(frozen=True)
class BadRecord:
    """A record that is not loaded: its number in the file, what is wrong, its bytes."""

    row_number: int
    fault: Fault
    raw: bytes

    def details(self) -> dict[str, Any]:
        """What the words for its fault need: never a value of the record."""
        return {**self.fault.parameters, "column": self.fault.column, "row": self.row_number}


@dataclass
class Block:
    """Records ready for COPY, and what was left out of them."""

    payload: bytes | memoryview = b""
    loaded: int = 0
    ignored: int = 0
    bad: list[BadRecord] = field(default_factory=list)
    # personal values by the pseudonyms that the payload holds in their place
    originals: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class _Edit:
    """What goes from each record, by its places in the block, and the texts that come there, if any."""

    starts: np.ndarray
    ends: np.ndarray
    texts: pl.Series | None = None


@dataclass(frozen=True)
class _Structure:
    """Where the records of a block stand: `ends` is behind the last cell, before the line end.

    `delimiters` has a row for each record. `spanning` are the records of several physical lines, by index.
    """

    starts: np.ndarray
    ends: np.ndarray
    delimiters: np.ndarray
    size: int
    spanning: np.ndarray


class BlockReader:
    """Turns the body of one file into blocks for COPY. Stateful: use one for one file."""

    def __init__(
        self,
        rows: RowReader,
        load_id: int,
        faults: Mapping[int, tuple[Fault, bytes | None]] | None = None,
        *,
        lone_returns: bool = False,
        is_ours: bool = False,
    ) -> None:
        self._rows = rows
        self._faults = faults or {}
        self._lone_returns = lone_returns
        self._load_id = load_id
        self._delimiter = rows.delimiter
        self._splitter = RecordSplitter(
            rows.delimiter,
            quoted=rows.quoted,
            width=rows.width,
            # where the quotes are sure, lines of a cell that look like records are none
            is_record=None if is_ours else rows.stands_alone,
        )
        self._next_row = 1
        self._in_footer = False

    def blocks(self, chunks: Iterable[bytes]) -> Iterator[Block]:
        """Yield the blocks of a body that comes as UTF-8 bytes, in the order of the file.

        Raises:
            RefusedFileError: a record is too long to be one, or a whole block is zeros.
        """
        rest = b""
        for chunk in chunks:
            data = rest + chunk if rest else chunk
            if b"\0" in data and NUL_BLOCK in data:
                raise RefusedFileError("nul_bytes")
            end = self._end_of_lines(data)
            block, used = self._read(data[:end] if end < len(data) else data) if end else (None, 0)
            rest = data[used:]
            # a record may be as long as this, and one more may have been begun
            if len(rest) > 2 * MAX_RECORD_BYTES and not used:
                raise RefusedFileError("record_too_long", limit=MAX_RECORD_BYTES)
            if block:
                yield block
        if rest:
            yield self._read_exactly(rest, is_last=True)[0]

    def _end_of_lines(self, data: bytes) -> int:
        """The position behind the last line that is surely whole; 0 where none is."""
        end = data.rfind(b"\n") + 1
        # a return at the very end may be the first half of a CRLF
        return max(end, data.rfind(b"\r", 0, len(data) - 1) + 1) if self._lone_returns else end

    def _read(self, data: bytes) -> tuple[Block, int]:
        if len(data) < FEW_BYTES:
            return self._read_exactly(data, is_last=False)
        if self._lone_returns:
            # within quotes a return or a line feed belongs to its cell, and only the exact reader knows
            if b'"' in data or b"\n" in data:
                return self._read_exactly(data, is_last=False)
            data = data.replace(b"\r", b"\n")
        structure = None if self._in_footer else self._structure(data)
        if structure is None:
            return self._read_exactly(data, is_last=False)
        body = data[: structure.size]
        if any(
            self._splitter.swallows(body[structure.starts[index] : structure.ends[index]])
            for index in structure.spanning.tolist()
        ):
            return self._read_exactly(data, is_last=False)
        frame = self._rows.frame(body, len(structure.starts))
        if frame is None:
            return self._read_exactly(data, is_last=False)
        suspects = self._rows.suspects(frame)
        first = self._next_row
        self._next_row += len(structure.starts)
        block = Block()
        for row_number in self._faults:
            if first <= row_number < self._next_row:
                suspects[row_number - first] = True
        kept = self._sift(body, structure, np.flatnonzero(suspects), first, block)
        if kept is None:  # a footer begins here
            self._next_row = first
            return self._read_exactly(data, is_last=False)
        if kept.any():
            block.payload = self._payload(body, structure, kept, first, frame)
        block.originals = self._rows.take_originals()
        block.loaded = int(kept.sum())
        return block, structure.size

    def _sift(
        self, body: bytes, structure: _Structure, suspects: np.ndarray, first: int, block: Block
    ) -> np.ndarray | None:
        kept = np.ones(len(structure.starts), dtype=bool)
        for index in suspects.tolist():
            raw = body[structure.starts[index] : structure.ends[index]]
            record, _ = next(self._splitter.split(raw, is_last=True))
            verdict = self._rows.judge(record)
            if verdict.begins_footer:
                return None
            if known := self._known_fault(first + index, raw):
                block.bad.append(known)
            elif verdict.is_ignored:
                block.ignored += 1
            elif verdict.fault:
                block.bad.append(BadRecord(first + index, verdict.fault, record.raw))
            else:
                continue
            kept[index] = False
        return kept

    def _known_fault(self, row_number: int, raw: bytes) -> BadRecord | None:
        if row_number not in self._faults:
            return None
        fault, original = self._faults[row_number]
        return BadRecord(row_number, fault, raw if original is None else original)

    def _structure(self, data: bytes) -> _Structure | None:
        """The places of the records, or None where anything is out of the ordinary."""
        if b"\0" in data or (not self._rows.quoted and NO_QUOTE in data) or not _is_utf8(data):
            return None
        array = np.frombuffer(data, dtype=np.uint8)
        newlines = np.flatnonzero(array == NEWLINE)
        quotes = np.flatnonzero(array == QUOTE) if self._rows.quoted and b'"' in data else newlines[:0]
        breaks = newlines
        if quotes.size:
            newlines = _outside(newlines, quotes)
            if not newlines.size:
                return None
            array = array[: newlines[-1] + 1]
            quotes = quotes[: np.searchsorted(quotes, len(array))]
            if not self._quotes_are_canonical(array, quotes):
                return None
        ends = newlines
        if b"\r" in data:
            returns = np.flatnonzero(array == RETURN)
            breaks = np.concatenate([breaks, returns])
            returns = _outside(returns, quotes)
            if not np.array_equal(array[returns + 1], np.full(len(returns), NEWLINE)):
                return None
            ends = newlines - (array[newlines - 1] == RETURN)
        starts = np.empty_like(newlines)
        starts[0] = 0
        starts[1:] = newlines[:-1] + 1
        delimiters = _outside(np.flatnonzero(array == ord(self._delimiter)), quotes)
        if (ends <= starts).any() or len(delimiters) != (self._rows.width - 1) * len(newlines):
            return None
        delimiters = delimiters.reshape(len(newlines), self._rows.width - 1)
        if not _are_within(delimiters, newlines):
            return None
        return _Structure(starts, ends, delimiters, len(array), _spanning(starts, ends, breaks))

    def _quotes_are_canonical(self, array: np.ndarray, quotes: np.ndarray) -> bool:
        """Whether each quote opens a cell, closes one, or is doubled within one."""
        opening, closing = quotes[0::2], quotes[1::2]
        before = array[opening - 1]
        is_opening = (before == ord(self._delimiter)) | (before == NEWLINE) | (opening == 0)
        is_doubled = np.zeros(len(opening), dtype=bool)
        is_doubled[1:] = opening[1:] == closing[: len(opening) - 1] + 1
        after = array[closing + 1]
        is_closing = (after == ord(self._delimiter)) | (after == NEWLINE) | (after == RETURN)
        is_closing |= np.append(is_doubled[1:], False)[: len(closing)]
        return bool((is_opening | is_doubled).all() and is_closing.all())

    def _payload(
        self, body: bytes, structure: _Structure, kept: np.ndarray, first: int, frame: pl.DataFrame
    ) -> memoryview:
        array = np.frombuffer(body, dtype=np.uint8)
        starts, ends, delimiters = structure.starts, structure.ends, structure.delimiters
        behind = np.append(starts[1:], structure.size)
        numbers = np.arange(first, first + len(starts))
        if not kept.all():
            array = array[np.repeat(kept, behind - starts)]
            gone = np.cumsum(np.where(kept, 0, behind - starts))[kept]
            starts, ends, behind = starts[kept] - gone, ends[kept] - gone, behind[kept] - gone
            delimiters = delimiters[kept] - gone[:, None]
            # what is not loaded has no original
            numbers, frame = numbers[kept], frame.filter(pl.Series(kept))
        return _spliced(array, self._edits(starts, ends, behind, delimiters, numbers, frame))

    def _edits(
        self, starts: np.ndarray, ends: np.ndarray, behind: np.ndarray, delimiters: np.ndarray,
        numbers: np.ndarray, frame: pl.DataFrame,
    ) -> list[_Edit]:  # fmt: skip
        """How records become rows of COPY. Each cell takes the delimiter before it along when it goes."""
        replaced, extra = self._rows.replacements(frame)
        gone = self._rows.extra_positions
        delimiter = self._delimiter
        prefixes = f"{self._load_id}{delimiter}" + pl.Series(numbers).cast(pl.String)
        edits = [_Edit(starts, starts, prefixes if 0 in gone else prefixes + delimiter)]
        for position in sorted([*replaced, *gone]):
            start = delimiters[:, position - 1] + 1 if position else starts
            end = delimiters[:, position] if position < self._rows.width - 1 else ends
            if position in replaced:
                edits.append(_Edit(start, end, replaced[position]))
            else:
                edits.append(_Edit(start - 1 if position else start, end))
        # COPY takes one kind of line end only, and the exact reader writes line feeds
        if extra is not None or not np.array_equal(ends + 1, behind):
            edits.append(_Edit(ends, behind - 1, None if extra is None else delimiter + extra))
        return edits

    def _prefixed(self, raw: bytes, row_number: int) -> bytes:
        delimiter = self._delimiter.encode()
        return b"%d%b%d%b%b\n" % (self._load_id, delimiter, row_number, delimiter, raw)

    def _read_exactly(self, data: bytes, *, is_last: bool) -> tuple[Block, int]:
        block = Block()
        out = io.BytesIO()
        used = 0
        for record, end in self._splitter.split(data, is_last=is_last):
            used = end
            self._take(record, block, out)
        block.payload = out.getvalue()
        block.originals = self._rows.take_originals()
        return block, used

    def _take(self, record: Record, block: Block, out: io.BytesIO) -> None:
        verdict = self._rows.judge(record)
        self._in_footer = self._in_footer or verdict.begins_footer
        if verdict.is_blank:
            block.ignored += 1
            return
        row_number = self._next_row
        self._next_row += 1
        if known := self._known_fault(row_number, record.raw):
            block.bad.append(known)
        elif self._in_footer or verdict.is_ignored:
            block.ignored += 1
        elif verdict.fault:
            block.bad.append(BadRecord(row_number, verdict.fault, record.raw))
        else:
            block.loaded += 1
            if self._rows.is_rewritten:
                out.write(self._rows.rewrite(record.cells, self._load_id, row_number))
            else:
                out.write(self._prefixed(record.raw, row_number))


def _is_utf8(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _outside(positions: np.ndarray, quotes: np.ndarray) -> np.ndarray:
    """Those of the positions that do not stand within quotes."""
    if not quotes.size:
        return positions
    # quotes are fewer than what they enclose, so they are looked up, not the positions
    places = np.searchsorted(positions, quotes)
    depth = np.zeros(len(positions) + 1, dtype=np.int64)
    np.add.at(depth, places[0::2], 1)
    np.add.at(depth, places[1::2], -1)
    return positions[np.cumsum(depth[:-1]) == 0]


def _spanning(starts: np.ndarray, ends: np.ndarray, breaks: np.ndarray) -> np.ndarray:
    """The records within which a line breaks."""
    records = np.searchsorted(ends, breaks, side="right")
    is_known = records < len(starts)
    records, breaks = records[is_known], breaks[is_known]
    return np.unique(records[breaks >= starts[records]])


def _are_within(delimiters: np.ndarray, newlines: np.ndarray) -> bool:
    """Whether the delimiters of each row stand in their record."""
    if not delimiters.shape[1]:
        return True
    return bool((delimiters[:, -1] < newlines).all() and (delimiters[1:, 0] > newlines[:-1]).all())


def _spliced(body: np.ndarray, edits: list[_Edit]) -> memoryview:
    """The bytes with the edits made; each edit has one place a record, the edits stand in their order."""
    texts = pl.DataFrame(
        [pl.Series(str(n), edit.texts) for n, edit in enumerate(edits) if edit.texts is not None]
    )
    added = np.frombuffer(texts.select(pl.concat_str(pl.all()).str.join("")).item().encode(), dtype=np.uint8)
    starts = np.column_stack([edit.starts for edit in edits]).ravel()
    ends = np.column_stack([edit.ends for edit in edits]).ravel()
    nothing = np.zeros(texts.height, dtype=np.int64)
    lengths = np.column_stack(
        [nothing if edit.texts is None else edit.texts.str.len_bytes().to_numpy() for edit in edits]
    ).ravel()
    # what stays, between one edit and the next; nothing stands before the first
    staying = np.append(starts[1:], len(body)) - ends
    turns = np.tile([True, False], len(starts))
    is_added = np.repeat(turns, np.column_stack([lengths, staying]).ravel())
    out = np.empty(len(is_added), dtype=np.uint8)
    out[is_added] = added
    is_cut = np.repeat(turns, np.column_stack([ends - starts, staying]).ravel())
    out[~is_added] = body[~is_cut] if is_cut.any() else body
    return out.data
