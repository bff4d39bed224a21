"""What readers see while publications run, and when one is killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.synchronize import Event
from pathlib import Path

import psycopg
import pytest
from psycopg import IsolationLevel

from infra.stack.database import ensure_database
from infra.stack.postgres import EmbeddedPostgres, free_port
from tests.dags.publishing.conftest import clear, fill, open_build
from tradewind.publishing import publish
from tradewind.publishing.models import PublishedModel
from tradewind.publishing.publication import publish_changes
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect, connection_url

READERS = 50
READER_PROCESSES = 2
PUBLICATIONS = 200
EXPECTED_ROWS = {"marts.fct_sample": 18, "marts.dim_sample": 2, "marts.metric_evidence": 18}


def read_pages(url: str, readers: int, stop: Event) -> tuple[list[str], int, int]:
    """Read pages in threads until told to stop: what was wrong, pages read, generations seen."""

    def read() -> tuple[list[str], int, set[int]]:
        faults, pages, generations = [], 0, set()
        with psycopg.connect(url) as connection:
            connection.isolation_level = IsolationLevel.REPEATABLE_READ
            while not stop.is_set():
                page = {}
                for relation in EXPECTED_ROWS:
                    found = connection.execute(f"select generation from {relation}").fetchall()
                    page[relation] = (len(found), {generation for (generation,) in found})
                connection.commit()
                pages += 1
                seen = set().union(*(values for _, values in page.values()))
                generations |= seen
                counts = {relation: count for relation, (count, _) in page.items()}
                if len(seen) != 1 or counts != EXPECTED_ROWS:
                    faults.append(f"{page}")
                time.sleep(0.05)
        return faults, pages, generations

    with ThreadPoolExecutor(readers) as pool:
        results = [future.result() for future in [pool.submit(read) for _ in range(readers)]]
    return (
        [fault for faults, _, _ in results for fault in faults],
        sum(pages for _, pages, _ in results),
        len(set().union(*(generations for _, _, generations in results))),
    )


def test_p6_no_page_of_50_readers_mixes_or_misses_any_of_200_publications(
    warehouse: Settings, manifest_file: Path, builder: psycopg.Connection, build: Callable[..., int]
) -> None:
    publish(build(0), warehouse, manifest_file=manifest_file)
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager, context.Pool(READER_PROCESSES) as pool:
        stop = manager.Event()
        url = connection_url(Role.APP, warehouse)
        reading = [
            pool.apply_async(read_pages, (url, READERS // READER_PROCESSES, stop))
            for _ in range(READER_PROCESSES)
        ]
        while builder.execute(
            "select count(*) from pg_stat_activity where usename = 'tradewind_app'"
        ).fetchall() != [(READERS,)]:
            time.sleep(0.05)
        for generation in range(1, PUBLICATIONS + 1):
            publication = publish(build(generation), warehouse, manifest_file=manifest_file)
            assert publication.rows_inserted == 20
        stop.set()
        results = [result.get(timeout=30) for result in reading]

    assert [fault for faults, _, _ in results for fault in faults][:3] == []
    # readers that saw little would prove little
    assert sum(pages for _, pages, _ in results) > PUBLICATIONS
    assert all(generations > PUBLICATIONS / 4 for _, _, generations in results)


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[tuple[Settings, EmbeddedPostgres]]:
    """A server for this test alone: a killed backend takes all sessions of its server with it."""
    settings = Settings(
        _env_file=None, state_dir=tmp_path / "state", postgres_port=free_port(), settle_seconds=0
    )
    server = ensure_database(settings)
    assert server is not None
    yield settings, server
    server.stop("immediate")


def test_p6_killed_publisher_leaves_the_last_good_whole(
    own_server: tuple[Settings, EmbeddedPostgres], manifest_file: Path, models: list[PublishedModel]
) -> None:
    settings, _ = own_server
    clear(settings)
    with connect(Role.BUILDER, settings, autocommit=True) as builder:
        first = open_build(builder)
        fill(builder, 1)
        publish(first, settings, manifest_file=manifest_file)
        second = open_build(builder)
        fill(builder, 2)

    publisher = connect(Role.PUBLISHER, settings)
    blocker = connect(Role.PUBLISHER, settings)
    # dim_sample is written already when the publisher comes to wait here
    blocker.execute("lock table marts.fct_sample in share mode")
    broken: list[BaseException] = []

    def run() -> None:
        try:
            publish_changes(publisher, second, models)
        except psycopg.OperationalError as error:
            broken.append(error)

    attempt = threading.Thread(target=run)
    attempt.start()
    wait_until(lambda: waits_for_a_lock(settings, publisher.info.backend_pid))
    os.kill(publisher.info.backend_pid, signal.SIGKILL)
    attempt.join(timeout=30)
    assert broken
    blocker.close()

    wait_until(lambda: answers(settings))
    with connect(Role.APP, settings) as reader:
        for relation, count in EXPECTED_ROWS.items():
            found = reader.execute(f"select count(*), min(generation), max(generation) from {relation}")
            assert found.fetchall() == [(count, 1, 1)]
        assert reader.execute("select count(*) from ops.publication").fetchall() == [(1,)]
    publish(second, settings, manifest_file=manifest_file)
    with connect(Role.APP, settings) as reader:
        assert reader.execute("select distinct generation from marts.metric_evidence").fetchall() == [(2,)]


def wait_until(is_so: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "what was waited for did not come"
        time.sleep(0.05)


def waits_for_a_lock(settings: Settings, pid: int) -> bool:
    with connect(Role.ADMIN, settings) as admin:
        waiting = admin.execute(
            "select wait_event_type from pg_stat_activity where pid = %s", [pid]
        ).fetchall()
    return waiting == [("Lock",)]


def answers(settings: Settings) -> bool:
    try:
        with connect(Role.APP, settings) as reader:
            reader.execute("select 1")
    except psycopg.OperationalError:
        return False
    return True
