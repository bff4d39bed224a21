"""Loading many files: what is new in landing, several at a time, each in its own transaction."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import psycopg
from psycopg import sql

from tradewind.exports.contract import load_contracts
from tradewind.landing import identity
from tradewind.landing.files import Stamp, is_settled, ledger_path, walk
from tradewind.landing.ledger import LoadResult
from tradewind.landing.load import Task, load_file
from tradewind.landing.personal import read_key
from tradewind.landing.raw_tables import ensure_raw_tables, raw_table
from tradewind.landing.reasons import describe
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

THREADS = 4
ATTEMPTS = 3
# records that a table must have grown by for its statistics to be worth renewing
ANALYZED_FROM = 1000


# pages that no range tells of are read in every search
SUMMARIZE = """
select brin_summarize_new_values(i.indexrelid)
from pg_index as i
inner join pg_class as c on c.oid = i.indexrelid
inner join pg_am as a on a.oid = c.relam
where i.indrelid = %s::regclass and a.amname = 'brin'
"""


class LoadNotFoundError(LookupError):
    """No load has this id, or it is not in the warehouse."""


def scan(settings: Settings) -> list[Path]:
    """The files of landing that the ledger does not know in their present version, and that have settled.

    Nothing is read but names, sizes and times, and the ledger is asked once.
    """
    found = [
        (
            path,
            ledger_path(path, settings).encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
            status,
        )
        for path, status in walk(settings.landing)
        if is_settled(status, settings)
    ]
    if not found:
        return []
    stamps = [Stamp.of(status) for _, _, status in found]
    with connect(Role.LOADER, settings) as connection:
        unknown = connection.execute(
            """
            select file.position
            from unnest(%s::text[], %s::bigint[], %s::timestamptz[]) with ordinality
                as file (path, size, modified_at, position)
            left join lateral (
                select file_size, file_modified_at
                from ops.load
                where file_path = file.path and state <> 'waiting'
                order by load_id desc
                limit 1
            ) as known on true
            where (known.file_size, known.file_modified_at) is distinct from (file.size, file.modified_at)
            order by file.position
            """,
            [[path for _, path, _ in found], [s.size for s in stamps], [s.modified_at for s in stamps]],
        ).fetchall()
    return [found[position - 1][0] for (position,) in unknown]


def load_files(
    paths: Iterable[Path],
    settings: Settings,
    *,
    report: str | None = None,
    run_id: str | None = None,
    on_result: Callable[[LoadResult], None] | None = None,
) -> list[LoadResult]:
    """Load files, a few at a time; results come in the order of `paths`, several for one that holds others.

    `report` overrules recognition. `on_result` is called for each file as soon as it is done, in this thread.
    A file that cannot be loaded does not stop the others.

    Raises:
        psycopg.OperationalError: the warehouse could not be reached, or gave up on a file again and again.
    """
    ensure_raw_tables(settings)
    contracts = load_contracts()
    pseudonymise = read_key(settings)
    tasks = [Task(Path(path), settings, contracts, pseudonymise, report, run_id) for path in paths]
    connections = _Connections(settings)
    results: dict[int, list[LoadResult]] = {}
    with ThreadPoolExecutor(THREADS, thread_name_prefix="load") as pool:
        try:
            futures = {pool.submit(_load, task, connections): number for number, task in enumerate(tasks)}
            for future in as_completed(futures):
                results[futures[future]] = future.result()
                if on_result:
                    for result in results[futures[future]]:
                        on_result(result)
        finally:
            pool.shutdown(cancel_futures=True)
            connections.close()
    in_order = [result for number in range(len(tasks)) for result in results[number]]
    _tell_the_planner(in_order, settings)
    with connect(Role.LOADER, settings) as connection:
        identity.warn(connection, in_order, contracts)
    return in_order


def _tell_the_planner(results: Iterable[LoadResult], settings: Settings) -> None:
    """Renew statistics and page ranges of the tables that grew; the server does so too, but a minute late."""
    grown: Counter[str] = Counter()
    for result in results:
        if result.state == "loaded" and result.report:
            grown[result.report] += result.records_loaded
    with connect(Role.LOADER, settings, autocommit=True) as connection:
        for report, records in grown.items():
            if records >= ANALYZED_FROM:
                connection.execute(sql.SQL("analyze {}").format(raw_table(report)))
                connection.execute(SUMMARIZE, [f"raw.{report}"])


def reject(load_id: int, reason: str, settings: Settings) -> None:
    """Take a load out on an operator's word: the next build leaves it out, its rows stay for the record.

    Raises:
        LoadNotFoundError: there is no such load, or nothing of it counts.
    """
    with connect(Role.LOADER, settings) as connection:
        changed = connection.execute(
            "update ops.load set state = 'superseded', reason_code = 'rejected', reason = %s "
            "where load_id = %s and state in ('loaded', 'held')",
            [describe("rejected", {"note": reason}), load_id],
        )
        if not changed.rowcount:
            raise LoadNotFoundError(
                f"load {load_id} is not among the loads that count; `make status` lists them"
            )


class _Connections:
    """One connection a thread, opened when first needed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._by_thread: dict[int, psycopg.Connection] = {}
        self._lock = threading.Lock()

    def get(self) -> psycopg.Connection:
        thread = threading.get_ident()
        connection = self._by_thread.get(thread)
        if connection is None or connection.broken or connection.closed:
            connection = connect(Role.LOADER, self._settings, autocommit=True)
            with self._lock:
                self._by_thread[thread] = connection
        return connection

    def close(self) -> None:
        for connection in self._by_thread.values():
            connection.close()


def _load(task: Task, connections: _Connections) -> list[LoadResult]:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return load_file(connections.get(), task)
        except psycopg.OperationalError:
            # a lost connection, a deadlock or a lock timeout: if the commit did go through, the ledger knows
            if attempt == ATTEMPTS:
                raise
            time.sleep(random.uniform(0.2, 1.0) * attempt)  # noqa: S311
    raise AssertionError("unreachable")
