"""What `make status` says: what runs, what was loaded, what is published, what waits or is held, and why."""

from __future__ import annotations

import psycopg
from rich.console import Console

from tradewind.settings import Settings
from tradewind.stack_state import holder
from tradewind.terminal import show
from tradewind.warehouse import Role, WarehouseNotReadyError, connect

LOADS = """
select state, count(*), coalesce(sum(records_loaded), 0), coalesce(sum(records_quarantined), 0)
from ops.load group by state order by state
"""
REFUSED_AND_HELD = """
select load_id, file_name, state, store_id, reason
from ops.load
where state = 'held' or load_id in (
    select load_id from ops.load where state = 'refused' order by load_id desc limit 5
)
order by state, load_id desc
"""
WARNED = """
select load_id, file_name, item ->> 'reason'
from ops.load, jsonb_array_elements(warnings) as item
where warnings <> '[]' and state = 'loaded'
order by load_id desc
limit 5
"""
LAST_PUBLICATION = """
select publication_id, to_char(decided_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS'), rows_inserted,
    rows_deleted
from ops.publication
where state = 'published'
order by publication_id desc
limit 1
"""
HELD = """
select build_id, reason from ops.publication
where state = 'held' and publication_id = (select max(publication_id) from ops.publication)
"""
RUNNING = """
select build_id, extract(epoch from clock_timestamp() - started_at)::integer
from ops.build
where state = 'running'
"""


def print_status(settings: Settings, console: Console) -> int:
    """Print it; returns 1 when the warehouse does not answer or a publication is held back."""
    running = holder(settings)
    if running is not None and running.kind == "stack":
        console.print(f"Stack        runs (process {running.pid})")
        console.print(f"Dashboards   http://127.0.0.1:{settings.dashboard_port}")
        console.print(
            f"Airflow      http://127.0.0.1:{settings.airflow_port}  (user admin, `make -s password`)"
        )
    else:
        console.print("Stack        does not run (`make run` starts it)")
    console.print(f"Landing      {show(settings.landing)}")
    try:
        with connect(Role.APP, settings) as connection:
            return _print_warehouse(connection, console)
    except (psycopg.OperationalError, WarehouseNotReadyError):
        if running is None and settings.database_url is None:
            console.print("Warehouse    does not run: `make run` starts it, `make load` only while it loads")
        else:
            console.print("Warehouse    does not answer")
        return 1


def _print_warehouse(connection: psycopg.Connection, console: Console) -> int:
    for state, files, loaded, quarantined in connection.execute(LOADS):
        extra = f", {quarantined:,} quarantined" if quarantined else ""
        console.print(f"Files        {files:,} {state} ({loaded:,} records{extra})")
    for load_id, file_name, state, store_id, reason in connection.execute(REFUSED_AND_HELD):
        console.print(
            f"             {state}: {show(file_name)} (load {load_id}, store {show(store_id)}): "
            f"{show(reason)}",
            style="yellow" if state == "held" else "red",
        )
    for load_id, file_name, reason in connection.execute(WARNED):
        console.print(f"             load {load_id}, {show(file_name)}: {show(reason)}", style="yellow")
    published = connection.execute(LAST_PUBLICATION).fetchone()
    if published:
        number, moment, inserted, deleted = published
        console.print(
            f"Published    {moment} UTC (publication {number}: {inserted:,} rows in, {deleted:,} out)"
        )
    else:
        console.print("Published    nothing yet")
    (pending,) = connection.execute("select count(*) from ops.pending_load").fetchall()[0]
    console.print(f"Waiting      {pending:,} loads for the next publication")
    for build_id, seconds in connection.execute(RUNNING):
        console.print(f"Building     build {build_id}, for {seconds} s")
    held = connection.execute(HELD).fetchone()
    if held:
        console.print(f"Held back    build {held[0]}: {show(held[1])}", style="red")
        return 1
    return 0
