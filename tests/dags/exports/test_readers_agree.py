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
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.exports.blocks import BlockReader
from tradewind.exports.checks import BLANK_CHARACTERS
from tradewind.exports.contract import EXTRA_COLUMNS, Contract
from tradewind.exports.faults import Fault, RefusedFileError
from tradewind.exports.recognise import Header, recognise
from tradewind.exports.records import MAX_RECORD_BYTES
from tradewind.exports.rows import RowReader

COLUMNS = [
    {"name": "day", "headers": ["Day"], "type": "date", "formats": ["%Y-%m-%d", "%d %b, %Y", "%d %b %Y"]},
    {"name": "sku", "headers": ["Sku"], "type": "text", "pattern": r"[A-Z]\S+"},
    {"name": "state", "headers": ["State"], "type": "text", "one_of": ["open", "shut, locked"]},
    {"name": "units", "headers": ["Units"], "type": "integer"},
    {"name": "price", "headers": ["Price"], "type": "money"},
    {"name": "buyer", "headers": ["Buyer"], "type": "text", "personal": True},
    {"name": "note", "headers": ["Note"], "type": "text"},
]
ALL_BYTES = 1 << 40
HEADERS = [column["headers"][0] for column in COLUMNS]
TOTALS = [{"cell": "first_non_empty", "pattern": 'Total "all":.*'}]
FOOTER = [{"pattern": "[0-9]+ records.*"}]
FAULTS = {3: (Fault("formula_without_result"), b"as it stood"), 4: (Fault("formula_without_result"), None)}


def report(
    *, delimiter: str = ",", quoted: bool = True, not_empty: bool = True, ends: bool = False
) -> Contract:
    """A report of one column of each kind; with `ends` it has total rows and a footer."""
    columns: list[dict[str, Any]] = [dict(column) for column in COLUMNS]
    columns[1] |= {"required": True, "not_empty": True}
    columns[6]["not_empty"] = not_empty
    return Contract.model_validate(
        {
            "report": "sample", "platform": "sample", "title": "Sample", "description": "One row per sku.",
            "delimiters": [delimiter], "quoted": quoted, "key": ["sku"], "columns": columns,
            "null_tokens": ["--"],
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
                result.originals |= {
                    (name, value.strip().casefold()) for name, value in block.originals.items()
                }
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


LINE_ENDS = [b"\n", b"\n", b"\n", b"\r\n", b"\r", b"\r\r\n", b"\n\r"]
EXTRA = [b"", b"gold", b'"red, ""deep"""', b" ", b'"two\nlines"', "größe".encode(), b"7", b"\\N"]


def line(**cells: str | bytes) -> bytes:
    """A record, as it stands in a file, with other cells in it."""
    record = {
        "day": "2026-05-01", "sku": "A1", "state": "open", "units": "5", "price": "1.50", "buyer": "ann@x.test",
        "note": "fine", **cells,
    }  # fmt: skip
    return b",".join(cell.encode() if isinstance(cell, str) else cell for cell in record.values())


BLANK = [
    b"", b" ", b"\t", b"\x0c", b"\x0b", "\u3000".encode(), "\u2028\x85".encode(), b"\xef\xbb\xbf", b"\x1f", b",,,,,,",
    b", ,\x0c,,,,", b",,", b'""', b'"","","","","","",""', b'"\n","","","","","\r\n\t",""',
]  # fmt: skip
# the cells that are loaded of each: day, sku, state, units, price, buyer, note
GOOD = {
    line(): ["2026-05-01", "A1", "open", "5", "1.50", "<ann@x.test>", "fine"],
    line(day='"29 Feb, 2024"', units="-7", price="2.50 EUR", buyer=" ANN@x.test "):
        ["29 Feb, 2024", "A1", "open", "-7", "2.50 EUR", "<ann@x.test>", "fine"],
    line(sku='"B2"', state='"shut, locked"', units='"1,234"', price='"$1,234.50"', buyer='"Lee, Ann"', note='"x ""y"""'):
        ["2026-05-01", "B2", "shut, locked", "1,234", "$1,234.50", "<lee, ann>", 'x "y"'],
    line(note='"several\nlines, of\r\ntext\r\r\n and ""quotes"" \n"'):
        ["2026-05-01", "A1", "open", "5", "1.50", "<ann@x.test>", 'several\nlines, of\r\ntext\r\r\n and "quotes" \n'],
    line(day=" 2026-05-30 ", sku="A\u00c9", units=" 6 ", buyer="--", note="\u3000größe"):
        [" 2026-05-30 ", "A\u00c9", "open", " 6 ", "1.50", "--", "\u3000größe"],
    line(day="31 Dec 2026", state="", units="", price="", buyer=""): ["31 Dec 2026", "A1", "", "", "", "", "fine"],
    line(day="\ufeff2026-05-01"): ["\ufeff2026-05-01", "A1", "open", "5", "1.50", "<ann@x.test>", "fine"],
    line(price="1.234", units="+5", buyer="Öznur", note="\\."):
        ["2026-05-01", "A1", "open", "+5", "1.234", "<öznur>", "\\."],
}  # fmt: skip
BAD = {
    line(day="2026-02-30"): "impossible_date", line(sku="a1"): "unexpected_value", line(sku=""): "empty_value",
    line(state="ajar"): "unexpected_value", line(units="five"): "wrong_type", line(units="1E+05"): "precision_lost",
    line(buyer="a,b"): "wrong_width", b"x": "wrong_width", line(note=b"fi\x00ne"): "nul_byte",
    line(buyer=b"\xff\xfe"): "invalid_encoding", line(note=b"\xed\xa0\x80"): "invalid_encoding",
    line(buyer='a"nn'): "stray_quote", line(buyer='"a"nn'): "stray_quote", line(note='"\x00\nb"'): "nul_byte",
    line(note='"two\nlines"', units="five"): "wrong_type",
}  # fmt: skip
# what becomes of the lines behind these depends on where the next quote stands
OPEN = [
    line(buyer='"ann'), line(buyer='ann"'), line(buyer='"a""nn'), line(note='"a"""b\n'), line(note=b'"\xc3'),
    b'"', b'""""', b'"""', line(buyer="ann\r"), line(buyer='"a\n' + line().decode() + '\n"'), line(note="\x01"),
]  # fmt: skip
ENDS = [
    b'Total ""all"": 7,,,,,,', b'"Total ""all"": 7",,,,,,', b',, "Total ""all"":\n" ,,,,', b',,"Total ""all"":\n",,,,',
    line(sku="Total"), b"7 records", b"7 records,,,,,,", line(note="7 records"),
]  # fmt: skip


@dataclass(frozen=True)
class Body:
    """A body, and its header."""

    content: bytes
    header: Header
    faults: dict[int, Any] | None


@st.composite
def bodies(draw: st.DrawFn) -> Body:
    dialects = [(",", True), (",", True), ("\t", True), ("|", True), (";", False)]
    delimiter, quoted = draw(st.sampled_from(dialects))
    contract = report(
        delimiter=delimiter, quoted=quoted, not_empty=draw(st.booleans()), ends=draw(st.booleans())
    )
    front, back = draw(st.integers(0, 1)), draw(st.integers(0, 2))
    headers = [*["Front"] * front, *HEADERS, *[f"Back {n}" for n in range(back)]]
    fragments = st.sampled_from([*GOOD, *BLANK, *BAD, *OPEN, *ENDS])
    swapped = bytes.maketrans(b"," + delimiter.encode(), delimiter.encode() + b",")
    content = b""
    for text in draw(st.lists(fragments, max_size=12)):
        if text and draw(st.integers(0, 7)) == 7:
            # a byte lost, or another
            at = draw(st.integers(0, len(text) - 1))
            other = draw(st.sampled_from([b"", b'"', b",", b"\n", b"\x00", b"\x80"]))
            text = text[:at] + other + text[at + 1 :]
        extra = draw(st.lists(st.sampled_from(EXTRA), min_size=front + back, max_size=front + back))
        text = b",".join([*extra[:front], text, *extra[front:]])
        content += text.translate(swapped) + draw(st.sampled_from(LINE_ENDS))
    if draw(st.booleans()):
        content = content.rstrip(b"\r\n")
    return Body(content, header_of(contract, headers), draw(st.sampled_from([None, None, FAULTS])))


@settings(max_examples=60, deadline=None)
@given(
    body=bodies(), chunk=st.sampled_from([1, 3, 40, 150]), limit=st.sampled_from([150, 400, MAX_RECORD_BYTES])
)
def test_whatever_the_bytes_both_readers_give_the_same_at_any_chunk_size(
    body: Body, chunk: int, limit: int
) -> None:
    whole = len(body.content) + 1
    with (
        mock.patch("tradewind.exports.blocks.MAX_RECORD_BYTES", limit),
        mock.patch("tradewind.exports.records.MAX_RECORD_BYTES", limit),
    ):
        exact = read(body.content, body.header, whole, ALL_BYTES, body.faults)
        assert read(body.content, body.header, whole, 0, body.faults) == exact
        assert read(body.content, body.header, chunk, 0, body.faults) == exact
        assert read(body.content, body.header, chunk, ALL_BYTES, body.faults) == exact


@settings(max_examples=60, deadline=None)
@given(
    fragments=st.lists(
        st.tuples(st.sampled_from([*GOOD, *BLANK, *BAD]), st.sampled_from([b"\n", b"\r\n"])), max_size=25
    ),
    chunk=st.sampled_from([1, 40, 150, 1 << 20]),
    few_bytes=st.sampled_from([0, 0, 200, 1 << 40]),
)
def test_each_record_gets_what_it_deserves_whatever_stands_beside_it(
    fragments: list[tuple[bytes, bytes]], chunk: int, few_bytes: int
) -> None:
    expected, bad, ignored, number = {}, [], 0, 0
    for text, _ in fragments:
        number += b"," in text or text in BAD
        if text in GOOD:
            expected[number] = GOOD[text]
        elif text in BAD:
            bad.append((number, BAD[text], text))
        else:
            ignored += 1
    content = b"".join(text + line_end for text, line_end in fragments)
    result = read(content, header_of(report(not_empty=False)), chunk, few_bytes)
    assert result.rows == expected
    assert [(number, fault.code, raw) for number, fault, raw in result.bad] == bad
    assert result.ignored == ignored


HTML = b'"<p style=""color:red"">\n' + b'<li class=""x"">line, of, a, list,,,</li>\n' * 6 + b'</p>"'


@pytest.mark.parametrize("chunk", [*range(60, 120), 1000, 5000])
@pytest.mark.parametrize("few_bytes", [0, 1 << 40], ids=["fast", "exact"])
def test_a_record_of_many_lines_is_whole_wherever_the_file_is_cut(chunk: int, few_bytes: int) -> None:
    records = [line(note=HTML), b"oops,too,few", line(), line(buyer='a"nn'), line(note=HTML), line(note=HTML)]
    result = read(b"\n".join(records * 3), header_of(report()), chunk, few_bytes)
    text = HTML[1:-1].replace(b'""', b'"').decode()
    expected = [text, None, "fine", None, text, text] * 3
    assert {number: row[-1] for number, row in result.rows.items()} == {
        number: note for number, note in enumerate(expected, 1) if note
    }
    assert [(number, fault.code) for number, fault, _ in result.bad] == [
        (first + place, code)
        for first in (0, 6, 12)
        for place, code in ((2, "wrong_width"), (4, "stray_quote"))
    ]


@pytest.mark.parametrize("few_bytes", [0, 1 << 40], ids=["fast", "exact"])
@pytest.mark.parametrize("blank", BLANK_CHARACTERS, ids=lambda blank: f"{ord(blank):04x}")
def test_a_line_in_which_nothing_is_to_be_seen_is_blank(blank: str, few_bytes: int) -> None:
    other = f"{blank} {blank}"
    lines = [line(), blank.encode(), line(), f'"{other}"'.encode(), other.encode(), line()]
    result = read(b"\n".join(lines), header_of(report()), 1 << 20, few_bytes)
    assert (list(result.rows), result.bad) == ([1, 2, 3], [])


@pytest.mark.parametrize("few_bytes", [0, 1 << 40], ids=["fast", "exact"])
def test_a_nul_in_a_line_that_an_open_quote_has_swallowed_costs_no_record_between(few_bytes: int) -> None:
    lines = [line(note='"open'), line(), line(note="a\x00b"), line(), line(note='shut"'), line()]
    result = read(b"\n".join(lines), header_of(report()), 1 << 20, few_bytes)
    assert list(result.rows) == [2, 4, 6]
    assert [raw for _, _, raw in result.bad] == [lines[0], lines[2], lines[4]]


def seconds(body: bytes) -> float:
    """The processor's time for reading the body as large files are read."""
    began = time.process_time()
    read(body, header_of(report()), 4 << 20, 8 << 10)
    return time.process_time() - began


@pytest.mark.parametrize("blank", [b"\n", b"\r\n", b"\f\n", b",,,,,,\n", b" \r"])
def test_a_million_blank_lines_are_passed_over_in_seconds(blank: bytes) -> None:
    """One by one they take fifteen seconds and more."""
    assert seconds(line() + b"\n" + blank * 1_000_000 + line()) < 6


@pytest.mark.parametrize(
    "bad", [line(buyer='a"nn'), line(buyer='"ann'), line(note=b"\xff"), line(units="five"), b"x"]
)
def test_a_bad_record_costs_itself_and_not_its_block(bad: bytes) -> None:
    """Where each of these sends four megabytes to the exact reader, the file takes twenty times as long."""
    good = (line() + b"\n") * 2000
    clean = seconds(good * 40)
    assert seconds((good + bad + b"\n") * 40) < 5 * clean + 0.2
