"""
# maintain_warehouse

Keeps the house tidy: vacuum and statistics, leftovers of builds that were cut off, details of old builds,
and Airflow's own history, which slows its scheduler as it grows.

- **Starts** every night at 03:00 UTC, or at the next start of the stack; or by hand.
- **Reads** the catalogue of the warehouse.
- **Writes** drops `*__dbt_tmp` and `*__dbt_backup` left in `staging`, `intermediate`, `candidate`; deletes
  from `ops.dbt_result` and `ops.gate_result` what is older than 90 days, and Airflow's metadata older than
  30 days.
- **Look** into the logs of the two tasks: what was done, in numbers.

**By hand.** *Trigger*; it can run at any time, beside loads and builds.

## If this is red

Nothing of it is urgent: loads, builds and dashboards do not depend on it.

1. `tidy_warehouse`: the log's end names the cause, most likely a database that was not up. Clear the task.
2. `clean_airflow_history`: the log holds what `airflow db clean` said. Clear the task.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.sdk import CronTriggerTimetable, dag, task

from tradewind.orchestration import upkeep
from tradewind.orchestration.tags import Tag


@dag(
    schedule=CronTriggerTimetable("0 3 * * *", timezone="UTC"),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    tags=[Tag.MAINTAINS, Tag.BY_CLOCK],
    doc_md=__doc__,
    default_args={"retries": 1, "retry_delay": timedelta(minutes=5), "execution_timeout": timedelta(hours=1)},
)
def maintain_warehouse() -> None:
    """Warehouse and Airflow's history, one after the other: neither is in a hurry."""

    @task
    def tidy_warehouse() -> None:
        upkeep.tidy_warehouse()

    @task
    def clean_airflow_history() -> None:
        upkeep.clean_airflow_history()

    tidy_warehouse() >> clean_airflow_history()


maintain_warehouse()
