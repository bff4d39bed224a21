"""Reports of shops and warehouses reach their standard shapes by their mappings, their sales the marts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.dags.exports.test_shop_reports import REPORTS, sample, table
from tests.dbt_project.arrivals import build
from tests.warehouses import own_warehouse
from tradewind.exports import load_contracts
from tradewind.landing import load_files
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

MAPPED = [report for report in REPORTS if load_contracts()[report].shape]
PENDING = {"amazon_order_id": "222-2222222-2222222", "item_price": "", "currency": "", "quantity": "1"}
SUMMARY = {"item_number": "", "custom_label": "", "item_title": "", "quantity": "2", "sold_for": "3.00"}
AMOUNTS_OF_A_NET = ("gross_amount", "discount_amount", "fee_amount", "net_amount")
RELEASED = {"date_time": "Sep 14, 2026 5:22:11 PM PDT", "order_id": "222-2222222-2222222"}


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A warehouse with one file of each mapped report, all of its columns filled."""
    with own_warehouse(tmp_path_factory.mktemp("shops")) as settings:
        folder = settings.landing / "store=alpha" / "date=2026-09-14"
        folder.mkdir(parents=True)
        for report in MAPPED:
            contract = load_contracts()[report]
            whole = {column.name: sample(column) for column in contract.columns}
            # the samples of amounts that make a net do not make it: nothing less nothing is nothing
            for field in AMOUNTS_OF_A_NET if "net_amount" in contract.mapping else ():
                for name in contract.mapping[field].columns if field in contract.mapping else ():
                    whole[name] = re.sub("[1-9]", "0", whole[name])
            more = {
                "amazon_all_orders": PENDING, "amazon_transactions": RELEASED, "ebay_orders": SUMMARY,
            }.get(report)  # fmt: skip
            rows = [whole, {**whole, **more}] if more else [whole]
            (folder / f"{report}.csv").write_text(table(report, *rows), encoding="utf-8")
        results = load_files(sorted(folder.iterdir()), settings)
        assert {result.report: result.state for result in results} == dict.fromkeys(MAPPED, "loaded")
        build(settings)
        yield settings


def rows(settings: Settings, statement: str) -> list[tuple]:
    with connect(Role.ADMIN, settings) as connection:
        return connection.execute(statement.encode()).fetchall()


@pytest.mark.parametrize("report", MAPPED)
def test_every_mapped_field_of_a_report_is_read(shops: Settings, report: str) -> None:
    contract = load_contracts()[report]
    fields = ", ".join(contract.mapping)
    staged = rows(
        shops,
        f"select {fields} from staging.stg_shapes__{contract.shape} "
        f"where report = '{report}' and is_current order by row_number limit 1",
    )
    assert len(staged) == 1
    assert [name for name, cell in zip(contract.mapping, staged[0], strict=True) if cell is None] == []


def test_a_line_without_a_price_is_no_sale(shops: Settings) -> None:
    assert rows(
        shops,
        "select order_id, is_sale, gross_amount, currency from marts.fct_sales_line "
        "where report = 'amazon_all_orders' order by order_id",
    ) == [
        ("111-1111111-1111111", True, Decimal("1.50"), "EUR"),
        ("222-2222222-2222222", False, Decimal(0), None),
    ]


def test_the_summary_row_of_an_order_is_no_line_of_it(shops: Settings) -> None:
    assert rows(
        shops, "select quantity, gross_amount from marts.fct_sales_line where report = 'ebay_orders'"
    ) == [(Decimal(7), Decimal("17.50"))]


def test_a_time_with_the_abbreviation_of_its_zone_is_that_moment(shops: Settings) -> None:
    assert rows(
        shops,
        "select paid_at from staging.stg_shapes__payments where report = 'amazon_transactions' order by 1",
    ) == [
        (datetime(2026, 9, 14, 10, 22, 11, tzinfo=UTC),),
        (datetime(2026, 9, 15, 0, 22, 11, tzinfo=UTC),),
    ]
