"""The fast reader: blocks of many lines, screened whole, made ready for COPY without taking them apart.

A line that fits the screen, where a record begins, is that record: it is sent as it stands, behind its load
id and row number. What does not fit goes to the exact reader (`records.py`), record by record; both give the
same rows. HOW_A_BLOCK_GOES.md draws the way.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl

from tradewind.exports.faults import Fault, RefusedFileError
from tradewind.exports.lines import Cells, Lines
from tradewind.exports.records import MAX_RECORD_BYTES, Record, RecordSplitter
from tradewind.exports.rows import RowReader, Verdict
from tradewind.exports.screen import Screen
from tradewind.exports.source import NUL_BLOCK

# fewer bytes are sooner split one by one than screened
FEW_BYTES = 8 << 10
# lines of a byte or two are many, and each has places in memory; so has each cell that is replaced
MAX_LINES = 1 << 18
MAX_REPLACED_CELLS = 1 << 17
# no report has as many rows of sums; what comes behind them is loaded
MAX_POSSIBLE_TOTALS = 1000


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
    # a reason of the whole file: it breaks off in the last record, or may
    cut: Fault | None = None


@dataclass
class _Sorted:
    """The lines of a block, sorted: masks over all of them.

    `plain` are the first lines of records that fit the screen, `in_order` those whose cells fit it too, and
    `ends` tells where each of these records ends. `nothing` are lines in which nothing is to be seen.
    `numbered` are the first lines of all that counts as a record. `exact` are the records that were split one
    by one, with their first lines; the first `used` bytes are read.
    """

    plain: np.ndarray
    in_order: np.ndarray
    nothing: np.ndarray
    numbered: np.ndarray
    ends: np.ndarray
    exact: list[tuple[int, Record, Verdict]] = field(default_factory=list)
    used: int = 0

    def take_out(self, first: int, behind: int | None = None) -> None:
        """What fits in these lines is no record: it stands within another, or is not read."""
        for mask in (self.plain, self.in_order, self.nothing, self.numbered):
            mask[first:behind] = False


class BlockReader:
    """Turns the body of one file into blocks for COPY. Stateful: use one for one file."""

    def __init__(
        self,
        rows: RowReader,
        load_id: int,
        faults: Mapping[int, tuple[Fault, bytes | None]] | None = None,
        *,
        is_ours: bool = False,
    ) -> None:
        self._rows = rows
        self._faults = faults or {}
        self._load_id = load_id
        self._delimiter = rows.delimiter
        self._splitter = RecordSplitter(
            rows.delimiter,
            quoted=rows.quoted,
            width=rows.width,
            # where the quotes are sure, lines of a cell that look like records are none
            is_record=None if is_ours else rows.stands_alone,
        )
        self._max_lines = min(MAX_LINES, 1 + MAX_REPLACED_CELLS // max(1, rows.replaced_columns))
        self._next_row = 1
        self._in_footer = False
        # records that are in order and name nothing: settled when all others are known
        self.possible_totals: list[tuple[int, Record]] = []

    def blocks(self, chunks: Iterable[bytes]) -> Iterator[Block]:
        """Yield the blocks of a body that comes as UTF-8 bytes, in the order of the file.

        How the body is cut into chunks makes no difference to its records.

        Raises:
            RefusedFileError: a record is too long to be one, or a whole block is zeros.
        """
        rest = b""
        for chunk in chunks:
            rest += chunk
            if b"\0" in rest and NUL_BLOCK in rest:
                raise RefusedFileError("nul_bytes")
            while end := _end_of_lines(rest):
                block, used = self._read(rest[:end], is_last=False)
                if not used:
                    break
                yield block
                rest = rest[used:]
            # a record may be as long as this, and one more may have been begun
            if len(rest) > 2 * MAX_RECORD_BYTES:
                raise RefusedFileError("record_too_long", limit=MAX_RECORD_BYTES)
        while rest:
            block, used = self._read(rest, is_last=True)
            yield block
            rest = rest[used:]

    def _read(self, data: bytes, *, is_last: bool) -> tuple[Block, int]:
        """The records at the beginning of the data, and how many bytes they take."""
        screen = self._rows.screen
        if len(data) < FEW_BYTES or screen.record is None:
            return self._read_exactly(data, is_last=is_last)
        lines = Lines(data if data.endswith((b"\n", b"\r")) else data + b"\n")
        lines.keep_first(self._max_lines)
        found = self._sort(data, lines, screen, is_last=is_last)
        numbers = self._next_row - 1 + np.cumsum(found.numbered)
        block, out = Block(), io.BytesIO()
        self._set_known_faults_aside(data, lines, found, numbers, block)
        block.ignored += int(np.count_nonzero(found.nothing))
        if self._in_footer:
            block.ignored += int(np.count_nonzero(found.plain))
        else:
            self._load(data, lines, found, numbers, block)
        for line, record, verdict in found.exact:
            self._settle(record, verdict, int(numbers[line]), block, out)
        if is_last and found.used == len(data) and found.numbered.any():
            last = int(np.flatnonzero(found.numbered)[-1])
            block.cut = self._cut_in(data[lines.starts[last] :], int(numbers[last]))
        if exact := out.getvalue():
            block.payload = b"".join([block.payload, exact])
        self._next_row = int(numbers[-1]) + 1
        block.bad.sort(key=lambda record: record.row_number)
        block.originals = self._rows.take_originals()
        return block, found.used

    def _sort(self, data: bytes, lines: Lines, screen: Screen, *, is_last: bool) -> _Sorted:
        """Say of each line what it is, in the order in which the exact reader would come to them.

        It is asked only where a record begins with a line that does not fit.
        """
        found = _screened(lines, screen)
        spans = _Spans(lines, screen, np.flatnonzero(~(found.plain | found.nothing)))
        behind = 0
        for line in spans.lines.tolist():
            # a line within the record before it
            if line < behind:
                continue
            start = int(lines.starts[line])
            last = spans.last_line(line)
            if last is not None and not self._splitter.swallows(data[start : lines.ends[last]]):
                behind = last + 1
                found.take_out(line, behind)
                found.plain[line] = found.numbered[line] = True
                found.ends[line] = lines.ends[last]
                continue
            split = self._splitter.next_record(data, start, is_last=is_last)
            if split is None:
                found.take_out(line)
                found.used = start
                return found
            record, end = split
            behind = int(np.searchsorted(lines.starts, end))
            found.take_out(line, behind)
            verdict = self._rows.judge(record)
            found.exact.append((line, record, verdict))
            found.numbered[line] = not verdict.is_blank
            found.used = max(end, int(lines.behind[-1]))
            if verdict.begins_footer and not self._in_footer:
                found.take_out(behind)
                found.used = end
                return found
        found.used = min(max(found.used, int(lines.behind[-1])), len(data))
        return found

    def _set_known_faults_aside(
        self, data: bytes, lines: Lines, found: _Sorted, numbers: np.ndarray, block: Block
    ) -> None:
        for number in range(self._next_row, int(numbers[-1]) + 1) if self._faults else ():
            line = int(np.searchsorted(numbers, number))
            is_fast = found.plain[line] or found.nothing[line]
            if is_fast and (known := self._known_fault(number, data[lines.starts[line] : found.ends[line]])):
                block.bad.append(known)
                found.plain[line] = found.nothing[line] = False

    def _load(self, data: bytes, lines: Lines, found: _Sorted, numbers: np.ndarray, block: Block) -> None:
        """Make rows for COPY of the plain records, but for those of which a cell breaks a rule."""
        plain = np.flatnonzero(found.plain)
        starts, ends, numbers = lines.starts[plain], found.ends[plain], numbers[plain]
        cells = Cells(lines, starts, ends, self._delimiter, self._rows.width, quoted=self._rows.quoted)
        kept = np.ones(len(plain), dtype=bool)
        for index in self._rows.suspects(cells, found.in_order[plain]).tolist():
            record, _ = next(self._splitter.split(data[starts[index] : ends[index]], is_last=True))
            verdict = self._rows.judge(record)
            if verdict.fault:
                block.bad.append(BadRecord(int(numbers[index]), verdict.fault, record.raw))
            kept[index] = not (verdict.fault or verdict.is_ignored)
            block.ignored += verdict.is_ignored
        if not kept.all():
            # what is not loaded has no original
            cells.keep(kept)
            numbers = numbers[kept]
        if len(numbers):
            self._rows.note_marks(cells)
            block.payload = _bytes_of(self._rows.splice(cells, self._load_id, numbers))
        block.loaded += len(numbers)

    def _known_fault(self, row_number: int, raw: bytes) -> BadRecord | None:
        if row_number not in self._faults:
            return None
        fault, original = self._faults[row_number]
        return BadRecord(row_number, fault, raw if original is None else original)

    def _read_exactly(self, data: bytes, *, is_last: bool) -> tuple[Block, int]:
        block, out = Block(), io.BytesIO()
        start = used = 0
        for record, end in self._splitter.split(data, is_last=is_last):
            used = end
            verdict = self._rows.judge(record)
            self._settle(record, verdict, self._next_row, block, out)
            if is_last and end == len(data):
                block.cut = self._cut_in(data[start:], self._next_row)
            start = end
            self._next_row += not verdict.is_blank
        block.payload = out.getvalue()
        block.originals = self._rows.take_originals()
        return block, used

    def _cut_in(self, data: bytes, row_number: int) -> Fault | None:
        """The reason of a file that ends with these bytes of its last record, where it may have been cut."""
        if self._in_footer or data.endswith((b"\n", b"\r")):
            return None
        record, end = next(self._splitter.split(data, is_last=True))
        return self._rows.cut_in(record, row_number) if end == len(data) else None

    def _settle(
        self, record: Record, verdict: Verdict, row_number: int, block: Block, out: io.BytesIO
    ) -> None:
        self._in_footer = self._in_footer or verdict.begins_footer
        if verdict.is_blank:
            block.ignored += 1
        elif known := self._known_fault(row_number, record.raw):
            block.bad.append(known)
        elif self._in_footer or verdict.is_ignored:
            block.ignored += 1
        elif verdict.fault:
            block.bad.append(BadRecord(row_number, verdict.fault, record.raw))
        elif verdict.may_be_total and len(self.possible_totals) < MAX_POSSIBLE_TOTALS:
            self.possible_totals.append((row_number, record))
        else:
            self._load_one(record, row_number, block, out)

    def _load_one(self, record: Record, row_number: int, block: Block, out: io.BytesIO) -> None:
        block.loaded += 1
        if self._rows.replaced_columns:
            out.write(self._rows.rewrite(record.cells, self._load_id, row_number))
        else:
            out.write(self._prefixed(record.raw, row_number))

    def settle_totals(self, chunks: Iterable[bytes]) -> Block:
        """Load those of the possible totals that do not hold the sums of the other records of the body, which
        comes once more; ignore the others.
        """
        sums: dict[int, Decimal] = {}
        count = 0
        for record in self._records(chunks):
            if record.fault is None and not self._rows.names_nothing(record.cells):
                count += 1
                for position, amount in self._rows.amounts(record.cells).items():
                    sums[position] = sums.get(position, Decimal()) + amount
        block, out = Block(), io.BytesIO()
        for row_number, record in self.possible_totals:
            if self._rows.is_sum(record.cells, sums, count):
                block.ignored += 1
            else:
                self._load_one(record, row_number, block, out)
        block.payload = out.getvalue()
        block.originals = self._rows.take_originals()
        return block

    def _records(self, chunks: Iterable[bytes]) -> Iterator[Record]:
        rest = b""
        for chunk in chunks:
            rest += chunk
            used = 0
            for record, end in self._splitter.split(rest[: _end_of_lines(rest)], is_last=False):
                yield record
                used = end
            rest = rest[used:]
        for record, _ in self._splitter.split(rest, is_last=True):
            yield record

    def _prefixed(self, raw: bytes, row_number: int) -> bytes:
        delimiter = self._delimiter.encode()
        return b"%d%b%d%b%b\n" % (self._load_id, delimiter, row_number, delimiter, raw)


class _Spans:
    """Records of several lines, among those lines that do not fit alone: from one with an odd number of
    quotes to the next.

    Which lines go together depends on where a record begins, so they are tried a few at a time.
    """

    def __init__(self, lines: Lines, screen: Screen, unfit: np.ndarray) -> None:
        self._lines = lines
        self._screen = screen
        self.lines = unfit
        quotes = lines.texts(lines.starts[unfit], lines.ends[unfit]).str.count_matches('"', literal=True)
        self._openers = unfit[quotes.to_numpy() % 2 == 1]
        self._last: dict[int, int] = {}
        self._tried = -1
        self._batch = 16

    def last_line(self, first: int) -> int | None:
        """The last line of the record that begins in this one, if it fits the screen whole."""
        place = int(np.searchsorted(self._openers, first))
        if place == len(self._openers) or self._openers[place] != first:
            return None
        if first > self._tried or first not in self._last:
            self._try(first, place)
        last = self._last.get(first, -1)
        return last if last >= 0 else None

    def _try(self, first: int, place: int) -> None:
        # a record began elsewhere than those before let expect, and so may the next
        self._batch = self._batch * 2 if first > self._tried else 1
        pairs = self._openers[place : place + 2 * self._batch]
        firsts, lasts = pairs[0::2], pairs[1::2]
        firsts = firsts[: len(lasts)]
        self._tried = int(pairs[-1])
        starts, ends = self._lines.starts[firsts], self._lines.ends[lasts]
        texts = self._lines.texts(starts, ends)
        fits = self._screen.is_record(texts) & ~self._screen.is_special(texts)
        fits &= ends - starts < MAX_RECORD_BYTES
        self._last |= dict(zip(firsts.tolist(), np.where(fits, lasts, -1).tolist(), strict=True))


def _screened(lines: Lines, screen: Screen) -> _Sorted:
    """What each line is where a record begins with it."""
    texts = lines.texts(lines.starts, lines.ends)
    may_be = (lines.ends - lines.starts < MAX_RECORD_BYTES) & ~screen.is_special(texts)
    in_order = may_be & screen.is_in_order(texts)
    plain, nothing, counted = in_order.copy(), np.zeros_like(in_order), np.zeros_like(in_order)
    if not in_order.all():
        others = np.flatnonzero(~in_order)
        texts = texts.gather(others)
        nothing[others] = screen.is_nothing(texts)
        counted[others] = nothing[others] & screen.has_delimiter(texts)
        plain[others] = may_be[others] & screen.is_record(texts) & ~nothing[others]
    return _Sorted(plain, in_order, nothing, plain | counted, lines.ends.copy())


def _end_of_lines(data: bytes) -> int:
    """The position behind the last line that is surely whole; 0 where none is."""
    # a return at the very end may be the first half of a CRLF
    return max(data.rfind(b"\n"), data.rfind(b"\r", 0, len(data) - 1)) + 1


def _bytes_of(texts: pl.Series) -> memoryview:
    """The texts one behind the other, as polars has them in memory."""
    array = texts.to_arrow(compat_level=pl.CompatLevel.oldest())
    _, offsets, characters = array.buffers()
    places = np.frombuffer(offsets, dtype=np.int64)
    return memoryview(characters)[places[array.offset] : places[array.offset + len(array)]]
