"""Rules of the house that no single tool checks."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import yaml

from tradewind.settings import PROJECT_ROOT

PYTHON_ROOMS = ["dags", "infra", "streamlit_app", "tests"]


def python_files() -> list[Path]:
    return [file for room in PYTHON_ROOMS for file in sorted((PROJECT_ROOT / room).rglob("*.py"))]


def test_rooms_import_only_what_they_may() -> None:
    result = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=PROJECT_ROOT, capture_output=True, text=True, check=False,
        env={"PYTHONPATH": "dags:.:streamlit_app", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr


def test_settings_are_read_in_one_place() -> None:
    readers = {
        str(file.relative_to(PROJECT_ROOT))
        for file in python_files()
        if re.search(r"os\.(environ\[|environ\.get\(|getenv\()\s*[\"']TRADEWIND_(?!TEST_)", file.read_text())
        and file.relative_to(PROJECT_ROOT).parts[0] != "tests"
    }
    assert not readers, f"read these through tradewind.settings: {readers}"


def test_no_definition_is_dead() -> None:
    """A function, class or method that nothing else names is dead; tests and hooks are found by name."""
    sources = {file: file.read_text() for file in python_files()}
    everything = "\n".join(sources.values())
    for pattern in ("*.yml", "*.yaml", "*.toml", "Makefile", "*.sql", ".importlinter"):
        everything += "\n".join(f.read_text() for f in PROJECT_ROOT.glob(pattern))
    words = Counter(re.findall(r"\w+", everything))
    dead = []
    for file, source in sources.items():
        for node in ast.walk(ast.parse(source)):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
            found_by_name = node.name.startswith(("test", "Test", "__", "pytest_")) or node.decorator_list
            is_hook = any(isinstance(base, ast.Name | ast.Attribute) for base in getattr(node, "bases", []))
            if not found_by_name and not is_hook and words[node.name] < 2:
                dead.append(f"{file.relative_to(PROJECT_ROOT)}:{node.lineno}: {node.name}")
    framework_hooks = {
        "serialize", "run",  # called by Airflow's trigger machinery
        "log_message", "handle_error",  # by the standard library's HTTP server
        "listdir_iter",  # by fsspec
        "check_channel_request", "check_auth_password", "list_folder",  # by paramiko's SFTP server
            "_split_scope",  # by pytest-xdist
    }  # fmt: skip
    dead = [entry for entry in dead if entry.rsplit(": ", 1)[1] not in framework_hooks]
    assert not dead, "nothing uses:\n" + "\n".join(dead)


def test_every_expectation_says_why() -> None:
    without = []
    for file in sorted((PROJECT_ROOT / "expectations").rglob("*.yml")):
        for expectation in yaml.safe_load(file.read_text()).get("expectations", []):
            if len(str(expectation.get("why", "")).split()) < 4:
                without.append(f"{file.name}: {expectation}")
    assert not without


def test_every_model_is_described_beside_it() -> None:
    models = PROJECT_ROOT / "dbt_project" / "models"
    described: dict[str, str] = {}
    for file in models.rglob("*.yml"):
        for model in yaml.safe_load(file.read_text()).get("models", []):
            described[model["name"]] = model.get("description", "")
    undescribed = [
        file.stem
        for file in models.rglob("*.sql")
        if not described.get(file.stem, "").startswith("One row per")
    ]
    assert not undescribed, f"say 'One row per …' in the folder's YAML: {undescribed}"


def test_every_column_of_a_mart_is_described() -> None:
    without = []
    for file in (PROJECT_ROOT / "dbt_project" / "models" / "marts").rglob("*.yml"):
        for model in yaml.safe_load(file.read_text()).get("models", []):
            without += [
                f"{model['name']}.{column['name']}"
                for column in model.get("columns", [])
                if not str(column.get("description", "")).strip()
            ]
    assert not without
