"""Loading many files: what is new in landing, several at a time, the small ones in groups."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import psycopg

from tradewind.exports.contract import load_contracts
from tradewind.landing import archive, barrier, identity
from tradewind.landing.files import Stamp, is_settled, ledger_path, walk
from tradewind.landing.groups import GROUP_FILES, is_small, load_group
from tradewind.landing.ledger import LoadResult
from tradewind.landing.load import Task, load_file
from tradewind.landing.personal import read_key
from tradewind.landing.raw_tables import ensure_raw_tables
from tradewind.landing.reasons import describe
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

logger = logging.getLogger(__name__)

THREADS = 4
ATTEMPTS = 3


class LoadNotFoundError(LookupError):
    """No load has this id, or it is not in the warehouse."""


def scan(settings: Settings) -> list[Path]:
    """The files of landing that the ledger does not know in their present version, and that have settled.

    Nothing is read but names, sizes and times, and the ledger is asked once.
    """
    found = [
        (path, ledger_path(path, settings), status)
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
        OSError: the machine failed some files (a full disk, say), when the others are through.
    """
    ensure_raw_tables(settings)
    contracts = load_contracts()
    pseudonymise = read_key(settings)
    tasks = [Task(Path(path), settings, contracts, pseudonymise, report, run_id) for path in paths]
    archive.remove_left_copies(settings)
    connections = _Connections(settings)
    results: dict[int, list[LoadResult]] = {}
    troubles: list[OSError] = []
    with barrier.watched(), ThreadPoolExecutor(THREADS, thread_name_prefix="load") as pool:
        try:
            for number, found in _load_all(tasks, pool, connections, troubles):
                results[number] = found
                if on_result:
                    for result in found:
                        on_result(result)
        finally:
            pool.shutdown(cancel_futures=True)
            connections.close()
    if troubles:
        raise troubles[0]
    with connect(Role.LOADER, settings) as connection:
        identity.warn(connection, contracts)
    return [result for number in range(len(tasks)) for result in results[number]]


def _load_all(
    tasks: list[Task], pool: ThreadPoolExecutor, connections: _Connections, troubles: list[OSError]
) -> Iterator[tuple[int, list[LoadResult]]]:
    """Load small files in groups and all others alone, and then what the groups left; by position.

    What the machine fails a file by is added to `troubles`.
    """
    small = [number for number, task in enumerate(tasks) if is_small(task.path)]
    groups = [small[start : start + GROUP_FILES] for start in range(0, len(small), GROUP_FILES)]
    groups = [group for group in groups if len(group) > 1]
    in_groups = {number for group in groups for number in group}
    coming = {
        pool.submit(_load_group, [tasks[number] for number in group], connections): group for group in groups
    }
    left = {
        pool.submit(_load, task, connections): number
        for number, task in enumerate(tasks)
        if number not in in_groups
    }
    for future in as_completed(coming):
        for number, result in zip(coming[future], future.result(), strict=True):
            if result:
                yield number, [result]
            else:
                left[pool.submit(_load, tasks[number], connections)] = number
    for alone in as_completed(left):
        try:
            found = alone.result()
        except OSError as error:
            troubles.append(error)
        else:
            yield left[alone], found


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
        identity.warn(connection, load_contracts())


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


def _load_group(tasks: list[Task], connections: _Connections) -> Sequence[LoadResult | None]:
    try:
        return load_group(connections.get(), tasks)
    except BaseException as error:
        if not isinstance(error, Exception) and barrier.is_the_machines(error):
            raise
        # whichever file it was: alone each gets an outcome, or tells what is wrong with the warehouse
        logger.info("%d files are loaded one by one: %s", len(tasks), type(error).__name__)
        return [None] * len(tasks)
