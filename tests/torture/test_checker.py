"""The checker sees each kind of damage that a table can suffer, and nothing in a warehouse that is whole."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.torture.checker import Offer, check, read_records
from tests.torture.offers import Platform
from tradewind.landing import load_files
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

DAMAGES = {
    "a row is gone": ("delete from raw.meta_ads_campaign_daily where row_number = {good}", "lost"),
    "a row is there twice": (
        "insert into raw.meta_ads_campaign_daily"
        " select * from raw.meta_ads_campaign_daily where row_number = {good}",
        "duplicated",
    ),
    "a row has a number that no record has": (
        "update raw.meta_ads_campaign_daily set row_number = 9999 where row_number = {good}",
        "unexpected",
    ),
    "two rows have changed numbers": (
        "update raw.google_ads_campaign_daily set row_number = 3 - row_number where row_number in (1, 2)",
        "altered",
    ),
    "a cell is another one": (
        "update raw.meta_ads_campaign_daily set ad_name = 'another' where row_number = {good}",
        "content",
    ),
    "an amount has lost a cent": (
        "update raw.google_ads_campaign_daily set cost = (cost::numeric - 0.01)::text where row_number = 7",
        "sum",
    ),
    "an amount is in another currency": (
        "update raw.google_ads_campaign_daily set currency_code = 'SEK' where row_number = 7",
        "sum",
    ),
    "a bad record is nowhere": ("delete from ops.quarantined_row where row_number = {bad}", "lost"),
    "a bad record has lost a byte": (
        "update ops.quarantined_row set raw_record = substring(raw_record from 2) where row_number = {bad}",
        "quarantined_bytes",
    ),
    "a good record is in quarantine": (
        "with moved as (delete from raw.meta_ads_campaign_daily where row_number = {good} returning load_id)"
        " insert into ops.quarantined_row (load_id, row_number, reason_code, reason, raw_record)"
        " select load_id, {good}, 'wrong_type', 'x', '' from moved",
        "quarantined_though_good",
    ),
    "rows of a load that the ledger lacks": (
        "insert into raw.shopify_visitors (load_id, row_number) values (4711, 1)",
        "unexpected",
    ),
    "a load is of bytes that nobody offered": (
        "insert into ops.load (file_name, file_path, file_sha256, file_size, file_modified_at, report, state)"
        " values ('x', 'x', repeat('0', 64), 1, now(), 'shopify_visitors', 'superseded')",
        "unexpected",
    ),
    "the ledger counts one more": (
        "update ops.load set records_read = records_read + 1, records_loaded = records_loaded + 1"
        " where report = 'google_ads_campaign_daily'",
        "ledger",
    ),
    "a load that nobody replaced is superseded": (
        "update ops.load set state = 'superseded' where report = 'google_ads_campaign_daily'",
        "ledger",
    ),
    "a file waits": (
        "insert into ops.load (file_name, file_path, file_sha256, file_size, file_modified_at, state)"
        " select file_name, file_path, file_sha256, 1, now(), 'waiting' from ops.load"
        " where report = 'google_ads_campaign_daily'",
        "ledger",
    ),
    "an unknown file is not in the ledger": (
        "delete from ops.load where file_path like 'unknown%'",
        "ledger",
    ),
}


@pytest.fixture(scope="module")
def loaded(
    database_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Settings, list[Offer]]:
    folder = tmp_path_factory.mktemp("checker") / "landing"
    folder.mkdir()
    settings = database_settings.model_copy(update={"landing_dir": folder, "settle_seconds": 0.0})
    with connect(Role.ADMIN, settings) as connection:
        connection.execute(
            "truncate ops.load, raw.shopify_visitors, raw.google_ads_campaign_daily,"
            " raw.meta_ads_campaign_daily, raw.shopify_orders restart identity cascade"
        )
    platform = Platform(folder, random.Random(1))
    for _ in range(2):
        load_files(platform.offer().paths, settings)
    return settings, platform.offers


def test_whole_warehouse_has_no_finding(loaded: tuple[Settings, list[Offer]]) -> None:
    settings, offers = loaded
    with connect(Role.ADMIN, settings) as connection:
        findings = check(connection, offers, are_all=True)
    assert not findings, str(findings)
    # the copy of a file is the same records
    assert (findings.files, findings.records) == (14, 2 * (1200 + 800 + 120 + 5))


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_found(loaded: tuple[Settings, list[Offer]], damage: str) -> None:
    settings, offers = loaded
    statement, kind = DAMAGES[damage]
    bad = min(offers[0].bad)
    good = next(number for number in range(1, 100) if all(number not in offer.bad for offer in offers))
    with connect(Role.ADMIN, settings) as connection:
        connection.execute(statement.format(good=good, bad=bad).encode())
        findings = check(connection, offers, are_all=True)
        connection.rollback()
    assert kind in findings.kinds, str(findings)


def test_findings_quote_no_cell(loaded: tuple[Settings, list[Offer]]) -> None:
    settings, offers = loaded
    with connect(Role.ADMIN, settings) as connection:
        connection.execute("update raw.meta_ads_campaign_daily set ad_name = 'Jane Roe'")
        shown = str(check(connection, offers))
        connection.rollback()
    assert "altered" in shown
    assert "Jane" not in shown


def test_records_are_split_by_quotes_and_not_by_lines() -> None:
    content = '\ufeffa,b\r\n1,"x\r\n""y"""\r\n\r\n2,z'.encode()
    records = list(read_records(Offer("f.csv", content, "any")))
    assert [(record.number, record.cells) for record in records] == [(1, ["1", 'x\r\n"y"']), (2, ["2", "z"])]
    assert records[0].raw == b'1,"x\r\n""y"""'


def test_file_whose_last_block_is_one_crlf_record_is_loaded(
    loaded: tuple[Settings, list[Offer]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, _ = loaded
    row = "2026-05-01,1,1\r\n"
    monkeypatch.setattr("tradewind.exports.source.CHUNK_BYTES", 10 * len(row))
    file = tmp_path / "crlf.csv"
    file.write_bytes(b"Day,Online store visitors,Sessions\r\n" + row.encode() * 11)
    assert load_files([file], settings)[0].state == "loaded"
