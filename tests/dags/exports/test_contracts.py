"""The contract files: sound, told apart by their headers, and clear about what is wrong with a bad one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.dags.exports.samples import sample
from tradewind.exports import ContractError, RefusedFileError, load_contracts, recognise
from tradewind.exports.checks import compile_check
from tradewind.exports.contract import CURRENCY, Column, Contract, read_contract
from tradewind.exports.headers import normalise
from tradewind.exports.shapes import Shape, load_shapes

REPORTS = sorted(load_contracts())
MINIMAL = """\
report: my_report
platform: shopify
title: My report
description: One row per day.
key: [day]
columns:
  - {name: day, headers: [Day], type: date, required: true, not_empty: true}
  - {name: visits, headers: [Visits], type: integer}
"""


def header_of(contract: Contract, locale: str | None = None) -> list[str]:
    cells = []
    for column in contract.columns:
        headers = column.headers.get(locale or "") or next(iter(column.headers.values()))
        cells.append(headers[0].replace(CURRENCY, "AUD"))
    return cells


@pytest.mark.parametrize("report", REPORTS)
def test_canonical_header_is_recognised_as_its_own_report_and_no_other(report: str) -> None:
    contracts = load_contracts()
    contract = contracts[report]
    delimiter = contract.delimiters[0]
    text = delimiter.join(f'"{cell}"' if contract.quoted else cell for cell in header_of(contract)) + "\n"
    header = recognise(text, contracts)
    assert header.contract.report == report
    assert [column.name for column in header.columns if column] == [
        column.name for column in contract.columns
    ]
    others = {name: item for name, item in contracts.items() if name != report}
    with pytest.raises(RefusedFileError) as refused:
        recognise(text, others)
    assert refused.value.code in {"unknown_report", "resembles_no_report", "header_in_other_language"}


@pytest.mark.parametrize("kind", ["decimal", "money", "percent", "integer"])
@pytest.mark.parametrize("formats", [["de"], ["fr"], ["de", "fr"], ["en"], ["ch"], ["in"], ["flat"]])
def test_the_sample_of_a_number_fits_whatever_format_a_new_contract_has(
    kind: str, formats: list[str]
) -> None:
    contract = load_contracts()[REPORTS[0]]
    column = Column.model_validate(
        {"name": "amount", "headers": ["Amount"], "type": kind, "formats": formats}
    )
    assert compile_check(column, contract, "en").fault(sample(column)) is None


@pytest.mark.parametrize("report", REPORTS)
def test_required_columns_alone_are_recognised(report: str) -> None:
    contracts = load_contracts()
    contract = contracts[report]
    group = contract.any_of[0] if contract.any_of else []
    cells = [
        cell
        for cell, column in zip(header_of(contract), contract.columns, strict=True)
        if column.required or column.name in group
    ]
    assert recognise(contract.delimiters[0].join(cells), contracts).contract.report == report


@pytest.mark.parametrize("report", REPORTS)
def test_every_person_in_a_contract_is_marked_personal(report: str) -> None:
    words = (
        "email",
        "phone",
        "address",
        "street",
        "employee_name",
        "billing_name",
        "shipping_name",
        "customer_id",
    )
    for column in load_contracts()[report].columns:
        if any(word in column.name for word in words):
            assert column.personal, f"{report}.{column.name}"


@pytest.mark.parametrize("report", REPORTS)
def test_days_in_a_files_name_count_for_a_reason_and_one_alone_for_a_state_at_one_time(report: str) -> None:
    contract = load_contracts()[report]
    names = [source for source in contract.facts.period if source.source == "file_name"]
    assert all(source.because for source in names)
    if any(source.one_day for source in names):
        # what is summed over days has a period in its key, a state the one day that it is of
        assert {"load.period_start", "load.period_end"} - set(contract.key)
        assert contract.shape in (None, "stock")
    elif contract.period_required:
        from_platform = any(source.source == "preamble" for source in contract.facts.period)
        assert from_platform or any(source.source == "folder" for source in contract.facts.period)


@pytest.mark.parametrize("report", [name for name in REPORTS if not load_contracts()[name].reference])
def test_no_list_that_a_platform_may_extend_keeps_rows_out(report: str) -> None:
    listed = {column.name for column in load_contracts()[report].columns if column.one_of}
    # a zone decides the moment of a payment, a currency how many hundredths an amount is of
    assert listed <= {"paypal_activity": {"time_zone"}, "stripe_disputes": {"currency"}}.get(report, set())


ADS = [name for name in REPORTS if load_contracts()[name].platform.endswith("_ads")]


@pytest.mark.parametrize("report", ADS)
def test_an_ads_report_by_name_tells_accounts_apart_and_has_a_day_or_a_period(report: str) -> None:
    contract = load_contracts()[report]
    is_of_ids = any(name.endswith("_id") for name in contract.key)
    assert is_of_ids or contract.settled
    days = [
        name
        for name in contract.key
        if name in contract.by_name and contract.by_name[name].type in ("date", "datetime")
    ]
    assert days or {"load.period_start", "load.period_end"} <= set(contract.key)
    if not days:
        assert contract.period_required


def test_every_amount_of_a_number_that_people_see_is_there_or_known_to_be_missing() -> None:
    """A blank amount is none; one whose column is missing must not be read as none."""
    for report, contract in load_contracts().items():
        counts = contract.shape in ("orders", "ads", "traffic")
        for name, field in load_shapes()[contract.shape].fields.items() if contract.shape and counts else ():
            source = contract.mapping.get(name)
            if not source or field.type not in ("amount", "number") or field.blank_is_none:
                continue
            # what is not none when it is blank: a row without it is no sale, or the other price counts
            assert not source.sum, f"{report}.{name} sums columns, and a missing one counts as 0"


def test_the_parts_of_an_amount_that_reports_state_themselves_are_fields_of_its_shape() -> None:
    shape = load_shapes()["orders"]
    assert shape.adds_up
    assert shape.adds_up.fields <= shape.fields.keys()
    broken = shape.model_dump() | {"adds_up": {"net": "net", "of": [["gross_amount"]], "less": ["fee"]}}
    with pytest.raises(ValueError, match=re.escape("adds_up names no fields: ['fee', 'net']")):
        Shape.model_validate(broken)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Sessions – Total", "sessions - total"),
        ("\ufeffDay ", "day"),
        ("（親）ASIN", "(親)ASIN"),
        ("7 Day Total Sales ", "7 Day Total Sales"),
        ("Campaign\u00a0 name", "campaign name"),
    ],
)
def test_spellings_of_one_header_are_the_same(left: str, right: str) -> None:
    assert normalise(left) == normalise(right)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("type: integer", "type: whole"), "key columns.visits.type"),
        (("key: [day]", "key: [date]"), r"key names columns that are not among the columns: \['date'\]"),
        (("key: [day]", "key: [day]\nlatest_by: visits"), "latest_by is a date or a datetime, and visits is"),
        (("Visits", "Day "), "stands for both day and visits"),
        (("required: true, not_empty: true", "required: true"), "both required and not_empty"),
        (("title: My report\n", ""), "key title: Field required"),
        (("type: integer", "type: integer, colour: red"), "key columns.visits.colour"),
        (("name: visits", "name: load_id"), "the loader itself uses"),
        (("report: my_report", "report: other"), "must be the file's name"),
        (("key: [day]", "key: [day"), "not valid YAML"),
        (("type: integer", "type: date, formats: [en]"), "formats of a date are like %Y-%m-%d"),
        (
            ("type: integer", "type: date, formats: ['%d/%m/%Y', '%m/%d/%Y']"),
            "the same text as different days",
        ),
        (("type: integer", "type: integer, kept: true"), "kept is said of a personal column"),
        (("type: integer", "type: integer, pseudonym_of: (x)"), "pseudonym_of is said of a personal column"),
        (
            ("key: [day]", "key: [day]\nfacts: {period: {from: file_name}}"),
            "key facts.period.0: a file's name mostly tells of its download: say because",
        ),
        (
            (
                "key: [day]",
                "key: [day]\nfacts: {period: {from: file_name, because: x, pattern: (?P<start>x)}}",
            ),
            "a pattern that finds one day in a file's name needs one_day",
        ),
        (
            ("type: integer", "type: integer, personal: true, pseudonym_of: x"),
            "pseudonym_of needs exactly one group",
        ),
    ],
)
def test_faulty_contract_is_refused_with_file_and_key(
    tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    file = tmp_path / "my_report.yml"
    file.write_text(MINIMAL)
    assert read_contract(file).report == "my_report"
    file.write_text(MINIMAL.replace(*change))
    with pytest.raises(ContractError, match=message) as refused:
        read_contract(file)
    assert "my_report.yml" in str(refused.value)


STOCK = """\
report: my_report
platform: shopify
title: My report
description: One row per product.
key: [sku]
columns:
  - {name: sku, headers: [SKU], type: text, required: true, not_empty: true}
  - {name: pieces, headers: [Pieces], type: integer}
  - {name: owner, headers: [Owner], type: text, personal: true}
shape: stock
mapping: {sku: sku, on_hand_quantity: pieces}
where: {pieces: {not: [""]}}
"""


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("{kind: [sale]}", "where names kind, which is not among the columns"),
        ("{owner: [x]}", "where names owner, which is personal"),
        ("{sku: []}", "key where.sku: give the texts that count as a list, or not: with a list"),
        ("{sku: {in: [a], not: [b]}}", "key where.sku: give the texts that count"),
        ("{sku: {not: [1]}}", "key where.sku.not.0: Input should be a valid string"),
        ("{sku: {like: [a]}}", "key where.sku.like"),
    ],
)
def test_faulty_conditions_of_a_shape_are_refused_with_their_key(
    tmp_path: Path, where: str, message: str
) -> None:
    file = tmp_path / "my_report.yml"
    file.write_text(STOCK)
    assert read_contract(file).where["pieces"].is_not_in == [""]
    file.write_text(STOCK.replace('{pieces: {not: [""]}}', where))
    with pytest.raises(ContractError, match=re.escape(message)):
        read_contract(file)


def test_conditions_without_a_shape_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "my_report.yml"
    file.write_text(MINIMAL + 'where: {visits: ["1"]}\n')
    with pytest.raises(ContractError, match="a where needs a shape"):
        read_contract(file)
