"""Each guess of a draft: proven where the file proves it, and a question where it does not."""

from __future__ import annotations

import gzip
from contextlib import ExitStack
from pathlib import Path
from unittest import mock

import pytest
import yaml

from infra.demo.exports.workbook import workbook_bytes
from tests.dags.drafting.conftest import Drafted, column, comment
from tradewind.drafting import DraftError, draft_contract, save_draft
from tradewind.drafting.tables import open_table
from tradewind.exports import RefusedFileError, load_contracts, open_export
from tradewind.exports.contract import CONTRACTS_DIR, read_contract

DAYS = "Ref,Placed\n"
GERMAN = "Artikel;Größe;Menge\nHemd für Männer;groß;1\nMütze schön;klein;2\n"
RUSSIAN = "Товар;Количество\nРубашка синяя;1\nШапка зимняя;2\n"
JAPANESE = "注文番号,商品名,数量\nA1,ひらがなのシャツ,1\nA2,カタカナの帽子です,2\n"
SIMPLIFIED = "订单编号,商品名称,数量\nA1,中国的红色大衣服,1\nA2,他们的商品在这里,2\n"
TRADITIONAL = "訂單編號,商品名稱,數量\nA1,我們的紅色大衣,1\nA2,他們的商品在這裡,2\n"


def rows(header: str, *lines: str) -> str:
    return "\n".join([header, *lines]) + "\n"


# ---------------------------------------------------------------------------------------------------
# Encoding


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (GERMAN, "cp1252"),
        (RUSSIAN, "cp1251"),
        (JAPANESE, "cp932"),
        (SIMPLIFIED, "gb18030"),
        (TRADITIONAL, "big5"),
    ],
)
def test_legacy_encoding_is_told_by_its_words_and_says_so(drafted: Drafted, text: str, encoding: str) -> None:
    draft = drafted(text.encode(encoding))
    assert draft.contract.encodings == ["utf-8", encoding]
    evidence = comment(draft, "encodings:")
    assert f"read as {encoding}" in evidence
    assert (draft.proof.loaded, draft.proof.quarantined) == (2, 0)


def test_encoding_that_no_word_proves_is_asked(drafted: Drafted) -> None:
    draft = drafted(b"Ref,Sign\nA,x\xa4\xb1\nB,\xa4\xb1\n")
    assert comment(draft, "encodings:").startswith("QUESTION: no UTF-8")


@pytest.mark.parametrize(
    ("content", "encoding", "evidence"),
    [
        (GERMAN.encode(), "utf-8", "valid UTF-8"),
        (GERMAN.encode("utf-8-sig"), "utf-8", "a UTF-8 byte-order mark"),
        (GERMAN.encode("utf-16"), "utf-16", "a UTF-16 byte-order mark"),
        (b"a,b\nx,1\n", "utf-8", "ASCII alone"),
    ],
)
def test_unicode_is_proven_by_its_bytes(
    drafted: Drafted, content: bytes, encoding: str, evidence: str
) -> None:
    draft = drafted(content)
    assert encoding in draft.contract.encodings
    assert comment(draft, "encodings:").startswith(evidence)


# ---------------------------------------------------------------------------------------------------
# Layout


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_the_one_that_gives_all_records_one_width(drafted: Drafted, delimiter: str) -> None:
    text = "Ref;Name of item;Amount\nA1;Lamp, red;1,50\nA2;Lamp, blue;2,75\n".replace(";", delimiter)
    if delimiter == ",":
        text = 'Ref,Name of item,Amount\nA1,"Lamp; red",1.50\nA2,"Lamp; blue",2.75\n'
    draft = drafted(text)
    assert draft.contract.delimiters == [delimiter]
    assert (draft.proof.loaded, draft.proof.quarantined) == (2, 0)


def test_a_file_without_a_last_line_end_is_a_file_of_the_report_it_drafts(drafted: Drafted) -> None:
    content = rows("Day,Visits", *(f"2026-05-{day:02d},{day}" for day in range(1, 20)))
    assert drafted(content).contract.last_line_end
    assert not drafted(content.rstrip()).contract.last_line_end


def test_quotes_that_close_nothing_are_ordinary_characters(drafted: Drafted) -> None:
    draft = drafted('Ref\tTitle\nA1\t15" screen\nA2\t"big" one\n')
    assert draft.contract.quoted is False
    assert "cannot be split" in comment(draft, "quoted:")
    assert draft.proof.loaded == 2


def test_lines_above_the_header_are_counted(drafted: Drafted) -> None:
    draft = drafted("Sales report,,\n2026-07-01 - 2026-07-31,,\n\nRef,Title,Pieces\nA1,Lamp,3\n")
    assert draft.contract.preamble.max_lines == 3
    assert draft.proof.loaded == 1


def test_comment_lines_above_the_header_may_be_any_number(drafted: Drafted) -> None:
    draft = drafted("# made by a shop\n#\nRef,Pieces\nA1,3\n")
    assert draft.contract.preamble.comment == "#"


def test_a_name_with_its_value_above_the_header_is_asked_about(drafted: Drafted) -> None:
    draft = drafted("Account,Shop\nRef,Pieces\nA1,3\nA2,4\n")
    assert draft.contract.by_name.keys() == {"ref", "pieces"}
    assert comment(draft, "preamble:").startswith("QUESTION: line 2 is taken for the header")


def test_total_row_is_left_out_and_does_not_spoil_the_types(drafted: Drafted) -> None:
    draft = drafted("Tag;Klicks\n2026-07-01;5\n2026-07-02;7\nSumme;12\n")
    assert column(draft, "tag")["type"] == "date"
    assert (draft.proof.loaded, draft.proof.ignored) == (2, 1)


def test_totals_amid_the_records_are_asked_about(drafted: Drafted) -> None:
    lines = [f"Lamp {number},1" for number in range(20)]
    draft = drafted(rows("Item,Pieces", *lines[:10], "Total,10", *lines[10:], "Total,20"))
    assert comment(draft, "total_rows:").startswith("QUESTION:")
    assert (draft.proof.loaded, draft.proof.ignored) == (20, 2)


def test_sheet_with_a_column_a_day_is_turned(drafted: Drafted) -> None:
    draft = drafted("Metric,01/07/2026,02/07/2026,31/07/2026\nParcels packed,5,6,7\nHours,1.5,2,2.5\n")
    assert draft.contract.transposed
    assert [(item.name, item.type) for item in draft.contract.columns] == [
        ("metric", "date"),
        ("parcels_packed", "integer"),
        ("hours", "decimal"),
    ]
    assert (draft.proof.loaded, draft.proof.quarantined) == (3, 0)


@pytest.mark.parametrize(
    "content",
    [
        "A1,2026-07-01,5\nA2,2026-07-02,6\n",
        "just one column\nand no table\n",
        "mia@example.com,Lamp\nali@example.com,Chair\n",
        "Lamp,red\nChair,blue\nLamp,blue\nChair,red\nLamp,red\n",
    ],
)
def test_file_without_a_header_is_no_draft_and_no_cell_is_quoted(drafted: Drafted, content: str) -> None:
    with pytest.raises(DraftError) as refused:
        drafted(content)
    assert "header" in str(refused.value)
    assert not any(text in str(refused.value) for text in ("example.com", "Lamp", "A1"))


# ---------------------------------------------------------------------------------------------------
# Types


@pytest.mark.parametrize(
    ("cells", "kind", "formats", "evidence"),
    [
        (("01/02/2026", "13/02/2026"), "date", ["%d/%m/%Y"], "day before month: 1 different value"),
        (("01/02/2026", "02/13/2026"), "date", ["%m/%d/%Y"], "month before day: 1 different value"),
        (("1.2.2026 09:30", "31.12.2026 10:00"), "datetime", ["%d.%m.%Y %H:%M"], "day before month"),
        (("5 Jul 2026", "6 Aug 2026"), "date", ["%d %b %Y"], ""),
        (("2026-07-01T09:30:00+02:00", "2026-07-01T10:00:00Z"), "datetime", ["%Y-%m-%dT%H:%M:%S%z"], ""),
        (("7/14/2026 9:42:53 PM", "7/1/2026 9:42:53 AM"), "datetime", ["%m/%d/%Y %I:%M:%S %p"], "month"),
    ],
)  # fmt: skip
def test_date_is_proven_by_its_values(
    drafted: Drafted, cells: tuple[str, str], kind: str, formats: list[str], evidence: str
) -> None:
    draft = drafted(rows("Ref,Placed", *(f"A{n},{cell}" for n, cell in enumerate(cells))))
    found = column(draft, "placed")
    assert (found["type"], found["formats"]) == (kind, formats)
    assert comment(draft, "formats:", below="name: placed").startswith(evidence)


def test_order_of_day_and_month_that_nothing_proves_is_asked_and_text_until_then(drafted: Drafted) -> None:
    draft = drafted(rows("Ref,Placed", "A1,01/02/2026", "A2,03/04/2026"))
    assert column(draft, "placed")["type"] == "text"
    asked = comment(draft, "type:", below="name: placed")
    assert asked.startswith("QUESTION:")
    assert '"%d/%m/%Y" or "%m/%d/%Y"' in asked


def test_order_proven_in_one_column_holds_in_the_other(drafted: Drafted) -> None:
    draft = drafted(rows("Ref,Placed,Sent", "A1,01/02/2026,13/02/2026", "A2,03/04/2026,05/04/2026"))
    assert column(draft, "placed")["formats"] == ["%d/%m/%Y"]
    assert "other dates of the file prove it" in comment(draft, "formats:", below="name: placed")


def test_day_that_is_not_in_the_calendar_makes_no_date(drafted: Drafted) -> None:
    draft = drafted(rows("Ref,Placed", "A1,2026-02-28", "A2,2026-02-30"))
    assert column(draft, "placed")["type"] == "text"


@pytest.mark.parametrize(
    ("cells", "kind", "formats"),
    [
        (("1,234.50", "7.25"), "decimal", ["en"]),
        (("1.234,50", "7,25"), "decimal", ["de"]),
        (("1,234,567", "12"), "integer", ["en"]),
        (("12", "7"), "integer", None),
        (("12.5%", "7%"), "percent", ["en"]),
        (("€1,234.50", "€7.25"), "money", ["en"]),
        (("7,25 €", "1.234,50 €"), "money", ["de"]),
    ],
)
def test_number_is_proven_by_a_value_that_one_format_alone_allows(
    drafted: Drafted, cells: tuple[str, str], kind: str, formats: list[str] | None
) -> None:
    draft = drafted(rows("Ref;Measured", *(f"A{n};{cell}" for n, cell in enumerate(cells))))
    found = column(draft, "measured")
    assert (found["type"], found.get("formats")) == (kind, formats)
    assert draft.proof.quarantined == 0


def test_number_that_fits_both_formats_is_asked_and_text_until_then(drafted: Drafted) -> None:
    draft = drafted(rows("Ref;Measured", "A1;1.234", "A2;5.678"))
    assert column(draft, "measured")["type"] == "text"
    assert comment(draft, "type:", below="name: measured").startswith("QUESTION: every value fits both")


def test_format_proven_in_one_column_holds_in_the_other(drafted: Drafted) -> None:
    draft = drafted(rows("Ref;Measured;Paid", "A1;1.234;5,75", "A2;5.678;1,5"))
    assert column(draft, "measured")["formats"] == ["de"]


def test_amounts_may_have_cents_that_this_file_does_not_show(drafted: Drafted) -> None:
    draft = drafted(rows("Ref,Price,Pieces", "A1,12,3", "A2,7,4"))
    assert (column(draft, "price")["type"], column(draft, "pieces")["type"]) == ("decimal", "integer")


def test_amount_of_an_order_is_a_number(drafted: Drafted) -> None:
    draft = drafted(rows("Order number,Order value", "1001,12.50", "1002,7.25"))
    assert column(draft, "order_value")["type"] == "decimal"


@pytest.mark.parametrize(
    ("header", "cells"),
    [("Parcel", ("00123", "00456")), ("Order number", ("1001", "1002")), ("Scan", ("1" * 20, "2" * 20))],
)
def test_identifier_of_digits_is_no_number(drafted: Drafted, header: str, cells: tuple[str, str]) -> None:
    draft = drafted(rows(f"Line text,{header}", *(f"x,{cell}" for cell in cells)))
    assert column(draft, header.lower().replace(" ", "_"))["type"] == "text"


def test_the_form_of_a_few_identifiers_is_no_rule_for_the_next(drafted: Drafted) -> None:
    draft = drafted(rows("SKU,Pieces", *(f"LAMP-{number},{number}" for number in range(1, 42))))
    assert "pattern" not in column(draft, "sku")
    assert "LAMP" not in draft.text


def test_texts_for_nothing_are_null_tokens_of_typed_columns(drafted: Drafted) -> None:
    draft = drafted(rows("Ref,Measured", "A1,1.5", "A2,--", "A3,n/a"))
    assert draft.contract.null_tokens == ["--", "n/a"]
    assert column(draft, "measured")["type"] == "decimal"
    assert draft.proof.loaded == 3


def test_few_texts_may_be_a_closed_list_and_are_asked_about(drafted: Drafted) -> None:
    lines = [f"A{number},{('open', 'done')[number % 2]},{('x', 'y')[number % 2]}" for number in range(40)]
    draft = drafted(rows("Ref,Status,Remarkable", *lines))
    for name in ("status", "remarkable"):
        assert "one_of" not in column(draft, name)
        assert "a closed list?" in comment(draft, "type:", below=f"name: {name}")


def test_empty_column_is_text_and_says_that_nothing_shows_its_type(drafted: Drafted) -> None:
    draft = drafted(rows("Ref,Sent", "A1,", "A2,"))
    assert comment(draft, "type:", below="name: sent").startswith("QUESTION: no record fills it")


# ---------------------------------------------------------------------------------------------------
# Names, persons


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Größe (cm)", "groesse_cm"),
        ("InvoiceNo", "invoice_no"),
        ("7 Day Total", "seven_day_total"),
        ("订单编号", "order_id"),
        ("注文日", "ordered_at"),
        ("CTR %", "ctr_percent"),
        ("Order", "order_value"),
    ],
)
def test_header_becomes_a_name(drafted: Drafted, header: str, name: str) -> None:
    assert name in drafted(rows(f"Pieces,{header}", "1,x", "2,y")).contract.by_name


def test_header_whose_letters_no_name_may_hold_is_asked(drafted: Drafted) -> None:
    draft = drafted(rows("Pieces,奇妙", "1,x", "2,y"))
    assert comment(draft, "- name: column_2").startswith("QUESTION: the header is in letters")


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Kundenname", ("Lamp", "Chair", "Desk")),
        ("收货人", ("x", "y", "z")),
        ("Ship phone", ("1", "2", "3")),
        ("Login", ("mia@example.com", "b", "c")),
        ("Call back", ("+49 30 1234567", "+44 20 7946 0000", "x")),
        ("Goes to", ("Lindenweg 5, Ulm", "Hauptstraße 7", "Am Platz 3")),
        ("Handled", ("Mia Brandt", "Ali Demir", "Zoe Okafor")),
    ],
)
def test_person_is_found_by_header_or_cells_and_never_printed(
    drafted: Drafted, header: str, cells: tuple[str, ...]
) -> None:
    draft = drafted(rows(f"Ref;{header}", *(f"{n};{cell}" for n, cell in enumerate(cells))))
    assert draft.contract.columns[1].personal
    shown = draft.text + "\n".join(draft.next_steps(is_saved=False))
    assert not any(cell in shown for cell in cells if len(cell) > 3)


def test_names_without_a_telling_header_are_personal_and_asked(drafted: Drafted) -> None:
    draft = drafted(rows("Ref,Handled", "1,Mia Brandt", "2,Ali Demir", "3,Zoe Okafor"))
    assert comment(draft, "personal:").startswith("QUESTION: 3 of 3 different values look like names")


def test_product_name_is_no_person(drafted: Drafted) -> None:
    draft = drafted(rows("Ref,Product name", "1,Red Lamp", "2,Blue Chair", "3,Green Desk"))
    assert not draft.contract.by_name["product_name"].personal


# ---------------------------------------------------------------------------------------------------
# Key, facts, shape


def test_key_is_the_smallest_set_that_tells_all_rows_apart(drafted: Drafted) -> None:
    lines = [f"{1000 + n // 2},{n % 2},Lamp" for n in range(40)]
    draft = drafted(rows("Order number,Line id,Title", *lines))
    assert draft.contract.key == ["order_number", "line_id"]
    assert comment(draft, "key:").startswith("no two of 40 records agree")


def test_key_of_few_records_is_asked(drafted: Drafted) -> None:
    assert comment(drafted(rows("Order number,Title", "1,x", "2,y")), "key:").startswith("QUESTION:")


def test_rows_that_nothing_tells_apart_replace_whole_days(drafted: Drafted) -> None:
    draft = drafted(rows("Day,Title,Pieces", *["2026-07-01,Lamp,1"] * 12, *["2026-07-02,Lamp,1"] * 12))
    assert draft.contract.key == ["day"]
    assert "rows have no key" in comment(draft, "key:")
    assert "whole days are replaced" in comment(draft, "key:")


def test_a_product_comes_again_another_day(drafted: Drafted) -> None:
    draft = drafted(rows("Date,SKU,On hand", *(f"2026-07-01,S{n},{n}" for n in range(30))))
    assert draft.contract.key == ["date", "sku"]


@pytest.mark.parametrize(
    ("name", "above", "period"),
    [
        ("stock 2026-07-31.csv", "", ("2026-07-31", "2026-07-31")),
        ("stock_13-07-2026.csv", "", ("2026-07-13", "2026-07-13")),
        ("stock.csv", "July,2026/07/01 - 2026/07/31,\n", ("2026-07-01", "2026-07-31")),
    ],
)
def test_period_is_read_off_name_or_preamble(
    drafted: Drafted, tmp_path: Path, name: str, above: str, period: tuple[str, str]
) -> None:
    content = above + rows("SKU,Title,On hand", *(f"S{n},Lamp,{n}" for n in range(30)))
    draft = drafted(content, name, "shop_stock")
    assert draft.contract.period_required
    assert draft.contract.key == ["load.period_start", "sku"]
    with ExitStack() as resources:
        table = open_table(tmp_path / name, resources)
        facts = open_export(table.descriptor, table.path, {"shop_stock": draft.contract}).facts
    assert (str(facts.period_start), str(facts.period_end)) == period


def test_period_in_two_lines_of_the_preamble_is_asked(drafted: Drafted, tmp_path: Path) -> None:
    draft = drafted("# Start: 20260701\n# End: 20260731\nPage,Views\nhome,5\ncart,6\n", "pages.csv")
    assert comment(draft, "period:").startswith("QUESTION: two lines above the header")
    with ExitStack() as resources:
        table = open_table(tmp_path / "pages.csv", resources)
        facts = open_export(table.descriptor, table.path, {"pages": draft.contract}).facts
    assert (str(facts.period_start), str(facts.period_end)) == ("2026-07-01", "2026-07-31")


def test_day_in_a_name_that_may_be_a_month_is_asked(drafted: Drafted) -> None:
    draft = drafted(rows("SKU,On hand", "S1,1", "S2,2"), "stock_05-07-2026.csv", "shop_stock")
    assert comment(draft, "period:").startswith("QUESTION: the date in the file's name fits day first")


@pytest.mark.parametrize(
    ("header", "cell", "source"),
    [
        ("Cost (EUR)", "1.5", "header"),
        ("Cost", "€1.50", "cell"),
        ("Cost,Currency", "1.5,EUR", "column"),
    ],
)
def test_currency_is_found_where_the_file_names_it(
    drafted: Drafted, header: str, cell: str, source: str
) -> None:
    draft = drafted(rows(f"Ref,{header}", f"A1,{cell}", f"A2,{cell}"))
    assert [item.source for item in draft.contract.facts.currency] == [source]


def test_sign_of_several_currencies_is_asked(drafted: Drafted) -> None:
    draft = drafted(rows("Ref,Cost", "A1,$1.50", "A2,$2.50"))
    assert "# no facts.currency: QUESTION: amounts carry $" in draft.text


@pytest.mark.parametrize(
    "header",
    [
        "Order number,Order date,SKU,Quantity,Unit price",
        "Bestellnummer,Bestelldatum,Artikelnummer,Menge,Einzelpreis",
        "订单编号,下单日期,商家编码,数量,单价",
        "注文番号,注文日,商品コード,個数,単価",
    ],
)
def test_orders_are_mapped_in_any_of_four_languages(drafted: Drafted, header: str) -> None:
    draft = drafted(rows(header, "1001,2026-07-01,S1,2,9.50", "1002,2026-07-02,S2,1,12.00"))
    names = [item.name for item in draft.contract.columns]
    assert draft.contract.shape == "orders"
    assert {name: source.column for name, source in draft.contract.mapping.items()} == dict(
        zip(["order_id", "ordered_at", "sku", "quantity", "unit_price_amount"], names, strict=True)
    )
    assert "QUESTION: nothing names the amounts' currency" in draft.text


def test_shape_that_lacks_one_field_is_a_question_and_no_mapping(drafted: Drafted) -> None:
    draft = drafted(rows("Order number,SKU,Quantity,Unit price", "1001,S1,2,9.50", "1002,S2,1,12.00"))
    assert draft.contract.shape is None
    assert "# QUESTION: shape orders lacks ordered_at alone" in draft.text


# ---------------------------------------------------------------------------------------------------
# Files, known reports, saving


def test_gzip_and_workbook_and_json_are_read_alike(tmp_path: Path) -> None:
    table = [["Order number", "Pieces"], ["1001", 2], ["1002", 3]]
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"Order number,Pieces\n1001,2\n1002,3\n"))
    (tmp_path / "a.xlsx").write_bytes(workbook_bytes("Orders", table))
    (tmp_path / "a.json").write_text(
        '[{"Order number": "1001", "Pieces": 2}, {"Order number": "1002", "Pieces": 3}]'
    )
    for name, kind in (("a.csv.gz", "csv"), ("a.xlsx", "xlsx"), ("a.json", "json")):
        draft = draft_contract(tmp_path / name, {}, "shop_orders")
        assert draft.contract.file_types == [kind]
        assert [(item.name, item.type) for item in draft.contract.columns] == [
            ("order_number", "text"),
            ("pieces", "integer"),
        ]
        assert (draft.proof.loaded, draft.proof.quarantined) == (2, 0)


def test_later_records_that_break_a_type_make_it_text(drafted: Drafted) -> None:
    lines = [f"{number},{number}" for number in range(100)]
    with mock.patch("tradewind.drafting.tables.MAX_BYTES", 300):
        draft = drafted(rows("Ref,Pieces", *lines, "100,many"))
    assert "the first ones of a large file" in draft.text
    assert comment(draft, "type:", below="name: pieces").startswith("QUESTION: some records are no integer")
    assert (draft.proof.loaded, draft.proof.quarantined) == (101, 0)


def test_field_of_a_shape_is_not_fed_by_a_column_of_another_type(drafted: Drafted) -> None:
    header = "Order number,Order date,Quantity,Unit price"
    draft = drafted(rows(header, "1001,2026-07-01,many,9.50", "1002,2026-07-02,few,12.00"))
    assert draft.contract.shape is None
    assert "# QUESTION: shape orders lacks quantity alone" in draft.text


def test_draft_takes_no_file_of_a_known_report_for_its_own(tmp_path: Path) -> None:
    file = tmp_path / "shop_prices.csv"
    file.write_text("sku,product_name,shelf\nS1,,4b\nS2,lamp,4c\n")
    known = load_contracts()
    draft = draft_contract(file, {"tradewind_stock_counts": known["tradewind_stock_counts"]})
    assert all(item.required for item in draft.contract.columns)
    assert "files of tradewind_stock_counts would be taken for it" in draft.text


@pytest.mark.parametrize(
    "content",
    [
        "Ref,Größe\n1,2\n".encode("utf-16")[:-1],
        b"Ref,Gr\xff\xc3\xb6\xc3\x9fe\n" + "ä,ö\n".encode() * 20,
    ],
)
def test_damaged_text_is_no_draft(drafted: Drafted, content: bytes) -> None:
    with pytest.raises(DraftError, match="Export it again"):
        drafted(content)


def test_control_characters_of_a_header_are_escaped(drafted: Drafted) -> None:
    draft = drafted("Ref,Si\u0083ze\n1,2\n")
    assert draft.contract.columns[1].headers == {"": ["Si\u0083ze"]}
    assert draft.proof.loaded == 1


def test_repeated_header_counts_once_and_is_asked_about(drafted: Drafted) -> None:
    draft = drafted("Ref,Size,Size\n1,2,3\n2,3,4\n")
    assert [item.name for item in draft.contract.columns] == ["ref", "size"]
    assert comment(draft, "may_repeat:").startswith("QUESTION:")
    assert (draft.proof.loaded, draft.proof.quarantined) == (2, 0)


def test_records_known_to_be_bad_are_in_the_count(tmp_path: Path) -> None:
    file = tmp_path / "shop_orders.json"
    file.write_text('{"Ref": "1", "Pieces": 2}\n{"Ref": "2", "Pieces": 3, "Pieces": 4}\n')
    draft = draft_contract(file, {})
    assert not draft.contract.transposed
    assert (draft.proof.loaded, draft.proof.quarantined) == (1, 1)
    assert "1 record: repeated_key" in "\n".join(draft.next_steps(is_saved=False))


def test_known_report_is_named_and_no_second_contract_is_written(tmp_path: Path) -> None:
    file = tmp_path / "counts.csv"
    example = CONTRACTS_DIR.parent / "templates" / "stock_counts.csv"
    file.write_bytes(example.read_bytes())
    draft = draft_contract(file, load_contracts())
    assert draft.neighbour and draft.neighbour.report == "tradewind_stock_counts"
    with pytest.raises(DraftError, match="tradewind_stock_counts already"):
        save_draft(draft, tmp_path)
    assert not list(tmp_path.glob("*.yml"))


def test_nearest_report_is_named_with_what_the_file_lacks(tmp_path: Path) -> None:
    file = tmp_path / "counts.csv"
    file.write_text("counted_on,warehouse_id,location_id,sku,booked_quantity\n2026-07-01,w1,l1,s1,5\n")
    draft = draft_contract(file, load_contracts())
    assert draft.neighbour and not draft.neighbour.is_same
    told = "\n".join(draft.next_steps(is_saved=False))
    assert "Near to report tradewind_stock_counts" in told
    assert "lacks: counted_quantity, employee_id" in told


def test_saved_draft_is_a_contract_and_is_never_overwritten(drafted: Drafted, tmp_path: Path) -> None:
    draft = drafted(rows("Order number,Pieces", "1001,2", "1002,3"))
    (tmp_path / "contracts").mkdir()
    target = save_draft(draft, tmp_path / "contracts")
    assert read_contract(target) == draft.contract
    target.write_text("kept")
    with pytest.raises(DraftError, match=r"a contract shop_report\.yml already"):
        save_draft(draft, tmp_path / "contracts")
    assert target.read_text() == "kept"


def test_every_guess_has_its_evidence_beside_it(drafted: Drafted) -> None:
    draft = drafted(rows("Order number,Buyer,Cost (EUR)", "1001,Mia Brandt,2.50", "1002,Ali Demir,3.75"))
    bare = [
        line
        for line in draft.text.splitlines()
        if line.strip() and " # " not in line and not line.startswith("#")
        and not line.strip().startswith(("headers:", "columns:", "facts:", "report:", "mapping:"))
    ]  # fmt: skip
    assert bare == []
    assert yaml.safe_load(draft.text)["report"] == "shop_report"


@pytest.mark.parametrize("name", ["2026-07-31.csv", "报表.csv"])
def test_file_whose_name_names_nothing_needs_a_report(drafted: Drafted, name: str) -> None:
    with pytest.raises(DraftError, match="Say REPORT="):
        drafted("a,b\nx,1\n", name)


def test_what_is_no_table_is_refused_as_by_the_loader(drafted: Drafted) -> None:
    with pytest.raises(RefusedFileError) as refused:
        drafted(b"%PDF-1.7 and so on")
    assert refused.value.code == "not_a_table"
