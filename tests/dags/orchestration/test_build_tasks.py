"""The tasks of `build_warehouse`, each in a process of its own: what is wrong with a load holds that load."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from tests.dbt_project import company
from tests.dbt_project.arrivals import Arrival, arrive
from tests.dbt_project.company import _table
from tests.dbt_project.test_held_loads import LINE, execute, good_orders, held, published_loads, rows
from tests.warehouses import own_warehouse
from tradewind import holding, pipeline
from tradewind.building import parse_ahead
from tradewind.building.plan import plan_file
from tradewind.landing import ensure_raw_tables, reject
from tradewind.orchestration import tasks
from tradewind.publishing import PublicationError, release_load
from tradewind.quality import GateError
from tradewind.quality.validation import warm_up
from tradewind.settings import Settings

# several builds one after another
pytestmark = pytest.mark.timeout(1200)

VISITS = "day | online_store_visitors | sessions"


def call(task: Any, *arguments: Any, full_refresh: bool = False) -> Any:
    """What a task returns or raises; as Airflow does, in a fork of a process that has parsed the project."""
    context = {
        "run_id": "by asset",
        "params": {"full_refresh": full_refresh},
        "ti": SimpleNamespace(try_number=3, max_tries=2),
    }
    forks = multiprocessing.get_context("fork")
    answers = forks.SimpleQueue()

    def answer() -> None:
        try:
            answers.put((task(context, *arguments), None, ""))
        except Exception as error:  # whatever it is, the test is told
            answers.put((None, type(error).__name__, str(error)))

    process = forks.Process(target=answer)
    process.start()
    value, kind, message = answers.get()
    process.join()
    return SimpleNamespace(value=value, kind=kind, message=message)


def run_dag(*, full_refresh: bool = False) -> tuple[str, str]:
    """All tasks in their order; returns the last that ran, and what it failed with."""
    opened = call(tasks.open_and_audit_landing, full_refresh=full_refresh)
    if opened.kind:
        return "audit_landing", opened.message
    for task in (tasks.build_models, tasks.audit_marts, tasks.publish_marts):
        result = call(task, opened.value)
        if result.kind:
            return task.__name__, result.message
    return "published", ""


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with (
        pytest.MonkeyPatch.context() as patch,
        own_warehouse(tmp_path_factory.mktemp("tasks")) as settings,
    ):
        patch.setattr(tasks, "get_settings", lambda: settings)
        ensure_raw_tables(settings)
        arrive(settings, company.STORES, company.RATES, company.ORDERS)
        # what Airflow's worker does before it forks
        parse_ahead(settings)
        warm_up()
        assert run_dag() == ("published", "")
        yield settings


@pytest.fixture(autouse=True)
def nothing_is_held(warehouse: Settings) -> Iterator[None]:
    yield
    for load_id in held(warehouse):
        reject(load_id, "a test's", warehouse)


def visits(load_id: int, store_id: str) -> Arrival:
    """A file of visitors."""
    days = _table(VISITS, "2026-04-11 | 40 | 50", "2026-04-12 | 40 | 50")
    return Arrival(load_id, "shopify_visitors", days, store_id=store_id)


def break_model(settings: Settings, *load_ids: int) -> None:
    """No file can be written that a staging model cannot take in: two rows get one number."""
    for load_id in load_ids:
        execute(settings, "update raw.shopify_visitors set row_number = 1 where load_id = %s", [load_id])


def sentences(settings: Settings) -> dict[int, str]:
    return dict(rows(settings, "select load_id, reason from ops.load where state = 'held' order by 1"))


def test_a_publication_leaves_what_the_next_increment_runs(warehouse: Settings) -> None:
    assert plan_file(warehouse).exists()


def test_two_loads_of_two_stores_break_one_model_and_only_they_are_held(warehouse: Settings) -> None:
    arrive(
        warehouse, visits(100, "us"), visits(101, "uk"), visits(102, "trade"), good_orders(103, "2026-04-11")
    )
    break_model(warehouse, 100, 101)
    assert run_dag() == ("published", "")
    assert held(warehouse) == [100, 101]
    for load_id, sentence in sentences(warehouse).items():
        assert sentence.startswith("With this file model stg_shopify__visitors fails")
        assert f"make reject LOAD={load_id} REASON=" in sentence
    assert rows(warehouse, "select distinct store_id from marts.fct_web_traffic") == [("trade",)]
    assert 103 in published_loads(warehouse)


def test_when_every_load_is_wrong_all_are_held_and_the_last_publication_stands(warehouse: Settings) -> None:
    before = published_loads(warehouse)
    arrive(warehouse, visits(110, "us"), visits(111, "uk"))
    break_model(warehouse, 110, 111)
    assert run_dag() == ("published", "")
    assert held(warehouse) == [110, 111]
    assert published_loads(warehouse) == before


def test_where_the_tries_end_those_in_question_are_held_together(
    warehouse: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "MAX_TRIES", 3)
    arrive(warehouse, *(visits(120 + number, f"s{number}") for number in range(8)))
    break_model(warehouse, 125)
    assert run_dag() == ("published", "")
    among = held(warehouse)
    assert 125 in among
    assert len(among) < 8
    for load_id, sentence in sentences(warehouse).items():
        assert sentence.startswith(
            f"With this file or another of {len(among)} that came with it model stg_shopify__visitors fails"
        )
        assert f"make reject LOAD={load_id} REASON=" in sentence
    # the wrong one is taken out, the others are tried again
    reject(125, "wrong", warehouse)
    for load_id in among:
        if load_id != 125:
            release_load(load_id, "not this one", "ann", warehouse)
    assert run_dag() == ("published", "")
    assert held(warehouse) == []


def test_a_released_load_that_breaks_a_model_again_is_held_again(warehouse: Settings) -> None:
    arrive(warehouse, visits(130, "us"))
    break_model(warehouse, 130)
    assert run_dag() == ("published", "")
    release_load(130, "should work now", "ann", warehouse)
    assert run_dag() == ("published", "")
    assert held(warehouse) == [130]


def test_everything_can_be_built_anew_while_something_is_held(warehouse: Settings) -> None:
    arrive(warehouse, visits(140, "us"))
    break_model(warehouse, 140)
    assert run_dag() == ("published", "")
    before = published_loads(warehouse)
    assert run_dag(full_refresh=True) == ("published", "")
    assert (held(warehouse), published_loads(warehouse)) == ([140], before)


def test_the_search_in_the_step_of_publishing_holds_what_cannot_be_published(
    warehouse: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Publishing fails as long as one load counts, which nothing but a search finds out."""
    publish = pipeline.publish

    def publish_without(build_id: int, settings: Settings, *, is_rehearsal: bool = False) -> Any:
        if rows(settings, "select from ops.visible_load where load_id = 151"):
            raise PublicationError("touched_incomplete", "rows changed beyond the touched days")
        return publish(build_id, settings, is_rehearsal=is_rehearsal)

    monkeypatch.setattr(pipeline, "publish", publish_without)
    arrive(warehouse, *(good_orders(150 + number, f"2026-05-0{1 + number}") for number in range(4)))
    assert run_dag() == ("published", "")
    assert held(warehouse) == [151]
    assert "With this file publishing fails" in sentences(warehouse)[151]
    assert set(published_loads(warehouse)) >= {150, 152, 153}
    assert 151 not in published_loads(warehouse)


def test_a_gate_that_crashes_by_a_load_holds_that_load(
    warehouse: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Great Expectations itself fails, as it does where the database cannot compute a check of a row."""
    run_gate = pipeline.run_gate

    def crash(gate: Any, build_id: int, settings: Settings, *arguments: Any, **options: Any) -> Any:
        if rows(settings, "select from ops.build_scope where load_id = 161 and load_state = 'loaded'"):
            raise GateError("raw.shopify_orders could not be checked: DataError", "raw.shopify_orders")
        return run_gate(gate, build_id, settings, *arguments, **options)

    monkeypatch.setattr(pipeline, "run_gate", crash)
    arrive(warehouse, *(good_orders(160 + number, f"2026-05-1{1 + number}") for number in range(4)))
    assert run_dag() == ("published", "")
    assert held(warehouse) == [161]
    assert "make reject LOAD=161 REASON=" in sentences(warehouse)[161]
    assert set(published_loads(warehouse)) >= {160, 162, 163}


def test_a_gate_that_crashes_whatever_is_left_out_holds_the_publication(
    warehouse: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_arguments: Any, **_options: Any) -> Any:
        raise GateError("raw.shopify_orders could not be checked: DataError", "raw.shopify_orders")

    before = published_loads(warehouse)
    arrive(warehouse, good_orders(170, "2026-05-20"))
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "run_gate", crash)
        last, message = run_dag()
    assert last == "audit_landing"
    assert message.startswith(
        "raw.shopify_orders could not be checked: DataError. Mend the check of raw.shopify_orders"
    )
    assert (held(warehouse), published_loads(warehouse)) == ([], before)
    # nothing is lost: the next run takes it in
    assert run_dag() == ("published", "")
    assert 170 in published_loads(warehouse)


def test_of_two_loads_that_break_a_model_only_together_one_is_held(
    warehouse: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    try_models, failing = pipeline._try_models, pipeline.failing_nodes

    def both(settings: Settings) -> bool:
        found = rows(
            settings, "select from ops.build_scope where load_id in (181, 183) and load_state = 'loaded'"
        )
        return len(found) == 2

    def fail(build_id: int, settings: Settings) -> list[holding.Fault]:
        if both(settings):
            return [holding.Fault("build_failed", "model stg fails", "model stg_shopify__order_lines")]
        return try_models(build_id, settings)

    def fail_again(build: Any, names: Any, settings: Settings) -> set[str]:
        return set(names) if both(settings) else failing(build, names, settings)

    monkeypatch.setattr(pipeline, "_try_models", fail)
    monkeypatch.setattr(pipeline, "failing_nodes", fail_again)
    arrive(warehouse, *(good_orders(180 + number, f"2026-05-2{1 + number}") for number in range(5)))
    assert run_dag() == ("published", "")
    assert held(warehouse) == [183]
    assert set(published_loads(warehouse)) >= {180, 181, 182, 184}
    # with the other taken out, it counts
    reject(181, "the other one was right", warehouse)
    release_load(183, "the other one was wrong", "ann", warehouse)
    assert run_dag() == ("published", "")
    assert held(warehouse) == []
    assert 183 in published_loads(warehouse)


def test_one_negative_price_costs_the_numbers_of_its_file_alone(warehouse: Settings) -> None:
    wrong = _table(
        company.ORDER, LINE.format("9a", "2026-05-28", "5.00"), LINE.format("9b", "2026-05-28", "-5.00")
    )
    arrive(
        warehouse,
        good_orders(190, "2026-05-28"),
        Arrival(191, "shopify_orders", wrong, store_id="uk", extracted_at="2026-05-29"),
    )
    assert run_dag() == ("published", "")
    assert held(warehouse) == [191]
    assert sentences(warehouse)[191].startswith(
        "1 of its records breaks a check (row 2): A price is what one piece"
    )
    assert 190 in published_loads(warehouse)
    release_load(191, "a credit", "ann", warehouse)
    assert run_dag() == ("published", "")
    assert 191 in published_loads(warehouse)
    reject(191, "no credit after all", warehouse)
    assert run_dag() == ("published", "")
    assert 191 not in published_loads(warehouse)
