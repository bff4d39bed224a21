"""Archived bytes, read again by a mended contract: quarantine empties, counts move, totals hold."""

from __future__ import annotations

import hashlib
import sys
from unittest import mock

import pytest

from tests.dags.landing.conftest import Query
from tests.dags.landing.test_containers import zipped
from tests.dags.landing.test_load import HEADER, ROWS, load, put
from tradewind import cli
from tradewind.exports import load_contracts
from tradewind.exports.contract import Contract
from tradewind.landing import ReplayError, replay
from tradewind.landing.archive import archived_file
from tradewind.settings import Settings

BAD = "31/05/2026,31,62\n"
VISITORS = "shopify_visitors"
META = "meta_ads_campaign_daily"


def mended() -> dict[str, Contract]:
    content = load_contracts()[VISITORS].model_dump(mode="json", by_alias=True)
    (day,) = [column for column in content["columns"] if column["name"] == "day"]
    day["formats"] = {"": ["%Y-%m-%d", "%d/%m/%Y"]}
    return {**load_contracts(), VISITORS: Contract.model_validate(content)}


def replayed(settings: Settings, load_id: int) -> object:
    with mock.patch("tradewind.landing.replay.load_contracts", mended):
        return replay(load_id, settings)


def lenient(settings: Settings) -> Settings:
    return settings.model_copy(update={"max_bad_record_share": 0.5})


@pytest.mark.parametrize("name", ["store=lumen-au/visitors.csv", "store=lumen-au/visitors.zip"])
def test_a_mended_contract_empties_the_quarantine(landing: Settings, query: Query, name: str) -> None:
    whole = (HEADER + ROWS + BAD).encode()
    file = put(landing, name, zipped({"visitors.csv": whole}) if name.endswith("zip") else whole)
    load(lenient(landing), file)
    file.unlink()
    assert query("select load_id, row_number from ops.quarantined_row") == [(1, 31)]
    result = replayed(landing, 1)
    assert (result.state, result.records_read, result.records_loaded) == ("loaded", 31, 31)
    assert query("select count(*) from ops.quarantined_row") == [(0,)]
    assert query(
        "select state, store_id, file_name, records_read, records_loaded, records_quarantined, superseded_by "
        "from ops.load where report is not null order by load_id"
    ) == [
        ("superseded", "lumen-au", "visitors.csv", 31, 30, 1, result.load_id),
        ("loaded", "lumen-au", "visitors.csv", 31, 31, 0, None),
    ]
    counted = "select count(*), sum(sessions::int) from raw.shopify_visitors where load_id = %s"
    assert query(counted, result.load_id) == [(31, 992)]


def test_a_replay_that_fails_leaves_the_load_as_it_was(landing: Settings, query: Query) -> None:
    load(lenient(landing), put(landing, "v.csv", HEADER + BAD + "2026-05-01,1,2\n2026-05-02,1,2\n"))
    broken = mended()
    columns = [
        column.model_copy(update={"formats": {"": ["%d.%m.%Y"]}}) if column.name == "day" else column
        for column in broken[VISITORS].columns
    ]
    broken[VISITORS] = broken[VISITORS].model_copy(update={"columns": columns})
    with mock.patch("tradewind.landing.replay.load_contracts", lambda: broken):
        assert replay(1, landing).state == "refused"
    assert query("select state from ops.load where load_id = 1") == [("loaded",)]
    assert query("select count(*) from ops.quarantined_row where load_id = 1") == [(1,)]


ADS = "Day,Campaign name,Account name,Amount spent (USD),Impressions\n2026-03-02,Brand,{account},10.00,100\n"


def test_a_replay_that_is_held_says_so_and_why_and_leaves_the_load_as_it_was(
    landing: Settings, query: Query, capsys: pytest.CaptureFixture[str]
) -> None:
    for account in ("Acme", "Acme Ltd"):
        load(landing, put(landing, f"store=s/{account}.csv", ADS.format(account=account)))
    # as loaded before accounts were compared
    query("update ops.load set state = 'loaded', reason_code = null where load_id = 2 returning 1")
    content = load_contracts()[META].model_dump(mode="json", by_alias=True)
    changed = {**load_contracts(), META: Contract.model_validate({**content, "description": "Mended."})}
    with (
        mock.patch("tradewind.landing.replay.load_contracts", lambda: changed),
        mock.patch("tradewind.cli.get_settings", lambda: landing),
        mock.patch.object(sys, "argv", ["tradewind", "replay", "2"]),
    ):
        assert cli.main() == 1
    said = " ".join(capsys.readouterr().out.split())
    assert said.startswith("Read again as load 3 it is held. Load 2 stands as it was: It names campaigns of")
    assert "release LOAD=3" in said
    assert query("select load_id, state from ops.load order by 1") == [
        (1, "loaded"), (2, "loaded"), (3, "held")
    ]  # fmt: skip


def test_what_cannot_be_read_again_says_why(landing: Settings, query: Query) -> None:
    load(landing, put(landing, "v.csv", HEADER + ROWS))
    with pytest.raises(ReplayError, match="still the one that load 1 was read by"):
        replay(1, landing)
    with pytest.raises(ReplayError, match="nothing was loaded as load 99"):
        replay(99, landing)
    archived = archived_file(hashlib.sha256((HEADER + ROWS).encode()).hexdigest(), landing)
    archived.write_text("something else")
    with pytest.raises(ReplayError, match="not those of load 1"):
        replayed(landing, 1)
    archived.unlink()
    with pytest.raises(ReplayError, match="does not have the bytes of load 1"):
        replayed(landing, 1)
    query("update ops.load set state = 'superseded' returning 1")
    with pytest.raises(ReplayError, match="is superseded"):
        replayed(landing, 1)


def test_only_what_was_loaded_is_kept(landing: Settings) -> None:
    load(landing, put(landing, "no.csv", "what,is,this\n1,2,3\n"))
    load(landing, put(landing, "v.csv", HEADER + ROWS))
    kept = [path for path in landing.archive.rglob("*") if path.is_file()]
    assert [path.name for path in kept] == [hashlib.sha256((HEADER + ROWS).encode()).hexdigest()]
    assert kept[0].read_text() == HEADER + ROWS
    assert kept[0].stat().st_mode & 0o077 == 0
