"""Each check of what arrives, broken by a load of its own: that load is held by it, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from psycopg import sql

from tests.dags.quality.landing_rows import FAULTS, GOOD_ROWS, LOADS, Fault
from tests.dbt_project import company
from tests.dbt_project.arrivals import Arrival, arrive
from tests.dbt_project.test_held_loads import (
    good_orders,
    held,
    published_loads,
    rows,
    stays_the_same_in_a_full_refresh,
)
from tests.warehouses import own_warehouse
from tradewind.landing import ensure_raw_tables, reject
from tradewind.pipeline import build_and_publish
from tradewind.publishing import release_load
from tradewind.quality.suites import load_gate
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

# several builds one after another
pytestmark = pytest.mark.timeout(1200)

SEVERITY = {
    (suite.name, item.name): item.severity
    for suite in load_gate("landing", Settings(_env_file=None).expectations_dir)[1]
    for item in suite.expectations
}
BREAKING = {
    number: fault
    for number, fault in enumerate(FAULTS, start=1000)
    if SEVERITY[fault.suite, fault.expectation] == "error"
}
# an earlier version of a load has its number less this
EARLIER = -500
DAY = ("2026-04-01", "2026-04-01")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with own_warehouse(tmp_path_factory.mktemp("checks")) as settings:
        ensure_raw_tables(settings)
        arrive(settings, company.STORES, company.RATES, company.ORDERS)
        assert build_and_publish(settings).held_loads == ()
        yield settings


def land(settings: Settings, load_id: int, fault: Fault) -> None:
    """Good rows of a report, the last with what breaks the check."""
    cells: list[dict[str, str | None]] = [dict(row) for row in GOOD_ROWS[fault.report]][: fault.rows]
    if cells:
        cells[-1].update(fault.cells)
    known = [{name: cell for name, cell in row.items() if cell is not None} for row in cells]
    # a store and a path of its own, so that what one file holds stands beside nothing else
    own = {"store_id": f"s{load_id}", "file_path": f"s{load_id}/{fault.report}"}
    if fault.before:
        enter(settings, Arrival(load_id + EARLIER, fault.report, []), own | fault.before)
    arrival = Arrival(load_id, fault.report, known, period=DAY, currency="EUR")
    enter(settings, arrival, own | LOADS.get(fault.report, {}) | fault.load)


def enter(settings: Settings, arrival: Arrival, facts: Mapping[str, object]) -> None:
    """A file, and what the ledger says of it besides."""
    arrive(settings, arrival)
    assignments = [
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Literal(value)) for name, value in facts.items()
    ]
    with connect(Role.ADMIN, settings) as connection:
        connection.execute(
            sql.SQL("update ops.load set {} where load_id = {}").format(
                sql.SQL(", ").join(assignments), arrival.load_id
            )
        )


def said_of(settings: Settings) -> dict[int, str]:
    """The check that each held load breaks, as the ledger has it."""
    found = rows(
        settings,
        "select load_id, reason_details ->> 'check' from ops.load where state = 'held' order by load_id",
    )
    return dict(found)


def test_a_load_that_breaks_a_check_is_held_by_its_name_and_the_rest_is_published(
    warehouse: Settings,
) -> None:
    for load_id, fault in BREAKING.items():
        land(warehouse, load_id, fault)
    arrive(warehouse, good_orders(2000, "2026-04-14"))
    outcome = build_and_publish(warehouse)
    assert outcome.state == "published", outcome
    assert said_of(warehouse) == {
        load_id: f"{fault.suite}.{fault.expectation}" for load_id, fault in BREAKING.items()
    }
    for sentence, (load_id, fault) in zip(outcome.held_loads, BREAKING.items(), strict=True):
        assert sentence.startswith(f"{fault.report}-{load_id}.csv (load {load_id}, report {fault.report}, ")
        assert f"make reject LOAD={load_id} REASON=" in sentence
    assert published_loads(warehouse) == [company.ORDERS.load_id, 2000]


def test_what_only_warns_is_published(warehouse: Settings) -> None:
    warning = {
        number: fault for number, fault in enumerate(FAULTS, start=3000)
        if SEVERITY[fault.suite, fault.expectation] == "warning"
    }  # fmt: skip
    assert warning
    before = held(warehouse)
    for load_id, fault in warning.items():
        land(warehouse, load_id, fault)
    outcome = build_and_publish(warehouse)
    assert outcome.state == "published", outcome
    assert held(warehouse) == before, outcome.held_loads


def test_a_word_for_one_and_a_word_against_the_others_end_it(warehouse: Settings) -> None:
    """What is released counts or is held by a later check of its own; what is rejected is gone."""
    released = next(n for n, fault in BREAKING.items() if fault.expectation == "order_price_is_not_negative")
    release_load(released, "a credit", "ann", warehouse)
    for load_id in set(held(warehouse)) - {released}:
        reject(load_id, "cannot be right", warehouse)
    outcome = build_and_publish(warehouse)
    assert (outcome.state, outcome.held_loads) == ("published", ())
    assert held(warehouse) == []
    assert released in published_loads(warehouse)
    stays_the_same_in_a_full_refresh(warehouse)
