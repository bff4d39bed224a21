"""
# load_exports

Loads every file in landing that the ledger (`ops.load`) does not know yet: recognised by its header, one
transaction a file. With `TRADEWIND_LANDING_URL` it first copies what is new at that place into landing. Then
`build_warehouse` takes the new loads into the marts.

- **Starts** when a file arrives in landing or at that place (the asset `landing_files` watches both), or by
  hand.
- **Reads** the landing folder, and that place; there it changes nothing.
- **Writes** `raw.*`, `ops.load`, `ops.quarantined_row`; the asset `warehouse_loads` when something waits for
  a build.
- **Look** into the task's log (one line a file), `make status`, the page Data health.

**By hand.** *Trigger*, with nothing filled in, does what the watcher does. `files` (a pattern under landing,
such as `store=lumen-au/*.csv`) offers those files again, known or not: bytes that are loaded stay loaded
once, a file that was refused is tried again. `report` says what they are where recognition is wrong.

## If this is red

A file that is refused or quarantined in part does not make it red: that is an outcome, with its reason in
`ops.load`. Red means that the task itself could not go on.

1. The end of the task's log names the cause. *Connection refused*: is the database up (`make status`)?
2. *No space left on device*: make room, then clear the task. A load is one transaction.
3. A sentence about a place (`s3://…`, `sftp://…`) says what to do there. Files in landing are loaded all the
   same; the task tries again by itself every five minutes.
4. Anything else: clear the task once. It goes on with the files that are missing; no file is loaded twice.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import Metadata, Param, dag, get_current_context, task

from tradewind.orchestration import tasks
from tradewind.orchestration.assets import LANDING_FILES, WAREHOUSE_LOADS
from tradewind.orchestration.tags import Tag


@dag(
    schedule=[LANDING_FILES],
    catchup=False,
    max_active_runs=1,
    tags=[Tag.LOADS, Tag.BY_FILE],
    doc_md=__doc__,
    params={
        "files": Param(
            None, type=["null", "string"], description="Pattern under landing; empty: what is new"
        ),
        "report": Param(
            None, type=["null", "string"], description="Report the files are; empty: by their header"
        ),
    },
    default_args={"retries": 2, "retry_delay": timedelta(seconds=5), "execution_timeout": timedelta(hours=2)},
)
def load_exports() -> None:
    """Landing to raw, what lies elsewhere first."""

    @task(outlets=[WAREHOUSE_LOADS])
    def load_files() -> Any:
        summary = tasks.load_landing(get_current_context())
        yield Metadata(WAREHOUSE_LOADS, extra=summary)

    load_files()


load_exports()
