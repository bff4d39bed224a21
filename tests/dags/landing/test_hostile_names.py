"""Names and values are only names and values: cases S1 to S4, S8, S10 and S20 of the fault catalogue."""

from __future__ import annotations

import io
import json
import os
import random
import zipfile
from pathlib import Path

import pytest

from infra.demo.exports.workbook import workbook_bytes
from tests.dags.landing.conftest import Query
from tests.dags.landing.test_containers import PLAIN, RATE, zipped
from tests.dags.landing.test_load import HEADER, ROWS, load, put
from tradewind.landing import load_files, scan
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

COLUMNS = ("rate_date", "currency", "units_per_eur", "source")
RETAIL = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
DROP = "x'); drop table public.canary; --"
STATEMENTS = [DROP, "x; drop table public.canary; --", "$$; drop table public.canary; $$", "%s %(x)s {} \\'"]
TEMPLATES = ["{{ 7 * 7 }}", "{% set x = 1 %}", "{{ var.value.secret }}", "${{ 7 }}", "{{ env_var('HOME') }}"]


@pytest.fixture(autouse=True)
def canary(landing: Settings) -> Settings:
    """A table that a statement in a name or a value would drop."""
    with connect(Role.ADMIN, landing) as connection:
        connection.execute("drop table if exists public.canary")
        connection.execute("create table public.canary as select 1 as alive")
        connection.execute("grant all on public.canary to public")
    return landing


def assert_alive(query: Query) -> None:
    assert query("select alive from public.canary") == [(1,)]


def test_s1_statements_in_every_kind_of_name_are_only_names(landing: Settings, query: Query) -> None:
    rates = [{**RATE, "rate_date": f"2026-05-{day:02d}"} for day in range(1, 4)]
    for number, text in enumerate(STATEMENTS):
        put(landing, f"store={text}/{text}.csv", f"{HEADER.strip()},{text}\n2026-05-01,{number},1,v\n")
        book = workbook_bytes(
            text.replace("'", "&apos;")[:25], [(*COLUMNS, text), *[(*r, "v") for r in PLAIN]]
        )
        put(landing, f"{number}.xlsx", book)
        member = (HEADER + f"2026-05-02,{number},1\n").encode()
        put(landing, f"{number}.zip", zipped({f"{text}.csv": member}))
        cost = {"store_id": "a", "sku": number, "unit_cost": 1, "currency": "AUD", "valid_from": "2026-01-01"}
        document = {text: [{**rate, text: number} for rate in rates], f"{text}2": [cost]}
        put(landing, f"{number}.json", json.dumps(document))
    results = load_files(scan(landing), landing)
    assert {result.state for result in results} == {"loaded"}
    assert len(results) == len(STATEMENTS) * (1 + 1 + 2 + 3)
    stores = query("select distinct store_id from ops.load where store_id <> 'unassigned' order by 1")
    assert [store for (store,) in stores] == sorted(STATEMENTS)
    extra = query("select distinct jsonb_object_keys(extra_columns) from raw.shopify_visitors")
    assert {name for (name,) in extra} == set(STATEMENTS)
    assert_alive(query)


def test_s2_s10_statements_and_templates_in_values_are_kept_as_they_are(
    landing: Settings, query: Query
) -> None:
    texts = [*STATEMENTS, *TEMPLATES]
    good = "".join(f'536365,"{text}","{text}",6,2010-12-01 08:26:00,2.55,1,"{text}"\n' for text in texts)
    bad = "".join(f'536365,A,B,"{text}",2010-12-01 08:26:00,2.55,1,France\n' for text in texts)
    lenient = landing.model_copy(update={"max_bad_record_share": 0.6})
    assert load(lenient, put(landing, "orders.csv", RETAIL + good + bad)).state == "loaded"
    rows = query("select stock_code, description, country from raw.online_retail order by row_number")
    assert rows == [(text, text, text) for text in texts]
    kept = query("select convert_from(raw_record, 'UTF8') from ops.quarantined_row order by row_number")
    assert [record for (record,) in kept] == bad.splitlines()
    assert_alive(query)


def long_path(settings: Settings) -> Path:
    generator = random.Random(1)
    folders = [generator.randbytes(110).hex() for _ in range(15)]
    return Path(*folders, "visitors.csv")


@pytest.mark.parametrize(
    "name",
    [
        "new\nline.csv", "quote'\".csv", "back\\slash.csv", "tab\t.csv", "$(touch x);`id`|&.csv", "-rf.csv",
        "a" * 251 + ".csv", "ö" * 125 + ".csv", "\u202evsc.csv", "%2e%2e%2f.csv",
        os.fsdecode(b"\xff\xfe.csv"), "store=a\nb/v.csv", os.fsdecode(b"store=\xff/v.csv"), "a...csv",
        " .csv", "{}%s.csv",
    ],
    ids=range(16),
)  # fmt: skip
def test_s4_any_name_of_a_file_is_taken_once(landing: Settings, query: Query, name: str) -> None:
    file = put(landing, name, HEADER + ROWS)
    assert scan(landing) == [file]
    assert [result.state for result in load_files([file], landing)] == ["loaded"]
    assert scan(landing) == []
    assert query("select count(*) from raw.shopify_visitors") == [(30,)]
    assert not Path("x").exists()


def test_s4_a_path_longer_than_the_ledger_can_index_is_taken_once(landing: Settings, query: Query) -> None:
    files = [put(landing, str(long_path(landing).with_name(f"{n}.csv")), HEADER + f"2026-05-0{n},1,2\n")
             for n in (1, 2)]  # fmt: skip
    assert [result.state for result in load_files(files, landing)] == ["loaded"] * 2
    assert scan(landing) == []
    assert query("select count(distinct file_path) from ops.load where state = 'loaded'") == [(2,)]


def test_s4_long_and_broken_names_within_a_file_are_taken(landing: Settings, query: Query) -> None:
    cost = {"store_id": "a", "sku": "A", "unit_cost": 1, "currency": "AUD", "valid_from": "2026-01-01"}
    generator = random.Random(2)
    text = json.dumps({generator.randbytes(4000).hex(): [RATE], "\ud800\0": [cost]})
    states = [result.state for result in load_files([put(landing, "a.json", text)], landing)]
    assert states == ["loaded", "loaded", "loaded"]
    member = f"{generator.randbytes(4000).hex()}.csv"
    packed = zipped({member: (HEADER + ROWS).encode()})
    assert load(landing, put(landing, "a.zip", packed)).state == "loaded"
    assert query("select max(length(file_path)) < 300 from ops.load") == [(True,)]


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
DOCTYPES = {
    "laughs": f'<!DOCTYPE sst [<!ENTITY l0 "ha">{LAUGHS}]>',
    "external-dtd": '<!DOCTYPE sst SYSTEM "http://127.0.0.1:9/x.dtd">',
    "external-entity": '<!DOCTYPE sst [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    "parameter": '<!DOCTYPE sst [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x">%x;]>',
    "behind-a-comment": f"<!--{'x' * 9000}--><!DOCTYPE sst []>",
    "behind-a-fake-element": "<!-- <sst> --><?x <sst> ?><!DOCTYPE sst []>",
    "behind-too-much": " " * 70_000 + "<!DOCTYPE sst []>",
}


@pytest.mark.parametrize("part", ["sharedStrings.xml", "workbook.xml", "sheet1.xml", "workbook.xml.rels"])
def test_s8_declarations_in_any_part_of_a_workbook_refuse_it(
    landing: Settings, query: Query, part: str
) -> None:
    whole = workbook_bytes("Rates", [COLUMNS, *PLAIN])
    for name, doctype in DOCTYPES.items():
        for encoding in ("utf-8", "utf-16"):
            packed = io.BytesIO()
            with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(packed, "w") as new:
                for member in old.namelist():
                    text = old.read(member).decode()
                    if member.endswith(f"/{part}"):
                        declared, body = text.split("?>", 1)
                        text = declared.replace("UTF-8", encoding) + "?>" + doctype + body
                        new.writestr(member, text.encode(encoding))
                    else:
                        new.writestr(member, text)
            put(landing, f"{name}-{encoding}.xlsx", packed.getvalue())
    load_files(scan(landing), landing)
    assert query("select distinct state, reason_details ->> 'fault' from ops.load") == [
        ("refused", "unsafe_content")
    ]
    assert query("select count(*) from ops.load") == [(2 * len(DOCTYPES),)]


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(SVG, "not_a_table", id="S8 picture"),
        pytest.param(b"<?xml version='1.0'?>" + SVG, "not_a_table", id="S8 picture with a declaration"),
        pytest.param(zipped({"content.xml": b"<?xml?><x/>"}), "nothing_unpacked", id="S8 another office"),
        pytest.param(zipped({"[Content_Types].xml": b"<T/>"}), "nothing_unpacked", id="S20 hollow"),
        pytest.param(b"\x7fELF" + bytes(60), "not_a_table", id="S20 program"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + HEADER.encode(), "not_a_table", id="S20 picture in front"),
        pytest.param(b"GIF89a," + HEADER.encode() + ROWS.encode(), "too_many_bad_records", id="S20 picture"),
        pytest.param(b"%PDF-1.7\n" + HEADER.encode() + ROWS.encode(), "not_a_table", id="S20 document"),
        pytest.param(b"#!/bin/sh\n" + HEADER.encode() + ROWS.encode(), "lines_above_header", id="S20 script"),
        pytest.param(b"BZh91AY" + bytes(50), "not_a_table", id="S20 other archive"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["rates.xlsx", "visitors.csv"])
def test_a_file_is_refused_by_its_bytes_not_taken_by_its_name(
    landing: Settings, query: Query, content: bytes, code: str, name: str
) -> None:
    result = load(landing, put(landing, name, content))
    assert (result.state, result.reason_code) == ("refused", code)
    assert query("select count(*) from raw.shopify_visitors") == [(0,)]


def test_s20_a_table_with_an_archive_behind_it_is_no_archive(landing: Settings, query: Query) -> None:
    hidden = zipped({"visitors.csv": (HEADER + "2026-07-01,9,9\n").encode()})
    result = load(landing, put(landing, "v.csv", (HEADER + ROWS).encode() + hidden))
    assert (result.state, result.reason_code) == ("refused", "encoding_unknown")
    assert query("select count(*) from raw.shopify_visitors") == [(0,)]


def test_s20_an_archive_behind_something_else_is_none(landing: Settings, query: Query) -> None:
    hidden = zipped({"visitors.csv": (HEADER + ROWS).encode()})
    assert load(landing, put(landing, "v.zip", b"MZ\x90\0" + hidden)).state == "refused"


@pytest.mark.timeout(400)
def test_s20_each_of_many_files_is_answered(landing: Settings, query: Query) -> None:
    contents = [HEADER + "2026-05-01,{n},1\n", HEADER + "{n}", "", "\0\0\0", "{{", "a,b\n{n},2\n"]
    count = 600
    for number in range(count):
        put(landing, f"{number % 7}/{number}.csv", contents[number % 6].replace("{n}", str(number)))
    results = load_files(scan(landing), landing)
    assert len(results) == count
    assert scan(landing) == []
    states = dict(query("select state, count(*) from ops.load group by state"))
    assert states == {"loaded": count // 6, "refused": count - count // 6}
    assert query("select count(*), count(distinct online_store_visitors) from raw.shopify_visitors") == [
        (count // 6, count // 6)
    ]
