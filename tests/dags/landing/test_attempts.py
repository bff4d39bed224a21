"""A file that ends the process of its loader does not do so for ever, and does not hold up the others."""

from __future__ import annotations

import os
import subprocess
import sys
from unittest import mock

import psycopg
import pytest

from tests.dags.landing.conftest import Query
from tests.dags.landing.test_load import HEADER, ROWS, load, put
from tradewind.landing import load_files, scan
from tradewind.landing.load import MAX_ATTEMPTS
from tradewind.settings import PROJECT_ROOT, Settings

# the reader of a poison file takes its process with it, as memory's end does
DEATH = """
import os, signal, sys
from unittest import mock
from pathlib import Path
from tradewind.landing import load_files
from tradewind.settings import Settings

settings = Settings.model_validate_json(sys.argv[1])
with mock.patch("tradewind.landing.load.copy_export", lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)):
    load_files([Path(sys.argv[2])], settings)
"""


def die_over(settings: Settings, file: os.PathLike[str]) -> None:
    died = subprocess.run(
        [sys.executable, "-c", DEATH, settings.model_dump_json(), str(file)],
        env={**os.environ, "PYTHONPATH": f"{PROJECT_ROOT / 'dags'}:{PROJECT_ROOT}"},
        check=False,
    )
    assert died.returncode == -9


def test_p17_p18_a_file_that_kills_its_loader_is_given_up_and_others_go_on(
    landing: Settings, query: Query
) -> None:
    poison = put(landing, "a.csv", HEADER + ROWS)
    for deaths in (1, 2):
        die_over(landing, poison)
        assert poison in scan(landing)
        assert query("select attempts from ops.load_attempt") == [(deaths,)]
    query("update ops.load_attempt set attempts = %s returning 1", MAX_ATTEMPTS)
    other = put(landing, "b.csv", HEADER + "2026-06-01,1,2\n")
    states = {result.path: result.state for result in load_files(scan(landing), landing)}
    assert states == {"a.csv": "refused", "b.csv": "loaded"}
    assert query("select reason_code from ops.load where file_path = 'a.csv'") == [("given_up",)]
    assert scan(landing) == []
    put(landing, "a.csv", HEADER + ROWS + "2026-06-02,1,2\n")
    assert load(landing, poison).state == "loaded"
    assert load(landing, other).state == "duplicate"
    assert query("select count(*) from ops.load_attempt") == [(0,)]


def test_p11_a_lost_connection_is_not_the_files_fault(landing: Settings, query: Query) -> None:
    file = put(landing, "a.csv", HEADER + ROWS)
    lost = mock.patch("tradewind.landing.load.copy_export", side_effect=psycopg.OperationalError("lost"))
    for _ in range(MAX_ATTEMPTS):
        with lost, pytest.raises(psycopg.OperationalError):
            load(landing, file)
    assert load(landing, file).state == "loaded"
    assert query("select count(*) from ops.load_attempt") == [(0,)]
