"""Parses every DAG file as Airflow does and prints, as JSON, what the tests of the DAGs look at."""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
import time
from pathlib import Path

DAGS_FOLDER = Path(__file__).resolve().parents[2] / "dags"
HEAVY = ("dbt", "great_expectations", "polars", "pandas", "streamlit", "psycopg2", "watchfiles")

opened: list[str] = []


def _watch(event: str, arguments: tuple) -> None:
    # the standard library's platform.architecture() runs `file`
    if is_parsing and event in ("socket.connect", "subprocess.Popen") and arguments[0] != "file":
        opened.append(f"{event} {arguments[:2]!r}")


is_parsing = False
sys.addaudithook(_watch)

# what Airflow itself has imported before it parses a file
importlib.import_module("airflow.triggers.base")
DagContext = importlib.import_module("airflow.sdk.definitions._internal.contextmanager").DagContext

before = set(sys.modules)
dags = []
for file in sorted(DAGS_FOLDER.glob("*.py")):
    DagContext.current_autoregister_module_name = f"dag_file_{file.stem}"
    is_parsing = True
    started = time.monotonic()
    spec = importlib.util.spec_from_file_location(f"dag_file_{file.stem}", file)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    seconds = time.monotonic() - started
    is_parsing = False
    for dag in (dag for dag, owner in DagContext.autoregistered_dags if owner is module):
        dags.append(
            {
                "file": file.name,
                "lines": len(file.read_text().splitlines()),
                "dag_id": dag.dag_id,
                "module_doc": module.__doc__,
                "doc_md": dag.doc_md,
                "tags": sorted(str(tag) for tag in dag.tags),
                "max_active_runs": dag.max_active_runs,
                "catchup": dag.catchup,
                "seconds": seconds,
                "params": {name: dag.params.get_param(name).schema for name in dag.params},
                "tasks": [
                    {
                        "task_id": task.task_id,
                        "retries": task.retries,
                        "rendered": [
                            value
                            for name in task.template_fields
                            if "{" in (value := repr(getattr(task, name, None))) and "{}" not in value
                        ],
                        "timeout": task.execution_timeout.total_seconds() if task.execution_timeout else None,
                    }
                    for task in dag.tasks
                ],
            }
        )
new_modules = sorted({name.split(".")[0] for name in set(sys.modules) - before})
sys.stdout.write(
    json.dumps({"dags": dags, "opened": opened, "heavy": [name for name in new_modules if name in HEAVY]})
)
