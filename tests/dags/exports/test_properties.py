"""Any table in any dialect of its contract comes back cell for cell; any bytes are loaded or refused."""

from __future__ import annotations

import csv
import io
import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path, PurePath
from unittest import mock

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tradewind.exports import RefusedFileError, load_contracts, open_export
from tradewind.exports.blocks import Block
from tradewind.exports.contract import EXTRA_COLUMNS, Contract
from tradewind.exports.encodings import Evidence
from tradewind.exports.personal import subject_of
from tradewind.landing.ledger import FileVersion
from tradewind.landing.opening import Opener
from tradewind.landing.reasons import FILE_REASONS, RECORD_REASONS

DELIMITERS = [",", ";", "\t", "|"]
# the exact reader alone
ALL_BYTES = 1 << 40
LEGACY = ["cp1252", "cp932", "gb18030", "cp1251", "big5"]
NAMES = {"day": "Day", "label": "Label", "units": "Units", "note": "Note"}
NAUGHTY = [
    # words that other tools take for nothing, or for a value
    "NULL", "null", "(null)", "\\N", "NA", "N/A", "None", "nan", "NaN", "undefined", "nil", "-", "--", "#N/A",
    "true", "0", "1e5", "Infinity", "0x1F",
    # quotes, delimiters and line ends
    '"', '""', '"""', "'", "a\"b", '"a', 'a"', ",", ";", "\t", "|", "a,b;c\td|e", "\n", "\r\n", "\r",
    "a\n\"b", "\\.", "\\", "\\x", "\n\\.\n",
    # spreadsheets, shells, SQL, templates, pages
    "=1+1", "+1", "-1", "@x", "=cmd|'/c calc'!A0", "$(id)", "`id`", "; rm -rf /", "'; drop table x; --",
    "1' or '1'='1", "{{ 7*7 }}", "{% raw %}", "${jndi:x}", "%s%n", "<script>alert(1)</script>",
    "../../etc/passwd",
    # Unicode
    "e\u0301", "\u00e9", "\u202ex", "\u2066x\u2069", "👩\u200d👩\u200d👧", "\ufeff", "\u200b", "\u00a0",
    "\u3000", "\u2028", "ß", "İ", "ﷺ", "１２", "Ω", "\ufffd", "\U0010ffff", "\x7f", "\x1b[0m", "\x0b", "\x1f",
]  # fmt: skip


def contract_of(delimiter: str, encoding: str, *, quoted: bool, lines_above: int) -> Contract:
    """A report of four columns in one dialect."""
    return Contract.model_validate(
        {
            "report": "sample", "platform": "sample", "title": "Sample", "description": "One row per label.",
            "delimiters": [delimiter], "encodings": ["utf-8", encoding] if encoding != "utf-8" else ["utf-8"],
            "quoted": quoted, "preamble": {"max_lines": lines_above}, "key": ["label"],
            "columns": [
                {"name": "day", "headers": ["Day"], "type": "date", "required": True},
                {"name": "label", "headers": ["Label"], "type": "text", "required": True, "not_empty": True},
                {"name": "units", "headers": ["Units"], "type": "integer", "required": True},
                {"name": "note", "headers": ["Note"], "type": "text"},
            ],
        }
    )  # fmt: skip


@dataclass(frozen=True)
class Table:
    """A table, the bytes that write it, and the contract that allows them."""

    contract: Contract
    content: bytes
    rows: list[dict[str, str]]
    chunk: int
    few_bytes: int = 0


@st.composite
def tables(draw: st.DrawFn) -> Table:
    delimiter, quoted = draw(st.sampled_from(DELIMITERS)), draw(st.booleans())
    encoding = draw(st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", *LEGACY]))
    line_end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    titles = ["", "Report", "May – 2026", '"'] if encoding.startswith("utf") else ["", "Report"]
    above = draw(st.lists(st.sampled_from(titles), max_size=3))
    extra = draw(st.lists(st.sampled_from(["Remark", "Colour"]), unique=True))
    order = draw(st.permutations([*NAMES.values(), *extra]))
    codec = encoding.replace("-sig", "")

    def fits(text: str) -> bool:
        try:
            if text.encode(codec).decode(codec) != text:
                return False
        except UnicodeError:
            return False
        # without quotes no cell can hold these; a zero byte none at all
        return "\0" not in text and (
            quoted or not any(mark in text for mark in (delimiter, "\r", "\n", "\x01"))
        )

    texts = st.one_of(
        st.sampled_from([text for text in NAUGHTY if fits(text)]),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8).filter(fits),
    )
    row = st.fixed_dictionaries(
        {
            "Day": st.sampled_from(["2026-05-01", "2024-02-29", "", "1999-12-31"]),
            "Label": texts.map(lambda text: text + "x"),
            "Units": st.sampled_from(
                ["1", "-5", "", "1,234", "0"] if quoted or delimiter != "," else ["1", ""]
            ),
            "Note": texts,
            **dict.fromkeys(extra, texts),
        }
    )
    rows = draw(st.lists(row, max_size=6))
    quoting = csv.QUOTE_NONE if not quoted else draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    # the writer quotes its own line end and no other, which would be one all the same
    if quoted and any(mark in cell for row in rows for cell in row.values() for mark in "\r\n"):
        quoting = csv.QUOTE_ALL
    out = io.StringIO()
    writer = csv.writer(
        out, delimiter=delimiter, lineterminator=line_end, quoting=quoting, quotechar='"' if quoted else None
    )
    writer.writerow(order)
    writer.writerows([row[name] for name in order] for row in rows)
    text = "".join(item + line_end for item in above) + out.getvalue()
    if draw(st.booleans()):
        text = text.removesuffix(line_end)
    mark = "\ufeff" if encoding.startswith("utf-16") else ""
    content = (mark + text).encode(encoding)
    declared = "utf-16" if mark else codec
    contract = contract_of(delimiter, declared, quoted=quoted, lines_above=len(above))
    chunk = draw(st.sampled_from([1, 2, 3, 7, 64, 8 << 20]))
    return Table(contract, content, rows, chunk, few_bytes=draw(st.sampled_from([0, 8 << 10])))


def read(table: Table, contracts: Mapping[str, Contract]) -> tuple[list[dict[str, str]], Block]:
    """The loaded rows by header, as COPY would take them, and all blocks as one."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as resources:
        file = Path(folder) / "file.csv"
        file.write_bytes(table.content)
        descriptor = os.open(file, os.O_RDONLY)
        resources.callback(os.close, descriptor)
        if table.contract.encodings[-1] in LEGACY:
            # texts by chance are words of no language; what tells encodings apart is tried elsewhere
            resources.enter_context(mock.patch.object(Evidence, "is_utf8", new=False))
            resources.enter_context(mock.patch.object(Evidence, "fits", return_value=True))
        export = open_export(descriptor, PurePath("file.csv"), contracts)
        rows = export.rows(str)
        whole = Block()
        with (
            mock.patch("tradewind.exports.source.CHUNK_BYTES", table.chunk),
            mock.patch("tradewind.exports.blocks.FEW_BYTES", table.few_bytes),
        ):
            for block in export.blocks(rows, 7):
                whole.payload = bytes(whole.payload) + bytes(block.payload)
                whole.loaded += block.loaded
                whole.ignored += block.ignored
                whole.bad += block.bad
    found = csv.reader(
        io.StringIO(bytes(whole.payload).decode(), newline=""), delimiter=rows.delimiter,
        quotechar=rows.quote, strict=True,
    )  # fmt: skip
    names = [NAMES.get(column, column) for column in rows.target_columns]
    loaded = [dict(zip(names, cells[2:], strict=True)) for cells in found]
    for row in loaded:
        row.update(json.loads(row.pop(EXTRA_COLUMNS, "{}")))
    return loaded, whole


def stored(row: dict[str, str]) -> dict[str, str]:
    """What raw holds of a row where a pseudonym is its subject itself: unknown columns count as personal."""
    return {name: cell if name in NAMES.values() else subject_of(cell) or cell for name, cell in row.items()}


@settings(max_examples=120, deadline=None)
@given(table=tables())
def test_a_table_in_any_dialect_comes_back_cell_for_cell(table: Table) -> None:
    contracts = {"sample": table.contract}
    fast, whole = read(table, contracts)
    exact, _ = read(replace(table, few_bytes=ALL_BYTES), contracts)
    assert whole.bad == []
    assert whole.loaded == len(table.rows)
    assert fast == exact == [stored(row) for row in table.rows]


def test_a_byte_order_mark_within_the_file_is_part_of_its_cell() -> None:
    content = b"Day,Note,Label,Units\n2026-05-01,\xef\xbb\xbfa,x,1\n\xef\xbb\xbf2026-05-02,b,y,2\n"
    table = Table(contract_of(",", "utf-8", quoted=False, lines_above=0), content, [], 1)
    rows, whole = read(table, {"sample": table.contract})
    assert [(row["Day"], row["Note"]) for row in rows] == [
        ("2026-05-01", "\ufeffa"),
        ("\ufeff2026-05-02", "b"),
    ]
    assert whole.bad == []


RETAIL = b"InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,Country"
HEADS = [
    b"Day,Online store visitors,Sessions\n2026-05-01,1,2\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff",
    b"PK\x03\x04", b"\x1f\x8b\x08", b"{", b"[", b'[{"rate_date": "2026-05-01"}]', b"%PDF", RETAIL + b"\n",
    "(Übergeordnete) ASIN,(Untergeordnete) ASIN,Titel\n".encode(), b"\0" * 600, b'"', b"\r", b",,,,\n",
    b"# \n# Start date: 20250101\n",
]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(content=st.lists(st.one_of(st.sampled_from(HEADS), st.binary(max_size=40)), max_size=6).map(b"".join))
@example(content=RETAIL + b",a\x81\n")
@example(content=b"Day,Online store visitors,Sessions\0\n")
@example(content=b'"Day","Online store visitors\n","Sessions"\n')
@example(
    content="InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,Country,Ｉｎｖｏｉｃｅ\n".encode()
    + b"\xff\n"
)
def test_whatever_the_bytes_they_are_read_or_refused_for_a_listed_reason(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as resources:
        file = Path(folder) / "file"
        file.write_bytes(content)
        descriptor = os.open(file, os.O_RDONLY)
        resources.callback(os.close, descriptor)
        version = FileVersion("file", "file", "0" * 64, len(content), datetime(2026, 5, 1, tzinfo=UTC), None)
        try:
            pieces = Opener(load_contracts(), None, resources).open(descriptor, file, version)
            for piece in pieces:
                if isinstance(piece.opened, RefusedFileError):
                    raise piece.opened
                told = "".join(piece.opened.facts.attributes.get("extra_columns", []))  # type: ignore[arg-type]
                assert "\0" not in told + piece.version.path
                told.encode()
                for block in piece.opened.blocks(piece.opened.rows(str), 7):
                    bytes(block.payload).decode()
                    assert {record.fault.code for record in block.bad} <= RECORD_REASONS.keys()
        except RefusedFileError as refusal:
            assert refusal.code in FILE_REASONS
            assert "\0" not in str(refusal.parameters)
