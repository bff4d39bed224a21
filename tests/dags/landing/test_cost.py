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


ADS = "google_ads_campaign_daily"
ADS_ROWS = "Day,Campaign,Currency code,Cost,Clicks,Impr.\n{day},Brand,USD,{cost},5,100\n"
MANY = 20_000
FILL_ADS = f"""
    insert into raw.{ADS} (load_id, row_number, day, campaign, cost, impr)
    select 1, n + 1, '2026-03-02', 'Campaign ' || n, '1.00', '10' from generate_series(1, %s) as n
    returning 1
"""
ADS_READ = f"""
    select coalesce(sum(seq_tup_read + idx_tup_fetch), 0)
    from pg_stat_user_tables where schemaname = 'raw' and relname = '{ADS}'
"""


def test_an_ads_file_is_compared_with_the_loads_of_its_days_alone(landing: Settings, query: Query) -> None:
    def read_for(name: str, day: str, cost: str) -> tuple[str | None, int]:
        before = query(ADS_READ)[0][0]
        result = load(landing, put(landing, f"store=s/{name}.csv", ADS_ROWS.format(day=day, cost=cost)))
        return result.reason_code, query(ADS_READ)[0][0] - before

    assert read_for("first", "2026-03-02", "10.00")[0] is None
    query(FILL_ADS, MANY)
    reason, read = read_for("other day", "2026-03-03", "10.00")
    assert reason is None
    assert read < 100
    # it is asked of the same day, also where the day was not noted
    reason, read = read_for("same day", "2026-03-02", "70.00")
    assert reason == "account_unclear"
    assert read >= MANY
    query("update ops.load set first_row_day = null, last_row_day = null returning 1")
    assert read_for("same day again", "2026-03-02", "71.00")[0] == "account_unclear"


def test_what_is_stored_of_a_store_is_not_read_for_the_warnings_of_a_new_file(
    landing: Settings, query: Query
) -> None:
    orders = "Name,Financial Status,Currency,Subtotal,Total,Created at,Lineitem quantity,Lineitem name,"
    orders += "Lineitem price,Lineitem sku\n#{number},paid,USD,1,1,2026-03-02 10:00:00 -0500,1,Lamp,1,A\n"
    assert load(landing, put(landing, "store=s/1.csv", orders.format(number=1))).state == "loaded"
    assert load(landing, put(landing, "store=t/1.csv", orders.format(number=2))).state == "loaded"
    before = query(ADS_READ.replace(ADS, "shopify_orders"))
    assert load(landing, put(landing, "store=t/2.csv", orders.format(number=3))).state == "loaded"
    assert query(ADS_READ.replace(ADS, "shopify_orders")) == before
