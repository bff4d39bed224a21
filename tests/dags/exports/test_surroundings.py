"""What stands around a table: days, sentences of emptiness, sums, padding; and what is no table at all."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest

from tests.dags.exports.test_spreadsheet_forms import cells_of, opened
from tradewind.exports import RefusedFileError, load_contracts, recognise
from tradewind.exports.surroundings import days_of, is_remark_on_days, is_total, says_nothing

VISITORS = "Day,Online store visitors,Sessions\n"
META = "Day,Campaign name,Amount spent (USD),Impressions,Reach,Link clicks\n"


@pytest.mark.parametrize(
    ("line", "days"),
    [
        ("2026-01-13 ~ 2026-02-09", (date(2026, 1, 13), date(2026, 2, 9))),
        ("Jan 1, 2026 - Jan 31, 2026", (date(2026, 1, 1), date(2026, 1, 31))),
        ("Dec 28 - Jan 3, 2026", (date(2025, 12, 28), date(2026, 1, 3))),
        ("Zeitraum: 01.01.2026 - 31.01.2026", (date(2026, 1, 1), date(2026, 1, 31))),
        ("1 de enero de 2026 - 31 de enero de 2026", (date(2026, 1, 1), date(2026, 1, 31))),
        ("2026年1月1日～2026年1月31日", (date(2026, 1, 1), date(2026, 1, 31))),
        ("du 01/01/2026 au 31/01/2026", (date(2026, 1, 1), date(2026, 1, 31))),
        ("2026-01-13 00:00:00 - 2026-02-09 23:59:59 (UTC+8)", (date(2026, 1, 13), date(2026, 2, 9))),
        ("Report period: 20260113 - 20260209", (date(2026, 1, 13), date(2026, 2, 9))),
        ("2026-01-13", (date(2026, 1, 13), date(2026, 1, 13))),
        # these may be other days, or the day of printing
        ("01/02/2026 - 03/02/2026", None),
        ("Generated 2026-02-10", None),
    ],
)
def test_a_line_of_days_is_read_where_it_can_mean_one_period(
    line: str, days: tuple[date, date] | None
) -> None:
    assert is_remark_on_days(line)
    assert days_of(line) == days


@pytest.mark.parametrize("line", ["My shop", "Report of May", "#1001,anna@example.com", "2026-01-01,1,2", ""])
def test_other_lines_are_no_days(line: str) -> None:
    assert not is_remark_on_days(line)
    assert days_of(line) is None


def test_a_line_of_days_above_any_report_is_passed_and_is_its_period_where_it_has_one(tmp_path: Path) -> None:
    export = opened(f"2026-01-13 ~ 2026-02-09,,\n\n{VISITORS}2026-02-01,1,2\n".encode(), tmp_path)
    assert (export.contract.report, len(cells_of(export))) == ("shopify_visitors", 1)
    keywords = "Keyword,Match type,Campaign,Ad group,Impr.,Clicks,Cost\nk,Broad,C,A,1,1,0.10\n"
    content, days = f"2026-01-13 ~ 2026-02-09\n{keywords}".encode(), "2026-01-13..2026-02-09"
    facts = opened(content, tmp_path, days=days).facts
    assert (facts.period_start, facts.period_end) == (date(2026, 1, 13), date(2026, 2, 9))
    with pytest.raises(RefusedFileError) as refused:
        opened(content, tmp_path)
    assert refused.value.code == "period_differs"
    assert refused.value.parameters == {"days": [days, "2026-05-01"]}


NOTHING = [
    "No data available.", "No results found", "There are no orders for this period.", "Keine Daten verfügbar",
    "Für diesen Zeitraum sind keine Daten verfügbar", "Aucune donnée disponible", "No hay datos disponibles",
    "Nessun dato disponibile", "Sem dados", "Geen gegevens beschikbaar", "Brak danych", "Нет данных",
    "暂无数据", "該当するデータはありません", "데이터가 없습니다", "-- No data --",
]  # fmt: skip


@pytest.mark.parametrize("sentence", NOTHING)
@pytest.mark.parametrize("form", ["{}\n", "{},,,,,\n", '"{}"\n', "\n{}\n"])
@pytest.mark.parametrize("header", [META, VISITORS])
def test_an_export_of_an_empty_period_has_no_rows(
    header: str, form: str, sentence: str, tmp_path: Path
) -> None:
    export = opened((header + form.format(sentence)).encode(), tmp_path)
    assert cells_of(export) == []


@pytest.mark.parametrize(
    "text",
    ["Spring Sale", "No Data Cable", "No Brand Shop", "2026-05-01", "Total War", "共享单车", "Summe Lampe"],
)
def test_a_name_is_no_sentence_of_emptiness_and_no_sum(text: str) -> None:
    assert not says_nothing(text)
    assert not is_total(text)


def test_a_file_of_the_sentence_alone_says_so(tmp_path: Path) -> None:
    with pytest.raises(RefusedFileError) as refused:
        opened(b"Campaign report\nMay 1, 2026 - May 8, 2026\nNo data available.\n", tmp_path)
    assert refused.value.code == "no_data_no_header"


@pytest.mark.parametrize(
    "sums", [",,30.00,300,300,30\n", "Total,,30.00,300,300,30\n", "合计,,30,300,300,30\n"]
)
@pytest.mark.parametrize("count", [2, 2000])
def test_a_row_of_sums_is_no_record_in_a_small_file_and_in_a_large_one(
    sums: str, count: int, tmp_path: Path
) -> None:
    rows = "2026-03-02,C1,10.00,100,100,10\n" * count
    for body in (sums + rows, rows + sums):
        assert len(cells_of(opened((META + body).encode(), tmp_path))) == count


PAGES = (
    "# Start date: 20260101\n# End date: 20260131\nPage path and screen class,Views,Active users,Event count,"
    "Key events,Total revenue\n"
)


def pages_of(rows: list[str], tmp_path: Path) -> list[str]:
    """The pages that are loaded of a report whose rows may be called anything."""
    content = (PAGES + "\n".join(rows) + "\n").encode()
    export = opened(content, tmp_path, days="2026-01-01..2026-01-31")
    return [row["page_path_and_screen_class"] for row in cells_of(export)]


@pytest.mark.parametrize(
    "name",
    ["Total", "Grand total", '"Total"', "合计", "Summe", "total:", "Suma total", "共2条结果", "Gesamtsumme",
     "Totale", "Somme", "总和", "共 2 条"],
)  # fmt: skip
@pytest.mark.parametrize("count", [2, 600])
def test_r5_a_row_that_is_called_total_and_holds_the_sums_of_the_others_is_no_record(
    name: str, count: int, tmp_path: Path
) -> None:
    rows = ["/lamps/,10,3,20,1,1.50"] * count
    # users of several pages are fewer than their sum
    total = f"{name},{10 * count},4,{20 * count},{count},{1.5 * count}"
    for body in ([total, *rows], [*rows, total], [rows[0], total, *rows[1:]]):
        assert pages_of(body, tmp_path) == ["/lamps/"] * count


@pytest.mark.parametrize(
    "rows",
    [
        # the only other row, so that its numbers are no sum
        ["/a/,10,3,20,1,1.50", "Total,10,3,20,1,1.50"],
        ["Total,10,3,20,1,1.50"],
        # a page of that name
        ["/a/,10,3,20,1,1.50", "/b/,10,3,20,1,1.50", "Total,20,3,21,1,7"],
        ["/a/,10,3,20,1,1.50", "/b/,10,3,20,1,1.50", "Total,0,0,0,0,0"],
        # the sums, but a name of its own
        ["/a/,10,3,20,1,1.50", "/b/,10,3,20,1,1.50", "/total/,20,6,40,2,3"],
    ],
)
def test_r5_a_row_that_is_no_sum_or_has_a_name_is_a_record(rows: list[str], tmp_path: Path) -> None:
    assert sorted(pages_of(rows, tmp_path)) == sorted(row.split(",")[0] for row in rows)


@pytest.mark.parametrize("days", ["2026-03-01 - 2026-03-31", "Mar 1, 2026 – Mar 31, 2026", "Total"])
def test_r5_a_row_of_sums_may_name_the_days_of_all(days: str, tmp_path: Path) -> None:
    rows = "2026-03-02,C1,10.00,100,100,10\n" * 3
    content = f'{META}{rows}"{days}",,30.00,300,300,30\n'
    assert len(cells_of(opened(content.encode(), tmp_path))) == 3


def test_a_row_without_its_name_that_has_a_day_is_set_aside(tmp_path: Path) -> None:
    export = opened((META + "2026-03-02,,30.00,300,300,30\n").encode(), tmp_path)
    assert [bad.fault.code for block in export.blocks(export.rows(str), 1) for bad in block.bad] == [
        "empty_value"
    ]


@pytest.mark.parametrize(
    "header",
    ['Day,Online store visitors,Sessions,"note,"x"\n', 'Day,Online store visitors,Sessions,"note\n',
     'Day,Online store visitors,"Sessions,x\n', 'Day,Online store visitors,Sessions,12" x\n',
     '"Day,Online store visitors,Sessions\n'],
)  # fmt: skip
def test_a_header_with_a_quote_out_of_place_is_refused(header: str, tmp_path: Path) -> None:
    with pytest.raises(RefusedFileError) as refused:
        opened((header + "2026-05-01,1,2,a,b\n").encode(), tmp_path)
    assert refused.value.code == "header_broken"


@pytest.mark.parametrize(
    "name", ['"Online\nstore visitors"', '"Online store\r\nvisitors"', '"Online store visitors"']
)
def test_a_header_cell_may_be_quoted_and_have_several_lines(name: str, tmp_path: Path) -> None:
    content = f'Day,{name},Sessions,"a,b ""c"""\n2026-05-01,1,2,x\n'
    export = opened(content.encode(), tmp_path)
    assert list(export.header.extra_names.values()) == ['a,b "c"']
    assert len(cells_of(export)) == 1


def test_headers_in_another_language_are_named(tmp_path: Path) -> None:
    header = "Tag,Produkttitel,SKU der Produktvariante,Bruttoumsatz,Nettoumsatz\n"
    with pytest.raises(RefusedFileError) as refused:
        opened((header + "2026-03-02,A,A,1,1\n").encode(), tmp_path)
    assert (refused.value.code, refused.value.parameters["platform"]) == (
        "header_in_other_language",
        "Shopify",
    )
    assert refused.value.parameters["language"] == "de"


@pytest.mark.parametrize("header", ["Day,Colour,Mood\n", "id,name,value\n", "Campaign,Owner,Floor,Desk\n"])
def test_a_common_word_makes_no_report_the_nearest(header: str, tmp_path: Path) -> None:
    with pytest.raises(RefusedFileError) as refused:
        opened(header.encode() + b"1,2,3\n", tmp_path)
    assert refused.value.code == "resembles_no_report"


KINDS = {
    "old_workbook": b"\xd0\xcf\x11\xe0" + bytes(60) + "Workbook".encode("utf-16-le"),
    "web_page": b"\xef\xbb\xbf \r\n<html><body><table><tr><td>Day</td></tr></table>",
    "xml_spreadsheet": b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>',
    "web_archive": b"MIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\tboundary=x\r\n\r\n",
    "mail": b"From: a@example.com\r\nMessage-ID: <1@example.com>\r\nSubject: report\r\n\r\nhello",
    "rar": b"Rar!\x1a\x07\x01\x00", "seven_zip": b"7z\xbc\xaf\x27\x1c", "xz": b"\xfd7zXZ\x00",
    "zstandard": b"\x28\xb5\x2f\xfd\x04", "pdf": b"%PDF-1.7\n", "column_file": b"PAR1\x15\x04",
    "database": b"SQLite format 3\0", "image": b"\xff\xd8\xff\xe0",
    "sylk": b"ID;PWXL;N;E\r\nP;PGeneral\r\n", "tar": b"x".ljust(257, b"\0") + b"ustar\0",
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_table_of_text_is_named(kind: str, tmp_path: Path) -> None:
    with pytest.raises(RefusedFileError) as refused:
        opened(KINDS[kind], tmp_path, "report.xls")
    assert (refused.value.code, refused.value.parameters["kind"]) == ("not_a_table", kind)


def test_days_said_as_a_mail_would_say_its_sender_are_no_mail(tmp_path: Path) -> None:
    content = f"From: 2026-01-01\nTo: 2026-01-31\n{VISITORS}2026-01-01,1,2\n"
    assert len(cells_of(opened(content.encode(), tmp_path))) == 1


@pytest.mark.parametrize(
    "line",
    [
        ",".join(["Day"] + ["x"] * 4000),
        ",;\t|" * 4000,
        '"' + "a," * 8000,
        '"a""b",' * 2000,
        "Day,Campaign,Cost," * 1000,
    ],
)
def test_the_search_for_a_header_is_bounded_whatever_the_first_lines_are(line: str) -> None:
    """A wide bound: what is quadratic here takes minutes."""
    text = "\n".join([line[:16_000]] * 60)
    began = time.process_time()
    with pytest.raises(RefusedFileError):
        recognise(text, load_contracts())
    assert time.process_time() - began < 20
