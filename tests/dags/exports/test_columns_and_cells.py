"""What a column may be written like, and which columns a report needs."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.dags.exports.test_spreadsheet_forms import cells_of, opened
from tradewind.exports import load_contracts
from tradewind.exports.checks import compile_check
from tradewind.exports.contract import Column
from tradewind.landing.reasons import describe

ROSTER = "employee_id,employee_name,role_id,team_id,hired_on,left_on\n"
HUEBNER = "Employee_Name,EmpID,Termd,Position,DateofHire,DateofTermination,EmploymentStatus,Department\n"
PRODUCTS = "ID,Type,SKU,Name,Published,In stock?,Stock,Regular price\n"
SALES = (
    "Day,Product title,Product variant SKU,Net items sold,Gross sales,Discounts,Returns,Net sales,Taxes,"
    "Total sales,Orders\n"
)
SETTLEMENT = (
    "settlement-id\tsettlement-start-date\tsettlement-end-date\tdeposit-date\ttotal-amount\tcurrency"
    "\ttransaction-type\torder-id\tposted-date\tprice-type\tprice-amount\titem-related-fee-type"
    "\titem-related-fee-amount\tshipment-fee-amount\torder-fee-amount\tmisc-fee-amount\tother-fee-amount\n"
)


def faults_of(content: str, folder: Path) -> list[tuple[str, str | None]]:
    """Reason and column of each record that is set aside."""
    export = opened(content.encode(), folder)
    blocks = export.blocks(export.rows(str), 1)
    return [(bad.fault.code, bad.fault.column) for block in blocks for bad in block.bad]


@pytest.mark.parametrize(
    ("header", "row", "days"),
    [
        (ROSTER, "E{},Ann,operator,T1,{},\n", ["2026-01-05", "2026/1/5", "2026.01.05"]),
        (HUEBNER, "Ann,{},0,Clerk,{},,Active,Sales\n", ["1/30/2019", "01/30/19", "2019-01-30"]),
    ],
)
def test_r6_forms_of_a_day_that_can_mean_one_day_alone_stand_beside_each_other(
    header: str, row: str, days: list[str], tmp_path: Path
) -> None:
    rows = cells_of(opened((header + "".join(map(row.format, range(3), days))).encode(), tmp_path))
    assert [row.get("hired_on", row.get("date_of_hire")) for row in rows] == days


@pytest.mark.parametrize("day", ["30/01/2019", "5 Jan 2026", "05.01.2026", "01/02/2026"])
def test_r6_a_form_that_could_mean_another_day_is_set_aside(day: str, tmp_path: Path) -> None:
    assert faults_of(f"{ROSTER}E1,Ann,operator,T1,{day},\n", tmp_path) == [("wrong_type", "hired_on")]


def test_r6_a_part_of_a_long_header_is_enough_and_a_variation_needs_no_name(tmp_path: Path) -> None:
    rows = cells_of(
        opened(f"{PRODUCTS}7,variable,A,Cup,1,1,,\n8,variation,A-1,,1,1,3,9.90\n".encode(), tmp_path)
    )
    assert [row["name"] for row in rows] == ["Cup", ""]
    # what the file lacks is nobody's cell
    assert "categories" not in rows[0]


@pytest.mark.parametrize("sku", ["5.06E+12", "5,06E+12", "5E+12", "1.23457E+15", "8.40E+11", "-5.06e+12"])
@pytest.mark.parametrize("lines", [1, 300])
def test_m13_a_sku_that_a_spreadsheet_has_rounded_is_set_aside(sku: str, lines: int, tmp_path: Path) -> None:
    row = '2026-03-02,P,"{}",1,10,0,0,10,0,10,1\n'
    content = SALES + row.format("A+B") * lines + row.format(sku) + row.format("5E12")
    assert faults_of(content, tmp_path) == [("precision_lost", "product_variant_sku")]


@pytest.mark.parametrize("amounts", [("10,50", "-1,58"), ("10.50", "-1.58"), ("1250,00", "-0,5"), ("7", "0")])
def test_r8_a_settlement_of_europe_is_read_with_its_decimal_commas(
    amounts: tuple[str, str], tmp_path: Path
) -> None:
    first = (
        "111\t01.03.2026 00:00:00 UTC\t14.03.2026 00:00:00 UTC\t16.03.2026 00:00:00 UTC\t{}\tEUR" + "\t" * 11
    )
    row = (
        "111\t\t\t\t\t\tOrder\t302-1234567-1234567\t02.03.2026 10:00:00 UTC\tPrincipal\t{}\tCommission\t{}"
        + "\t" * 4
    )
    content = f"{SETTLEMENT}{first.format(amounts[0])}\n{row.format(*amounts)}\n"
    rows = cells_of(opened(content.encode(), tmp_path, "settlement.txt"))
    assert (rows[0]["total_amount"], rows[1]["price_amount"]) == (amounts[0], amounts[0])
    assert rows[1]["item_related_fee_amount"] == amounts[1]


def test_r8_an_amount_of_a_settlement_that_could_be_thousands_is_set_aside(tmp_path: Path) -> None:
    content = f"{SETTLEMENT}111\t\t\t\t1.080\tEUR{'	' * 11}\n"
    assert faults_of(content, tmp_path) == [("wrong_type", "total_amount")]


@pytest.mark.parametrize("line", ["2026-01-13 ~ 2026-02-09 ", "Start date: 20260113\n", "13 Jan 2026,", "# "])
def test_x10_days_above_a_header_are_read_in_time_that_grows_with_their_length(
    line: str, tmp_path: Path
) -> None:
    """A wide bound: what is quadratic here takes minutes."""
    above = line * (99_000 // len(line))
    began = time.process_time()
    with pytest.raises(
        Exception, match=r"resembles_no_report|lines_above_header|unknown_report|period_unknown"
    ):
        opened(f"{above}\n# Start date: 2026\n{PRODUCTS}".encode(), tmp_path)
    assert time.process_time() - began < 20


@pytest.mark.parametrize("blank", ["\f", "\v", "\f\v ", " \t ", "\x1c", "\u2028", "\ufeff", "\u3000"])
@pytest.mark.parametrize("lines", [1, 300])
def test_a_line_in_which_nothing_is_to_be_seen_is_no_record(blank: str, lines: int, tmp_path: Path) -> None:
    row = "2026-03-02,P,A,1,10,0,0,10,0,10,1\n"
    rows = cells_of(opened(f"{SALES}{blank}\n{row * lines}{blank}\n{row}{blank}".encode(), tmp_path))
    assert len(rows) == lines + 1


@pytest.mark.parametrize(
    ("format_", "cell", "code"),
    [
        ("en", "1,50", "decimal_comma"), ("en", "1.234,56", "decimal_comma"), ("en", "-0,5", "decimal_comma"),
        ("de", "1.50", "decimal_point"), ("de", "1,234.56", "decimal_point"), ("en", "1,50x", "wrong_type"),
        ("flat", "1.080", "wrong_type"), ("en", "1,500", None), ("de", "1,50", None),
    ],
)  # fmt: skip
def test_a_number_with_the_other_decimal_mark_says_so(format_: str, cell: str, code: str | None) -> None:
    column = Column(name="amount", headers=["Amount"], type="decimal", formats=[format_])
    fault = compile_check(column, load_contracts()["stripe_payments"], "").fault(cell)
    assert (fault and fault.code) == code
    if fault and code != "wrong_type":
        assert f"as {'1,50' if code == 'decimal_comma' else '1.50'}" in describe(
            fault.code, {"column": "amount", **fault.parameters}
        )
