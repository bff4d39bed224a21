"""What counts as new in landing."""

from __future__ import annotations

import os
import time
from pathlib import Path
from unittest import mock

import pytest

from tradewind.landing import load_files, scan
from tradewind.settings import Settings

HEADER = "Day,Online store visitors,Sessions\n"


def put(settings: Settings, name: str, content: str = HEADER + "2026-05-01,1,2\n", age: float = 60) -> Path:
    file = settings.landing / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)
    os.utime(file, (time.time() - age, time.time() - age))
    return file


def test_landing_minus_ledger_is_what_is_new(landing: Settings) -> None:
    first = put(landing, "store=a/one.csv")
    assert scan(landing) == [first]
    load_files(scan(landing), landing)
    assert scan(landing) == []
    second = put(landing, "two.csv", HEADER + "2026-05-02,1,2\n")
    assert scan(landing) == [second]


def test_known_files_are_not_read_again(landing: Settings) -> None:
    load_files([put(landing, "one.csv"), put(landing, "refused.csv", "a,b\n1,2\n")], landing)
    with mock.patch("os.open", side_effect=AssertionError("a known file was opened")):
        assert scan(landing) == []


def test_replaced_file_is_new_and_so_is_an_old_version_that_comes_back(landing: Settings) -> None:
    load_files([put(landing, "v.csv", age=600)], landing)
    put(landing, "v.csv", HEADER + "2026-05-01,5,6\n", age=300)
    load_files(scan(landing), landing)
    old = put(landing, "v.csv", age=600)
    stamp = (old.stat().st_atime, 1_700_000_000)
    os.utime(old, stamp)
    assert scan(landing) == [old]
    assert [result.state for result in load_files(scan(landing), landing)] == ["loaded"]
    assert scan(landing) == []


@pytest.mark.parametrize(
    "name", [".hidden.csv", "v.csv.part", "v.csv~", "v.tmp", "v.csv.crdownload", "~$v.xlsx", ".git/v.csv"]
)
def test_hidden_and_unfinished_files_are_no_exports(landing: Settings, name: str) -> None:
    put(landing, name)
    assert scan(landing) == []


def test_file_is_left_alone_until_it_has_settled(landing: Settings) -> None:
    patient = landing.model_copy(update={"settle_seconds": 30.0})
    file = put(landing, "v.csv")
    assert scan(patient) == []
    assert scan(landing) == [file]


def test_clock_that_went_back_does_not_hide_a_file(landing: Settings) -> None:
    patient = landing.model_copy(update={"settle_seconds": 30.0})
    file = put(landing, "v.csv", age=-3600)
    assert scan(patient) == [file]


def test_pipe_is_told_once_and_does_not_come_again(landing: Settings) -> None:
    os.mkfifo(landing.landing / "pipe.csv")
    assert [result.reason_code for result in load_files(scan(landing), landing)] == ["not_a_file"]
    assert scan(landing) == []


def test_empty_landing_needs_no_database(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, state_dir=tmp_path)
    assert scan(settings) == []
