"""A draft asks where a guess would be wrong, or would refuse next month's file."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.demo.exports.workbook import workbook_bytes
from tests.dags.drafting.conftest import Drafted, column, comment
from tradewind.drafting import DraftError, draft_contract


def table(header: str, *records: str) -> str:
    return "\n".join([header, *records]) + "\n"


def test_one_stray_quote_leaves_quotes_quotes_and_is_asked_about(drafted: Drafted) -> None:
    records = [f'"A{n}","S{n}","{n}","fine"' for n in range(40)]
    records[20] = '"A20","S20","20","fi"ne"'
    draft = drafted(table('"order","sku","qty","note"', *records))
    assert draft.contract.quoted is True
    assert comment(draft, "quoted:").startswith("QUESTION:")
    assert (draft.proof.loaded, draft.proof.quarantined) == (39, 1)
    inches = drafted(table("Ref,Title,Qty", 'A1,15" screen,1', 'A2,27" screen,2'))
    assert inches.contract.quoted is False
    assert comment(inches, "quoted:").startswith("QUESTION:")


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Customer order date", ("01-07-2026", "02-07-2026", "03-07-2026")),
        ("Email sent", ("2026-07-01 10:00:00", "2026-07-02 11:00:00", "2026-07-03 09:00:00")),
        ("Moment", ("01-07-2026", "02-07-2026", "03-07-2026")),
        ("Order id", ("026-1234567-1234567", "028-1234567-7654321", "026-7654321-1234567")),
        ("Invoice number", ("0123-456789", "0124-456789", "0125-456789")),
        ("Customer discount", ("1.50", "2.00", "0.25")),
        ("Buyer accepts mail", ("yes", "no", "yes")),
    ],
)
def test_days_numbers_and_order_ids_are_nobody(drafted: Drafted, header: str, cells: tuple[str, ...]) -> None:
    draft = drafted(table(f"Ref,{header}", *(f"A{n},{cell}" for n, cell in enumerate(cells))))
    assert not draft.contract.columns[1].personal


@pytest.mark.parametrize(
    "header",
    ["Order note", "Gift message", "Item comments", "Delivery instructions", "订单备注", "Anmerkung", "Why"],
)
def test_what_buyers_write_is_personal_until_somebody_knows(drafted: Drafted, header: str) -> None:
    text = "please leave it with the neighbour on the left"
    draft = drafted(table(f"Ref,{header}", *(f"A{n},{text} {n}" for n in range(4))))
    assert draft.contract.columns[1].personal
    assert comment(draft, "personal:").startswith("QUESTION:")


def test_day_of_birth_is_personal(drafted: Drafted) -> None:
    draft = drafted(table("Ref,Date of birth", "A1,1980-01-31", "A2,1990-12-01"))
    assert draft.contract.columns[1].personal


def test_what_is_full_in_one_file_may_be_blank_in_the_next(drafted: Drafted) -> None:
    records = [f"A{n},2026-07-{n % 28 + 1:02d},{n}" for n in range(40)]
    draft = drafted(table("Order number,Shipped at,Pieces", *records))
    assert [item.name for item in draft.contract.columns if item.not_empty] == ["order_number"]


def test_one_answer_in_all_cells_is_no_yes_or_no_yet(drafted: Drafted) -> None:
    draft = drafted(table("Ref,Refunded", "A1,no", "A2,no"))
    assert column(draft, "refunded")["type"] == "text"
    assert comment(draft, "type:", below="name: refunded").startswith("QUESTION:")


def test_months_of_may_may_be_short_or_long_names(drafted: Drafted) -> None:
    draft = drafted(table("Ref,Date", "A1,5 May 2026", "A2,6 May 2026"))
    assert column(draft, "date")["formats"] == ["%d %b %Y", "%d %B %Y"]


def test_a_wide_header_below_more_lines_of_names_and_values_is_found(drafted: Drafted) -> None:
    above = [f"Setting {n},Value" for n in range(12)]
    header = ",".join(f"Column {chr(65 + n)}" for n in range(20))
    records = [",".join(str(n * 20 + c) for c in range(20)) for n in range(5)]
    draft = drafted(table(*above, header, *records))
    assert len(draft.contract.columns) == 20
    assert draft.contract.preamble.max_lines == 12
    assert draft.proof.loaded == 5


@pytest.mark.parametrize(
    "amount",
    [
        "Total incl. postage",
        "Total (incl. postage)",
        "Order total",
        "Gesamtpreis inkl. Versand",
        "订单金额",
        "Item total incl. VAT",
    ],
)
def test_an_amount_beyond_the_goods_is_no_price_of_goods(drafted: Drafted, amount: str) -> None:
    header = f"Order number,Order date,Quantity,{amount}"
    draft = drafted(table(header, "1001,2026-07-01,2,9.50", "1002,2026-07-02,1,12.00"))
    assert draft.contract.shape is None
    assert "QUESTION: shape orders lacks" in draft.text


def test_a_sheet_may_be_named(tmp_path: Path) -> None:
    import json

    document = {
        "orders": [{"Ref": "A1", "Pieces": n} for n in range(9)],
        "stock": [{"Bin": "B1", "Pieces": 1}],
    }
    file = tmp_path / "shop_report.json"
    file.write_text(json.dumps(document))
    assert "SHEET= names another: 'orders', 'stock'" in draft_contract(file, {}).text
    named = draft_contract(file, {}, None, "stock")
    assert "bin" in named.contract.by_name
    assert draft_contract(file, {}, None, "Stock ").contract == named.contract
    with pytest.raises(DraftError, match="'orders', 'stock'"):
        draft_contract(file, {}, None, "sales")
    book = tmp_path / "shop_book.xlsx"
    book.write_bytes(workbook_bytes("Orders", [["Ref", "Pieces"], ["A1", 2]]))
    assert draft_contract(book, {}, None, "Orders").contract.file_types == ["xlsx"]
