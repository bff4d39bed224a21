"""Whatever order files arrive in, and whether built anew or step by step: the same rows."""

from __future__ import annotations

import pytest

from tests.dbt_project import company
from tests.dbt_project.arrivals import arrive, build, forget_everything, mart_digests, supersede
from tradewind.settings import Settings

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

    # newest first, references last
    _start_over(built, (company.STORES,))
    arrive(built, *company.LATER_FILES)
    build(built, full_refresh=False)
    arrive(built, *company.FIRST_FILES, *company.LATER_REFERENCE)
    build(built, full_refresh=False)
    arrive(built, *company.REFERENCE[1:])
    build(built, full_refresh=False)
    assert mart_digests(built, "candidate") == whole
    assert mart_digests(built, "marts") == whole


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


def _start_over(settings: Settings, files: tuple) -> None:
    forget_everything(settings)
    arrive(settings, *files)
    build(settings, full_refresh=True)
