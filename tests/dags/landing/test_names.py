"""A file's name is its identity, of whatever bytes it is: two names never become one path of the ledger."""

from __future__ import annotations

import os
import re
import stat
import time
import unicodedata
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dags.landing.conftest import Query
from tests.dags.landing.test_load import HEADER, ROWS, put
from tradewind.landing import load_files, scan
from tradewind.landing.files import MAX_PATH_BYTES, Stamp, ledger_path, text_of, walk
from tradewind.settings import Settings

NOWHERE = Settings(_env_file=None, state_dir=Path("/nowhere"))
GBK = [os.fsdecode(word.encode("gbk") + b".csv") for word in ("库存", "广告", "退款", "订单")]
# pieces of which names collide when they are written down carelessly
PIECES = st.sampled_from(
    [b"\xff", b"\xb1", b"\\", b"\\x", b"\\xff", b"\\x5c", b"\\\\", b"xff", b"\xef\xbf\xbd", "é".encode(),
     b"e\xcc\x81", b"%", b"%ff", b" ", b"a", b"A", b".", "\u202e".encode(), b"\n", "库".encode(),
     "库".encode("gbk")]
)  # fmt: skip
NAMES = (
    st.one_of(
        st.lists(PIECES, min_size=1, max_size=8).map(b"".join),
        st.binary(min_size=1, max_size=60),
        st.binary(min_size=200, max_size=255),
    )
    .map(lambda raw: raw.replace(b"/", b"_").replace(b"\0", b"_"))
    .filter(lambda raw: raw not in (b".", b".."))
)


def read(text: str) -> bytes:
    """The bytes of the name whose text this is."""
    return re.sub(rb"\\x([0-9a-f]{2})", lambda found: bytes.fromhex(found[1].decode()), text.encode())


@given(NAMES, NAMES)
@settings(max_examples=1500)
def test_names_of_any_bytes_have_texts_of_their_own(first: bytes, second: bytes) -> None:
    texts = [text_of(os.fsdecode(name)) for name in (first, second)]
    assert (texts[0] == texts[1]) == (first == second)
    assert [read(text) for text in texts] == [first, second]
    assert "\0" not in texts[0]
    assert texts[0].encode().decode() == texts[0]


@given(st.lists(NAMES, min_size=1, max_size=20), st.lists(NAMES, min_size=1, max_size=20))
@settings(max_examples=500)
def test_paths_of_any_length_are_bounded_and_their_own(first: list[bytes], second: list[bytes]) -> None:
    paths = [NOWHERE.landing / os.fsdecode(b"/".join(parts)) for parts in (first, second)]
    texts = [ledger_path(path, NOWHERE) for path in paths]
    assert (texts[0] == texts[1]) == (first == second)
    assert all(len(text.encode()) <= MAX_PATH_BYTES + 100 for text in texts)


def test_a_name_in_utf8_is_its_own_text() -> None:
    for name in ["orders.csv", "库存 ü.csv", "back\\slash.csv", "100%.csv", "c:\\xls\\a.csv", " .csv "]:
        assert text_of(name) == name


@given(st.lists(NAMES, min_size=2, max_size=4, unique=True))
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_is_new_after_a_load_of_files_of_any_names(
    landing: Settings, query: Query, raw: list[bytes]
) -> None:
    for file in landing.landing.iterdir():
        file.unlink()
    for number, name in enumerate(raw):
        content = f"{HEADER}2026-05-{number + 1:02d},{time.time_ns() % 10**15},1\n"
        put(landing, os.fsdecode(name[:240] + b".csv"), content)
    found = scan(landing)
    assert {result.state for result in load_files(found, landing)} <= {"loaded"}
    assert scan(landing) == []
    loaded = query("select count(*) from ops.load where state = 'loaded'")
    expected = {file.name for file in landing.landing.iterdir() if not file.name.startswith((".", "~$"))}
    assert len(found) == len(expected)
    assert loaded >= [(len(expected),)]


def test_files_from_windows_tools_do_not_take_each_other_out(landing: Settings, query: Query) -> None:
    for day, name in enumerate(GBK, 1):
        put(landing, name, f"{HEADER}2026-05-0{day},{day},1\n")
    for _ in range(2):
        load_files(scan(landing), landing)
    assert scan(landing) == []
    assert query("select state, count(*) from ops.load group by 1") == [("loaded", len(GBK))]
    assert query("select count(distinct file_name) from ops.load") == [(len(GBK),)]
    put(landing, GBK[0], f"{HEADER}2026-05-01,9,9\n2026-05-02,9,9\n")
    load_files(scan(landing), landing)
    assert query("select file_path from ops.load where state = 'superseded'") == [(text_of(GBK[0]),)]


def test_stores_of_other_bytes_are_other_stores(landing: Settings, query: Query) -> None:
    for name in GBK:
        put(landing, f"store={name.removesuffix('.csv')}/v.csv", HEADER + ROWS)
    load_files(scan(landing), landing)
    assert query("select count(distinct store_id) from ops.load where state = 'loaded'") == [(len(GBK),)]


def test_names_that_look_alike_are_two_files(landing: Settings, query: Query) -> None:
    composed, parted = (unicodedata.normalize(form, "é.csv") for form in ("NFC", "NFD"))
    names = [
        composed,
        parted,
        "a.csv",
        "A.csv",
        "a.csv ",
        os.fsdecode(b"\xff.csv"),
        r"\xff.csv",
        "\ufffd.csv",
    ]
    for day, name in enumerate(names, 1):
        put(landing, name, f"{HEADER}2026-05-0{day},{day},1\n")
    load_files(scan(landing), landing)
    assert scan(landing) == []
    assert query("select state, count(*) from ops.load group by 1") == [("loaded", len(names))]


def test_a_linked_folder_is_told_once_and_not_followed(
    landing: Settings, query: Query, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "v.csv").write_text(HEADER + ROWS)
    (landing.landing / "store=a").symlink_to(outside)
    (landing.landing / "dangling").symlink_to(tmp_path / "nothing")
    put(landing, "v.csv", HEADER + ROWS)
    results = {
        result.path: result.reason_code or result.state for result in load_files(scan(landing), landing)
    }
    assert results == {"store=a": "not_a_file", "dangling": "not_a_file", "v.csv": "loaded"}
    assert scan(landing) == []


def test_a_folder_that_may_not_be_read_is_told_and_hides_no_other(landing: Settings) -> None:
    locked = landing.landing / "locked"
    locked.mkdir()
    file = put(landing, "v.csv", HEADER + ROWS)
    listing = os.scandir

    def refuse(path: str) -> object:
        if Path(path) == locked:
            raise PermissionError(13, "Permission denied", path)
        return listing(path)

    with mock.patch("os.scandir", refuse):
        assert [path for path, _ in walk(landing.landing)] == [file, locked]
    unreadable = PermissionError(13, "no", landing.landing)
    with mock.patch("os.scandir", side_effect=unreadable), pytest.raises(PermissionError):
        list(walk(landing.landing))


def test_a_time_that_no_calendar_has_is_a_time(landing: Settings, query: Query) -> None:
    def status(seconds: int) -> os.stat_result:
        return os.stat_result(
            (stat.S_IFREG, 0, 0, 0, 0, 0, 1, 0, seconds, 0), {"st_mtime_ns": seconds * 10**9}
        )

    stamps = [Stamp.of(status(seconds)).modified_at for seconds in (-(10**12), 0, 10**12)]
    assert [stamp.year for stamp in stamps] == [1, 1970, 9999]
    assert query("select %s::timestamptz < %s", stamps[0], stamps[2]) == [(True,)]
