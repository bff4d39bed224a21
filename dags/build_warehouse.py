"""
# build_warehouse

Takes the loads that no publication shows yet into the marts: check what arrived, build, check what will be
read, publish. A load that breaks something is held, and the rest is published without it: the run is green,
and its log and Data health name the load. What fails by no load holds the publication: the last good one
stays up and the dashboards say since when and why.

- **Starts** when `load_exports` has loaded something (the asset `warehouse_loads`), or by hand.
- **Reads** `raw.*` of the loads in `ops.pending_load`.
- **Writes** `staging`, `intermediate`, `candidate`, then `marts`; `ops.build`, `ops.dbt_result`,
  `ops.gate_result`, `ops.publication`.
- **Look** at the page Data health (seconds and rows of each model, every check, why a publication is held)
  and `make status`.

**By hand.** *Trigger* takes in what is pending (a held build leaves its loads pending). `full_refresh`
rebuilds everything from raw: after a change of the models this happens by itself.

## If this is red

The reason stands at the end of the red task's log and in `ops.publication.reason`.

1. `audit_landing`: a suite of `expectations/landing/` is wrong; the message names the place.
2. `build_models`: the message names the model or test and what to do. After mending it, *Trigger*. Where a
   load that was published before brings it about: `make reject LOAD=12 REASON="…"`.
3. `audit_marts`: the numbers break a rule of `expectations/marts/` whatever load is left out; its `why` says
   which, and the message names the files whose rows break it.
4. `publish_marts`: `infra/runbooks/publication_held.md`.
5. A task that was killed is retried after about a minute. A build that nobody works on is closed as
   abandoned by the next one.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import Param, dag, get_current_context, task

from tradewind.orchestration import tasks
from tradewind.orchestration.assets import WAREHOUSE_LOADS
from tradewind.orchestration.tags import Tag


@dag(
    schedule=[WAREHOUSE_LOADS],
    catchup=False,
    max_active_runs=1,
    tags=[Tag.BUILDS, Tag.BY_ASSET],
    doc_md=__doc__,
    params={"full_refresh": Param(False, type="boolean", description="Rebuild everything from raw")},
    default_args={"retries": 2, "retry_delay": timedelta(seconds=5), "execution_timeout": timedelta(hours=4)},
)
def build_warehouse() -> None:
    """Raw to marts."""

    @task
    def audit_landing() -> int:
        return tasks.open_and_audit_landing(get_current_context())

    @task
    def build_models(build_id: int) -> int:
        tasks.build_models(get_current_context(), build_id)
        return build_id

    @task
    def audit_marts(build_id: int) -> int:
        tasks.audit_marts(get_current_context(), build_id)
        return build_id

    @task
    def publish_marts(build_id: int) -> None:
        tasks.publish_marts(get_current_context(), build_id)

    publish_marts(audit_marts(build_models(audit_landing())))


build_warehouse()
