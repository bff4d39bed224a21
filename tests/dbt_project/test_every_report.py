"""Whatever a report is: step by step it moves the same rows as at once, and no more than it touches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from tests.dbt_project.arrivals import Arrival, arrive, build, forget_everything, mart_digests
from tests.dbt_project.company import RATES, _table
from tests.dbt_project.every_report import files_of, reports_of_models, store_of, stores_of
from tests.dbt_project.orders import differences
from tests.warehouses import own_warehouse
from tradewind.building.project import reports_with_models
from tradewind.exports import load_contracts
from tradewind.exports.contract import Contract
from tradewind.landing import ensure_raw_tables
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

# several builds one after another
pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A warehouse without a file."""
    with own_warehouse(tmp_path_factory.mktemp("every")) as settings:
        ensure_raw_tables(settings)
        yield settings


@pytest.fixture(scope="module")
def reports(warehouse: Settings) -> list[Contract]:
    """All that models read of what happens in a store."""
    return reports_of_models(load_contracts(), reports_with_models(warehouse))


def company_files(reports: list[Contract], load_id: int, until: str) -> list[Arrival]:
    """Who is in charge of every second store, what its pieces cost, and a rate."""
    stores = [store_of(contract) for contract in reports[::2]]
    return [
        Arrival(load_id, "tradewind_assignments", _table(
            "employee_id | post_id | object_type | object_id | store_id | platform | share"
            " | valid_from | valid_to",
            *(f"P1 | {post} | store | {store} | {store} | | 1 | 2026-09-14 | {until}"
              for store in stores for post in ("network_promotion", "site_operation")),
        ), extracted_at=until),
        Arrival(load_id + 1, "tradewind_product_costs", _table(
            "store_id | sku | unit_cost | currency | valid_from",
            *(f"{store} | A blue cup, large | 0.{load_id % 10}5 | EUR | 2026-09-01" for store in stores),
        ), extracted_at=until),
        Arrival(load_id + 2, "tradewind_exchange_rates", _table(
            "rate_date | currency | units_per_eur | source", f"2026-09-14 | USD | 1.{load_id % 10} | bank",
        ), extracted_at=until),
    ]  # fmt: skip


def step_by_step(settings: Settings, *steps: Sequence[Arrival]) -> dict[str, str]:
    """The digests of the candidate when the steps have been built one by one, the first of them whole."""
    forget_everything(settings)
    for number, step in enumerate(steps):
        arrive(settings, *step)
        build(settings, full_refresh=None if number == 0 else False)
    assert mart_digests(settings, "marts") == mart_digests(settings, "candidate")
    return mart_digests(settings, "candidate")


def test_every_report_moves_the_same_rows_step_by_step_as_at_once(
    warehouse: Settings, reports: list[Contract]
) -> None:
    files = [files_of(contract, number) for number, contract in enumerate(reports)]
    first, later = (list(half) for half in zip(*files, strict=True))
    stores, old, new = (
        [stores_of(reports), RATES], company_files(reports, 3001, "2026-09-30"),
        company_files(reports, 3005, "2026-10-31"),
    )  # fmt: skip

    whole = step_by_step(warehouse, [*stores, *old, *new, *first, *later])
    assert not unread(warehouse)
    for steps in (
        [[*stores, *old, *first], later, new],
        [[*stores, *new], later, [*first, *old]],
        [stores, [*later, *first], old, new],
    ):
        assert not differences(step_by_step(warehouse, *steps), whole)


def unread(settings: Settings) -> list[str]:
    """Reports of which a staging model of a shape has no row."""
    with connect(Role.ADMIN, settings) as connection:
        tables = connection.execute(
            "select table_name::text from information_schema.columns"
            " where table_schema = 'staging' and column_name = 'report'"
        ).fetchall()
        staged = " union all ".join(f"select report from staging.{table}" for (table,) in tables)
        found = connection.execute(
            f"select report from ops.report where contract ->> 'shape' is not null"
            f" and report in (select report from ops.load) except select report from ({staged}) as s".encode()
        )
        return [report for (report,) in found.fetchall()]
