"""The fast reader and the exact one say the same of any bytes, wherever these are cut into chunks.

What they say of records that stand by themselves is known beforehand as well.
"""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tradewind.exports.blocks import BlockReader
from tradewind.exports.checks import BLANK_CHARACTERS
from tradewind.exports.contract import EXTRA_COLUMNS, Contract
from tradewind.exports.faults import Fault, RefusedFileError
from tradewind.exports.recognise import Header, recognise
from tradewind.exports.records import MAX_RECORD_BYTES
from tradewind.exports.rows import RowReader

COLUMNS = [
    {"name": "day", "headers": ["Day"], "type": "date", "formats": ["%Y-%m-%d", "%d %b, %Y"]},
    {"name": "sku", "headers": ["Sku"], "type": "text", "pattern": r"[A-Z]\S+"},
    {"name": "state", "headers": ["State"], "type": "text", "one_of": ["open", "shut, locked"]},
    {"name": "units", "headers": ["Units"], "type": "integer"},
    {"name": "price", "headers": ["Price"], "type": "money"},
    {"name": "buyer", "headers": ["Buyer"], "type": "text", "personal": True},
    {"name": "note", "headers": ["Note"], "type": "text"},
]
HEADERS = [column["headers"][0] for column in COLUMNS]
TOTALS = [{"cell": "first_non_empty", "pattern": 'Total "all":.*'}]
FOOTER = [{"pattern": "[0-9]+ records.*"}]
FAULTS = {3: (Fault("formula_without_result"), b"as it stood"), 4: (Fault("formula_without_result"), None)}


def report(*, delimiter: str = ",", quoted: bool = True, not_empty: bool = True, ends: bool = False) -> Contract:
    """A report of one column of each kind; with `ends` it has total rows and a footer."""
    columns: list[dict[str, Any]] = [dict(column) for column in COLUMNS]
    columns[1] |= {"required": True, "not_empty": True}
    columns[6]["not_empty"] = not_empty
    return Contract.model_validate(
        {
            "report": "sample", "platform": "sample", "title": "Sample", "description": "One row per sku.",
            "delimiters": [delimiter], "quoted": quoted, "key": ["sku"], "columns": columns, "null_tokens": ["--"],
            "total_rows": TOTALS if ends else [], "footer": FOOTER if ends else [],
        }
    )  # fmt: skip


@dataclass
class Result:
    """What came of a body."""

    rows: dict[int, list[Any]] = field(default_factory=dict)
    bad: list[tuple[int, Fault, bytes]] = field(default_factory=list)
    ignored: int = 0
    originals: set[tuple[str, str]] = field(default_factory=set)
    refused: str | None = None


def read(
    body: bytes, header: Header, chunk: int, few_bytes: int = 0, faults: dict[int, Any] | None = None
) -> Result:
    """Read the body in chunks; fewer bytes than `few_bytes` are read exactly."""
    rows = RowReader(header, lambda subject: f"<{subject}>")
    result, payload = Result(), b""
    chunks = (body[at : at + chunk] for at in range(0, len(body), chunk))
    with mock.patch("tradewind.exports.blocks.FEW_BYTES", few_bytes):
        try:
            for block in BlockReader(rows, 7, faults).blocks(chunks):
                payload += bytes(block.payload)
                result.bad += [(bad.row_number, bad.fault, bad.raw) for bad in block.bad]
                result.ignored += block.ignored
                result.originals |= {(name, value.strip().casefold()) for name, value in block.originals.items()}
        except RefusedFileError as refusal:
            return Result(refused=refusal.code)
    text = io.StringIO(payload.decode(), newline="")
    found = csv.reader(text, delimiter=rows.delimiter, quotechar=rows.quote, strict=True)
    for load_id, number, *cells in found:
        assert load_id == "7"
        if rows.target_columns[-1] == EXTRA_COLUMNS:
            cells[-1] = json.loads(cells[-1])
        assert int(number) not in result.rows
        result.rows[int(number)] = cells
    return result


def header_of(contract: Contract, headers: Iterable[str] = HEADERS) -> Header:
    return recognise(contract.delimiters[0].join(headers) + "\n", {"sample": contract})


BLANKS = [b"", b" ", b"\t", b"\x0c", b"\x0b", "\u3000".encode(), "\u2028\x85".encode(), b"\xef\xbb\xbf", b"\x1f",
          b",,,,,,", b", ,\x0c,,,,", b'""', b'"","","","","","",""', b'"\n","","","","","\r\n\t",""', b",,"]  # fmt: skip
GOOD = [
    b"2026-05-01,A1,open,5,1.50,ann@x.test,fine",
    b'2026-02-28,"B2","shut, locked","1,234","$1,234.50","Lee, Ann","x ""y"" z"',
    b'"29 Feb, 2024",C3,open,-7,2.50 EUR, ANN@x.test ,"a, b"',
    b'2026-12-31,D4,open,0,-0.125,--,"several\nlines, of\r\ntext\r\r\n and ""quotes"""',
    'A5,"29 Feb, 2024",,,,Öznur,"\u3000"'.encode(),
    ' 2026-05-30 ,É6,open, 6 ,"1,000",Öznur,größe'.encode(),
    b'31 Dec, 2026,A1,open,5,1.5,x,y', b"2026-05-01,A1,,,,,", b'2026-05-01,A1,,,,,"\n"', b"2026-05-01,A1,,+5,.5,\\.,\\",
]  # fmt: skip
ODD = [
    b"2026-02-30,A1,open,5,1.50,ann,fine", b"2026-05-01,a1,open,5,1.50,ann,fine", b"2026-05-01,A1,ajar,5,1,ann,x",
    b"2026-05-01,A1,open,five,1.50,ann,fine", b"2026-05-01,A1,open,1e5,1.50,ann,fine", b"2026-05-01,A1,open,5,1,a",
    b"2026-05-01,A1,open,5,1.50,ann,fi\x00ne", b"2026-05-01,A1,open,5,1.50,\xff\xfe,fine", b"\xed\xa0\x80,,,,,,",
    b'2026-05-01,A1,open,5,1.50,a"nn,fine', b'2026-05-01,A1,open,5,1.50,"ann,fine', b'2026-05-01,A1,open,5,1.50,ann",x',
    b'2026-05-01,A1,open,5,1.50,"ann""",x"', b'2026-05-01,A1,open,5,1.50,"a""nn,fine', b'"', b'""""', b'"""', b"x",
    b'2026-05-01,A1,open,5,1.50,ann,"\xc3', b'2026-05-01,A1,open,5,1.50,ann,"\x00\nb"', b"2026-05-01,A1,open,5,1,ann\r,x",
    b'2026-05-01,A1,open,5,1.50,"a\n2026-05-01,A1,open,5,1.50,b\n",x', b"\xef\xbb\xbf2026-05-01,A1,open,5,1.50,ann,fine",
    b'Total ""all"": 7,,,,,,', b'"Total ""all"": 7",,,,,,', b',, "Total ""all"":\n" ,,,,', b',,"Total ""all"":\n",,,,',
    b"Total,A1,open,5,1.50,ann,fine", b"\x01,,,,,,", b"2026-05-01,A1,open,5,1.50,\x01,x",
]  # fmt: skip
LINE_ENDS = [b"\n", b"\n", b"\n", b"\r\n", b"\r", b"\r\r\n", b"\n\r"]
EXTRA = [b"", b"gold", b'"red, ""deep"""', b" ", b'"two\nlines"', "größe".encode(), b"7", b"\\N"]


@dataclass(frozen=True)
class Body:
    """A body, and its header."""

    content: bytes
    header: Header
    faults: dict[int, Any] | None


@st.composite
def bodies(draw: st.DrawFn) -> Body:
    delimiter, quoted = draw(st.sampled_from([(",", True), (",", True), ("\t", True), ("|", True), (";", False)]))
    contract = report(
        delimiter=delimiter, quoted=quoted, not_empty=draw(st.booleans()), ends=draw(st.booleans())
    )
    front, back = draw(st.integers(0, 1)), draw(st.integers(0, 2))
    headers = [*["Front"] * front, *HEADERS, *[f"Back {n}" for n in range(back)]]
    fragments = [*GOOD, *GOOD, *BLANKS, *ODD, b"7 records", b"7 records,,,,,,"]
    swapped = delimiter.encode()
    content = b""
    for line in draw(st.lists(st.sampled_from(fragments), max_size=12)):
        if draw(st.integers(0, 7)) == 7 and line:
            # a byte lost, or one more
            at = draw(st.integers(0, len(line) - 1))
            line = line[:at] + draw(st.sampled_from([b"", b'"', b",", b"\n", b"\x00", b"\x80"])) + line[at + 1 :]
        extra = draw(st.lists(st.sampled_from(EXTRA), min_size=front + back, max_size=front + back))
        line = b",".join([*extra[:front], line, *extra[front:]])
        content += line.translate(bytes.maketrans(b"," + swapped, swapped + b",")) + draw(st.sampled_from(LINE_ENDS))
    if draw(st.booleans()):
        content = content.rstrip(b"\r\n")
    return Body(content, header_of(contract, headers), draw(st.sampled_from([None, None, FAULTS])))


@settings(max_examples=250, deadline=None)
@given(body=bodies(), chunk=st.sampled_from([1, 2, 3, 7, 40, 150]))
def test_whatever_the_bytes_both_readers_give_the_same_at_any_chunk_size(body: Body, chunk: int) -> None:
    exact = read(body.content, body.header, len(body.content) + 1, 1 << 40, body.faults)
    for size in (len(body.content) + 1, chunk):
        assert read(body.content, body.header, size, 0, body.faults) == exact
    assert read(body.content, body.header, chunk, 1 << 40, body.faults) == exact
