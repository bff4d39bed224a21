"""A large file is hashed and archived beside its COPY: the warehouse is as if it had been hashed before."""

from __future__ import annotations

import errno
import gzip
import hashlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any
from unittest import mock

import psycopg
import pytest

from tests.dags.landing.conftest import Query
from tests.dags.landing.test_containers import zipped
from tests.dags.landing.test_erasure import ANN, BEN, ORDERS
from tests.dags.landing.test_groups import CAMPAIGNS, FEEDBACK, MADE_AT, RESET, administer, contents
from tests.dags.landing.test_load import EVERYTHING, HEADER, ROWS, load, put
from tradewind.disk import takes_no_more
from tradewind.landing import archive, erase, ledger, reject
from tradewind.landing import load as loading
from tradewind.settings import PROJECT_ROOT, Settings

LATER = HEADER + ROWS.replace("2026", "2027")


@pytest.fixture(autouse=True)
def any_file_is_large(landing: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "HASHED_LATER_FROM", 1)
    monkeypatch.setattr("tradewind.exports.source.CHUNK_BYTES", 300)
    administer(landing, RESET)


@pytest.fixture
def ways() -> Iterator[list[str]]:
    """Which way each load went, and whether it came to its end there."""
    found: list[str] = []
    with mock.patch.multiple(
        loading,
        _load_hashed=followed(loading._load_hashed, "hashed", found),
        _load_while_hashing=followed(loading._load_while_hashing, "while hashing", found),
    ):
        yield found


def followed(load: Any, name: str, found: list[str]) -> Any:
    def follow(*arguments: Any) -> Any:
        found.append(name)
        try:
            return load(*arguments)
        except Exception as error:
            found[-1] = f"{name}: {type(error).__name__}"
            raise

    return follow


def archived(settings: Settings) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in settings.archive.rglob("*") if file.is_file()}


def any_size_is_new() -> Any:
    return mock.patch.object(ledger, "has_size", lambda *_: False)


CONTENTS = {
    "plain": HEADER + ROWS,
    "bad records": HEADER + ROWS * 4 + "2026-06-01,x,1\n",
    "persons": ORDERS + ANN + BEN,
    "utf-16": CAMPAIGNS.encode("utf-16-le"),
    "cp1252": (FEEDBACK + "01/05/26\t5\tSchön\tDanke\t305-0000000-0000001\tann@x.test\n" * 20).encode(
        "cp1252"
    ),
    "carriage returns": (HEADER + ROWS).replace("\n", "\r"),
    "nothing but a header": HEADER,
}


@pytest.mark.parametrize("kind", CONTENTS)
def test_the_warehouse_is_as_if_it_had_been_hashed_before(
    landing: Settings, query: Query, ways: list[str], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    file = put(landing, "store=a/v.csv", CONTENTS[kind])
    os.utime(file, (MADE_AT, MADE_AT))
    states, found = [], []
    for threshold in (1, 1 << 30):
        administer(landing, RESET)
        monkeypatch.setattr(loading, "HASHED_LATER_FROM", threshold)
        states.append(load(landing, file).state)
        found.append(contents(query))
        assert archived(landing) == {hashlib.sha256(file.read_bytes()).hexdigest(): file.read_bytes()}
    assert states == ["loaded"] * 2
    assert found[0] == found[1]
    assert ways == ["while hashing", "hashed"]


def test_a_size_that_the_ledger_knows_is_hashed_first(landing: Settings, ways: list[str]) -> None:
    assert load(landing, put(landing, "a.csv", HEADER + ROWS)).state == "loaded"
    assert load(landing, put(landing, "b.csv", LATER)).state == "loaded"
    assert ways == ["while hashing", "hashed"]


@pytest.mark.parametrize(
    "name, pack",
    [("v.zip", lambda data: zipped({"v.csv": data, "w.csv": LATER.encode()})), ("v.csv.gz", gzip.compress)],
)
def test_what_holds_others_is_hashed_first(
    landing: Settings, query: Query, ways: list[str], name: str, pack: Any
) -> None:
    file = put(landing, name, pack((HEADER + ROWS).encode()))
    assert load(landing, file).state == "loaded"
    assert set(ways) == {"hashed"}
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert set(archived(landing)) == {digest}
    assert query("select distinct archive_sha256 from ops.load where report is not null") == [(digest,)]


def test_bytes_that_turn_out_to_be_loaded_are_taken_back_and_a_duplicate(
    landing: Settings, query: Query, ways: list[str]
) -> None:
    files = [put(landing, name, HEADER + ROWS) for name in ("a.csv", "b.csv", "older.csv")]
    for file, age in zip(files, (0, 0, 60), strict=True):
        os.utime(file, (MADE_AT - age, MADE_AT - age))
    first = load(landing, files[0])
    with any_size_is_new():
        second = load(landing, files[1])
        assert query(EVERYTHING) == [(2, 0, 30)]
        # of equal files the oldest says when they were made
        assert load(landing, files[2]).state == "loaded"
    assert (second.state, second.reason_code) == ("duplicate", "duplicate")
    assert query("select duplicate_of from ops.load where load_id = %s", second.load_id) == [(first.load_id,)]
    assert query("select state, file_name from ops.load order by load_id") == [
        ("superseded", "a.csv"), ("duplicate", "b.csv"), ("loaded", "older.csv"),
    ]  # fmt: skip
    assert ways == ["while hashing"] + ["while hashing: SameBytesError", "hashed"] * 2
    assert len(archived(landing)) == 1


def test_bytes_that_an_operator_took_out_stay_out(landing: Settings) -> None:
    reject(load(landing, put(landing, "a.csv", HEADER + ROWS)).load_id, "wrong", landing)
    with any_size_is_new():
        assert load(landing, put(landing, "b.csv", HEADER + ROWS)).reason_code == "rejected_before"


def test_equal_bytes_of_two_stores_are_two_files(landing: Settings, query: Query) -> None:
    with any_size_is_new():
        states = [
            load(landing, put(landing, name, HEADER + ROWS)).state
            for name in ("store=a/v.csv", "store=b/v.csv", "copy of v.csv")
        ]
    assert states == ["loaded", "loaded", "duplicate"]
    assert query("select count(*) from raw.shopify_visitors") == [(60,)]


def test_equal_bytes_that_are_loaded_at_once_are_loaded_once(landing: Settings, query: Query) -> None:
    files = [put(landing, f"{number}.csv", HEADER + ROWS) for number in range(4)]
    for file in files:
        os.utime(file, (MADE_AT, MADE_AT))
    states: list[str] = []
    before_the_lock = threading.Barrier(len(files))
    lock_bytes, met = ledger.lock_bytes, threading.local()

    def meet_and_lock(*arguments: Any) -> None:
        # all have their rows in the table, and none knows of the others
        if not getattr(met, "is_done", False):
            met.is_done = True
            before_the_lock.wait(30)
        lock_bytes(*arguments)

    threads = [
        threading.Thread(target=lambda f=file: states.append(load(landing, f).state)) for file in files
    ]
    with any_size_is_new(), mock.patch.object(ledger, "lock_bytes", meet_and_lock):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(states) == ["duplicate"] * 3 + ["loaded"]
    assert query("select count(*) from raw.shopify_visitors") == [(30,)]
    assert len(archived(landing)) == 1


def test_the_same_file_by_loaders_at_once_is_loaded_once(landing: Settings, query: Query) -> None:
    file = put(landing, "v.csv", HEADER + ROWS)
    states: list[str] = []
    threads = [threading.Thread(target=lambda: states.append(load(landing, file).state)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(states) == ["duplicate"] * 3 + ["loaded"]
    assert query("select count(*) from raw.shopify_visitors") == [(30,)]


@pytest.mark.parametrize("moment", ["copy_export", "sha256"])
def test_a_file_that_changes_while_it_is_hashed_waits(
    landing: Settings, query: Query, ways: list[str], moment: str
) -> None:
    file = put(landing, "v.csv", HEADER + ROWS)
    owner = loading if moment == "copy_export" else archive.Copying
    work = getattr(owner, moment)

    def append_meanwhile(*arguments: Any) -> Any:
        result = work(*arguments)
        with file.open("a") as writer:
            writer.write("2026-06-01,1,1\n")
        return result

    with mock.patch.object(owner, moment, append_meanwhile):
        result = load(landing, file)
    assert (result.state, result.reason_code) == ("waiting", "file_changed")
    assert query(EVERYTHING) == [(1, 0, 0)]
    assert archived(landing) == {}
    assert load(landing, file).records_loaded == 31
    assert query("select state from ops.load") == [("loaded",)]


@pytest.mark.parametrize(
    "content, code",
    [
        (HEADER + ROWS + "2026-06-01,x,1\n", "too_many_bad_records"),
        (HEADER + ROWS + "\0" * 600, "nul_bytes"),
        ("no,such\n" + "1,2\n" * 100, "resembles_no_report"),
        (HEADER + ROWS.replace(",60", ",61"), "database_refused"),
    ],
)
def test_what_is_refused_on_the_way_has_its_hash_in_the_ledger(
    landing: Settings, query: Query, content: str, code: str
) -> None:
    file = put(landing, "v.csv", content)
    administer(landing, "alter table raw.shopify_visitors add constraint broken check (sessions <> '61')")
    try:
        result = load(landing, file)
    finally:
        administer(landing, "alter table raw.shopify_visitors drop constraint broken")
    assert (result.state, result.reason_code) == ("refused", code)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert query("select file_sha256, archive_sha256 from ops.load") == [(digest, None)]
    assert query(EVERYTHING) == [(1, 0, 0)]
    assert archived(landing) == {}


DEATH = """
import os, signal, sys
from pathlib import Path
from unittest import mock
from tradewind.landing import archive, ledger, load, load_files
from tradewind.settings import Settings

load.HASHED_LATER_FROM = 1
places = {"before": (archive.Copying, "sha256"), "behind": (ledger, "close_load")}
with mock.patch.object(*places[sys.argv[2]], lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)):
    load_files([Path(sys.argv[3])], Settings.model_validate_json(sys.argv[1]))
"""


@pytest.mark.parametrize("moment", ["before", "behind"])
def test_a_kill_leaves_nothing_in_the_warehouse_and_its_copy_a_day_at_most(
    landing: Settings, query: Query, moment: str
) -> None:
    file = put(landing, "v.csv", HEADER + ROWS)
    died = subprocess.run(
        [sys.executable, "-c", DEATH, landing.model_dump_json(), moment, str(file)],
        env={**os.environ, "PYTHONPATH": f"{PROJECT_ROOT / 'dags'}:{PROJECT_ROOT}"},
        check=False,
    )
    assert died.returncode == -signal.SIGKILL
    assert query(EVERYTHING) == [(0, 0, 0)]
    left = list((landing.archive / "unfinished").iterdir())
    assert len(left) == (moment == "before")
    assert load(landing, file).state == "loaded"
    assert query(EVERYTHING) == [(1, 0, 30)]
    for path in left:
        assert path.stat().st_mode & 0o077 == 0 and path.exists()
        os.utime(path, (MADE_AT - 10**9, MADE_AT - 10**9))
    assert load(landing, file).state == "duplicate"
    assert set(archived(landing)) == {hashlib.sha256(file.read_bytes()).hexdigest()}


def test_a_full_disk_of_the_archive_is_not_the_files_fault(landing: Settings, query: Query) -> None:
    file = put(landing, "v.csv", HEADER + ROWS)
    full = OSError(errno.ENOSPC, "full")
    with mock.patch.object(archive, "_write", side_effect=full), pytest.raises(OSError, check=takes_no_more):
        load(landing, file)
    assert archived(landing) == {}
    assert query(EVERYTHING) == [(0, 0, 0)]
    assert query("select count(*) from ops.load_attempt") == [(0,)]
    assert load(landing, file).state == "loaded"


def test_a_lost_connection_is_tried_again_and_loads_once(landing: Settings, query: Query) -> None:
    enter_bytes, lost = ledger.enter_bytes, []

    def lose_connection_once(connection: psycopg.Connection, *arguments: Any) -> None:
        if not lost:
            lost.append(connection)
            query("select pg_terminate_backend(%s)", connection.info.backend_pid)
        enter_bytes(connection, *arguments)

    with mock.patch.object(ledger, "enter_bytes", lose_connection_once):
        assert load(landing, put(landing, "v.csv", HEADER + ROWS)).state == "loaded"
    assert query(EVERYTHING) == [(1, 0, 30)]
    assert len(archived(landing)) == 1


def test_an_erased_person_does_not_come_back(landing: Settings, query: Query, ways: list[str]) -> None:
    load(landing, put(landing, "o.csv", ORDERS + ANN + BEN))
    erase("ann@x.test", landing)
    load(landing, put(landing, "again.csv", ORDERS + ANN * 2 + BEN))
    assert ways == ["while hashing"] * 2
    assert query(
        "select count(*), count(distinct email) from raw.shopify_orders where load_id = 2 and row_number <= 2"
        " and email <> left(ops.pseudonym('ann@x.test'), 32)"
    ) == [(2, 1)]
    kept = query("select value from personal.original union select value from personal.incoming")
    assert ("Ann Lee",) not in kept and ("Ben Roe",) in kept
