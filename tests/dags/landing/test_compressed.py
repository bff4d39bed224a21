"""Compressed files load as what they hold, or are refused; named for the cases of the fault catalogue."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import pytest

from tests.dags.landing.conftest import Query
from tests.dags.landing.test_load import HEADER, ROWS, load, put
from tradewind.exports.faults import RefusedFileError
from tradewind.exports.source import open_file
from tradewind.settings import Settings
from tradewind.unpacking import gzip_file, limits
from tradewind.unpacking.gzip_file import unpack_gzip

WHOLE = (HEADER + ROWS).encode()
COUNT = "select count(*), sum(sessions::int) from raw.shopify_visitors"


def test_gzip_loads_like_the_file_within(landing: Settings, query: Query) -> None:
    result = load(landing, put(landing, "store=lumen-au/visitors-2026-05.csv.gz", gzip.compress(WHOLE)))
    assert (result.state, result.report, result.records_loaded) == ("loaded", "shopify_visitors", 30)
    assert query(COUNT) == [(30, 930)]


def test_b8_concatenated_members_are_one_file(landing: Settings, query: Query) -> None:
    half = len(WHOLE) // 2
    packed = gzip.compress(WHOLE[:half]) + gzip.compress(WHOLE[half:]) + bytes(512)
    assert load(landing, put(landing, "visitors.csv.gz", packed)).records_loaded == 30
    assert query(COUNT) == [(30, 930)]


@pytest.mark.parametrize(
    ("packed", "fault"),
    [
        pytest.param(gzip.compress(WHOLE)[:-20], "cut_off", id="truncated"),
        pytest.param(gzip.compress(WHOLE)[:-8] + bytes(4) + gzip.compress(WHOLE)[-4:], "damaged", id="crc"),
        pytest.param(gzip.compress(WHOLE) + b"and more", "damaged", id="trailing-garbage"),
        pytest.param(gzip.compress(WHOLE)[:4], "cut_off", id="header-only"),
    ],
)
def test_b8_a_damaged_archive_is_refused_whole(
    landing: Settings, query: Query, packed: bytes, fault: str
) -> None:
    result = load(landing, put(landing, "visitors.csv.gz", packed))
    assert (result.state, result.records_loaded) == ("refused", 0)
    assert query("select reason_code, reason_details ->> 'fault' from ops.load") == [
        ("archive_unreadable", fault)
    ]
    assert query(COUNT) == [(0, None)]


def test_b9_what_unpacks_too_large_is_refused_before_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb, target = tmp_path / "bomb.csv.gz", tmp_path / "unpacked"
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb.write_bytes(b"".join(packer.compress(bytes(1 << 20)) for _ in range(64)) + packer.flush())
    monkeypatch.setattr(gzip_file, "CHUNK_BYTES", 1 << 16)
    with pytest.raises(RefusedFileError) as refusal:
        unpack_gzip(open_file(bomb), target)
    assert refusal.value.parameters == {"fault": "too_large"}
    assert target.stat().st_size <= limits.ALWAYS_ALLOWED_BYTES


def test_b9_an_archive_within_an_archive_is_refused(landing: Settings, query: Query) -> None:
    result = load(landing, put(landing, "visitors.csv.gz", gzip.compress(gzip.compress(WHOLE))))
    assert result.state == "refused"
    assert query("select reason_code from ops.load") == [("archive_unreadable",)]


def test_chunks_may_end_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed, target = tmp_path / "a.gz", tmp_path / "unpacked"
    packed.write_bytes(gzip.compress(WHOLE) + bytes(3) + gzip.compress(WHOLE * 50))
    for size in (1, 7, 64):
        monkeypatch.setattr(gzip_file, "CHUNK_BYTES", size)
        monkeypatch.setattr("tradewind.exports.source.CHUNK_BYTES", size)
        unpack_gzip(open_file(packed), target)
        assert target.read_bytes() == WHOLE * 51
