"""The trigger speaks when landing holds what the ledger lacks or loads wait untried, else it is silent."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr

from tradewind.fetching import fetch
from tradewind.landing import load_files, scan
from tradewind.orchestration import landing_trigger
from tradewind.orchestration.landing_trigger import LandingTrigger
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect
from tradewind.work import find_untried_loads, find_work

STORES = "store_id,store_name,platform,country,timezone,currency,opened_on\n"


@pytest.fixture
def warehouse(database_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A warehouse whose landing folder is empty and in which nothing waits."""
    for path in database_settings.landing.glob("*.csv"):
        path.unlink()
    with connect(Role.ADMIN, database_settings) as connection:
        connection.execute("truncate ops.load, ops.build, ops.build_load cascade")
    monkeypatch.setattr(landing_trigger, "get_settings", lambda: database_settings)
    monkeypatch.setattr(landing_trigger, "LOOK_EVERY_SECONDS", 1)
    return database_settings


def _drop(settings: Settings, name: str) -> Path:
    path = settings.landing / name
    path.write_text(f"{STORES}{path.stem},Name,shopify,AU,Australia/Sydney,AUD,2026-01-01\n")
    return path


async def _next_event(events: object, seconds: float) -> dict | None:
    try:
        return (await asyncio.wait_for(anext(events), seconds)).payload  # type: ignore[call-overload]
    except TimeoutError:
        return None


def test_a_file_is_announced_once_and_an_empty_folder_never(warehouse: Settings) -> None:
    async def scenario() -> list[dict | None]:
        trigger = LandingTrigger().run()
        waiting = asyncio.ensure_future(anext(trigger))  # type: ignore[arg-type]
        done, _ = await asyncio.wait([waiting], timeout=3)
        assert not done, "an empty folder is no news"
        _drop(warehouse, "one.csv")
        first = (await asyncio.wait_for(waiting, 10)).payload
        return [first, await _next_event(trigger, 3)]

    assert asyncio.run(scenario()) == [{"waiting": 1}, None]


def test_what_lies_there_at_the_start_is_announced(warehouse: Settings) -> None:
    _drop(warehouse, "one.csv")
    _drop(warehouse, "two.csv")
    assert asyncio.run(_next_event(LandingTrigger().run(), 10)) == {"waiting": 2}


def test_a_load_waits_untried_until_a_build_has_tried_it(warehouse: Settings) -> None:
    _drop(warehouse, "one.csv")
    (result,) = load_files(scan(warehouse), warehouse)
    assert find_untried_loads(warehouse) == [result.load_id]
    assert find_work(warehouse) == {f"load:{result.load_id}"}

    with connect(Role.BUILDER, warehouse) as connection:
        (build_id,) = connection.execute(
            "insert into ops.build (state, project_sha256) values ('abandoned', 'x') returning build_id"
        ).fetchall()[0]
        connection.execute("insert into ops.build_load values (%s, %s, 'loaded')", [build_id, result.load_id])
    assert find_untried_loads(warehouse) == [result.load_id], "an abandoned build has tried nothing"

    with connect(Role.BUILDER, warehouse) as connection:
        connection.execute("update ops.build set state = 'held' where build_id = %s", [build_id])
    assert find_untried_loads(warehouse) == [], "a held load is not tried for ever"


def test_a_file_at_the_place_is_announced_once_and_not_again_when_it_is_in_landing(
    warehouse: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = warehouse.model_copy(
        update={"landing_url": SecretStr(f"file://{tmp_path}"), "fetch_every_seconds": 0.2}
    )
    monkeypatch.setattr(landing_trigger, "get_settings", lambda: settings)

    async def scenario() -> list[dict | None]:
        trigger = LandingTrigger().run()
        waiting = asyncio.ensure_future(anext(trigger))  # type: ignore[arg-type]
        done, _ = await asyncio.wait([waiting], timeout=2)
        assert not done, "an empty place is no news"
        (tmp_path / "one.csv").write_text(f"{STORES}one,Name,shopify,AU,Australia/Sydney,AUD,2026-01-01\n")
        first = (await asyncio.wait_for(waiting, 10)).payload
        assert await asyncio.to_thread(fetch, settings) == [settings.landing / "one.csv"]
        return [first, await _next_event(trigger, 3)]

    assert asyncio.run(scenario()) == [{"waiting": 1}, None]
