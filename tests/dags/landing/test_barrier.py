"""Whatever reading one file raises ends that file and no other; trouble of database and disk is no file's."""

from __future__ import annotations

import errno
import logging
import os
import re
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import polars as pl
import psycopg
import pytest

from tests.dags.landing.conftest import Query
from tests.dags.landing.test_containers import zipped
from tests.dags.landing.test_load import HEADER, ROWS, load, put
from tradewind.exports.export import Export
from tradewind.exports.faults import RefusedFileError
from tradewind.landing import barrier, load_files, opening, scan
from tradewind.settings import PROJECT_ROOT, Settings

SECRET = "mia.brandt@example.com"
POISON = f"{HEADER}2026-05-01,1,1\n"


class PanicException(BaseException):
    """What a library in Rust raises where it panics: no Exception."""


def regex_error() -> BaseException:
    return re.error(f"bad {SECRET}", "(")


UNFORESEEN: list[Callable[[], BaseException]] = [
    lambda: MemoryError(SECRET),
    lambda: RecursionError(SECRET),
    lambda: UnicodeDecodeError("utf-8", SECRET.encode(), 0, 1, "bad"),
    lambda: UnicodeEncodeError("utf-8", SECRET, 0, 1, "bad"),
    lambda: PanicException(SECRET),
    lambda: pl.exceptions.ComputeError(SECRET),
    lambda: zlib.error(SECRET),
    regex_error,
    lambda: KeyError(SECRET),
    lambda: IndexError(SECRET),
    lambda: AssertionError(SECRET),
    lambda: StopIteration(SECRET),
    lambda: OverflowError(SECRET),
    lambda: OSError(SECRET),
    lambda: OSError(errno.EINVAL, SECRET),
    lambda: NotImplementedError(SECRET),
    lambda: ExceptionGroup(SECRET, [ValueError(SECRET)]),
    lambda: psycopg.DataError(SECRET),
]
IDS = [type(make()).__name__ for make in UNFORESEEN]
# where a file's reading may fail: before anything is known of it, and in the middle of its records
PLACES = ["tradewind.landing.load.sha256_of", "tradewind.landing.opening.open_export", "records"]


def batch(settings: Settings) -> list[Path]:
    good = [put(settings, f"{n}.csv", f"{HEADER}2026-06-0{n},{n},1\n") for n in range(1, 5)]
    return [*good[:2], put(settings, "poison.csv", POISON), *good[2:]]


def raising(place: str, make: Callable[[], BaseException]) -> mock._patch[object]:
    """Let reading the poisoned file raise, and no other."""
    if place == "records":
        read = Export.blocks

        def blocks(export: Export, *arguments: object) -> Iterator[object]:
            yield from read(export, *arguments)  # type: ignore[arg-type]
            if export.facts.extracted_at and export.facts.extracted_at.year == 2001:
                raise make()

        return mock.patch.object(Export, "blocks", blocks)
    module, _, name = place.rpartition(".")
    real = getattr(__import__(module, fromlist=[name]), name)

    def fail(descriptor: int, *arguments: object, **named: object) -> object:
        if Path(f"/proc/self/fd/{descriptor}").resolve().name == "poison.csv":
            raise make()
        return real(descriptor, *arguments, **named)

    return mock.patch(place, fail)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("make", UNFORESEEN, ids=IDS)
def test_what_nobody_foresaw_refuses_its_file_and_loads_all_others(
    landing: Settings,
    query: Query,
    caplog: pytest.LogCaptureFixture,
    make: Callable[[], BaseException],
    place: str,
) -> None:
    files = batch(landing)
    os.utime(landing.landing / "poison.csv", (1_000_000_000, 1_000_000_000))
    with raising(place, make):
        load_files(files, landing)
        assert scan(landing) == [], "the file is tried again and again"
    states = dict(query("select file_path, state from ops.load"))
    assert states == {f"{n}.csv": "loaded" for n in range(1, 5)} | {"poison.csv": "refused"}
    [(code, reason, details)] = query(
        "select reason_code, reason, reason_details from ops.load where state = 'refused'"
    )
    kind = type(make()).__name__
    if code == "database_refused":
        assert place == "records"
    elif kind == "StopIteration" and place == "records":
        assert details == {"kind": "RuntimeError"}
    else:
        assert (code, details) == ("reader_failed", {"kind": kind})
        [told] = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
        assert "poison.csv" in told
        assert "landing/" in told
    assert SECRET not in reason + caplog.text
    assert query("select count(*) from raw.shopify_visitors") == [(4,)]
    assert query("select count(*) from ops.load_attempt where file_path = 'poison.csv'") == [(0,)]
    # mended, it is loaded like any other
    assert load(landing, put(landing, "poison.csv", HEADER + ROWS)).state == "loaded"


def test_a_refusal_that_cannot_be_written_down_is_a_refusal(landing: Settings, query: Query) -> None:
    unheard_of = RefusedFileError("no_such_code"), RefusedFileError("not_a_table", kind="a \0 byte")
    for refusal in unheard_of:
        files = batch(landing)
        with raising("tradewind.landing.opening.open_export", lambda refusal=refusal: refusal):
            load_files(files, landing)
        newest = (
            "select reason_code from ops.load where file_path = 'poison.csv' order by load_id desc limit 1"
        )
        assert query(newest) == [("reader_failed",)]


def test_one_member_of_an_archive_does_not_end_the_others(landing: Settings, query: Query) -> None:
    good = (HEADER + ROWS).encode()
    put(landing, "a.zip", zipped({"poison.csv": POISON.encode(), "good.csv": good}))
    real = opening.open_export
    calls = iter([KeyError("cell"), None])

    def fail(*arguments: object, **named: object) -> object:
        if error := next(calls):
            raise error
        return real(*arguments, **named)  # type: ignore[arg-type]

    with mock.patch("tradewind.landing.opening.open_export", fail):
        load_files(scan(landing), landing)
    assert query("select file_path, state, reason_code from ops.load order by 1") == [
        ("a.zip", "loaded", "unpacked"),
        ("a.zip/good.csv", "loaded", None),
        ("a.zip/poison.csv", "refused", "reader_failed"),
    ]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3), psycopg.OperationalError("gone")])
def test_the_end_of_the_process_and_a_lost_database_are_no_files_fault(
    landing: Settings, query: Query, error: BaseException
) -> None:
    files = batch(landing)
    with raising("tradewind.landing.load.sha256_of", lambda: error), pytest.raises(type(error)):
        load_files(files, landing)
    assert query("select count(*) from ops.load where state = 'refused'") == [(0,)]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EMFILE, errno.EIO, errno.ENOMEM])
def test_the_machines_trouble_is_raised_when_the_others_are_through(
    landing: Settings, query: Query, number: int
) -> None:
    files = batch(landing)
    trouble = OSError(number, "trouble")
    with (
        raising("tradewind.landing.load.sha256_of", lambda: trouble),
        pytest.raises(OSError, match="trouble"),
    ):
        load_files(files, landing)
    assert query("select state, count(*) from ops.load group by 1") == [("loaded", 4)]
    assert [file.name for file in scan(landing)] == ["poison.csv"]


def test_a_file_that_takes_too_long_is_refused_between_two_blocks(landing: Settings, query: Query) -> None:
    with (
        mock.patch.object(barrier, "BASE_SECONDS", 0.0),
        mock.patch.object(barrier, "BYTES_PER_SECOND", 1e12),
    ):
        result = load(landing, put(landing, "slow.csv", HEADER + ROWS))
    assert (result.state, result.reason_code) == ("refused", "too_slow")
    assert scan(landing) == []
    assert query("select count(*) from raw.shopify_visitors") == [(0,)]
    assert load(landing, put(landing, "slow.csv", HEADER + ROWS)).state == "loaded"


# a regular expression that no thread can stop
HANGING = """
import re, sys
from pathlib import Path
from unittest import mock
from tradewind.landing import barrier, load_files
from tradewind.settings import PROJECT_ROOT, Settings

settings = Settings.model_validate_json(sys.argv[1])
hang = lambda *_: re.match("(?:a|a)*b", "a" * 60)
barrier.HELD_CPU_SECONDS = 1.0
with mock.patch("tradewind.landing.load._copy_rows", hang):
    load_files([Path(sys.argv[2])], settings)
"""


def test_a_file_that_holds_the_interpreter_ends_the_process_and_what_it_held(
    landing: Settings, query: Query
) -> None:
    file = put(landing, "slow.csv", HEADER + ROWS)
    died = subprocess.run(
        [sys.executable, "-c", HANGING, landing.model_dump_json(), str(file)],
        env={**os.environ, "PYTHONPATH": f"{PROJECT_ROOT / 'dags'}:{PROJECT_ROOT}"},
        check=False,
        timeout=120,
    )
    assert died.returncode == -signal.SIGPROF
    # it is loaded at once: neither its path nor its bytes are held by anybody
    assert query("select attempts from ops.load_attempt where file_path = 'slow.csv'") == [(1,)]
    assert load(landing, file).state == "loaded"


def test_a_process_that_only_waits_is_not_ended() -> None:
    with mock.patch.object(barrier, "HELD_CPU_SECONDS", 0.2), barrier.watched():
        ends_at = time.process_time() + 0.6
        while time.process_time() < ends_at:
            time.sleep(0)
        time.sleep(0.5)
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)


def test_a_files_time_grows_with_its_size() -> None:
    assert barrier.Clock(0).left > 500
    assert barrier.Clock(10**9).left > 5000
