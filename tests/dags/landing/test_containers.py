"""Files that hold others: zip archives, workbooks, JSON; each export in them is loaded by itself."""

from __future__ import annotations

import gzip
import io
import json
import re
import stat
import warnings
import zipfile

import pytest

from infra.demo.exports.workbook import workbook_bytes
from tests.dags.landing.conftest import Query
from tests.dags.landing.test_load import HEADER, ROWS, load, put
from tests.dags.unpacking.books import book, rows
from tradewind.landing import load_files, scan
from tradewind.settings import Settings

WHOLE = (HEADER + ROWS).encode()
COST = {"store_id": "lumen-au", "sku": "A", "unit_cost": 1.10, "currency": "AUD", "valid_from": "2026-01-01"}
RATE = {"rate_date": "2026-05-01", "currency": "USD", "units_per_eur": 1.1234567890123456789, "source": "x"}
STATES = "select file_path, state, report, reason_code from ops.load order by load_id"
DAYS = "select count(*) from raw.shopify_visitors"


def zipped(members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return content.getvalue()


def test_every_export_of_an_archive_is_loaded_by_itself(landing: Settings, query: Query) -> None:
    members = {
        "visitors.csv": WHOLE,
        "notes/readme.txt": b"nothing to load",
        "__MACOSX/._visitors.csv": b"litter",
        "~$rates.xlsx": b"litter",
        "rates.json": json.dumps([RATE]).encode(),
    }
    file = put(landing, "store=lumen-au/export.zip", zipped(members))
    results = load_files([file], landing)
    assert [result.state for result in results] == ["loaded", "refused", "loaded", "loaded"]
    assert query(STATES) == [
        ("store=lumen-au/export.zip/visitors.csv", "loaded", "shopify_visitors", None),
        ("store=lumen-au/export.zip/notes/readme.txt", "refused", None, "resembles_no_report"),
        ("store=lumen-au/export.zip/rates.json", "loaded", "tradewind_exchange_rates", None),
        ("store=lumen-au/export.zip", "loaded", None, "unpacked"),
    ]
    assert query("select distinct store_id from ops.load where state = 'loaded'") == [("lumen-au",)]
    assert query("select count(*) from ops.pending_load") == [(2,)]
    assert scan(landing) == []


def test_an_archive_that_comes_again_changes_nothing(landing: Settings, query: Query) -> None:
    packed = zipped({"visitors.csv": WHOLE})
    load(landing, put(landing, "a.zip", packed))
    assert load(landing, put(landing, "b.zip", packed)).state == "duplicate"
    assert load(landing, put(landing, "visitors.csv", WHOLE)).state == "duplicate"
    assert query(DAYS) == [(30,)]


def test_what_a_newer_archive_no_longer_holds_gives_way(landing: Settings, query: Query) -> None:
    other = (HEADER + "2026-06-01,1,2\n").encode()
    file = put(landing, "a.zip", zipped({"may.csv": WHOLE, "june.csv": other}))
    load(landing, file)
    put(landing, "a.zip", zipped({"june.csv": other}))
    load(landing, file)
    assert query("select file_path from ops.load where state = 'loaded' and report is not null") == [
        ("a.zip/june.csv",)
    ]
    put(landing, "a.zip", WHOLE)
    load(landing, file)
    assert query("select file_path from ops.load where state = 'loaded'") == [("a.zip",)]


def test_p10_an_archive_cut_short_by_a_kill_is_taken_up_again(landing: Settings, query: Query) -> None:
    file = put(
        landing, "a.zip", zipped({"may.csv": WHOLE, "june.csv": (HEADER + "2026-06-01,1,2\n").encode()})
    )
    load(landing, file)
    with_rows = query("select count(*) from raw.shopify_visitors")
    query("delete from ops.load where report is null returning 1")
    assert scan(landing) == [file]
    load(landing, file)
    assert query(DAYS) == with_rows
    assert scan(landing) == []


def encrypted() -> bytes:
    packed = bytearray(zipped({"visitors.csv": WHOLE}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        packed[packed.index(signature) + offset] |= 1
    return bytes(packed)


def linked() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        link = zipfile.ZipInfo("visitors.csv")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return content.getvalue()


@pytest.mark.parametrize(
    ("packed", "fault"),
    [
        pytest.param(zipped({"../../escape.csv": WHOLE}), "unsafe_name", id="S3 traversal"),
        pytest.param(zipped({"/tmp/absolute.csv": WHOLE}), "unsafe_name", id="S3 absolute"),
        pytest.param(zipped({r"..\escape.csv": WHOLE}), "unsafe_name", id="S3 backslashes"),
        pytest.param(zipped({"C:/visitors.csv": WHOLE}), "unsafe_name", id="S3 drive"),
        pytest.param(linked(), "unsafe_name", id="S3 link"),
        pytest.param(zipped({"vis\nitors.csv": WHOLE}), "unprintable_name", id="a line break in a name"),
        pytest.param(encrypted(), "encrypted", id="B10 encrypted"),
        pytest.param(zipped({"zeros.csv": bytes(40 << 20)}), "too_large", id="B9 bomb"),
        pytest.param(zipped({f"{n}.csv": b"x" for n in range(1001)}), "too_many_files", id="S20 many files"),
        pytest.param(zipped({"visitors.csv": WHOLE})[:-30], "damaged", id="cut off"),
    ],
)
def test_an_unsafe_archive_is_refused_whole(
    landing: Settings, query: Query, packed: bytes, fault: str
) -> None:
    result = load(landing, put(landing, "a.zip", packed))
    assert (result.state, result.reason_code) == ("refused", "archive_unreadable")
    assert query("select reason_details ->> 'fault' from ops.load") == [(fault,)]
    assert query(DAYS) == [(0,)]


@pytest.mark.parametrize("inner", [zipped({"v.csv": WHOLE}), gzip.compress(WHOLE)], ids=["zip", "gzip"])
def test_b9_an_archive_within_an_archive_is_refused(landing: Settings, query: Query, inner: bytes) -> None:
    load(landing, put(landing, "a.zip", zipped({"inner": inner})))
    assert query(STATES) == [
        ("a.zip/inner", "refused", None, "archive_unreadable"),
        ("a.zip", "refused", None, "nothing_unpacked"),
    ]


def test_json_numbers_are_kept_as_they_are_written(landing: Settings, query: Query) -> None:
    text = json.dumps([{**RATE, "units_per_eur": "#"}]).replace('"#"', "1.12345678901234567890")
    assert load(landing, put(landing, "rates.json", text)).report == "tradewind_exchange_rates"
    assert query("select units_per_eur from raw.tradewind_exchange_rates") == [("1.12345678901234567890",)]


def test_every_list_of_a_document_that_is_a_report_is_loaded(landing: Settings, query: Query) -> None:
    document = {"count": 2, "data": {"rates": [RATE], "costs": [COST], "other": [{"a": 1}]}}
    results = load_files([put(landing, "company.json", json.dumps(document))], landing)
    assert [(result.state, result.report) for result in results] == [
        ("loaded", "tradewind_exchange_rates"), ("loaded", "tradewind_product_costs"), ("loaded", None),
    ]  # fmt: skip
    assert query(STATES)[0][0] == "company.json/data.rates"


def test_one_object_a_line_is_read_line_by_line(landing: Settings, query: Query) -> None:
    good = [json.dumps({**RATE, "rate_date": f"2026-05-{day:02d}"}) for day in range(1, 31)]
    lines = [*good[:10], '{"rate_date": "2026-06-01", "rate_date": "2026-06-02"}', *good[10:], "{broken", ""]
    settings = landing.model_copy(update={"max_bad_record_share": 0.5})
    result = load(settings, put(landing, "rates.jsonl", "\n".join(lines)))
    assert (result.state, result.records_loaded, result.records_quarantined) == ("loaded", 30, 2)
    assert query(
        "select row_number, reason_code, convert_from(raw_record, 'UTF8') from ops.quarantined_row order by 1"
    ) == [
        (11, "repeated_key", '{"rate_date": "2026-06-01", "rate_date": "2026-06-02"}'),
        (32, "no_json_object", "{broken"),
    ]


def test_b7_half_a_character_is_quarantined(landing: Settings, query: Query) -> None:
    rows = [{**RATE, "rate_date": f"2026-05-{day:02d}"} for day in range(1, 31)]
    text = json.dumps([*rows, {**RATE, "source": "?"}]).replace('"?"', r'"\ud800"')
    settings = landing.model_copy(update={"max_bad_record_share": 0.5})
    assert load(settings, put(landing, "rates.json", text)).records_loaded == 30
    assert query("select row_number, reason_code from ops.quarantined_row") == [(31, "invalid_encoding")]


def sheet(*cells: str) -> bytes:
    """A workbook of rates whose second row has these cells as XML."""
    packed = workbook_bytes("Rates", [("rate_date", "currency", "units_per_eur", "source"), *PLAIN])
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(content, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name.endswith("sheet1.xml"):
                row = f'<row r="{len(PLAIN) + 2}">{"".join(cells)}</row></sheetData>'
                data = data.replace(b"</sheetData>", row.encode())
            new.writestr(name, data)
    return content.getvalue()


PLAIN = [(f"2026-05-{day:02d}", "USD", 2, "x") for day in range(1, 31)]
TEXTS = (
    '<c r="A32" t="inlineStr"><is><t>2026-06-01</t></is></c>',
    '<c r="B32" t="inlineStr"><is><t>USD</t></is></c>',
)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ('<c r="C32"><f>1+1</f></c>', "formula_without_result"),
        ('<c r="C32"><f>1+1</f><v></v></c>', "formula_without_result"),
        ('<c r="C32" t="e"><v>#N/A</v></c>', "error_cell"),
        ('<c r="C32" t="e"><f>1/0</f><v>#DIV/0!</v></c>', "error_cell"),
    ],
)
def test_b28_a_cell_without_a_value_is_quarantined(
    landing: Settings, query: Query, cell: str, code: str
) -> None:
    packed = sheet(*TEXTS, cell, '<c r="D32" t="inlineStr"><is><t>x</t></is></c>')
    settings = landing.model_copy(update={"max_bad_record_share": 0.5})
    assert load(settings, put(landing, "rates.xlsx", packed)).records_loaded == 30
    assert query("select row_number, reason_code from ops.quarantined_row") == [(31, code)]


def test_b28_a_formula_with_its_result_is_loaded(landing: Settings, query: Query) -> None:
    packed = sheet(
        *TEXTS, '<c r="C32"><f>1+1</f><v>2</v></c>', '<c r="D32" t="inlineStr"><is><t>x</t></is></c>'
    )
    assert load(landing, put(landing, "rates.xlsx", packed)).records_loaded == 31


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<html><table><tr><td>rate_date</td></tr></table></html>", "not_a_table"),
        (b"rate_date,currency,units_per_eur,source\n2026-05-01,USD,2,x\n", None),
        (b"\xd0\xcf\x11\xe0" + bytes(500), "not_a_table"),
        (b"\xd0\xcf\x11\xe0" + bytes(500) + "EncryptedPackage".encode("utf-16-le"), "workbook_unreadable"),
    ],
    ids=["a web page", "CSV", "an old workbook", "B10 encrypted"],
)
def test_b28_a_file_is_what_its_bytes_say(
    landing: Settings, query: Query, content: bytes, code: str | None
) -> None:
    load(landing, put(landing, "rates.xls", content))
    assert query("select reason_code from ops.load") == [(code,)]


def test_s8_a_workbook_that_declares_entities_is_refused(landing: Settings, query: Query) -> None:
    packed = io.BytesIO()
    whole = zipfile.ZipFile(io.BytesIO(workbook_bytes("Rates", PLAIN)))
    with whole as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name.endswith("sharedStrings.xml"):
                entity = b'<!DOCTYPE sst [<!ENTITY x SYSTEM "file:///etc/passwd">]><sst'
                data = data.replace(b"<sst", entity)
            new.writestr(name, data)
    load(landing, put(landing, "rates.xlsx", packed.getvalue()))
    assert query("select reason_code, reason_details ->> 'fault' from ops.load") == [
        ("workbook_unreadable", "unsafe_content")
    ]


def test_b24_a_sheet_with_a_column_a_day_is_turned(landing: Settings, query: Query) -> None:
    sheet_of_days = (
        "Metric,23/06/2025,24/06/2025\n1.1 Shipments Packed,120,0\n1.3.2 Packing Hours Used,7.5,0\nNotes,x,\n"
    )
    result = load(landing, put(landing, "store=depot/hours.csv", sheet_of_days))
    assert (result.state, result.report, result.records_loaded) == ("loaded", "warehouse_daily_kpis", 2)
    assert query(
        "select date, shipments_packed, packing_hours_used from raw.warehouse_daily_kpis order by 1"
    ) == [("23/06/2025", "120", "7.5"), ("24/06/2025", "0", "0")]


def test_a_known_list_that_is_refused_is_not_hidden_by_one_that_loads(
    landing: Settings, query: Query
) -> None:
    by_asin = {
        "parentAsin": "B000000001",
        "salesByAsin": {
            "unitsOrdered": 1, "orderedProductSales": {"amount": 1, "currencyCode": "USD"},
            "totalOrderItems": 1,
        },
        "trafficByAsin": {"sessions": 1, "pageViews": 1},
    }  # fmt: skip
    document = {"rates": [RATE], "salesAndTrafficByAsin": [by_asin]}
    load_files([put(landing, "mixed.json", json.dumps(document))], landing)
    assert query(STATES) == [
        ("mixed.json/rates", "loaded", "tradewind_exchange_rates", None),
        ("mixed.json/salesAndTrafficByAsin", "refused", None, "period_unknown"),
        ("mixed.json", "loaded", None, "unpacked"),
    ]


def test_members_of_one_name_are_all_loaded(landing: Settings, query: Query) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr("visitors.csv", WHOLE)
        archive.writestr("visitors.csv", HEADER + "2026-06-01,1,2\n")
    file = put(landing, "a.zip", content.getvalue())
    load_files([file], landing)
    assert [row[:2] for row in query(STATES)] == [
        ("a.zip/visitors.csv", "loaded"), ("a.zip/visitors (2).csv", "loaded"), ("a.zip", "loaded"),
    ]  # fmt: skip
    assert query(DAYS) == [(31,)]


@pytest.mark.parametrize("kind", ["xlsx", "json"])
def test_a_line_end_in_a_cell_moves_no_fault(landing: Settings, query: Query, kind: str) -> None:
    names = ["rate_date", "currency", "units_per_eur", "source", "a\nnote"]
    rates = [[f"2026-05-{day:02d}", "USD", "2", "x\ry\r\nz", '2026-05-01,"USD"'] for day in range(1, 31)]
    if kind == "json":
        records = [json.dumps(dict(zip(names, rate, strict=True))) for rate in rates]
        records[20] = '{"rate_date": "1", "rate_date": "2"}'
        content = f"[{','.join(records)}]".encode()
    else:
        body = rows([names, *rates])
        content = book(
            re.sub(r'<c r="E22".*?</c>', '<c r="E22" t="e"><v>#N/A</v></c>', body, flags=re.DOTALL)
        )
    settings = landing.model_copy(update={"max_bad_record_share": 0.5})
    assert load(settings, put(landing, f"rates.{kind}", content)).records_loaded == 29
    assert query("select row_number from ops.quarantined_row") == [(21,)]
    assert query("select distinct source from raw.tradewind_exchange_rates") == [("x\ry\r\nz",)]
    assert query("select count(*) from raw.tradewind_exchange_rates where rate_date = '2026-05-21'") == [(0,)]
