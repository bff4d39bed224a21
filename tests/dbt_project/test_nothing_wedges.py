"""Every model and every test of the project, each broken by one load: that load is held, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.dbt_project import company, sabotage
from tests.dbt_project.arrivals import Arrival, arrive
from tests.dbt_project.test_held_loads import DAYS, SHAPED, execute, good_orders, held, published_loads, rows
from tests.warehouses import own_warehouse
from tradewind.building import incoming_loads, leave_out, open_build, parse_ahead
from tradewind.building.project import read_manifest
from tradewind.landing import ensure_raw_tables, reject
from tradewind.pipeline import _try_models, build_and_publish
from tradewind.publishing import hold
from tradewind.settings import Settings
from tradewind.work import find_untried_loads

# several builds one after another
pytestmark = pytest.mark.timeout(1200)

GOOD = (company.STORES, company.RATES, company.ORDERS)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A warehouse with a publication, in which any model can be broken."""
    project = sabotage.copy_project(tmp_path_factory.mktemp("project"))
    with (
        pytest.MonkeyPatch.context() as patch,
        own_warehouse(tmp_path_factory.mktemp("wedge")) as settings,
    ):
        patch.setattr(Settings, "dbt_project_dir", property(lambda _: project))
        ensure_raw_tables(settings)
        sabotage.prepare(settings)
        arrive(settings, *GOOD)
        parse_ahead(settings)
        assert build_and_publish(settings).state == "published"
        yield settings


def shapes(settings: Settings) -> dict[str, str]:
    """A report of each shape."""
    found = rows(
        settings,
        "select contract ->> 'shape', report from ops.report where report = any(%s) order by 2",
        [list(SHAPED)],
    )
    return {shape: report for shape, report in found if shape}


def saboteurs(settings: Settings, names: list[str], first: int) -> dict[str, int]:
    """A load for each of these nodes, of a report that reaches it, which is to break it."""
    chosen = sabotage.reports_for(read_manifest(settings), shapes(settings), names)
    loads = {name: first + number for number, name in enumerate(names)}
    for name, load_id in loads.items():
        # what stands in its rows is of no matter here
        arrive(settings, Arrival(load_id, chosen[name], [], store_id="other", period=DAYS))
    execute(settings, "update ops.load set records_read = 1, records_loaded = 1 where records_read = 0")
    sabotage.plan(settings, loads.items())
    return loads


def test_each_model_and_each_test_fails_by_name_and_passes_without_the_load_that_breaks_it(
    warehouse: Settings,
) -> None:
    """What stands behind a model that failed is not run: it has its turn when that passes."""
    manifest = read_manifest(warehouse)
    names = [name for level in sabotage.levels(manifest) for name in level]
    assert sorted(names) == sorted(sabotage.breakable(manifest))
    loads = saboteurs(warehouse, names, 1000)
    build = open_build(warehouse, full_refresh=False)
    assert build is not None
    seen: list[str] = []
    while faults := _try_models(build.build_id, warehouse):
        for fault in faults:
            name = fault.step.split()[1]
            assert name not in seen, "fails without its load too"
            assert fault.suspects is None or loads[name] in fault.suspects, name
            assert "a cell" not in fault.reason
            seen.append(name)
        leave_out(build.build_id, [loads[name] for name in seen], warehouse)
    assert sorted(seen) == sorted(names)
    assert set(loads.values()) <= incoming_loads(build.build_id, warehouse).keys()

    sabotage.plan(warehouse, [])
    hold(build.build_id, "step_failed", "a test's", warehouse)
    for load_id in loads.values():
        reject(load_id, "was to break a model", warehouse)
    assert build_and_publish(warehouse).held_loads == ()


def one_of_each_kind(settings: Settings) -> list[str]:
    """The last of each kind in the order of building; staging models are tried elsewhere, all of them."""
    manifest = read_manifest(settings)
    nodes = sabotage.breakable(manifest)
    names = [name for level in sabotage.levels(manifest) for name in level]
    of_kind = {sabotage.kind_of(nodes[name]): name for name in names}
    return [name for kind, name in of_kind.items() if "staging" not in kind]


def what_is_broken_is_held_and_rejecting_ends_it(settings: Settings, names: list[str], first: int) -> None:
    before = published_loads(settings)
    loads = saboteurs(settings, names, first)
    good = first + len(names)
    arrive(settings, good_orders(good, "2026-04-11"))
    nodes = sabotage.breakable(read_manifest(settings))
    outcome = build_and_publish(settings)
    assert outcome.state == "published", outcome
    assert held(settings) == sorted(loads.values())
    for (name, load_id), sentence in zip(loads.items(), outcome.held_loads, strict=True):
        [(file, report, store)] = rows(
            settings, "select file_name, report, store_id from ops.load where load_id = %s", [load_id]
        )
        start = f"{file} (load {load_id}, report {report}, store {store}): With this file"
        assert sentence.startswith(f"{start} {nodes[name]['resource_type']} {name} fails, without it"), (
            sentence
        )
        assert f"make reject LOAD={load_id} REASON=" in sentence
        assert f"make release LOAD={load_id} REASON=" in sentence
    assert published_loads(settings) == [*before, good]
    assert find_untried_loads(settings) == []

    for load_id in loads.values():
        reject(load_id, "cannot be right", settings)
    arrive(settings, good_orders(good + 1, "2026-04-12"))
    outcome = build_and_publish(settings)
    assert (outcome.state, outcome.held_loads) == ("published", ())
    assert held(settings) == []
    assert published_loads(settings) == [*before, good, good + 1]


def test_a_load_that_breaks_a_model_or_a_test_is_held_by_name_and_rejecting_it_ends_it(
    warehouse: Settings,
) -> None:
    """One of each kind of model and of test; that each of them is told apart the test above shows."""
    what_is_broken_is_held_and_rejecting_ends_it(warehouse, one_of_each_kind(warehouse), 2000)
