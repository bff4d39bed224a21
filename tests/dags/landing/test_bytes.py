"""Bad bytes: each case of group B of the fault catalogue, from the file to raw, quarantine and ledger.

What `test_containers.py`, `test_compressed.py` and `tests/dags/unpacking` show (B8 to B10, B27, B28) is not
shown again. Half of the records may be bad here, so that a small file shows what becomes of one of them.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
import unicodedata
import zipfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from infra.demo.exports.workbook import workbook_bytes
from tests.dags.landing.conftest import Query
from tests.dags.landing.test_containers import PLAIN, RATE
from tests.dags.landing.test_load import load, put
from tradewind.exports.records import MAX_RECORD_BYTES
from tradewind.landing import LoadResult
from tradewind.settings import PROJECT_ROOT, Settings

HEADER = b"InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
GOOD = b"536365,85123A,LIGHT HOLDER,6,2010-12-01 08:26:00,2.55,17850,France\n"
RECORDS = "select row_number, description from raw.online_retail order by row_number"
VISITORS = b"Day,Online store visitors,Sessions\n"


def line(text: str | bytes = "LIGHT HOLDER", **cells: str | bytes) -> bytes:
    """A record of the retailer's with other cells in it."""
    record = {
        "invoice": "536365", "stock": "85123A", "text": text, "quantity": "6", "date": "2010-12-01 08:26:00",
        "price": "2.55", "customer": "17850", "country": "France", **cells,
    }  # fmt: skip
    return b",".join(v.encode() if isinstance(v, str) else v for v in record.values()) + b"\n"


@dataclass(frozen=True)
class Warehouse:
    """Loads one file, and tells where its records are."""

    settings: Settings
    query: Query

    def load(self, content: bytes, name: str = "file.csv", share: float = 0.5) -> LoadResult:
        settings = self.settings.model_copy(update={"max_bad_record_share": share})
        return load(settings, put(settings, name, content))

    def refusal(self, content: bytes, name: str = "file.csv", share: float = 0.5) -> str | None:
        """The code for which a file is refused; nothing of it may be in raw or in quarantine."""
        result = self.load(content, name, share)
        assert result.state == "refused"
        tables = self.query("select tablename from pg_tables where schemaname = 'raw'")
        counts = " + ".join(f"(select count(*) from raw.{table})" for (table,) in tables)
        assert self.query(f"select {counts} + (select count(*) from ops.quarantined_row)") == [(0,)]
        assert self.query("select state, reason_code from ops.load") == [("refused", result.reason_code)]
        return result.reason_code

    def texts(self) -> list[str | None]:
        return [text for _, text in self.query(RECORDS)]

    def numbers(self) -> list[int]:
        return [number for number, _ in self.query(RECORDS)]

    def quarantine(self) -> list[tuple[int, str, bytes]]:
        rows = self.query("select row_number, reason_code, raw_record from ops.quarantined_row order by 1")
        return [(number, code, bytes(raw)) for number, code, raw in rows]


@pytest.fixture
def warehouse(landing: Settings, query: Query) -> Warehouse:
    return Warehouse(landing, query)


def test_b1_a_byte_order_mark_is_no_part_of_the_first_header(warehouse: Warehouse) -> None:
    result = warehouse.load(b"\xef\xbb\xbf" + HEADER + GOOD)
    assert (result.state, result.records_loaded) == ("loaded", 1)
    assert warehouse.query("select invoice_no from raw.online_retail") == [("536365",)]
    assert warehouse.query("select file_attributes from ops.load") == [({},)]


RATES = "rate_date\tcurrency\tunits_per_eur\tsource\n2026-05-01\tUSD\t1.1\t欧洲央行 €\n"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_b2_utf_16_with_a_mark_is_read(warehouse: Warehouse, encoding: str) -> None:
    bad = "2026-05-02\tUSD\tmany\t欧洲\n"
    assert warehouse.load(("\ufeff" + RATES + bad).encode(encoding)).records_loaded == 1
    assert warehouse.query("select rate_date, source from raw.tradewind_exchange_rates") == [
        ("2026-05-01", "欧洲央行 €")
    ]
    assert warehouse.quarantine() == [(2, "wrong_type", bad.strip().encode(encoding))]


@pytest.mark.parametrize(
    "text", [RATES, RATES.replace("rate_date\tcurrency", "汇率日期\t币种")], ids=["english", "chinese"]
)
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_b2b_utf_16_without_a_mark_is_refused(warehouse: Warehouse, encoding: str, text: str) -> None:
    assert warehouse.refusal(text.encode(encoding)) == "encoding_unknown"


WESTERN = (
    "Größe Straße Müsli Öl Äpfel Übung à-côté Àquila Ánimo máquina Âge château São SÃO Åsa blåbær ÆBLE "
    "æble Çelik façade Èze crème Émile café Être fête Noël CITROËN PIÙ così Índice jardín Île dîner "
    "naïve ANAÏS Ísafjörður maður peña ÑANDÚ però Òdena corazón Óscar côte CÔTE simões SIMÕES Øl "
    "smørbrød più último ÚLTIMA août FLÛTE Ýmir nýr Þór íþrótt cœur ŒUVRE Škoda dušan Žan žižka L’HAŸ "
    "haÿ €5 5‰ ‚x ‘x x’ „x “x x” x… – — • ‹1› «x» 5† 5‡ GMBH® T™ ƒ/2.8 ¡hola ¿qué 5¢ £5 ¥5 5§ ©5 1ª 1º "
    "5°C ±5 m² m³ 10µm l·l 1¹ 1¼ 1½ 1¾ 3×5 5÷ 5¶ x´s hänger"
)
# signs that no word has about them, and blanks that are no blanks
ODD = ["ÌÐ", "ˆ", "˜", "¤", "¦", "¨", "¬", "¯", "¸", "5\u00a0g", "a\u00adb"]


def test_b3_a_declared_legacy_encoding_is_kept_character_by_character(warehouse: Warehouse) -> None:
    texts = [*WESTERN.split(), *ODD]
    # the five bytes that cp1252 does not define are no text
    known = bytes(byte for byte in range(0x80, 0x100) if byte not in b"\x81\x8d\x8f\x90\x9d").decode("cp1252")
    assert set(known) <= set("".join(texts))
    bad = line(b"a\x81b")
    content = HEADER + b"".join(line(text.encode("cp1252")) for text in texts) + bad
    assert warehouse.load(content).state == "loaded"
    assert warehouse.texts() == texts
    assert warehouse.quarantine() == [(len(texts) + 1, "invalid_encoding", bad.strip())]
    assert warehouse.query("select dialect ->> 'encoding' from ops.load") == [("cp1252",)]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("オーロラ テーブルランプ", "cp932"),
        ("Настольная лампа", "cp1251"),
        ("台燈", "big5"),
        ("灯具", "gb18030"),
    ],
)
def test_b4_an_undeclared_legacy_encoding_is_never_guessed(
    warehouse: Warehouse, text: str, encoding: str
) -> None:
    file = "rate_date,currency,units_per_eur,source\n" + f"2026-05-01,USD,1.1,{text}\n" * 5
    assert warehouse.refusal(file.encode(encoding), share=0.5) == "encoding_unknown"


@pytest.mark.parametrize(
    ("text", "encoding"), [("rate_date,币种,汇率", "gb18030"), ("день,валюта", "cp1251")]
)
def test_b4_a_header_in_an_undeclared_encoding_is_refused(
    warehouse: Warehouse, text: str, encoding: str
) -> None:
    assert warehouse.refusal(f"{text}\n2026-05-01,USD,1.1\n".encode(encoding)) == "encoding_unknown"


def test_b4_kana_is_not_taken_for_western_letters(warehouse: Warehouse) -> None:
    records = b"".join(line("オーロラ テーブルランプ".encode("cp932")) for _ in range(5))
    assert warehouse.refusal(HEADER + records) == "encoding_unknown"


def test_b5_one_record_in_another_encoding_is_set_aside(warehouse: Warehouse) -> None:
    bad = line("Größe".encode("cp1252"))
    warehouse.load(HEADER + line("Größe") + bad + line("€"))
    assert warehouse.texts() == ["Größe", "€"]
    assert warehouse.quarantine() == [(2, "invalid_encoding", bad.strip())]


def test_b6_a_nul_in_a_cell_sets_the_record_aside(warehouse: Warehouse) -> None:
    bad = line("LIGHT\0HOLDER")
    warehouse.load(HEADER + GOOD + bad + GOOD)
    assert warehouse.numbers() == [1, 3]
    assert warehouse.quarantine() == [(2, "nul_byte", bad.strip())]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(HEADER.replace(b"Country", b"Coun\0try") + GOOD, id="header"),
        pytest.param(HEADER.replace(b"Country", b"Country,x\0") + line(country="France,1"), id="extra"),
        pytest.param(bytes(10_000), id="whole-file"),
        pytest.param(HEADER + GOOD * 99 + bytes(4096) + GOOD * 99, id="block"),
        pytest.param(HEADER + GOOD + bytes(4096), id="block-at-the-end"),
    ],
)
def test_b6_nuls_in_the_header_or_a_block_of_them_refuse_the_file(
    warehouse: Warehouse, content: bytes
) -> None:
    assert warehouse.refusal(content) == "nul_bytes"


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff",
        b"\xc0\x80",
        b"\xe0\x80\xaf",
        b"\xed\xa0\x80",
        b"\xf5\x80\x80\x80",
        b"\xe2\x82",
        b"\xf0\x9f\x92",
    ],
    ids=["ff", "overlong-nul", "overlong-slash", "surrogate", "beyond-unicode", "cut-euro", "cut-emoji"],
)
def test_b7_invalid_utf_8_sets_the_record_aside(warehouse: Warehouse, raw: bytes) -> None:
    bad = line(b"LIGHT" + raw + b"HOLDER")
    warehouse.load(HEADER + line("é€😀") + bad + GOOD)
    assert warehouse.numbers() == [1, 3]
    assert warehouse.quarantine() == [(2, "invalid_encoding", bad.strip())]


MEASURED = """
import resource, sys, time
from pathlib import Path
from tradewind.exports import load_contracts, RefusedFileError
from tradewind.landing.ledger import FileVersion
from tradewind.landing.opening import Opener
from contextlib import ExitStack
from datetime import UTC, datetime
import os

path = Path(sys.argv[1])
began = time.perf_counter()
with ExitStack() as resources:
    descriptor = os.open(path, os.O_RDONLY)
    version = FileVersion(path.name, path.name, "0" * 64, path.stat().st_size, datetime.now(UTC), None)
    try:
        for piece in Opener(load_contracts(), None, resources).open(descriptor, path, version):
            if isinstance(piece.opened, RefusedFileError):
                raise piece.opened
            for block in piece.opened.blocks(piece.opened.rows(str), 1):
                pass
        code = None
    except RefusedFileError as refusal:
        code = refusal.code
# ru_maxrss would begin with what the parent had when it forked
status = Path("/proc/self/status")
own = (
    int(status.read_text().split("VmHWM:")[1].split()[0]) if status.exists()
    else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
)
children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(code, max(own, children) // 1024, time.perf_counter() - began)
"""


def no_line_end(path: Path) -> None:
    path.write_bytes(HEADER + b"x" * (64 << 20))


def no_quote_end(path: Path) -> None:
    path.write_bytes(HEADER + b'536365,85123A,"' + (b"x" * 999 + b"\n") * 60_000)


def one_long_cell(path: Path) -> None:
    path.write_bytes(HEADER + line(b'"' + b"x" * (64 << 20) + b'"'))


def no_header_end(path: Path) -> None:
    path.write_bytes(HEADER.strip() + b"," + b"x" * (64 << 20))


def a_million_columns(path: Path) -> None:
    path.write_bytes(b"InvoiceNo," + b",".join(b"c%d" % n for n in range(1_000_000)) + b"\n1,2\n")


def a_known_report_with_a_million_more_columns(path: Path) -> None:
    path.write_bytes(HEADER.strip() + b"," * 1_000_000 + b"\n" + GOOD)


def a_record_of_a_million_cells(path: Path) -> None:
    path.write_bytes(HEADER + GOOD * 1000 + b"," * 3_000_000 + b"\n" + GOOD * 1000)


def one_line_packed(path: Path) -> None:
    path.write_bytes(gzip.compress(HEADER + os.urandom(1 << 20).hex().encode() * 16))


@pytest.mark.parametrize(
    ("write", "code"),
    [
        (no_line_end, "record_too_long"),
        (no_quote_end, None),
        (one_long_cell, "record_too_long"),
        (no_header_end, "header_too_long"),
        (a_million_columns, "too_many_columns"),
        (a_known_report_with_a_million_more_columns, "too_many_columns"),
        (a_record_of_a_million_cells, None),
        (one_line_packed, "record_too_long"),
    ],
)
def test_b11_boundless_lines_cells_and_headers_are_refused_in_bounded_memory(
    tmp_path: Path, write: Any, code: str | None
) -> None:
    path = tmp_path / "file.csv"
    write(path)
    result = subprocess.run(
        [sys.executable, "-c", MEASURED, str(path)],
        env={**os.environ, "PYTHONPATH": str(PROJECT_ROOT / "dags")},
        capture_output=True, text=True, check=True, timeout=90,
    )  # fmt: skip
    found, megabytes, seconds = result.stdout.split()
    assert found == str(code)
    assert int(megabytes) < 512
    assert float(seconds) < 60


def test_b11_a_record_that_is_too_long_leaves_nothing_of_its_file(warehouse: Warehouse) -> None:
    content = HEADER + GOOD * 3 + b"x" * (4 * MAX_RECORD_BYTES)
    assert warehouse.refusal(content) == "record_too_long"


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"], ids=["LF", "CRLF", "CR"])
def test_b12_line_ends_within_a_quoted_cell_stay_as_they_are(warehouse: Warehouse, line_end: bytes) -> None:
    texts = ["a\nb", "a\r\nb", "a\rb", "\n", "a\n\n\rb", "x,y\n,,,,,,"]
    records = [line(f'"{text}"')[:-1] for text in texts]
    bad = line('"c\rd\ne"', quantity="many")[:-1]
    warehouse.load(line_end.join([HEADER[:-1], *records, bad, GOOD]))
    assert warehouse.texts() == [*texts, "LIGHT HOLDER"]
    assert warehouse.quarantine() == [(7, "wrong_type", bad)]


SWALLOWING = {
    "to-the-end": ([line('"OPEN'), GOOD, GOOD], [0]),
    "up-to-a-quoted-cell": ([line('"OPEN'), GOOD, line('"A, B"'), GOOD], [0]),
    # from quote to quote there are eight cells again, each of its type
    "up-to-a-closing-quote": ([line('"OPEN'), line('CLOSED"'), GOOD], [0, 1]),
    "over-whole-records": ([line('"OPEN'), GOOD, GOOD, line('CLOSED"'), GOOD], [0, 3]),
    "after-a-quoted-comma": ([line('"OPEN', stock='"8,5"'), GOOD, line('CLOSED"'), GOOD], [0, 2]),
    "in-the-last-cell": ([line(country='"France'), GOOD, line(country='France"'), GOOD], [0, 2]),
    "stray-within-a-cell": ([line('12" HOLDER'), GOOD], [0]),
    "behind-a-quoted-cell": ([line('"HOLDER" x'), GOOD], [0]),
    "doubled-outside": ([line('a""b'), GOOD], [0]),
    "one-quote-too-many": ([line('"HOLDER""'), GOOD, line('"A"'), GOOD], [0]),
}


@pytest.mark.parametrize(("records", "bad"), SWALLOWING.values(), ids=SWALLOWING.keys())
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_b13_a_quote_out_of_place_costs_no_record_but_its_own(
    warehouse: Warehouse, records: list[bytes], bad: list[int], line_end: bytes
) -> None:
    records = [GOOD, *records, GOOD]
    share = 0.9
    warehouse.load((HEADER + b"".join(records)).replace(b"\n", line_end), share=share)
    assert [number - 2 for number, _, _ in warehouse.quarantine()] == bad
    assert [raw for _, _, raw in warehouse.quarantine()] == [records[n + 1].strip() for n in bad]
    assert warehouse.numbers() == [n + 1 for n in range(len(records)) if n - 1 not in bad]


def test_b13_text_of_several_lines_is_one_cell(warehouse: Warehouse) -> None:
    texts = ["Care:\nwash, dry, iron, fold, put away, done, ok, yes\nend", "1,2,3,4,5,6,7,8\nx"]
    warehouse.load(HEADER + b"".join(line(f'"{text}"') for text in texts) + GOOD)
    assert warehouse.texts() == [*texts, "LIGHT HOLDER"]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(HEADER + GOOD + GOOD.replace(b"\n", b"\r\n") + GOOD.replace(b"\n", b"\r"), id="mixed"),
        pytest.param((HEADER + GOOD * 3).replace(b"\n", b"\r"), id="lone-returns"),
        pytest.param((HEADER + GOOD * 3).strip(), id="none-at-the-end"),
        pytest.param((HEADER + GOOD * 3).replace(b"\n", b"\r").strip(), id="lone-returns-none-at-the-end"),
        pytest.param(HEADER + GOOD * 3 + b"\n", id="two-at-the-end"),
        pytest.param(HEADER + GOOD * 3 + b"\r\n\r\n \n", id="blank-lines-at-the-end"),
        pytest.param(HEADER.replace(b"\n", b"\r") + GOOD + GOOD + GOOD, id="header-alone-ends-in-a-return"),
    ],
)
def test_b14_the_last_line_is_kept_whatever_ends_it(warehouse: Warehouse, content: bytes) -> None:
    assert warehouse.load(content).records_loaded == 3
    assert warehouse.query("select country from raw.online_retail") == [("France",)] * 3


def test_b14_a_large_file_of_lone_returns_is_read_in_pieces(warehouse: Warehouse) -> None:
    text = '"one\rtwo\nthree"'
    content = (HEADER + GOOD * 300).replace(b"\n", b"\r") + line(text).replace(b"France\n", b"France\r")
    content += GOOD.replace(b"\n", b"\r") * 300
    with mock.patch("tradewind.exports.source.CHUNK_BYTES", 1000):
        assert warehouse.load(content).records_loaded == 601
    assert warehouse.texts()[300] == "one\rtwo\nthree"


@pytest.mark.parametrize("delimiter", [b";", b"\t"])
def test_b15_another_delimiter_of_the_contract_is_read(warehouse: Warehouse, delimiter: bytes) -> None:
    content = (HEADER + GOOD).replace(b",", delimiter)
    assert warehouse.load(content + line('"a,b;c\td"').replace(b",", delimiter)).records_loaded == 2
    assert warehouse.query("select dialect ->> 'delimiter' from ops.load") == [(delimiter.decode(),)]


@pytest.mark.parametrize(
    ("delimiter", "code"), [(b"|", "delimiter_not_allowed"), (b"\x01", "resembles_no_report")]
)
def test_b15_a_delimiter_outside_the_contract_is_refused(
    warehouse: Warehouse, delimiter: bytes, code: str
) -> None:
    assert warehouse.refusal((HEADER + GOOD * 3).replace(b",", delimiter)) == code


def test_b15_records_behind_a_change_of_delimiter_are_set_aside(warehouse: Warehouse) -> None:
    changed = GOOD.replace(b",", b";")
    warehouse.load(HEADER + GOOD * 3 + changed * 2)
    assert warehouse.numbers() == [1, 2, 3]
    assert warehouse.quarantine() == [(n, "wrong_width", changed.strip()) for n in (4, 5)]


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        pytest.param(GOOD.replace(b",France", b""), "wrong_width", id="fewer"),
        pytest.param(line(country="France,x"), "wrong_width", id="more"),
        pytest.param(line(country="France,"), "wrong_width", id="comma-behind"),
        pytest.param(
            b"536365,LIGHT HOLDER,6,2010-12-01 08:26:00,2.55,17850,France,\n", "wrong_type", id="left"
        ),
        pytest.param(b",536365,85123A,HOLDER,6,2010-12-01 08:26:00,2.55,17850\n", "empty_value", id="right"),
    ],
)
def test_b16_a_ragged_or_shifted_record_is_set_aside(warehouse: Warehouse, bad: bytes, code: str) -> None:
    warehouse.load(HEADER + GOOD + bad + GOOD)
    assert warehouse.numbers() == [1, 3]
    assert warehouse.quarantine() == [(2, code, bad.strip())]


@pytest.mark.parametrize("second", ["Quantity", " QUANTITY ", "Ｑｕａｎｔｉｔｙ", "\u00a0quantity"])
def test_b17_a_column_named_twice_is_refused(warehouse: Warehouse, second: str) -> None:
    content = HEADER.replace(b"Country", f"Country,{second}".encode()) + line(country="France,6")
    assert warehouse.refusal(content) == "header_ambiguous"


def test_b17_two_names_of_one_column_are_refused(warehouse: Warehouse) -> None:
    content = HEADER.replace(b"Country", b"Country,Invoice") + line(country="France,536365")
    assert warehouse.refusal(content) == "header_ambiguous"


def test_b18_a_missing_column_is_named(warehouse: Warehouse) -> None:
    content = HEADER.replace(b",Country", b"") + GOOD.replace(b",France", b"")
    assert warehouse.refusal(content) == "unknown_report"
    assert warehouse.query("select reason_details -> 'missing' from ops.load") == [(["Country"],)]


def test_b19_new_columns_are_kept_beside_the_known_ones_and_named(warehouse: Warehouse) -> None:
    names = b"Country,Loyalty tier,Customer phone"
    result = warehouse.load(HEADER.replace(b"Country", names) + line(country='France,gold,"+1, 555"'))
    assert (result.state, result.records_loaded) == ("loaded", 1)
    extra = warehouse.query("select country, extra_columns from raw.online_retail")
    assert extra[0][0] == "France"
    assert set(extra[0][1]) == {"Loyalty tier", "Customer phone"}
    assert warehouse.query("select file_attributes -> 'extra_columns' from ops.load") == [
        (["Loyalty tier", "Customer phone"],)
    ]


def test_b20_columns_in_another_order_are_read_by_name(warehouse: Warehouse) -> None:
    reorder = [b",".join(reversed(text.strip().split(b","))) + b"\n" for text in (HEADER, GOOD)]
    warehouse.load(b"".join(reorder))
    assert warehouse.query("select invoice_no, country, quantity from raw.online_retail") == [
        ("536365", "France", "6")
    ]


def test_b20_a_renamed_column_is_refused_and_an_alias_read(warehouse: Warehouse) -> None:
    assert warehouse.refusal(HEADER.replace(b"Quantity", b"Count") + GOOD) == "unknown_report"
    assert warehouse.query(
        "select reason_details -> 'missing', reason_details -> 'unknown' from ops.load"
    ) == [(["Quantity"], ["Count"])]
    assert warehouse.load(HEADER.replace(b"UnitPrice", b"Price") + GOOD, "b.csv").state == "loaded"


GERMAN = (
    "(Übergeordnete) ASIN,(Untergeordnete) ASIN,Titel,Sitzungen – Summe,Bestellte Einheiten,"
    "Durch bestellte Produkte erzielter Umsatz\n"
)
REPORT = "BusinessReport-2025-10-15-to-2025-10-15.csv"


@pytest.mark.parametrize(
    "header",
    [
        GERMAN,
        GERMAN.upper(),
        GERMAN.replace(" ", "\u00a0"),
        GERMAN.replace(",", " , "),
        unicodedata.normalize("NFD", GERMAN),
    ],
    ids=["as it comes", "upper case", "no-break spaces", "blanks at the edges", "B26 decomposed"],
)
def test_b21_localised_headers_are_read_however_they_are_written(warehouse: Warehouse, header: str) -> None:
    content = header + 'B0BGPMD867,B0BGPMD867,Öl,"2,584",3,"5.255,61 €"\n'
    assert warehouse.load(content.encode(), REPORT).records_loaded == 1
    assert warehouse.query("select title, ordered_product_sales from raw.amazon_business_report_asin") == [
        ("Öl", "5.255,61 €")
    ]
    assert warehouse.query("select dialect ->> 'locale', currency from ops.load") == [("de", "EUR")]


def test_b21_a_locale_that_no_contract_has_is_refused(warehouse: Warehouse) -> None:
    header = "ASIN (parent),ASIN (enfant),Titre,Sessions – Total,Unités commandées,Ventes de produits\n"
    refused = warehouse.load((header + "B0BGPMD867,B0BGPMD867,x,1,3,5\n").encode(), REPORT)
    assert (refused.state, refused.reason_code) == ("refused", "header_in_other_language")
    assert warehouse.query("select reason_details ->> 'language' from ops.load") == [("fr",)]


@pytest.mark.parametrize(
    "price", ["2,55", "1.234,56", "1 234.56", "1'234.56", "5-", "(1,234)", "(5.00)", "€5", "5 EUR", "２.５",
              "1,23,456.7", "12,34", "1.2.3", "--", "n/a", "0x1F", "1_000", "inf", "NaN", "½", "٣"],
)  # fmt: skip
def test_b22_a_number_in_another_format_than_the_declared_is_set_aside(
    warehouse: Warehouse, price: str
) -> None:
    bad = line(price=f'"{price}"')
    code = "decimal_comma" if price in ("2,55", "1.234,56", "12,34") else "wrong_type"
    warehouse.load(HEADER + GOOD + bad + line(price='"1,234.56"') + line(price="-5"))
    assert warehouse.query("select unit_price from raw.online_retail order by row_number") == [
        ("2.55",), ("1,234.56",), ("-5",),
    ]  # fmt: skip
    assert warehouse.quarantine() == [(2, code, bad.strip())]


@pytest.mark.parametrize(
    ("amount", "is_loaded"), [("1.234,56 €", True), ("1.234 €", True), ("1,234.56 €", False)]
)
def test_b22_amounts_are_read_by_the_locale_of_the_header(
    warehouse: Warehouse, amount: str, is_loaded: bool
) -> None:
    rows = "".join(f'B0BGPMD867,B0BGPMD867,Öl,1,3,"{text}"\n' for text in ("1,00 €", amount))
    warehouse.load((GERMAN + rows).encode(), REPORT)
    assert [code for _, code, _ in warehouse.quarantine()] == ([] if is_loaded else ["decimal_point"])


@pytest.mark.parametrize(
    "cell", [{"price": "1E+05"}, {"quantity": "8.4E+12"}, {"customer": "8.4E+12"}], ids=str
)
def test_b22_what_a_spreadsheet_has_rounded_is_set_aside(warehouse: Warehouse, cell: dict[str, str]) -> None:
    bad = line(**cell)
    warehouse.load(HEADER + GOOD + bad)
    assert warehouse.quarantine() == [(2, "precision_lost", bad.strip())]


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        ("03/04/2025 08:26:00", "wrong_type"),
        ("10-12-01 08:26:00", "wrong_type"),
        ("2010-12-01 24:00:00", "wrong_type"),
        ("2010-12-01 23:60:00", "wrong_type"),
        ("1. Dezember 2010", "wrong_type"),
        ("2010-Dez-01 08:26:00", "wrong_type"),
        ("40513", "wrong_type"),
        ("40513.35", "wrong_type"),
        ("2010-02-30 08:26:00", "impossible_date"),
        ("2010-02-29 08:26:00", "impossible_date"),
        ("2010-13-01 08:26:00", "impossible_date"),
        ("2010-00-01 08:26:00", "impossible_date"),
        ("0000-01-01 08:26:00", "impossible_date"),
    ],
)
def test_b23_a_date_in_another_format_or_outside_the_calendar_is_set_aside(
    warehouse: Warehouse, moment: str, code: str
) -> None:
    bad = line(date=moment)
    leap = line(date="2012-02-29 08:26:00")
    warehouse.load(HEADER + leap + bad)
    assert warehouse.numbers() == [1]
    assert warehouse.quarantine() == [(2, code, bad.strip())]


@pytest.mark.parametrize(
    "days", ["1/5/2026 - 8/5/2026", "1. Foo 2026 - 8. Foo 2026", "35.5.2026 - 36.5.2026"]
)
def test_b23_a_period_that_may_be_another_is_not_guessed(warehouse: Warehouse, days: str) -> None:
    content = f"Search keyword report\n{days}\n"
    content += "Keyword,Match type,Campaign,Ad group,Impr.,Clicks,Cost\nk,Broad,C,A,1,1,0.10\n"
    assert warehouse.refusal(content.encode()) == "period_unknown"


def rewritten(packed: bytes, **parts: Any) -> bytes:
    """A workbook with some of its parts changed: by the end of the part's name, a function of its text."""
    content = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(packed)) as old,
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            text = old.read(name).decode()
            change = parts.get(Path(name).stem)
            new.writestr(name, change(text) if change else text)
    return content.getvalue()


COLUMNS = ("rate_date", "currency", "units_per_eur", "source")


@pytest.mark.parametrize(("is_1904", "day"), [(False, "2026-05-01"), (True, "2030-05-02")])
def test_b23_serial_dates_of_a_workbook_follow_its_calendar(
    warehouse: Warehouse, is_1904: bool, day: str
) -> None:
    packed = workbook_bytes("Rates", [COLUMNS, (date(2026, 5, 1), "USD", 2, "x")])
    if is_1904:
        packed = rewritten(
            packed, workbook=lambda t: t.replace("<sheets>", '<workbookPr date1904="1"/><sheets>')
        )
    warehouse.load(packed, "rates.xlsx")
    assert warehouse.query("select rate_date from raw.tradewind_exchange_rates") == [(day,)]


@pytest.mark.parametrize("cell", ["46143", "01.05.2026", "05/01/26", "24:00"])
def test_b23_b28_text_and_bare_numbers_of_a_workbook_are_no_dates(warehouse: Warehouse, cell: str) -> None:
    value = int(cell) if cell.isdecimal() else cell
    warehouse.load(workbook_bytes("Rates", [COLUMNS, *PLAIN, (value, "USD", 2, "x")]), "rates.xlsx")
    assert [(number, code) for number, code, _ in warehouse.quarantine()] == [(31, "wrong_type")]


def test_b22_b28_ids_that_a_workbook_has_rounded_are_not_loaded_and_amounts_are(warehouse: Warehouse) -> None:
    kept, rounded = 999_999_999_999_999, 1_000_000_000_000_010
    day = date(2026, 5, 1)
    rows = [(day, "EUR", rounded, kept), (day, "USD", 2, rounded), (day, "JPY", 2, str(rounded))]
    warehouse.load(workbook_bytes("Rates", [COLUMNS, *PLAIN, *rows]), "rates.xlsx")
    assert warehouse.query("select row_number, column_name, reason_code from ops.quarantined_row") == [
        (32, "source", "precision_lost")
    ]
    assert warehouse.query(
        "select units_per_eur, source from raw.tradewind_exchange_rates where row_number > 30 order by 1 desc"
    ) == [("2", str(rounded)), (str(rounded), str(kept))]


KEYWORDS = "Keyword,Match type,Campaign,Ad group,Impr.,Clicks,Cost\n"
KEYWORD = "lamp,Broad,C,A,10,1,0.10\n"


def test_b24_lines_above_the_header_and_totals_of_the_contract_are_no_records(warehouse: Warehouse) -> None:
    total = "Total: Account,,,,10,1,0.10\n"
    content = "Search keyword report\nMay 1, 2026 - May 8, 2026\n" + KEYWORDS + KEYWORD + total
    result = warehouse.load(content.encode())
    assert (result.records_loaded, result.records_ignored) == (1, 1)
    assert warehouse.query("select keyword from raw.google_ads_search_keyword") == [("lamp",)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"Report of May\n" + HEADER + GOOD, "lines_above_header", id="preamble"),
        pytest.param(HEADER + GOOD * 3 + b"Exported by x\n", "too_many_bad_records", id="footer"),
        pytest.param(HEADER + GOOD * 3 + b"\n" + HEADER + GOOD, "too_many_bad_records", id="two tables"),
        pytest.param(
            HEADER + GOOD * 3 + b"\n" + VISITORS + b"2026-05-01,1,2\n", "too_many_bad_records", id="other"
        ),
        pytest.param(b",,Sale,,,,,\n" + HEADER + GOOD, "lines_above_header", id="header of two rows"),
        pytest.param(b'"Invoice\nNo"' + HEADER[9:] + GOOD, "unknown_report", id="header of two lines"),
    ],
)
def test_b24_what_no_contract_lists_is_refused(warehouse: Warehouse, content: bytes, code: str) -> None:
    assert warehouse.refusal(content, share=0.01) == code


def with_sheets(*sheets: tuple[str, str, list[Any]]) -> bytes:
    """A workbook of several sheets: name, state, rows; texts stand in the cells themselves."""
    first = workbook_bytes("x", [("x",)])
    content = io.BytesIO()
    relation = 'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"'
    with zipfile.ZipFile(io.BytesIO(first)) as old, zipfile.ZipFile(content, "w") as new:
        for name in old.namelist():
            text = old.read(name).decode()
            if name == "xl/workbook.xml":
                head, rest = text.split("<sheets>")
                listed = "".join(
                    f'<sheet name="{title}" sheetId="{n}" state="{state}" r:id="s{n}"/>'
                    for n, (title, state, _) in enumerate(sheets, 1)
                )
                text = f"{head}<sheets>{listed}</sheets>{rest.split('</sheets>')[1]}"
            elif name == "xl/_rels/workbook.xml.rels":
                added = "".join(
                    f'<Relationship Id="s{n}" {relation} Target="worksheets/s{n}.xml"/>'
                    for n in range(1, len(sheets) + 1)
                )
                text = text.replace("</Relationships>", added + "</Relationships>")
            elif name == "[Content_Types].xml":
                kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
                added = "".join(
                    f'<Override PartName="/xl/worksheets/s{n}.xml" ContentType="{kind}"/>'
                    for n in range(1, len(sheets) + 1)
                )
                text = text.replace("</Types>", added + "</Types>")
            new.writestr(name, text)
        for n, (_, _, rows) in enumerate(sheets, 1):
            new.writestr(f"xl/worksheets/s{n}.xml", sheet_xml(rows))
    return content.getvalue()


def sheet_xml(rows: list[Any]) -> str:
    def cell(value: object) -> str:
        if value is None:
            return "<c/>"
        return f'<c t="inlineStr"><is><t xml:space="preserve">{value}</t></is></c>'

    body = "".join(f"<row>{''.join(cell(value) for value in row)}</row>" for row in rows)
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{namespace}"><sheetData>{body}</sheetData></worksheet>'


OTHER = [("Note",), ("made by hand",)]
TABLE: list[Any] = [COLUMNS, *PLAIN]
DAYS = "select count(*) from raw.tradewind_exchange_rates"


@pytest.mark.parametrize(
    "sheets",
    [
        [("Rates", "visible", TABLE), ("Notes", "visible", OTHER)],
        [("Notes", "visible", OTHER), ("Rates", "visible", TABLE)],
        [("Draft", "hidden", TABLE), ("Rates", "visible", TABLE)],
        [("Draft", "veryHidden", TABLE), ("Rates", "visible", TABLE)],
    ],
    ids=["first", "last", "beside a hidden one", "beside a very hidden one"],
)
def test_b24_the_one_visible_sheet_that_fits_is_read(warehouse: Warehouse, sheets: list[Any]) -> None:
    assert warehouse.load(with_sheets(*sheets), "rates.xlsx").records_loaded == 30
    assert warehouse.query(DAYS) == [(30,)]


@pytest.mark.parametrize(
    ("sheets", "code"),
    [
        ([("A", "visible", TABLE), ("B", "visible", TABLE)], "ambiguous_sheet"),
        ([("A", "hidden", TABLE), ("Notes", "visible", OTHER)], "resembles_no_report"),
    ],
)
def test_b24_a_sheet_is_never_chosen_by_guess(warehouse: Warehouse, sheets: list[Any], code: str) -> None:
    assert warehouse.refusal(with_sheets(*sheets), "rates.xlsx") == code


def test_b24_a_merged_cell_is_not_filled_down(warehouse: Warehouse) -> None:
    merged = [*PLAIN, ("2026-06-01", "USD", 2, "x"), (None, "EUR", 3, "x")]
    packed = with_sheets(("Rates", "visible", [COLUMNS, *merged]))
    packed = rewritten(
        packed,
        s1=lambda t: t.replace(
            "</sheetData>", '</sheetData><mergeCells><mergeCell ref="A32:A33"/></mergeCells>'
        ),
    )
    assert warehouse.load(packed, "rates.xlsx").records_loaded == 31
    assert [(number, code) for number, code, _ in warehouse.quarantine()] == [(32, "empty_value")]


@pytest.mark.parametrize("content", [b"", b"\n\n", b" \t\r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n"])
def test_b25_an_empty_file_is_refused(warehouse: Warehouse, content: bytes) -> None:
    assert warehouse.refusal(content) == "empty_file"


@pytest.mark.parametrize("content", [HEADER, HEADER.strip(), HEADER + b"\r\n\r\n", b"\xef\xbb\xbf" + HEADER])
def test_b25_a_header_without_records_is_loaded(warehouse: Warehouse, content: bytes) -> None:
    result = warehouse.load(content)
    assert (result.state, result.records_read, result.records_loaded) == ("loaded", 0, 0)


NAUGHTY = [
    "NULL", "null", "\\N", "NA", "N/A", "None", "nan", "NaN", "undefined", "-", "--", "0", "false", "#N/A",
    "e\u0301", "\u00e9", "\ufb01", "\u1e9e", "\u202etxt.exe", "\u2066x\u2069", "👩\u200d👧",
    "🏴\U000e007f", "\ufeffx", "\u200b", "Ω≈ç√∫", "ﷺ", "𝕏", "\U0010ffff", "\ufffd", " lead", "trail ",
    "\u00a0", "\u3000", "\x7f", "\x01", "\x0b", "\x08", "\x1b[31m", "\u2028",
    "'; drop table raw.online_retail; --", "=1+1", "@x", "+1", "-5", "<script>alert(1)</script>",
    "{{ 1 }}", "${x}", "%s %n", "\\.", "\\", "\\x41", "../../etc/passwd",
]  # fmt: skip


def test_b26_naughty_text_is_in_raw_byte_for_byte(warehouse: Warehouse) -> None:
    warehouse.load(HEADER + b"".join(line(text) for text in NAUGHTY))
    found = warehouse.query(
        "select description, octet_length(description) from raw.online_retail order by row_number"
    )
    assert found == [(text, len(text.encode())) for text in NAUGHTY]


def test_b26_words_for_nothing_are_values_unless_the_contract_says_so(warehouse: Warehouse) -> None:
    bad = [line(price=word) for word in ("NULL", "NA", "None", "nan", "-", "undefined", "--")]
    warehouse.load(HEADER + GOOD * 10 + b"".join(bad))
    assert [raw for _, _, raw in warehouse.quarantine()] == [record.strip() for record in bad]
    listed = "May 1, 2026 - May 8, 2026\n" + KEYWORDS + "lamp,Broad,C,A,10,--,0.10\n"
    assert warehouse.load(listed.encode(), "k.csv").state == "loaded"
    assert warehouse.query("select clicks from raw.google_ads_search_keyword") == [("--",)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xef\xbb\xbf" + json.dumps([RATE]).encode(), None),
        (json.dumps([RATE]).encode("utf-16"), None),
        (json.dumps([RATE]).encode("utf-16-le"), "json_unreadable"),
        (b"[]", "no_data_no_header"),
        (b"{}", "empty_file"),
        (b'["a", 1, null]', "json_unreadable"),
        (b"[[[{}]]]", "json_unreadable"),
        (json.dumps([RATE]).encode()[:-5], "json_unreadable"),
        (json.dumps([{**RATE, "units_per_eur": float("nan")}]).encode(), "json_not_standard"),
        (json.dumps({"old": [RATE], "new": [RATE], "next": None}).encode(), "ambiguous_list"),
    ],
    ids=[
        "mark", "UTF-16", "UTF-16 without a mark", "list", "object", "values", "nested", "cut off", "NaN",
        "two lists of one report",
    ],
)  # fmt: skip
def test_b27_json_is_loaded_or_refused(warehouse: Warehouse, content: bytes, code: str | None) -> None:
    result = warehouse.load(content, "rates.json")
    assert (result.state, result.reason_code) == (("refused", code) if code else ("loaded", None))


def test_the_mark_of_an_open_workbook_is_called_so(warehouse: Warehouse) -> None:
    assert warehouse.refusal(b"\x05Maria" + b" " * 159, "~$rates.xlsx") == "lock_file"


def test_of_two_lists_of_one_report_those_are_named(warehouse: Warehouse) -> None:
    other = {"date": "2026-05-01", "note": "no report"}
    content = json.dumps({"old": [RATE], "notes": [other], "new": [RATE]}).encode()
    assert warehouse.refusal(content, "rates.json") == "ambiguous_list"
    assert warehouse.query("select reason_details -> 'lists' from ops.load") == [(["old", "new"],)]


def test_b27_large_numbers_reach_raw_digit_by_digit(warehouse: Warehouse) -> None:
    text = json.dumps([{**RATE, "units_per_eur": 9007199254740993, "source": 12345678901234567890}])
    warehouse.load(text.encode(), "rates.json")
    assert warehouse.query("select units_per_eur, source from raw.tradewind_exchange_rates") == [
        ("9007199254740993", "12345678901234567890")
    ]


def test_b28_a_sheet_that_is_full_to_its_last_row_is_refused(warehouse: Warehouse) -> None:
    # as many rows as make it no table with a cell far off
    places = range(1024, 1_048_577, 8)
    rows = "".join(
        f'<row r="{row}"><c r="A{row}" t="inlineStr"><is><t>x</t></is></c></row>' for row in places
    )
    packed = rewritten(
        workbook_bytes("Rates", TABLE), sheet1=lambda t: t.replace("</sheetData>", rows + "</sheetData>")
    )
    assert warehouse.refusal(packed, "rates.xlsx") == "workbook_unreadable"
    assert warehouse.query("select reason_details ->> 'fault' from ops.load") == [("truncated",)]


def test_b28_a_cell_far_off_from_the_table_is_named(warehouse: Warehouse) -> None:
    last = '<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
    packed = rewritten(workbook_bytes("Rates", TABLE), sheet1=lambda t: t.replace("</sheetData>", last))
    assert warehouse.refusal(packed, "rates.xlsx") == "workbook_unreadable"
    assert warehouse.query("select reason_details ->> 'fault' from ops.load") == [("sparse",)]
