"""One file, one transaction: loaded once, quarantined, superseded, refused, or nothing at all."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import logging
import os
import threading
import zipfile
from datetime import date
from pathlib import Path
from unittest import mock

import psycopg
import pytest

from tests.dags.landing.conftest import Query
from tradewind.exports import Export, blocks
from tradewind.landing import LoadResult, ensure_raw_tables, ledger, load_files, reject
from tradewind.landing.ledger import FileVersion
from tradewind.landing.reasons import FILE_REASONS, RECORD_REASONS
from tradewind.landing.run import LoadNotFoundError
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

HEADER = "Day,Online store visitors,Sessions\n"
ROWS = "".join(f"2026-05-{day:02d},{day},{day * 2}\n" for day in range(1, 31))
EVERYTHING = """
    select (select count(*) from ops.load), (select count(*) from ops.quarantined_row),
        (select count(*) from raw.shopify_visitors)
"""


def put(settings: Settings, name: str, content: str | bytes) -> Path:
    file = settings.landing / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def load(settings: Settings, *files: Path, report: str | None = None) -> LoadResult:
    results = load_files(files, settings, report=report)
    return results[-1]


@pytest.mark.parametrize("is_fast", [True, False])
def test_quotes_of_a_format_without_them_stay_beside_pseudonyms_and_unknown_columns(
    landing: Settings, query: Query, monkeypatch: pytest.MonkeyPatch, is_fast: bool
) -> None:
    head = (
        "purchase-note\tamazon-order-id\tpurchase-date\tlast-updated-date\torder-status\tfulfillment-channel"
        "\tsales-channel\tproduct-name\tsku\tasin\titem-status\tquantity\tcurrency\titem-price\tship-city\n"
    )
    row = (
        "{}\t026-1234567-1234567\t2026-05-01T10:00:00+00:00\t2026-05-01T10:00:00+00:00\tShipped\tAmazon"
        '\tAmazon.com\t"Arch" mirror, 12"\tA\tB00TEST001\tShipped\t1\tUSD\t10.00\tHull\r\n'
    )
    file = put(landing, "o.txt", head + row.format('say "hi"') + row.format(""))
    monkeypatch.setattr(blocks, "FEW_BYTES", 0 if is_fast else len(file.read_bytes()) + 1)
    result = load(landing, file)
    assert (result.state, result.records_loaded) == ("loaded", 2)
    found = query(
        "select product_name, ship_city, extra_columns from raw.amazon_all_orders order by row_number"
    )
    pseudonyms = [query("select left(ops.pseudonym(%s), 32)", text)[0][0] for text in ("hull", 'say "hi"')]
    assert found == [
        ('"Arch" mirror, 12"', pseudonyms[0], {"purchase-note": pseudonyms[1]}),
        ('"Arch" mirror, 12"', pseudonyms[0], {"purchase-note": ""}),
    ]


def test_file_is_loaded_with_its_place_in_the_ledger(landing: Settings, query: Query) -> None:
    file = put(landing, "store=lumen-au/account=main/visitors.csv", HEADER + ROWS)
    result = load(landing, file)
    assert (result.state, result.report, result.records_loaded) == ("loaded", "shopify_visitors", 30)
    assert result.path == "store=lumen-au/account=main/visitors.csv"
    row = query(
        "select file_name, file_sha256, file_size, store_id, account, records_read, records_loaded, "
        "extracted_at = file_modified_at, dialect ->> 'encoding', finished_at is not null from ops.load"
    )
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert row == [
        ("visitors.csv", digest, len(HEADER + ROWS), "lumen-au", "main", 30, 30, True, "utf-8", True)
    ]
    rows = query(
        "select row_number, day, online_store_visitors, sessions from raw.shopify_visitors order by 1"
    )
    assert rows[0] == (1, "2026-05-01", "1", "2")
    assert rows[-1] == (30, "2026-05-30", "30", "60")


def test_blank_cells_are_null_whether_quoted_or_not(landing: Settings, query: Query) -> None:
    load(landing, put(landing, "v.csv", HEADER + '2026-05-01,"",\n'))
    assert query("select online_store_visitors, sessions from raw.shopify_visitors") == [(None, None)]


def test_d5_same_bytes_again_change_nothing(landing: Settings, query: Query) -> None:
    first = load(landing, put(landing, "a.csv", HEADER + ROWS))
    second = load(landing, put(landing, "b.csv", HEADER + ROWS))
    assert (second.state, second.reason_code) == ("duplicate", "duplicate")
    assert query("select duplicate_of from ops.load where load_id = %s", second.load_id) == [(first.load_id,)]
    assert query("select count(*) from raw.shopify_visitors") == [(30,)]
    again = load(landing, landing.landing / "a.csv")
    assert again.state == "duplicate"
    assert query("select state from ops.load where load_id = %s", first.load_id) == [("loaded",)]


def test_equal_bytes_of_two_stores_are_two_files(landing: Settings) -> None:
    states = [
        load(landing, put(landing, name, HEADER + ROWS)).state
        for name in ("store=a/v.csv", "store=b/v.csv", "copy of v.csv")
    ]
    assert states == ["loaded", "loaded", "duplicate"]


def test_equal_bytes_of_two_days_are_two_files_where_the_folder_names_the_day(
    landing: Settings, query: Query
) -> None:
    content = (
        "(Parent) ASIN,(Child) ASIN,Title,Sessions – Total,Units ordered,Ordered Product Sales\n"
        "B0BGPMD867,B0BGPMD867,Oil,1,0,£0.00\n"
    )
    names = (
        "date=2025-10-15/BusinessReport-17-10-2025.csv",
        "date=2025-10-16/BusinessReport-17-10-2025 (1).csv",
        "date=2025-10-16/BusinessReport-17-10-2025 (2).csv",
    )
    states = [load(landing, put(landing, name, content)).state for name in names]
    assert states == ["loaded", "loaded", "duplicate"]
    days = query("select period_start from ops.load where state = 'loaded' order by 1")
    assert days == [(date(2025, 10, 15),), (date(2025, 10, 16),)]


def test_p14_corrected_file_supersedes_the_earlier_load_of_its_path(landing: Settings, query: Query) -> None:
    first = load(landing, put(landing, "v.csv", HEADER + ROWS))
    second = load(landing, put(landing, "v.csv", HEADER + ROWS.replace(",60", ",61")))
    states = query("select load_id, state, superseded_by from ops.load order by load_id")
    assert states == [(first.load_id, "superseded", second.load_id), (second.load_id, "loaded", None)]
    third = load(landing, put(landing, "v.csv", HEADER + ROWS))
    assert third.state == "loaded"
    assert query("select load_id from ops.load where state = 'loaded'") == [(third.load_id,)]


def test_refused_new_version_leaves_the_old_one_in_place(landing: Settings, query: Query) -> None:
    first = load(landing, put(landing, "v.csv", HEADER + ROWS))
    second = load(landing, put(landing, "v.csv", "no,such,report\n1,2,3\n"))
    assert second.state == "refused"
    assert query("select state from ops.load where load_id = %s", first.load_id) == [("loaded",)]


def test_bad_record_is_quarantined_with_its_exact_bytes(landing: Settings, query: Query) -> None:
    bad = b'2026-06-01,"12 \xc3\xa9",x'
    result = load(landing, put(landing, "v.csv", (HEADER + ROWS * 4).encode() + bad + b"\r\n"))
    assert (result.state, result.records_read, result.records_loaded, result.records_quarantined) == (
        "loaded", 121, 120, 1,
    )  # fmt: skip
    rows = query(
        "select row_number, column_name, reason_code, reason, reason_details, raw_record "
        "from ops.quarantined_row"
    )
    number, column, code, reason, details, raw = rows[0]
    assert (number, column, code, bytes(raw)) == (121, "online_store_visitors", "wrong_type", bad)
    assert details == {"column": "online_store_visitors", "expected": "whole number", "row": 121}
    assert "12" not in reason and "online_store_visitors" in reason


@pytest.mark.parametrize("end", ["2026-05-31,4", '2026-05-31,4,"8', "2026-05-31", "2026-05-31,4,x", "many,4"])
def test_a_file_that_ends_within_a_record_is_cut_off_and_refused(landing: Settings, end: str) -> None:
    result = load(landing, put(landing, "v.csv", HEADER + ROWS * 4 + end))
    assert (result.state, result.reason_code) == ("refused", "cut_off")
    assert "(row 121)" in str(result.reason)


@pytest.mark.parametrize("name", ["v.csv", "v.csv.gz", "v.zip"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("end", ["2026-05-31,4,1", "2026-05-31,4,10", "\r\n2026-05-31,4,1"])
def test_a_file_that_may_end_within_its_last_cell_says_so(
    landing: Settings, query: Query, end: str, encoding: str, name: str
) -> None:
    content = (HEADER + ROWS * 4 + end).encode(encoding)
    if name.endswith(".gz"):
        content = gzip.compress(content)
    elif name.endswith(".zip"):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("v.csv", content)
        content = packed.getvalue()
    result = load_files([put(landing, name, content)], landing)[0]
    assert (result.state, result.records_loaded) == ("loaded", 121)
    ((warnings,),) = query("select warnings from ops.load where records_loaded > 0")
    assert [(item["code"], item["details"]) for item in warnings] == [("may_be_cut_off", {"row": 121})]


@pytest.mark.parametrize(
    "end",
    ['2026-05-31,4,"8"', "2026-05-31,4,8\n", "2026-05-31,4,8\r", "2026-05-31,4\n", "2026-05-31,4,8,9", "  "],
)
def test_what_ends_whole_or_with_a_line_end_is_not_cut_off(landing: Settings, end: str) -> None:
    assert load(landing, put(landing, "v.csv", HEADER + ROWS * 4 + end)).state == "loaded"


def test_lines_of_json_that_end_within_a_record_are_cut_off(landing: Settings) -> None:
    record = {"rate_date": "2026-05-29", "currency": "USD", "units_per_eur": "1.12", "source": "ECB"}
    whole = "\n".join([json.dumps(record)] * 200)
    assert load(landing, put(landing, "whole.jsonl", whole)).records_loaded == 200
    for number, missing in enumerate([1, 2, 20, len(json.dumps(record)) - 1]):
        result = load(landing, put(landing, f"cut{number}.jsonl", whole[:-missing]))
        assert (result.state, result.reason_code) == ("refused", "cut_off")
        assert "(row 200)" in str(result.reason)
    result = load(landing, put(landing, "damaged.jsonl", whole[:-20] + "\n"))
    assert (result.state, result.records_quarantined) == ("loaded", 1)


def test_a_file_of_one_platform_or_hand_that_writes_no_last_line_end_is_whole(landing: Settings) -> None:
    rates = "rate_date,currency,units_per_eur,source\n2026-05-29,USD,1.1,ECB\n2026-05-30,USD,1.12,ECB"
    chart = "Date,Clicks,Impressions,CTR,Position\n2025-12-30,8,27555,0.72%,11.1\n2025-12-31,9,24,1%,12.3"
    for name, content in {"rates.csv": rates, "chart.csv": chart}.items():
        result = load(landing, put(landing, name, content))
        assert (result.state, result.records_loaded) == ("loaded", 2), result.reason


def test_too_many_bad_records_refuse_the_file_whole(landing: Settings, query: Query) -> None:
    result = load(landing, put(landing, "v.csv", HEADER + ROWS + "2026-06-01,many,1\n"))
    assert (result.state, result.reason_code, result.load_id > 0) == ("refused", "too_many_bad_records", True)
    assert (result.records_read, result.records_quarantined) == (31, 1)
    assert "1 of 31" in (result.reason or "") and "online_store_visitors" in (result.reason or "")
    assert query("select reason_details -> 'examples' from ops.load") == [
        ([{"code": "wrong_type", "column": "online_store_visitors", "row": 31, "expected": "whole number"}],)
    ]
    assert query(EVERYTHING) == [(1, 0, 0)]
    lenient = landing.model_copy(update={"max_bad_record_share": 0.5})
    assert load(lenient, landing.landing / "v.csv").state == "loaded"


def test_refusal_is_in_the_ledger_with_reason_and_parameters(landing: Settings, query: Query) -> None:
    load(landing, put(landing, "v.csv", HEADER.replace("Sessions", "Visits") + ROWS))
    assert query("select state, reason_code, reason_details ->> 'nearest', records_read from ops.load") == [
        ("refused", "unknown_report", "shopify_visitors", 0)
    ]
    reason = query("select reason from ops.load")[0][0]
    assert "Sessions" in reason and "Visits" in reason


def test_named_report_overrules_recognition(landing: Settings) -> None:
    file = put(landing, "v.csv", HEADER + ROWS)
    assert load(landing, file, report="shopify_orders").reason_code == "header_does_not_fit"
    assert load(landing, file, report="shopify_visitors").state == "loaded"


@pytest.mark.parametrize("broken", ["quarantine", "close_load", "supersede_path"])
def test_failure_in_the_middle_leaves_no_trace(landing: Settings, query: Query, broken: str) -> None:
    content = HEADER + ROWS * 4 + "2026-06-01,x,1\n"
    file = put(landing, "v.csv", content)
    with mock.patch.object(ledger, broken, side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        load_files([file], landing)
    assert query(EVERYTHING) == [(0, 0, 0)]
    assert load(landing, file).state == "loaded"
    assert query(EVERYTHING) == [(1, 1, 120)]


def test_p11_p16_lost_connection_in_the_middle_is_tried_again_and_loads_once(
    landing: Settings, query: Query
) -> None:
    file = put(landing, "v.csv", HEADER + ROWS)
    close_load = ledger.close_load
    lost = []

    def lose_connection_once(connection: psycopg.Connection, load_id: int, **counts: int) -> None:
        if not lost:
            lost.append(load_id)
            query("select pg_terminate_backend(%s)", connection.info.backend_pid)
        close_load(connection, load_id, **counts)

    with mock.patch.object(ledger, "close_load", lose_connection_once):
        result = load(landing, file)
    assert (result.state, len(lost)) == ("loaded", 1)
    assert query(EVERYTHING) == [(1, 0, 30)]


def test_p8_two_loaders_at_once_load_a_file_once(landing: Settings, query: Query) -> None:
    file = put(landing, "v.csv", HEADER + ROWS)
    states: list[str] = []
    threads = [threading.Thread(target=lambda: states.append(load(landing, file).state)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(states) == ["duplicate", "duplicate", "duplicate", "loaded"]
    assert query("select count(*) from raw.shopify_visitors") == [(30,)]


def test_p13_file_that_changes_while_it_is_read_waits(landing: Settings, query: Query) -> None:
    file = put(landing, "v.csv", HEADER + ROWS)
    open_load = ledger.open_load

    def append_meanwhile(connection: psycopg.Connection, version: FileVersion, export: Export) -> int:
        with file.open("a") as writer:
            writer.write("2026-06-01,1,1\n")
        return open_load(connection, version, export)

    with mock.patch.object(ledger, "open_load", append_meanwhile):
        result = load(landing, file)
    assert (result.state, result.reason_code) == ("waiting", "file_changed")
    assert query(EVERYTHING) == [(1, 0, 0)]
    assert load(landing, file).records_loaded == 31
    assert query("select state from ops.load") == [("loaded",)]


@pytest.mark.timeout(20)
def test_p15_folder_pipe_link_and_missing_file_are_refused_without_hanging(
    landing: Settings, query: Query
) -> None:
    folder = landing.landing / "folder.csv"
    folder.mkdir()
    pipe = landing.landing / "pipe.csv"
    os.mkfifo(pipe)
    outside = landing.landing.parent / "outside"
    outside.mkdir()
    (outside / "v.csv").write_text(HEADER + ROWS)
    link = landing.landing / "link.csv"
    link.symlink_to(outside / "v.csv")
    (landing.landing / "linked").symlink_to(outside)
    files = [folder, pipe, link, landing.landing / "linked" / "v.csv", landing.landing / "gone.csv"]
    codes = [result.reason_code for result in load_files(files, landing)]
    assert codes == ["not_a_file", "not_a_file", "not_a_file", "outside_landing", "file_gone"]
    assert query(EVERYTHING) == [(5, 0, 0)]


def test_names_with_quotes_newlines_and_bad_bytes_are_only_names(landing: Settings, query: Query) -> None:
    names = ["a'; drop table ops.load; --.csv", "new\nline.csv", os.fsdecode(b"bad\xff.csv")]
    for number, name in enumerate(names):
        assert load(landing, put(landing, name, HEADER + f"2026-05-01,{number},1\n")).state == "loaded"
    assert query("select count(*) from ops.load where state = 'loaded'") == [(3,)]


def test_statement_in_a_header_is_only_a_name(landing: Settings, query: Query) -> None:
    header = HEADER.strip() + ',"x""); drop table raw.shopify_visitors; --"\n'
    assert load(landing, put(landing, "v.csv", header + "2026-05-01,1,2,boo\n")).state == "loaded"
    name = 'x"); drop table raw.shopify_visitors; --'
    assert query("select array(select jsonb_object_keys(extra_columns)) from raw.shopify_visitors") == [
        ([name],)
    ]
    assert query("select file_attributes -> 'extra_columns' from ops.load") == [([name],)]


def test_personal_values_appear_in_no_reason_log_or_error(
    landing: Settings, query: Query, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "canary@example.com"
    header = "Name,Email,Financial Status,Currency,Subtotal,Total,Created at,"
    header += "Lineitem quantity,Lineitem name,Lineitem price\n"
    good = f"#1,{secret},paid,USD,30,30,2026-04-01 10:00:00 -0500,1,Lamp,10\n"
    load(landing, put(landing, "a.csv", header + good * 200 + good.replace("30,30", f"30,{secret}")))
    load(landing, put(landing, "b.csv", header + good.replace("30,30", f"30,{secret}")))
    load(landing, put(landing, "c.csv", good * 3))
    told = query("select reason, reason_details::text, file_attributes::text from ops.load")
    told += query("select reason, reason_details::text, column_name from ops.quarantined_row")
    assert len(told) == 4
    captured = capfd.readouterr()
    assert secret not in repr(told) + caplog.text + captured.out + captured.err


def test_error_of_the_database_is_told_without_its_message(landing: Settings, query: Query) -> None:
    secret = "canary@example.com"
    file = put(landing, "v.csv", HEADER + ROWS)
    fault = psycopg.DataError(f"invalid input: {secret}")
    with mock.patch.object(ledger, "close_load", side_effect=fault):
        result = load(landing, file)
    assert result.reason_code == "database_refused"
    assert secret not in repr(result)
    assert query(EVERYTHING) == [(1, 0, 0)]


def test_operator_takes_a_load_out_and_it_stays_out(landing: Settings, query: Query) -> None:
    file = put(landing, "v.csv", HEADER + ROWS)
    load_id = load(landing, file).load_id
    reject(load_id, "wrong shop", landing)
    assert query("select state, reason_code, reason from ops.load") == [
        ("superseded", "rejected", "Taken out by an operator: wrong shop")
    ]
    assert load(landing, file).reason_code == "rejected_before"
    with pytest.raises(LoadNotFoundError):
        reject(load_id, "again", landing)


def test_raw_table_is_widened_and_reports_are_entered(landing: Settings, query: Query) -> None:
    with connect(Role.LOADER, landing) as connection:
        connection.execute("alter table raw.shopify_visitors drop column sessions")
        connection.execute("update ops.report set contract_sha256 = 'old' where report = 'shopify_visitors'")
    ensure_raw_tables(landing)
    assert load(landing, put(landing, "v.csv", HEADER + ROWS)).records_loaded == 30
    personal = query(
        "select c ->> 'name' from ops.report, jsonb_array_elements(contract -> 'columns') as c "
        "where report = 'tradewind_roster' and (c ->> 'personal')::boolean order by 1"
    )
    assert personal == [("employee_name",), ("extra_columns",)]


def test_every_reason_reads_as_a_sentence() -> None:
    for text in (*FILE_REASONS.values(), *RECORD_REASONS.values()):
        assert text[0].isupper() or text.startswith("{")
        assert text.endswith((".", "}"))


def test_results_are_told_as_they_come(landing: Settings) -> None:
    files = [put(landing, f"{day}.csv", HEADER + f"2026-05-{day:02d},1,2\n") for day in range(1, 13)]
    told: list[str] = []
    results = load_files(files, landing, on_result=lambda result: told.append(result.path))
    assert [result.path for result in results] == [file.name for file in files]
    assert sorted(told) == sorted(file.name for file in files)
