"""Overlapping, corrected, replaced and copied files: the same current rows in a hundred orders of arrival.

What the marts make of current rows is shown in `tests/dbt_project/test_arrival_order.py`, with whole builds.
"""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tradewind.exports.contract import load_contracts
from tradewind.landing.load import Task, load_file
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

ORDERS = 100
SEED = 20261122

# the rule of the staging models: of the files that hold a key the newest wins it whole
CURRENT_ROWS = """
with versions as (
    select 'visitors' as report, load_id, row_number, day as key,
        concat_ws('|', online_store_visitors, sessions) as cells
    from raw.shopify_visitors
    union all
    select 'campaigns', load_id, row_number, concat_ws('|', day, campaign), concat_ws('|', clicks, cost)
    from raw.google_ads_campaign_daily
),

ranked as (
    select versions.*, visible.file_sha256,
        rank() over (
            partition by versions.report, visible.store_id, visible.account, versions.key
            order by
                visible.extracted_at desc, visible.file_sha256 desc, versions.load_id desc
        ) as place
    from versions
    inner join ops.visible_load as visible on visible.load_id = versions.load_id
)

select count(*), md5(string_agg(t::text, '#' order by t::text))
from (
    select report, key, cells, file_sha256, row_number from ranked where place = 1
) as t
"""


@dataclass(frozen=True)
class Arrival:
    """A file that comes to landing; its day is that of its making."""

    name: str
    made_on: int
    content: str


def visitors(*rows: str) -> str:
    return "\n".join(["Day,Online store visitors,Sessions", *rows, ""])


def campaigns(*rows: str) -> str:
    return "\n".join(["Day,Campaign,Currency code,Clicks,Impr.,Cost", *rows, ""])


WEEK = visitors(*(f"2026-05-{day:02d},{day},{day}" for day in range(1, 8)))
ARRIVALS = (
    Arrival("week.csv", 10, WEEK),
    # a copy keeps the time of its original
    Arrival("copy of week.csv", 10, WEEK),
    # a correction, and a second one of the same moment: the bytes decide
    Arrival("corrected.csv", 12, visitors("2026-05-03,33,34", "2026-05-09,9,9")),
    Arrival("corrected too.csv", 12, visitors("2026-05-03,35,36", "2026-05-04,44,44")),
    # one day of it, with equal rows, which both count
    Arrival("day.csv", 11, visitors("2026-05-04,4,5", "2026-05-04,4,5", "2026-05-05,5,6")),
    Arrival("ads.csv", 10, campaigns("2026-05-01,A,EUR,1,10,1.10", "2026-05-01,B,EUR,2,20,2.20")),
    Arrival("ads later.csv", 13, campaigns("2026-05-01,B,EUR,3,30,3.30", "2026-05-02,A,EUR,4,40,4.40")),
    Arrival("store=other/ads.csv", 9, campaigns("2026-05-01,C,EUR,5,50,5.50")),
)
# a file that was replaced: the second can only come behind the first
REPLACED = (
    Arrival("latest.csv", 14, visitors("2026-05-01,100,100", "2026-05-20,20,20")),
    Arrival("latest.csv", 15, visitors("2026-05-02,200,200")),
)
# visitors: days 1 to 9 without 8, the 4th from "corrected too"; campaigns: three, and one of the other store
CURRENT_ROW_COUNT = 8 + 4


@pytest.fixture
def loader(database_settings: Settings, tmp_path: Path) -> tuple[Settings, psycopg.Connection]:
    settings = database_settings.model_copy(
        update={"landing_dir": tmp_path / "landing", "settle_seconds": 0.0}
    )
    with connect(Role.LOADER, settings, autocommit=True) as connection:
        yield settings, connection


def current_rows(
    arrivals: Sequence[Arrival], settings: Settings, connection: psycopg.Connection
) -> tuple[int, str]:
    """Load the files one by one into an empty warehouse; the number and the hash of the current rows."""
    with connect(Role.ADMIN, settings, autocommit=True) as administrator:
        administrator.execute(
            "truncate ops.load, raw.shopify_visitors, raw.google_ads_campaign_daily restart identity cascade"
        )
        for arrival in arrivals:
            file = settings.landing / arrival.name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(arrival.content)
            made_at = 1_767_225_600 + arrival.made_on * 86_400
            os.utime(file, (made_at, made_at))
            [result] = load_file(connection, Task(file, settings, load_contracts(), str))
            assert result.state in ("loaded", "duplicate"), result
        return administrator.execute(CURRENT_ROWS.encode()).fetchall()[0]


def test_a_hundred_orders_of_arrival_give_the_same_current_rows(
    loader: tuple[Settings, psycopg.Connection],
) -> None:
    rng = random.Random(SEED)
    expected = current_rows([*ARRIVALS, *REPLACED], *loader)
    assert expected[0] == CURRENT_ROW_COUNT
    for number in range(ORDERS):
        order = rng.sample(ARRIVALS, len(ARRIVALS))
        first, second = sorted(rng.sample(range(len(order) + 2), 2))
        order.insert(first, REPLACED[0])
        order.insert(second, REPLACED[1])
        found = current_rows(order, *loader)
        assert found == expected, f"order {number}, seed {SEED}: {[arrival.name for arrival in order]}"


def test_hash_tells_another_winner(loader: tuple[Settings, psycopg.Connection]) -> None:
    older, newer = Arrival("a.csv", 1, WEEK), Arrival("b.csv", 2, visitors("2026-05-01,7,7"))
    swapped = (Arrival("a.csv", 2, WEEK), Arrival("b.csv", 1, visitors("2026-05-01,7,7")))
    assert current_rows((older, newer), *loader) != current_rows(swapped, *loader)


def test_a_copy_that_lost_its_time_changes_nothing(loader: tuple[Settings, psycopg.Connection]) -> None:
    correction = Arrival("corrected.csv", 12, visitors("2026-05-03,33,34"))
    original, copy = Arrival("week.csv", 10, WEEK), Arrival("copy of week.csv", 13, WEEK)
    assert current_rows((original, correction, copy), *loader) == current_rows(
        (copy, correction, original), *loader
    )
