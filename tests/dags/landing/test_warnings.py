"""What is odd about a load is said on it, whenever the run that loaded it ended."""

from __future__ import annotations

from unittest import mock

import pytest

from tests.dags.landing.conftest import Query
from tests.dags.landing.test_load import HEADER, ROWS, put
from tradewind.landing import identity, load_files, reject
from tradewind.settings import Settings

WARNED = "select load_id, item ->> 'code' from ops.load, jsonb_array_elements(warnings) as item order by 1"


def test_a_load_of_which_its_run_did_not_ask_is_asked_of_in_the_next(landing: Settings, query: Query) -> None:
    file = put(landing, "store=nobody/a.csv", HEADER + ROWS)
    with mock.patch.object(identity, "warn", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        load_files([file], landing)
    assert query(WARNED) == []
    load_files([], landing)
    assert query(WARNED) == [(1, "store_undeclared")]


def test_a_load_is_asked_of_once(landing: Settings, query: Query) -> None:
    load_files([put(landing, "store=nobody/a.csv", HEADER + ROWS)], landing)
    query("update ops.load set warnings = '[]' returning 1")
    load_files([put(landing, "store=nobody/b.csv", HEADER + "2026-01-01,4,4\n")], landing)
    assert query(WARNED) == [(2, "store_undeclared")]


def test_a_warning_ends_with_the_load_that_it_names(landing: Settings, query: Query) -> None:
    files = [put(landing, f"store={store}/a.csv", HEADER + ROWS) for store in ("one", "two")]
    for file in files:
        load_files([file], landing)
    assert (2, "same_bytes_elsewhere") in query(WARNED)
    reject(1, "wrong folder", landing)
    assert query(WARNED) == [(1, "store_undeclared"), (2, "store_undeclared")]
