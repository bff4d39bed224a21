"""Every DAG documents itself, is tagged, bounded and thin, and does nothing while Airflow parses it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tradewind.orchestration.tags import Tag
from tradewind.settings import PROJECT_ROOT

HERE = Path(__file__).resolve().parent
TAG_GROUPS = {tag.split(":")[0] for tag in Tag}


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> dict:
    result = subprocess.run(
        [sys.executable, str(HERE / "parse_dags.py")],
        env={
            **os.environ,
            "AIRFLOW_HOME": str(tmp_path_factory.mktemp("airflow")),
            "PYTHONPATH": f"{PROJECT_ROOT / 'dags'}:{PROJECT_ROOT}",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    return json.loads(result.stdout.splitlines()[-1])


def test_there_is_one_dag_a_file_with_the_name_of_the_file(parsed: dict) -> None:
    files = sorted(path.stem for path in (PROJECT_ROOT / "dags").glob("*.py"))
    assert sorted(dag["dag_id"] for dag in parsed["dags"]) == files
    assert all(dag["file"] == f"{dag['dag_id']}.py" for dag in parsed["dags"])


def test_each_dag_shows_its_docstring_as_its_runbook(parsed: dict) -> None:
    for dag in parsed["dags"]:
        assert dag["doc_md"] == dag["module_doc"], f"{dag['file']}: pass doc_md=__doc__"
        parts = (
            "- **Starts**",
            "- **Reads**",
            "- **Writes**",
            "- **Look**",
            "**By hand.**",
            "## If this is red",
        )
        for part in parts:
            assert part in dag["doc_md"], f"{dag['file']}: the docstring lacks {part!r}"


def test_each_dag_has_one_tag_of_each_group_and_no_other(parsed: dict) -> None:
    for dag in parsed["dags"]:
        assert set(dag["tags"]) <= set(Tag), f"{dag['file']}: take tags from tradewind/orchestration/tags.py"
        groups = sorted(tag.split(":")[0] for tag in dag["tags"])
        assert groups == sorted(TAG_GROUPS), f"{dag['file']}: one tag of each of {sorted(TAG_GROUPS)}"


def test_each_dag_runs_once_at_a_time_and_makes_up_for_nothing(parsed: dict) -> None:
    for dag in parsed["dags"]:
        assert dag["max_active_runs"] == 1, f"{dag['file']}: set max_active_runs=1"
        assert dag["catchup"] is False, f"{dag['file']}: set catchup=False"


def test_each_task_is_retried_and_bounded(parsed: dict) -> None:
    for dag in parsed["dags"]:
        assert dag["tasks"], f"{dag['file']} has no task"
        for task in dag["tasks"]:
            assert task["retries"] >= 1, f"{dag['dag_id']}.{task['task_id']}: set retries"
            assert task["timeout"], f"{dag['dag_id']}.{task['task_id']}: set execution_timeout"


def test_s10_what_a_run_is_given_is_checked_by_a_schema_and_rendered_nowhere(parsed: dict) -> None:
    for dag in parsed["dags"]:
        for name, schema in dag["params"].items():
            assert schema.get("type"), f"{dag['dag_id']}: give params.{name} a type"
        for task in dag["tasks"]:
            assert task["rendered"] == [], f"{dag['dag_id']}.{task['task_id']} renders a template"


def test_a_dag_file_is_thin(parsed: dict) -> None:
    for dag in parsed["dags"]:
        assert dag["lines"] <= 120, f"{dag['file']} has {dag['lines']} lines: move work into tradewind"


def test_parsing_connects_to_nothing_and_imports_nothing_heavy(parsed: dict) -> None:
    assert parsed["opened"] == []
    assert parsed["heavy"] == [], "import it inside the task"
    assert max(dag["seconds"] for dag in parsed["dags"]) < 5


def test_each_dag_stands_in_the_table_of_the_readme(parsed: dict) -> None:
    table = (PROJECT_ROOT / "dags" / "README.md").read_text()
    for dag in parsed["dags"]:
        assert f"\n| `{dag['dag_id']}` |" in table, f"dags/README.md lacks a line for {dag['dag_id']}"
