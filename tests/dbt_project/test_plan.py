"""An increment by the plan makes the rows that dbt's own incremental build makes, or none."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from tests.dbt_project.arrivals import DIGEST, Arrival, arrive, build, forget_everything, mart_digests
from tests.dbt_project.company import RATES
from tests.dbt_project.every_report import files_of, reports_of_models, stores_of
from tests.dbt_project.test_every_report import company_files
from tests.warehouses import own_warehouse
from tradewind.building import Build, BuildFailedError, close_build, open_build, run_models
from tradewind.building.invocation import invoke
from tradewind.building.models import BUILD, _increment
from tradewind.building.plan import find_plan, plan_file
from tradewind.building.project import concerned_nodes, read_manifest, reports_with_models
from tradewind.building.results import NodeResult, failed_nodes, results_of_dbt
from tradewind.exports import load_contracts
from tradewind.exports.contract import Contract
from tradewind.landing import ensure_raw_tables, reject
from tradewind.publishing import publish
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

# several builds one after another
pytestmark = pytest.mark.timeout(1200)

LAYERS = ("staging", "intermediate", "candidate")
# each report comes in one of so many builds
BATCHES = 6
UNREAD = "etsy_listings"


@pytest.fixture(scope="module")
def reports() -> list[Contract]:
    return reports_of_models(load_contracts(), reports_with_models(Settings(_env_file=None)))


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory, reports: list[Contract]) -> Iterator[Settings]:
    """A warehouse with the first file of every report, and who is in charge of what."""
    with own_warehouse(tmp_path_factory.mktemp("plan")) as settings:
        ensure_raw_tables(settings)
        first = [files_of(contract, number)[0] for number, contract in enumerate(reports)]
        arrive(settings, stores_of(reports), RATES, *company_files(reports, 3001, "2026-09-30"), *first)
        build(settings)
        yield settings


def digests(connection: psycopg.Connection) -> dict[str, str]:
    """A digest of each table's rows, as the connection sees them."""
    tables = connection.execute(
        "select schemaname::text, tablename::text from pg_tables where schemaname = any(%s)", [list(LAYERS)]
    ).fetchall()
    return {
        f"{schema}.{table}": connection.execute(
            sql.SQL(DIGEST).format(sql.Identifier(schema, table))
        ).fetchall()[0][0]
        for schema, table in tables
    }


def by_plan(build: Build, settings: Settings) -> tuple[list[NodeResult], dict[str, str]]:
    """What the plan does, and what it makes; it is taken back."""
    with connect(Role.BUILDER, settings) as connection:
        results = _increment(build, connection, settings)
        made = digests(connection)
        connection.rollback()
    return results, made


def by_dbt(build: Build, settings: Settings) -> tuple[list[NodeResult], dict[str, str]]:
    """The same of dbt's own incremental build."""
    with connect(Role.BUILDER, settings) as connection:
        loads = connection.execute(
            "select distinct report, contract ->> 'shape' from ops.build_scope"
            " inner join ops.report using (report)"
        ).fetchall()
    shapes = frozenset(shape for _, shape in loads if shape)
    names = concerned_nodes(read_manifest(settings), {report for report, _ in loads}, shapes)
    selection = ["--no-write-json", "--indirect-selection", "eager", "--select", *names]
    done = results_of_dbt(invoke([*BUILD, *selection], settings))
    with connect(Role.BUILDER, settings) as connection:
        return done, digests(connection)


def opened(settings: Settings) -> Build:
    build = open_build(settings, full_refresh=False)
    assert build is not None
    return build


def test_every_report_makes_the_same_rows_by_the_plan_as_by_dbt(
    warehouse: Settings, reports: list[Contract]
) -> None:
    later = [files_of(contract, number)[1] for number, contract in enumerate(reports)]
    batches: list[list[Arrival]] = [
        *(later[number::BATCHES] for number in range(BATCHES)),
        company_files(reports, 3005, "2026-10-31"),
        # a report that no model reads
        [Arrival(5000, UNREAD, [{}])],
        # a second version of a file
        [files_of(reports[0], 4000)[1]],
    ]
    for batch in batches:
        arrive(warehouse, *batch)
        if batch[0].load_id == batches[-1][0].load_id:
            replace_first(warehouse, later[0].load_id, batch[0].load_id)
        build = opened(warehouse)
        planned, made = by_plan(build, warehouse)
        assert all(result.has_passed for result in planned)
        done, expected = by_dbt(build, warehouse)
        assert {(r.unique_id, r.status) for r in planned} == {(r.unique_id, r.status) for r in done}
        assert [table for table in expected if made[table] != expected[table]] == []
        publish(build.build_id, warehouse)
        close_build(build.build_id, "failed", "it was published", warehouse)


def replace_first(settings: Settings, old: int, new: int) -> None:
    with connect(Role.ADMIN, settings) as connection:
        connection.execute(
            "update ops.load set state = 'superseded', superseded_by = %s where load_id = %s", [new, old]
        )


def test_every_model_and_test_is_in_the_plan_but_for_views(warehouse: Settings) -> None:
    with connect(Role.BUILDER, warehouse) as connection:
        planned = {node.unique_id for node in find_plan(connection, warehouse).nodes}
    assert planned == {
        unique_id
        for unique_id, node in read_manifest(warehouse)["nodes"].items()
        if node["resource_type"] in ("model", "test") and node["config"]["materialized"] != "view"
    }


def test_what_fails_is_named_as_dbt_names_it_and_nothing_of_the_increment_stands(
    warehouse: Settings, reports: list[Contract]
) -> None:
    (orders,) = [contract for contract in reports if contract.report == "shopify_orders"]
    later = files_of(orders, 6000)[1]
    arrive(warehouse, later)
    with connect(Role.ADMIN, warehouse) as connection:
        connection.execute("update raw.shopify_orders set row_number = 1 where load_id = %s", [later.load_id])
    build = opened(warehouse)
    with connect(Role.BUILDER, warehouse) as connection:
        before = digests(connection)
    with pytest.raises(BuildFailedError) as failure:
        run_models(build, warehouse)
    (node,) = failure.value.nodes
    assert (node.name, node.kind, node.reports) == (
        "stg_shopify__order_lines", "model", frozenset({"shopify_orders"}),
    )  # fmt: skip
    with connect(Role.BUILDER, warehouse) as connection:
        assert digests(connection) == before
        stored: dict[str, str] = dict(
            connection.execute(
                "select node, status from ops.dbt_result where build_id = %s", [build.build_id]
            ).fetchall()
        )
    assert stored["dbt build"] == "error"
    assert stored["model.tradewind.stg_shopify__order_lines"] == "error"
    assert stored["model.tradewind.fct_sales_line"] == "skipped"

    planned, _ = by_plan(build, warehouse)
    done, _ = by_dbt(build, warehouse)
    assert failed_nodes(done, warehouse)[0].message.startswith(node.message.split(" duplicate")[0])
    assert failed_nodes(planned, warehouse) == failure.value.nodes
    assert {r.name for r in planned if r.has_failed} == {r.name for r in done if r.has_failed}
    close_build(build.build_id, "failed", "a test's", warehouse)
    reject(later.load_id, "a test's", warehouse)


def test_a_killed_increment_leaves_nothing_half_done(warehouse: Settings, reports: list[Contract]) -> None:
    arrive(warehouse, files_of(reports[1], 7000)[1])
    build = opened(warehouse)
    with connect(Role.ADMIN, warehouse) as administrator:
        before = digests(administrator)
        # it comes as far as the last fact, and waits there
        administrator.execute("lock table candidate.fct_metric_daily in share mode")
        failures: list[BaseException] = []

        def increment() -> None:
            try:
                run_models(build, warehouse)
            except BaseException as error:
                failures.append(error)

        thread = threading.Thread(target=increment)
        thread.start()
        waiting = (
            "select pid from pg_stat_activity"
            " where wait_event_type = 'Lock' and usename = 'tradewind_builder'"
        )
        deadline = time.monotonic() + 300
        while not (found := administrator.execute(waiting).fetchall()):
            assert time.monotonic() < deadline
            assert thread.is_alive()
            time.sleep(0.1)
            administrator.execute("select pg_stat_clear_snapshot()")
        administrator.execute("select pg_terminate_backend(%s)", [found[0][0]])
        thread.join()
    assert isinstance(failures[0], psycopg.OperationalError)
    with connect(Role.ADMIN, warehouse) as administrator:
        assert digests(administrator) == before

    run_models(build, warehouse)
    publish(build.build_id, warehouse)
    with connect(Role.ADMIN, warehouse) as administrator:
        assert digests(administrator) != before
    assert mart_digests(warehouse, "marts") == mart_digests(warehouse, "candidate")


def test_a_plan_does_not_depend_on_what_was_pending_when_it_was_recorded(
    warehouse: Settings, reports: list[Contract]
) -> None:
    def recorded() -> dict[str, object]:
        plan_file(warehouse).unlink(missing_ok=True)
        with connect(Role.BUILDER, warehouse) as connection:
            find_plan(connection, warehouse)
        return json.loads(plan_file(warehouse).read_text())

    with_nothing = recorded()
    forget_everything(warehouse)
    arrive(
        warehouse, *(file for number, contract in enumerate(reports) for file in files_of(contract, number))
    )
    build = opened(warehouse)
    with_everything = recorded()
    close_build(build.build_id, "failed", "a test's", warehouse)
    assert with_nothing == with_everything
