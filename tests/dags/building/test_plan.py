"""When a plan is made anew, what of it is run, and what one failing node takes with it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tradewind.building import plan as plans
from tradewind.building.increment import run_plan
from tradewind.building.plan import Node, Plan, find_plan
from tradewind.settings import PROJECT_ROOT, Settings
from tradewind.warehouse import Role, connect


@pytest.fixture
def connection(database_settings: Settings) -> Iterator[psycopg.Connection]:
    with connect(Role.BUILDER, database_settings) as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project, in place of it."""
    folder = tmp_path / "dbt_project"
    shutil.copytree(PROJECT_ROOT / "dbt_project", folder)
    monkeypatch.setattr(Settings, "dbt_project_dir", property(lambda _: folder))
    return folder


def test_a_plan_is_made_once_for_a_project_its_contracts_and_its_shapes(
    database_settings: Settings, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def record(key: str, _settings: Settings) -> Plan:
        made.append(key)
        return Plan(key, {}, (Node("model.a", "a", "model", "a.sql", [], "select 1"),))

    monkeypatch.setattr(plans, "_record", record)
    (database_settings.state_dir / "dbt").mkdir()

    def count() -> int:
        with connect(Role.BUILDER, database_settings) as connection:
            assert find_plan(connection, database_settings).nodes[0].rows == "select 1"
        return len(made)

    assert (count(), count()) == (1, 1)
    (project / "README.md").write_text("other words")
    assert count() == 1
    macro = project / "macros" / "money.sql"
    macro.write_text(macro.read_text() + "\n{#- another comment -#}\n")
    assert (count(), count()) == (2, 2)
    for statement in (
        "update ops.report set contract_sha256 = repeat('0', 64) where report = 'etsy_listings'",
        """update ops.shape set definition = definition || '{"is_other": true}' where shape = 'tasks'""",
    ):
        before = count()
        with connect(Role.ADMIN, database_settings) as administrator:
            administrator.execute(statement.encode())
        assert count() == before + 1


def test_the_parts_of_reports_without_a_load_are_left_out_and_copies_are_made_first() -> None:
    node = node_of(
        "model.orders",
        "select 1 from loads"
        "/*@of a@*/ union all select 2 from /*@first create temporary table x;@*/x/*@end@*/"
        "/*@of b@*/ union all select 3 from /*@first create temporary table y;@*/y/*@last truncate y;@*/, "
        "/*@first create temporary table y;@*/y/*@last truncate y;@*/ as again/*@end@*/",
        before="delete;",
        after="insert;",
    )
    assert node.script({"b", "c"}) == (
        "delete;create temporary table y;",
        "select 1 from loads union all select 3 from y, y as again",
        "truncate y;insert;",
    )
    assert node.script(set()) == ("delete;", "select 1 from loads", "insert;")


def test_what_fails_is_taken_back_by_itself_and_what_reads_it_is_skipped(
    connection: psycopg.Connection,
) -> None:
    connection.execute("create temporary table made (name text)")
    nodes = (
        node_of("model.good", "insert into made values ('good'), ('50 %')"),
        node_of("model.bad", "insert into made select 'bad' from made where 1 / (length(name) - 4) > 0"),
        node_of("test.of_good", asks(0), parents=["model.good"]),
        node_of("test.of_bad", asks(0), parents=["model.bad"]),
        node_of("model.behind_bad", "insert into made values ('behind')", parents=["model.bad"]),
        node_of("model.doubted", "insert into made values ('doubted')", parents=["model.good"]),
        node_of("test.of_doubted", asks(3), parents=["model.doubted"]),
        node_of("test.too_of_doubted", asks(2), parents=["model.doubted"], severity="warn"),
        node_of("model.behind_doubted", "insert into made values ('behind')", parents=["model.doubted"]),
        node_of("model.other", "insert into made values ('other')"),
    )
    selected = {node.unique_id for node in nodes} - {"model.other"}
    results = {result.name: result for result in run_plan(Plan("", {}, nodes), selected, (), connection)}
    assert {name: (result.status, result.rows, result.failures) for name, result in results.items()} == {
        "good": ("success", 2, None),
        "bad": ("error", None, None),
        "of_good": ("pass", None, 0),
        "of_bad": ("skipped", None, None),
        "behind_bad": ("skipped", None, None),
        "doubted": ("success", 1, None),
        "of_doubted": ("fail", None, 3),
        "too_of_doubted": ("warn", None, 2),
        "behind_doubted": ("skipped", None, None),
    }
    assert results["bad"].message == "Database Error in model bad (bad.sql) division by zero"
    assert connection.execute("select name from made").fetchall() == [("good",), ("50 %",), ("doubted",)]


def asks(failures: int) -> str:
    return f"select {failures} as failures, {failures} <> 0 as should_warn, {failures} <> 0 as should_error"


def node_of(unique_id: str, rows: str, **fields: Any) -> Node:
    kind, name = unique_id.split(".")
    return Node(unique_id, name, kind, f"{name}.sql", fields.pop("parents", []), rows, **fields)
