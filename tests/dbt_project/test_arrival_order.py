"""Whatever order files arrive in, and whether built anew or step by step: the same rows."""

from __future__ import annotations

import pytest

from tests.dbt_project import company
from tests.dbt_project.arrivals import Arrival, arrive, build, forget_everything, mart_digests, supersede
from tests.dbt_project.orders import FILES, Step, differences, marts_after, random_orders
from tradewind.settings import Settings

# `make torture` takes a hundred, and others each time
ORDERS, SEED = 2, 20261122
# several builds one after another
pytestmark = pytest.mark.timeout(900)


def test_d7_d8_d9_every_arrival_order_gives_the_rows_of_a_full_refresh(built: Settings) -> None:
    whole = mart_digests(built, "candidate")
    assert whole == mart_digests(built, "marts")
    assert len(whole) > 20

    # in the order of their making, step by step
    _start_over(built, company.REFERENCE)
    for files in (company.FIRST_FILES, company.LATER_FILES, company.LATER_REFERENCE):
        arrive(built, *files)
        build(built, full_refresh=False)
    assert mart_digests(built, "candidate") == whole
    assert mart_digests(built, "marts") == whole


def test_d7_d8_d9_random_orders_of_arrival_give_the_same_rows(built: Settings) -> None:
    expected = marts_after(built, [Step(FILES)])
    for steps in random_orders(SEED, ORDERS):
        found = marts_after(built, steps)
        assert not differences(found, expected), " ".join(map(str, steps))
    # what the other tests read
    _start_over(built, company.EVERYTHING)


def test_a_load_taken_out_gives_its_keys_back(built: Settings) -> None:
    supersede(built, company.LATER_ORDERS.load_id)
    supersede(built, company.LATER_ADS.load_id)
    build(built, full_refresh=False)
    stepwise = mart_digests(built, "candidate")
    assert mart_digests(built, "marts") == stepwise

    build(built, full_refresh=True)
    assert mart_digests(built, "candidate") == stepwise
    # what the other tests read
    _start_over(built, company.EVERYTHING)


def _start_over(settings: Settings, files: tuple[Arrival, ...]) -> None:
    forget_everything(settings)
    arrive(settings, *files)
    build(settings, full_refresh=True)
