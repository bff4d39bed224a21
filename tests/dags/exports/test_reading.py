"""Records: split as they stand, loaded or quarantined, alike by the fast reader and the exact one."""

from __future__ import annotations

import csv
import hmac
import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tradewind.exports import Contract, Export, RefusedFileError, load_contracts, open_export
from tradewind.exports.blocks import Block
from tradewind.exports.checks import compile_check
from tradewind.exports.personal import Pseudonymiser, subject_of
from tradewind.exports.records import MAX_RECORD_BYTES
from tradewind.unpacking.workbook import as_text

HEADER = b"InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
GOOD = b"536365,85123A,LIGHT HOLDER,6,2010-12-01 08:26:00,2.55,17850.0,France\n"
WITHOUT_PERSONS = load_contracts()["online_retail"].model_copy(
    update={
        "columns": [
            column.model_copy(update={"personal": False, "pseudonym_of": None})
            for column in load_contracts()["online_retail"].columns
        ]
    }
)


def stand_in(subject: str) -> str:
    """A pseudonym that a reader of the tests can tell; the real ones are of one length too."""
    return f"<{subject:.30}>"


@contextmanager
def opened(
    content: bytes, folder: Path, name: str = "file.csv", contract: Contract | None = None
) -> Iterator[Export]:
    file = folder / name
    file.write_bytes(content)
    descriptor = os.open(file, os.O_RDONLY)
    contracts = {contract.report: contract} if contract else load_contracts()
    try:
        yield open_export(descriptor, PurePath(name), contracts)
    finally:
        os.close(descriptor)


def read(content: bytes, folder: Path, name: str = "file.csv", contract: Contract | None = None) -> Block:
    """All of a file as one block; the payload as rows of cells."""
    with opened(content, folder, name, contract) as export:
        whole = Block()
        for block in export.blocks(export.rows(stand_in), 7):
            whole.payload = bytes(whole.payload) + bytes(block.payload)
            whole.loaded += block.loaded
            whole.ignored += block.ignored
            whole.bad += block.bad
            whole.originals |= block.originals
        return whole


def rows_of(block: Block, delimiter: str = ",", *, has_extra: bool = False) -> list[list[Any]]:
    text = io.StringIO(bytes(block.payload).decode(), newline="")
    rows = [[str(int(row[1])), *row[2:]] for row in csv.reader(text, delimiter=delimiter)]
    return [[*row[:-1], json.loads(row[-1])] for row in rows] if has_extra else rows


def codes(block: Block) -> list[tuple[int, str]]:
    return [(record.row_number, record.fault.code) for record in block.bad]


@pytest.mark.parametrize(
    ("record", "code"),
    [
        (b"536365,85123A,HOLDER,6,2010-12-01 08:26:00,2.55,17850.0", "wrong_width"),
        (b"536365,85123A,HOLDER,6,2010-12-01 08:26:00,2.55,17850.0,France,x", "wrong_width"),
        (b'536365,85123A,12" HOLDER,6,2010-12-01 08:26:00,2.55,17850.0,France', "stray_quote"),
        (b'536365,85123A,"HOLDER" x,6,2010-12-01 08:26:00,2.55,17850.0,France', "stray_quote"),
        (b'536365,85123A,a""b,6,2010-12-01 08:26:00,2.55,17850.0,France', "stray_quote"),
        (b'536365,85123A,"HOLDER,6,2010-12-01 08:26:00,2.55,17850.0,France', "unclosed_quote"),
        (b"536365,85123A,HOL\0DER,6,2010-12-01 08:26:00,2.55,17850.0,France", "nul_byte"),
        (b"536365,85123A,\xc3\xa9 HOL\xffDER,6,2010-12-01 08:26:00,2.55,17850.0,France", "invalid_encoding"),
        (b"536365,85123A,HOLDER,six,2010-12-01 08:26:00,2.55,17850.0,France", "wrong_type"),
        (b"536365,85123A,HOLDER,6,2010-12-01 24:26:00,2.55,17850.0,France", "wrong_type"),
        (b"536365,85123A,HOLDER,6,2010-02-30 08:26:00,2.55,17850.0,France", "impossible_date"),
        (b"536365,85123A,HOLDER,6,2010-12-01 08:26:00,1E+05,17850.0,France", "precision_lost"),
        (b"536365,85123A,HOLDER,6,2010-12-01 08:26:00,2.55,C17850,France", "unexpected_value"),
        (b",85123A,HOLDER,6,2010-12-01 08:26:00,2.55,17850.0,France", "empty_value"),
        # a cell lost and another won: the width is right, the types are not
        (b"536365,85123A,6,HOLDER,2010-12-01 08:26:00,2.55,17850.0,France", "wrong_type"),
    ],
)
def test_bad_record_is_kept_with_its_bytes_and_the_others_load(
    tmp_path: Path, record: bytes, code: str
) -> None:
    block = read(HEADER + GOOD + record + b"\n" + GOOD, tmp_path)
    assert codes(block) == [(2, code)]
    assert block.bad[0].raw == record
    assert [row[0] for row in rows_of(block)] == ["1", "3"]


def test_opened_quote_does_not_swallow_the_records_behind_it(tmp_path: Path) -> None:
    bad = b'536366,85123A,"OPEN,6,2010-12-01 08:26:00,2.55,17850.0,France\n'
    quoted = b'536367,85123A,"A, B",6,2010-12-01 08:26:00,2.55,17850.0,"France"\n'
    block = read(HEADER + GOOD + bad + GOOD + quoted + GOOD, tmp_path)
    assert [record.row_number for record in block.bad] == [2]
    assert len(rows_of(block)) == 4


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("has_last", [True, False])
def test_line_ends_of_every_kind_and_none_at_the_end(tmp_path: Path, line_end: bytes, has_last: bool) -> None:
    content = (HEADER + GOOD + GOOD).replace(b"\n", line_end)
    block = read(content if has_last else content.removesuffix(line_end), tmp_path)
    assert (block.loaded, block.bad) == (2, [])
    assert {row[8] for row in rows_of(block)} == {"France"}


def test_mixed_line_ends_and_blank_lines(tmp_path: Path) -> None:
    content = (
        HEADER + GOOD.replace(b"\n", b"\r\n") + b"\n" + GOOD + b"\r\n" + GOOD.replace(b"\n", b"\r") + GOOD
    )
    block = read(content, tmp_path)
    assert [row[0] for row in rows_of(block)] == ["1", "2", "3", "4"]
    assert block.ignored == 2


@pytest.mark.parametrize("inner", ["\n", "\r\n", "\r", "\n\n", '""', ",", "\\.", "\n\\.\n"])
def test_quoted_cell_is_kept_exactly(tmp_path: Path, inner: str) -> None:
    record = GOOD.replace(b"LIGHT HOLDER", f'"LIGHT{inner}HOLDER"'.encode())
    block = read(HEADER + GOOD + record + GOOD, tmp_path)
    assert rows_of(block)[1][3] == f"LIGHT{inner}HOLDER".replace('""', '"')
    assert (block.loaded, block.bad) == (3, [])


def test_naughty_text_passes_unchanged(tmp_path: Path) -> None:
    for text in (
        "NULL",
        "None",
        "nan",
        "-",
        "\u202etxt",
        "👩‍👩‍👧",
        "e\u0301",
        "'; drop table raw.x; --",
        "=1+1",
    ):
        block = read(HEADER + GOOD.replace(b"LIGHT HOLDER", text.encode()), tmp_path)
        assert rows_of(block)[0][3] == text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_with_a_mark_are_read(tmp_path: Path, encoding: str) -> None:
    lines = ["Search keyword report", "1 May 2026 - 8 May 2026"]
    lines.append("Keyword\tMatch type\tCampaign\tAd group\tCurrency code\tImpr.\tClicks\tCost")
    lines.append("größe 大小\tBroad match\tÄ\tG\tCAD\t1,200\t --\t0.00")
    lines.append(" --\t\tTotal: Account\t --\tCAD\t1,200\t0\t0.00")
    lines[-1] = "\t".join([" --", "", "Total: Account", " --", "CAD", "1,200", "0", "0.00"])
    block = read("\n".join(lines).encode(encoding), tmp_path)
    assert rows_of(block, "\t") == [
        ["1", "größe 大小", "Broad match", "Ä", "G", "CAD", "1,200", " --", "0.00"]
    ]
    assert block.ignored == 1


def test_quarantined_record_of_utf_16_keeps_its_own_bytes(tmp_path: Path) -> None:
    head = "Keyword,Match type,Campaign,Ad group,Impr.,Clicks,Cost\n"
    bad = "größe,Broad,C,A,many,0,0.00"
    name = "keywords-2026-05-01-to-2026-05-08.csv"
    with opened((head + bad + "\n").encode("utf-16"), tmp_path, name) as export:
        block = next(export.blocks(export.rows(stand_in), 7))
        assert export.original(block.bad[0].raw) == bad.encode("utf-16-le")


def test_declared_legacy_encoding_is_read_and_an_undeclared_one_refused(tmp_path: Path) -> None:
    record = GOOD.decode().replace("LIGHT HOLDER", "Größe – 5 €")
    assert rows_of(read(HEADER + record.encode("cp1252"), tmp_path))[0][3] == "Größe – 5 €"
    visitors = "Day,Online store visitors,Sessions,Größe\n2026-05-01,1,1,x\n"
    with pytest.raises(RefusedFileError) as refused:
        read(visitors.encode("cp1252"), tmp_path)
    assert refused.value.code == "encoding_unknown"
    with pytest.raises(RefusedFileError) as refused:
        read((HEADER + GOOD).decode().encode("utf-16-le"), tmp_path)
    assert refused.value.code == "encoding_unknown"


def test_one_legacy_byte_among_utf_8_is_a_bad_record(tmp_path: Path) -> None:
    good = GOOD.replace(b"LIGHT", "GRÖSSE".encode())
    block = read(HEADER + good + GOOD.replace(b"LIGHT", b"GR\xd6SSE") + good, tmp_path)
    assert codes(block) == [(2, "invalid_encoding")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b" \n\r\n", "empty_file"),
        (b"\0" * 5000, "nul_bytes"),
        (b"<!DOCTYPE html><table>", "not_a_table"),
        (b"%PDF-1.7", "not_a_table"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    with pytest.raises(RefusedFileError) as refused:
        read(content, tmp_path)
    assert refused.value.code == code


def test_header_without_rows_loads_none(tmp_path: Path) -> None:
    assert read(HEADER, tmp_path).loaded == 0
    assert read(HEADER.strip(), tmp_path).loaded == 0


def test_line_without_end_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    with pytest.raises(RefusedFileError) as refused:
        read(HEADER + b"x" * (4 * MAX_RECORD_BYTES), tmp_path)
    assert refused.value.code == "record_too_long"


def test_preamble_of_ga4_gives_period_property_and_audience(tmp_path: Path) -> None:
    content = (
        "# ----\n# Pages and screens: Page path\n# Account: Lumen\n# Property: Lumen (GA4)\n# ----\n"
        "# \n# All Users\n"
        "# Start date: 20250101\n# End date: 20250131\n"
        "Page path and screen class,Views,Active users,Event count\n"
        "/a,10,5,20\n"
    )
    with opened(content.encode(), tmp_path) as export:
        assert str(export.facts.period_start) == "2025-01-01"
        assert str(export.facts.period_end) == "2025-01-31"
        assert export.facts.attributes["property"] == "Lumen (GA4)"
        assert export.facts.attributes["audience"] == "All Users"


def test_order_lines_keep_their_blank_order_cells(tmp_path: Path) -> None:
    """Blank cells stay blank in raw; the contract tells the models what to fill, and from where."""
    head = "Name,Financial Status,Currency,Subtotal,Total,Created at,"
    head += "Lineitem quantity,Lineitem name,Lineitem price\n"
    first = "#1,paid,USD,30.00,30.00,2026-04-01 10:00:00 -0500,1,Lamp,10.00\n"
    second = "#1,,,,,2026-04-01 10:00:00 -0500,2,Shade,10.00\n"
    block = read((head + first + second).encode(), tmp_path)
    assert [row[2] for row in rows_of(block)] == ["paid", ""]
    fill = load_contracts()["shopify_orders"].blank_fill
    assert fill is not None and {"financial_status", "currency", "total"} <= set(fill.columns)


def test_amounts_in_a_second_currency_are_quarantined(tmp_path: Path) -> None:
    head = "(Parent) ASIN,(Child) ASIN,Title,Sessions – Total,Units ordered,Ordered Product Sales\n"
    row = 'B0BGPMD867,B0BGPMD867,Oil,"2,584",3,{}\n'
    content = head + row.format('"£12,894.53"') + row.format("€5.00") + row.format("£0.00")
    block = read(content.encode(), tmp_path, "BusinessReport-2025-10-15-to-2025-10-15.csv")
    assert codes(block) == [(2, "wrong_type")]


def test_german_amounts_are_read_by_the_locale_of_the_header(tmp_path: Path) -> None:
    head = (
        "(Übergeordnete) ASIN,(Untergeordnete) ASIN,Titel,Sitzungen – Summe,Bestellte Einheiten,"
        "Durch bestellte Produkte erzielter Umsatz\n"
    )
    row = 'B0BGPMD867,B0BGPMD867,Öl,"2,584",3,"{}"\n'
    content = head + row.format("5.255,61 €") + row.format("5,255.61 €")
    block = read(content.encode(), tmp_path, "BusinessReport-2025-10-15-to-2025-10-15.csv")
    assert codes(block) == [(2, "decimal_point")]


def test_unknown_columns_are_kept_beside_the_known(tmp_path: Path) -> None:
    content = b'Day,Colour,Online store visitors,Sessions\n2026-05-01,"deep, red",5,6\n2026-05-02,blue,x,6\n'
    block = read(content, tmp_path)
    assert rows_of(block, has_extra=True) == [["1", "2026-05-01", "5", "6", {"Colour": "<deep, red>"}]]
    assert codes(block) == [(2, "wrong_type")]


def test_personal_cells_give_way_to_pseudonyms_and_originals_are_handed_over(tmp_path: Path) -> None:
    head = "Name,Email,Financial Status,Currency,Subtotal,Total,Created at,"
    head += "Lineitem quantity,Lineitem name,Lineitem price,Billing Name,Loyalty\n"
    row = "#1,{},paid,USD,30.00,30.00,2026-04-01 10:00:00 -0500,1,Lamp,10.00,{},{}\n"
    content = head + row.format(" ANN@x.test ", '"Lee, Ann"', "") + row.format("ann@x.test", "", "gold")
    content += row.format("ben@x.test", " ", " ").replace("30.00,30.00", "30.00,x")
    block = read(content.encode(), tmp_path)
    rows = [(row[2], row[-2], row[-1]) for row in rows_of(block, has_extra=True)]
    assert rows == [
        ("<ann@x.test>", "<lee, ann>", {"Loyalty": ""}), ("<ann@x.test>", "", {"Loyalty": "<gold>"}),
    ]  # fmt: skip
    assert {p: v.strip().casefold() for p, v in block.originals.items()} == {
        "<ann@x.test>": "ann@x.test", "<lee, ann>": "lee, ann", "<gold>": "gold",
    }  # fmt: skip


def test_customer_number_is_one_person_with_or_without_a_decimal_point(tmp_path: Path) -> None:
    block = read(HEADER + GOOD + GOOD.replace(b"17850.0", b"17850"), tmp_path)
    assert {row[7] for row in rows_of(block)} == {"<17850>"}


def test_null_token_in_a_personal_column_names_nobody(tmp_path: Path) -> None:
    contract = load_contracts()["online_retail"].model_copy(update={"null_tokens": ["--"]})
    content = HEADER + GOOD.replace(b"17850.0", b" --") + GOOD
    block = read(content, tmp_path, contract=contract)
    assert [row[7] for row in rows_of(block)] == [" --", "<17850>"]
    assert list(block.originals) == ["<17850>"]


def test_kept_column_is_sent_as_it_stands(tmp_path: Path) -> None:
    names = [column.name for column in load_contracts()["tradewind_roster"].columns]
    row = "E1,Ann Lee,store_operator,ops,Ops,Ops,,US,2020-01-01,\n"
    block = read((",".join(names) + "\n" + row).encode(), tmp_path)
    assert rows_of(block)[0][2] == "Ann Lee"
    assert not block.originals


def test_pseudonym_is_hmac_sha256_of_the_normalised_value() -> None:
    key = b"k" * 64
    pads = (bytes(byte ^ 0x36 for byte in key), bytes(byte ^ 0x5C for byte in key))
    expected = hmac.digest(key, b"ann@x.test", "sha256").hex()[:32]
    assert Pseudonymiser(*pads)(subject_of("\u00a0ＡNN@X.test\n")) == expected


@pytest.mark.parametrize(
    ("cell", "text"),
    [(2.0, "2"), (0.1, "0.1"), (1e-05, "0.00001"), (True, "true"), (8_400_000_000_000.0, "8400000000000")],
)
def test_workbook_cells_are_written_without_exponent_or_needless_zeros(cell: object, text: str) -> None:
    assert as_text(cell) == text


ODD_CELLS = [
    "", " ", "6", "-1", "+1", "1.5", "1,000", "1e5", ".5", "2010-12-01 08:26:00", "2010-02-30 08:26:00",
    "2010-12-31 23:59:59", "C536365", "17850.0", "France", "\u00a0", '"', '""', '"a', 'a"b', '"a,b"',
    '"x\ny"', "x\ry", "\0", "é", "−1", "１", "\\.", "Total: x",
]  # fmt: skip
CELLS = st.one_of(st.sampled_from(ODD_CELLS), st.text(alphabet='a1,"\n\r \u00a0é\\.-', max_size=6))
PLAIN = ["536365", "85123A", "HOLDER", "6", "2010-12-01 08:26:00", "2.55", "17850.0", "France"]


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    lines = []
    for _ in range(draw(st.integers(0, 8))):
        cells = list(PLAIN)
        for _ in range(draw(st.integers(0, 2))):
            cells[draw(st.integers(0, 7))] = draw(CELLS)
        if draw(st.integers(0, 9)) == 0:
            cells = cells[: draw(st.integers(1, 8))]
        lines.append(",".join(cells) + draw(st.sampled_from(["\n", "\n", "\n", "\r\n", "\r", "\n\n"])))
    return "".join(lines).encode()


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=bodies(), extra=st.booleans(), personal=st.booleans())
@example(body=GOOD.replace(b"LIGHT", b'"LIGHT""') + GOOD, extra=False, personal=False)
@example(body=GOOD.replace(b"LIGHT", b'"LI\rGHT"') + GOOD, extra=False, personal=True)
def test_fast_and_exact_reader_give_the_same_rows(
    tmp_path: Path, body: bytes, extra: bool, personal: bool
) -> None:
    """Whether the bytes are sent as they are, or rewritten for personal or unknown columns."""
    header = HEADER.replace(b"Description", b"Remark" if extra else b"Description")
    contract = None if personal else WITHOUT_PERSONS
    fast = read(header + body, tmp_path, contract=contract)
    with mock.patch("tradewind.exports.blocks.FEW_BYTES", 1 << 40):
        exact = read(header + body, tmp_path, contract=contract)
    assert fast.originals.keys() == exact.originals.keys()
    assert rows_of(fast, has_extra=extra) == rows_of(exact, has_extra=extra)
    assert [(r.row_number, r.fault, r.raw) for r in fast.bad] == [
        (r.row_number, r.fault, r.raw) for r in exact.bad
    ]
    assert (fast.loaded, fast.ignored) == (exact.loaded, exact.ignored)


def test_records_do_not_depend_on_where_the_file_is_cut(tmp_path: Path) -> None:
    body = (GOOD + GOOD.replace(b"LIGHT", b'"LI\n""GHT').replace(b"HOLDER", b'HOLDER"')) * 40
    whole = read(HEADER + body, tmp_path)
    assert whole.loaded == 80
    for size in (1, 7, 100, 1000):
        with mock.patch("tradewind.exports.source.CHUNK_BYTES", size):
            assert rows_of(read(HEADER + body, tmp_path)) == rows_of(whole)


def test_null_tokens_pass_only_where_the_contract_has_them() -> None:
    contracts = load_contracts()
    google, pinterest = contracts["google_ads_campaign_daily"], contracts["pinterest_ads_daily"]
    assert compile_check(google.by_name["ctr"], google, "").fault(" --") is None
    assert compile_check(pinterest.by_name["saves"], pinterest, "").fault(" --") is not None


@pytest.mark.parametrize(
    ("last", "loaded"),
    [
        ("Total: home,GBP,40,4,2.00", ["lamps", "chairs", "Total: home"]),
        ("Total: of a new kind,GBP,160,16,8.00", ["lamps", "chairs"]),
    ],
)
def test_a_campaign_called_total_counts_and_a_sum_does_not(
    tmp_path: Path, last: str, loaded: list[str]
) -> None:
    """Google adds up accounts, campaigns and kinds of campaigns; another sum shows it by its numbers."""
    lines = [
        "Campaign report", "1 May 2026 - 8 May 2026", "Campaign,Currency code,Impr.,Clicks,Cost",
        "lamps,GBP,100,10,5.00", "chairs,GBP,60,6,3.00", last, "Total: Campaigns,GBP,200,20,10.00",
        "Total: account,GBP,200,20,10.00", "Total: Performance Max,GBP,200,20,10.00",
        "Total: Search,GBP,0,0,0.00",
    ]  # fmt: skip
    with opened("\n".join([*lines, ""]).encode(), tmp_path, "report.csv") as export:
        assert export.contract.report == "google_ads_campaign_period"
        blocks = list(export.blocks(export.rows(stand_in), 7))
    assert [row[1] for block in blocks for row in rows_of(block)] == loaded
    assert sum(block.ignored for block in blocks) == 4 + (len(loaded) == 2)
