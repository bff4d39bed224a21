"""What a file costs does not grow with the files that were loaded before it."""

from __future__ import annotations

from unittest import mock

import pytest

from tests.dags.landing.conftest import Query
from tests.dags.landing.test_containers import zipped
from tests.dags.landing.test_load import HEADER, ROWS, load, put
from tradewind.landing import ensure_raw_tables, load_files, scan
from tradewind.landing.groups import load_group
from tradewind.settings import Settings

LEDGER_ROWS = 3000
# of every state that looks back at another row, and one file that waits
FILL_LEDGER = """
    insert into ops.load (file_name, file_path, file_sha256, file_size, file_modified_at, report, state,
        records_read, records_loaded, duplicate_of, superseded_by, warned_at)
    select 'old.csv', case n when 5 then 'new.csv' else 'old/' || n || '.csv' end, repeat(md5(n::text), 2), 1,
        now(), 'shopify_visitors', case n when 5 then 'waiting' else states[1 + n %% 3] end, 0, 0,
        case when n %% 3 = 1 then 1 end, case when n %% 3 = 2 then 1 end, now()
    from generate_series(0, %s) as n, (values (array['loaded', 'duplicate', 'superseded'])) as s (states)
    returning 1
"""
# a session tells of what it read when it ends
READ_FROM_END_TO_END = """
    select seq_tup_read from pg_stat_user_tables where schemaname = 'ops' and relname = 'load'
"""


def test_a_group_looks_the_ledger_up_and_never_reads_it_from_end_to_end(
    landing: Settings, query: Query
) -> None:
    ensure_raw_tables(landing)
    query(FILL_LEDGER, LEDGER_ROWS)
    query("select ops.analyze_ledger()")
    files = [put(landing, f"{n}.csv", f"{HEADER}2026-06-01,{n},2\n") for n in range(20)]
    before = query(READ_FROM_END_TO_END)
    with mock.patch("tradewind.landing.run.load_group", wraps=load_group) as loading:
        assert {result.state for result in load_files(files, landing)} == {"loaded"}
    loading.assert_called_once()
    assert query(READ_FROM_END_TO_END) == before


def test_a_large_file_looks_the_ledger_up_and_never_reads_it_from_end_to_end(
    landing: Settings, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tradewind.landing.load.HASHED_LATER_FROM", 1)
    ensure_raw_tables(landing)
    query(FILL_LEDGER, LEDGER_ROWS)
    query("select ops.analyze_ledger()")
    before = query(READ_FROM_END_TO_END)
    assert load(landing, put(landing, "new.csv", HEADER + ROWS)).state == "loaded"
    assert query(READ_FROM_END_TO_END) == before


def test_the_ledger_is_looked_up_and_never_read_from_end_to_end(landing: Settings, query: Query) -> None:
    ensure_raw_tables(landing)
    query(FILL_LEDGER, LEDGER_ROWS)
    query("select ops.analyze_ledger()")
    files = [
        put(landing, "new.csv", HEADER + ROWS),
        put(landing, "copy.csv", HEADER + ROWS),
        put(landing, "unknown.csv", "no,such\n1,2\n"),
        put(landing, "packed.zip", zipped({"inner.csv": (HEADER + "2026-06-01,1,2\n").encode()})),
    ]
    assert set(scan(landing)) == set(files)
    before = query(READ_FROM_END_TO_END)
    states = [load(landing, file).state for file in files]
    assert states == ["loaded", "duplicate", "refused", "loaded"]
    assert scan(landing) == []
    assert query(READ_FROM_END_TO_END) == before
