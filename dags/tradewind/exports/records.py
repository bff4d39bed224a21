"""The exact reader: splits bytes into records one by one, and says of each what is wrong with it.

It is slow and trusts nothing; `blocks.py` sends here only what is not plainly in order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tradewind.exports.checks import is_blank
from tradewind.exports.faults import Fault, RefusedFileError

# a longer record, or an opened quote that is not closed within so many bytes of it, is no record
MAX_RECORD_BYTES = 4 << 20
# stands for the quote character where a format has none; a cell that holds it goes to quarantine
NO_QUOTE = b"\x01"
_LINE_END = re.compile(rb"\r\n|\n|\r")


@dataclass(frozen=True)
class Record:
    """One record: its bytes without the line end, and its cells, or the fault that keeps it from being
    split.
    """

    raw: bytes
    cells: tuple[str, ...] = ()
    fault: Fault | None = None


class RecordSplitter:
    """Splits the records of one dialect. A record that cannot be split ends with its first physical line.

    `is_record` says of cells whether they are, by their types, a record of their own: where a quote was left
    open, the lines behind it are swallowed up to the next quote, and may even have the right width together.
    """

    def __init__(
        self,
        delimiter: str,
        *,
        quoted: bool,
        width: int,
        is_record: Callable[[tuple[str, ...]], bool] | None = None,
    ) -> None:
        self._is_record = is_record
        self._delimiter = delimiter.encode()
        self._quoted = quoted
        self._width = width
        stop = re.escape(self._delimiter) + rb"\r\n"
        self._plain = re.compile(rb'[^"' + stop + rb"]*" if quoted else rb"[^" + stop + rb"]*")
        # nothing is given back: of a cell that is still open a doubled quote is no end
        self._quoted_cell = re.compile(rb'"[^"]*+(?:""[^"]*+)*+"')

    def split(self, data: bytes, *, is_last: bool) -> Iterator[tuple[Record, int]]:
        """Yield each record with the position behind it; an unfinished one at the end only if `is_last`.

        Unless `is_last`, the data have to end with a line end, lest a doubled quote or a CRLF be cut in two.

        Raises:
            RefusedFileError: a physical line is longer than MAX_RECORD_BYTES.
        """
        position = 0
        while position < len(data):
            found = self.next_record(data, position, is_last=is_last)
            if found is None:
                return
            record, position = found
            yield record, position

    def next_record(self, data: bytes, start: int, *, is_last: bool) -> tuple[Record, int] | None:
        """The record that begins at `start` and the position behind it, or None where it is unfinished.

        What it answers depends on the bytes behind `start` alone, wherever the data have been cut.
        """
        limit = start + MAX_RECORD_BYTES
        line = _LINE_END.search(data, start, limit)
        if line is None:
            if len(data) - start > MAX_RECORD_BYTES:
                raise RefusedFileError("record_too_long", limit=MAX_RECORD_BYTES)
            if not is_last:
                return None
        cells: list[bytes] = []
        position = start
        while True:
            end = self._cell_end(data, position, limit)
            if end < 0:
                is_open = self._is_open(data, position, limit)
                # more bytes could still close the quote
                if is_open and not is_last and len(data) <= limit:
                    return None
                return self._first_line(data, start, Fault("unclosed_quote" if is_open else "stray_quote"))
            cells.append(data[position:end])
            if data[end : end + 1] != self._delimiter:
                break
            position = end + 1
        if end == len(data) and not is_last:
            return None
        if end > limit:
            return self._first_line(data, start, Fault("unclosed_quote"))
        line_end = _LINE_END.match(data, end)
        after = line_end.end() if line_end else end
        raw = data[start:end]
        return self._finish(data, start, raw, cells, after)

    def _cell_end(self, data: bytes, position: int, limit: int) -> int:
        """Where the cell ends, or -1 if its quotes are not those of CSV."""
        if self._quoted and data[position : position + 1] == b'"':
            found = self._quoted_cell.match(data, position, limit)
            end = found.end() if found else -1
        else:
            end = self._plain.match(data, position).end()  # type: ignore[union-attr]
        if 0 <= end < len(data) and data[end : end + 1] not in (self._delimiter, b"\r", b"\n"):
            return -1
        return end

    def _is_open(self, data: bytes, position: int, limit: int) -> bool:
        """Whether the cell at `position` begins with a quote that nothing closes."""
        return (
            data[position : position + 1] == b'"' and self._quoted_cell.match(data, position, limit) is None
        )

    def _first_line(self, data: bytes, start: int, fault: Fault) -> tuple[Record, int]:
        line = _LINE_END.search(data, start)
        end, after = (line.start(), line.end()) if line else (len(data), len(data))
        return Record(data[start:end], fault=fault), after

    def _finish(
        self, data: bytes, start: int, raw: bytes, cells: list[bytes], after: int
    ) -> tuple[Record, int]:
        texts = self._texts(cells)
        if len(cells) != self._width and not (texts and all(map(is_blank, texts))):
            fault = Fault("wrong_width", None, {"expected": self._width, "found": len(cells)})
            # several physical lines of a wrong width: a stray quote may have swallowed them
            return self._first_line(data, start, fault)
        if self.swallows(raw):
            return self._first_line(data, start, Fault("unclosed_quote"))
        if b"\0" in raw:
            return Record(raw, fault=Fault("nul_byte")), after
        if not self._quoted and NO_QUOTE in raw:
            return Record(raw, fault=Fault("control_character")), after
        if texts is None:
            return Record(raw, fault=Fault("invalid_encoding")), after
        return Record(raw, texts), after

    def swallows(self, raw: bytes) -> bool:
        """Whether lines of the record, without a quote too many, are records by themselves.

        The first line alone is not enough: it is whole where a long text begins in the last column. Nor is
        the last, where one ends in the first.
        """
        if self._is_record is None or (b"\n" not in raw and b"\r" not in raw):
            return False
        lines = _LINE_END.split(raw)
        found = 0
        for number, line in enumerate(lines):
            if line.count(self._delimiter) < self._width - 1:
                continue
            if any(map(self._stands_alone, _with_fewer_quotes(line))):
                found += 1
                if found > 1 or 0 < number < len(lines) - 1:
                    return True
        return False

    def _stands_alone(self, line: bytes) -> bool:
        record, end = next(self.split(line, is_last=True))
        return bool(
            self._is_record and end == len(line) and not record.fault and self._is_record(record.cells)
        )

    def _texts(self, cells: list[bytes]) -> tuple[str, ...] | None:
        """The cells without their quotes, or None where the bytes are no UTF-8."""
        try:
            return tuple(self._text(cell) for cell in cells)
        except UnicodeDecodeError:
            return None

    def _text(self, cell: bytes) -> str:
        if self._quoted and cell[:1] == b'"':
            cell = cell[1:-1].replace(b'""', b'"')
        return cell.decode()


def _with_fewer_quotes(line: bytes) -> set[bytes]:
    """The line as it is, without the quote that may open in it, or close in it, and without any."""
    head, _, tail = line.rpartition(b'"')
    return {line, head + tail, line.replace(b'"', b"", 1), line.replace(b'"', b"")}
