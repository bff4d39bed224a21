"""Fetching from S3 and SFTP servers on loopback and from a folder: each version once, whole or not at all."""

from __future__ import annotations

import argparse
import io
import logging
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import fsspec.config
import pytest
from pydantic import SecretStr
from rich.console import Console
from s3fs import S3FileSystem

from tests.file_servers import SECRET, USER, S3Place, SftpPlace, serve_s3, serve_sftp, write
from tradewind import cli
from tradewind.fetching import FetchError, fetch, find_new
from tradewind.fetching.place import mask
from tradewind.fetching.run import PARTS
from tradewind.landing import load_files, scan
from tradewind.settings import PROJECT_ROOT, Settings
from tradewind.warehouse import Role, connect
from tradewind.work import UNREADABLE_PLACE, RemoteWork, find_work

HEADER = "Day,Online store visitors,Sessions\n"
FIRST = (HEADER + "2026-05-01,1,2\n").encode()
SECOND = (HEADER + "2026-05-01,1,2\n2026-05-02,3,4\n").encode()
OLD = 1_700_000_000
Place = Any

# the child fetches; it is killed from outside, or dies before its first rename
CHILD = """
import os, signal
from pathlib import Path
from tradewind.fetching import fetch
from tradewind.settings import Settings
if {is_before_rename}:
    Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
fetch(Settings(_env_file=None))
"""


class FolderPlace:
    """Another folder, with what the servers offer as far as a folder has it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"file://{folder}"
        folder.mkdir()

    def put(self, path: str, content: bytes, modified_at: float) -> None:
        write(self.folder / path, content, modified_at)

    def remove(self, path: str) -> None:
        (self.folder / path).unlink()


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of this machine's own credentials."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "FSSPEC_", "SSH_"))]:
        monkeypatch.delenv(name)
    (tmp_path / "home" / ".ssh").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    S3FileSystem.clear_instance_cache()


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Place]:
    with serve_s3() as place:
        monkeypatch.setenv("AWS_ENDPOINT_URL", place.endpoint)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", USER)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        yield place
    S3FileSystem.clear_instance_cache()


@pytest.fixture
def sftp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SftpPlace]:
    with serve_sftp(tmp_path / "served") as place:
        (tmp_path / "home" / ".ssh" / "known_hosts").write_text(place.known_host)
        monkeypatch.setenv("FSSPEC_SFTP_PASSWORD", SECRET)
        # fsspec has read the environment when it was imported
        monkeypatch.setitem(fsspec.config.conf, "sftp", {"password": SECRET})
        yield place


@pytest.fixture(params=["s3", "sftp", "file"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return (
        FolderPlace(tmp_path / "there") if request.param == "file" else request.getfixturevalue(request.param)
    )


@pytest.fixture(params=["s3", "sftp"])
def server(request: pytest.FixtureRequest) -> Place:
    """A place that notices when it is read."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def landing(database_settings: Settings, tmp_path: Path) -> Settings:
    """A landing folder of the test's own, an empty ledger, no place yet."""
    settings = database_settings.model_copy(
        update={"landing_dir": tmp_path / "landing", "archive_dir": tmp_path / "archive"}
    )
    settings.landing.mkdir()
    with connect(Role.ADMIN, settings) as connection:
        connection.execute("truncate ops.load restart identity cascade")
    return settings


def at(settings: Settings, url: str, **changes: object) -> Settings:
    return settings.model_copy(update={"landing_url": SecretStr(url), **changes})


def names(settings: Settings) -> list[str]:
    """The files of landing that may be loaded."""
    return sorted(str(path.relative_to(settings.landing)) for path in scan(settings))


def unfinished(settings: Settings) -> list[Path]:
    return list(settings.landing.rglob("*.part"))


def between_listings(monkeypatch: pytest.MonkeyPatch, happen: Callable[[], None]) -> None:
    """Let something happen once, in the wait before young files are listed again; then no wait takes time."""
    events = iter([happen])
    clock = SimpleNamespace(time=time.time, sleep=lambda _seconds: next(events, lambda: None)())
    monkeypatch.setattr("tradewind.fetching.run.time", clock)


def run_child(settings: Settings, *, is_before_rename: bool) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", CHILD.format(is_before_rename=is_before_rename)],
        env={
            **os.environ,
            "PYTHONPATH": f"{PROJECT_ROOT / 'dags'}:{PROJECT_ROOT}",
            "TRADEWIND_STATE_DIR": str(settings.state_dir),
            "TRADEWIND_LANDING_DIR": str(settings.landing),
            "TRADEWIND_LANDING_URL": settings.place_url,
            "TRADEWIND_POSTGRES_PORT": str(settings.postgres_port),
            "TRADEWIND_SETTLE_SECONDS": "0",
        },
    )


def test_a_file_comes_once_with_its_folders_and_its_time(place: Place, landing: Settings) -> None:
    settings = at(landing, place.url)
    place.put("store=a/v.csv", FIRST, OLD)
    fetched = settings.landing / "store=a" / "v.csv"
    assert fetch(settings) == [fetched]
    assert fetched.read_bytes() == FIRST
    assert fetched.stat().st_mtime == OLD
    assert fetch(settings) == [], "it lies in landing"
    (result,) = load_files(scan(settings), settings)
    assert (result.state, result.path) == ("loaded", "store=a/v.csv")
    fetched.unlink()
    assert fetch(settings) == [], "the ledger knows it"


def test_a_changed_file_comes_again_and_takes_the_place_of_the_first(place: Place, landing: Settings) -> None:
    settings = at(landing, place.url)
    place.put("v.csv", FIRST, OLD)
    fetch(settings)
    load_files(scan(settings), settings)
    place.put("v.csv", SECOND, OLD + 0.25)
    assert [path.read_bytes() for path in fetch(settings)] == [SECOND]
    assert [result.records_loaded for result in load_files(scan(settings), settings)] == [2]
    assert fetch(settings) == []


def test_a_version_that_was_not_loaded_yet_is_not_overwritten(place: Place, landing: Settings) -> None:
    settings = at(landing, place.url)
    write(settings.landing / "v.csv", FIRST, OLD)
    place.put("v.csv", SECOND, OLD + 60)
    assert fetch(settings) == []
    assert (settings.landing / "v.csv").read_bytes() == FIRST
    load_files(scan(settings), settings)
    assert [path.read_bytes() for path in fetch(settings)] == [SECOND]


def test_a_file_that_is_being_written_waits_until_it_stays_the_same(
    place: Place, landing: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = at(landing, place.url, settle_seconds=1.0)
    place.put("done.csv", FIRST, OLD)
    place.put("growing.csv", FIRST[:20], time.time())
    between_listings(monkeypatch, lambda: place.put("growing.csv", FIRST, time.time() + 1))
    assert [path.name for path in fetch(settings)] == ["done.csv"]
    between_listings(monkeypatch, lambda: None)
    assert [path.read_bytes() for path in fetch(settings)] == [FIRST]


def test_a_file_that_vanishes_before_it_is_read_stops_nothing(
    place: Place, landing: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = at(landing, place.url, settle_seconds=1.0)
    place.put("gone.csv", FIRST, OLD)
    place.put("stays.csv", FIRST, time.time())
    between_listings(monkeypatch, lambda: place.remove("gone.csv"))
    assert [path.name for path in fetch(settings)] == ["stays.csv"]
    assert not unfinished(settings)


@pytest.mark.parametrize("content", [FIRST[:-5], SECOND * 3], ids=["shrinks", "grows"])
def test_a_file_that_changes_while_it_is_fetched_is_left_for_the_next_time(
    server: Place, landing: Settings, content: bytes
) -> None:
    settings = at(landing, server.url)
    server.put("v.csv", SECOND, OLD)

    def change(path: str) -> None:
        server.while_reading = None
        server.put(path, content, OLD + 60)

    server.while_reading = change
    assert fetch(settings) == []
    assert names(settings) == []
    assert not unfinished(settings)
    assert [path.read_bytes() for path in fetch(settings)] == [content]


def test_a_file_that_vanishes_while_it_is_fetched_leaves_nothing(server: Place, landing: Settings) -> None:
    settings = at(landing, server.url)
    server.put("v.csv", FIRST, OLD)
    server.while_reading = server.remove
    assert fetch(settings) == []
    assert names(settings) == []
    assert not unfinished(settings)


def test_a_kill_while_a_file_is_read_leaves_nothing_that_is_loaded(server: Place, landing: Settings) -> None:
    settings = at(landing, server.url)
    server.put("v.csv", FIRST * 20_000, OLD)
    reading, killed = threading.Event(), threading.Event()

    def wait_for_the_kill(_path: str) -> None:
        reading.set()
        killed.wait(20)

    server.while_reading = wait_for_the_kill
    child = run_child(settings, is_before_rename=False)
    try:
        assert reading.wait(60), "the child never came to read"
    finally:
        child.kill()
        child.wait()
        killed.set()
    assert len(unfinished(settings)) == 1
    assert names(settings) == []
    server.while_reading = None
    assert [path.stat().st_size for path in fetch(settings)] == [len(FIRST) * 20_000]
    assert not unfinished(settings)


def test_a_kill_between_copy_and_rename_leaves_nothing_that_is_loaded(
    place: Place, landing: Settings
) -> None:
    settings = at(landing, place.url)
    place.put("v.csv", FIRST, OLD)
    child = run_child(settings, is_before_rename=True)
    assert child.wait(60) == -signal.SIGKILL
    assert [path.read_bytes() for path in unfinished(settings)] == [FIRST]
    assert names(settings) == []
    assert [path.name for path in fetch(settings)] == ["v.csv"]
    assert not unfinished(settings)


BAD_NAMES = {"line\nbreak.csv": "control character", f"{'x' * 120}/" * 9 + "v.csv": "too long"}


@pytest.mark.parametrize("name", BAD_NAMES, ids=BAD_NAMES.values())
def test_a_bad_name_is_left_alone_and_told(
    place: Place, landing: Settings, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    place.put(name, FIRST, OLD)
    place.put("good.csv", FIRST, OLD)
    assert [path.name for path in fetch(at(landing, place.url))] == ["good.csv"]
    (told,) = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert BAD_NAMES[name] in told
    assert "\n" not in told
    assert len(told) < 300


def test_names_of_any_bytes_come_once_each(
    place: Place, landing: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    if isinstance(place, S3Place):
        pytest.skip("a key of S3 is always UTF-8: names of other bytes come from folders and SFTP alone")
    settings = at(landing, place.url)
    gbk = [os.fsdecode(word.encode("gbk") + b".csv") for word in ("库存", "广告")]
    for name, content in zip([*gbk, r"\xb1.csv"], [FIRST, SECOND, SECOND * 2], strict=True):
        place.put(name, content, OLD)
    assert {path.name for path in fetch(settings)} == {*gbk, r"\xb1.csv"}
    load_files(scan(settings), settings)
    for name in [*gbk, r"\xb1.csv"]:
        (settings.landing / name).unlink()
    assert fetch(settings) == [], "the ledger knows each of them"
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize("name", ["../out.csv", "a/../../out.csv", "/out.csv", "a//b.csv", "./v.csv"])
def test_a_name_that_leads_out_of_landing_is_left_alone_and_told(
    server: Place, landing: Settings, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    if isinstance(server, S3Place):
        server.put(name, FIRST, OLD)
    else:
        server.invented.append(name)
    server.put("good.csv", FIRST, OLD)
    assert [path.name for path in fetch(at(landing, server.url))] == ["good.csv"]
    assert [record for record in caplog.records if "is left alone: its name" in record.getMessage()]
    assert not list(landing.landing.parent.rglob("out.csv"))


def test_hidden_files_downloads_under_way_and_links_are_passed_over(
    tmp_path: Path, place: Place, landing: Settings
) -> None:
    for name in [".hidden.csv", ".git/v.csv", "v.csv.part", "v.tmp"]:
        place.put(name, FIRST, OLD)
    if not isinstance(place, S3Place):
        write(tmp_path / "elsewhere" / "v.csv", FIRST, OLD)
        root = place.folder / "shop" if isinstance(place, SftpPlace) else place.folder
        (root / "linked").symlink_to(tmp_path / "elsewhere")
        (root / "linked.csv").symlink_to(tmp_path / "elsewhere" / "v.csv")
    assert fetch(at(landing, place.url)) == []


def test_what_is_in_the_way_in_landing_stays(
    place: Place, landing: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (landing.landing / "folder.csv").mkdir()
    write(landing.landing / "file", FIRST, OLD)
    (tmp_path / "elsewhere").mkdir()
    (landing.landing / "linked").symlink_to(tmp_path / "elsewhere")
    for name in ["folder.csv", "file/v.csv", "linked/v.csv", "good.csv"]:
        place.put(name, FIRST, OLD)
    assert [path.name for path in fetch(at(landing, place.url))] == ["good.csv"]
    assert len([record for record in caplog.records if "in its way" in record.getMessage()]) == 3
    assert not list((tmp_path / "elsewhere").iterdir())


@pytest.mark.parametrize("with_url", [False, True], ids=["environment", "url"])
def test_wrong_credentials_are_told_without_them(
    server: Place, landing: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
    with_url: bool,
) -> None:  # fmt: skip
    wrong = "hunter2-and/more"
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", wrong)
    monkeypatch.setitem(fsspec.config.conf, "sftp", {"password": wrong})
    url = (
        server.url.replace("://", f"://{USER}:{wrong}@").replace(f"{USER}@1", "1") if with_url else server.url
    )
    with caplog.at_level(logging.DEBUG), pytest.raises(FetchError) as caught:
        fetch(at(landing, url))
    everything = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert "hunter2" not in everything
    assert "and/more" not in everything
    assert SECRET not in everything
    if not with_url:
        assert "check the credentials" in str(caught.value)
    assert "hunter2" not in repr(at(landing, url))


def test_a_server_that_nobody_vouches_for_is_not_logged_in_to(
    sftp: SftpPlace, landing: Settings, tmp_path: Path
) -> None:
    known = tmp_path / "home" / ".ssh" / "known_hosts"
    sftp.put("v.csv", FIRST, OLD)
    known.write_text("")
    with pytest.raises(FetchError, match=r"not in ~/\.ssh/known_hosts"):
        fetch(at(landing, sftp.url))
    with serve_sftp(tmp_path / "other") as other:
        known.write_text(other.known_host.replace(str(other.port), str(sftp.port)))
    with pytest.raises(FetchError, match="shows another key"):
        fetch(at(landing, sftp.url))
    assert not sftp.listings


def test_a_place_that_does_not_exist_is_told(place: Place, landing: Settings) -> None:
    absent = "s3://nowhere/shop" if isinstance(place, S3Place) else f"{place.url}/nowhere"
    with pytest.raises(FetchError, match="there is nothing at"):
        fetch(at(landing, absent))


def test_a_server_that_is_down_is_told(
    server: Place, landing: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    url = server.url if isinstance(server, S3Place) else server.url.replace(str(server.port), "9")
    with pytest.raises(FetchError, match="cannot be reached"):
        fetch(at(landing, url))


@pytest.mark.parametrize("url", ["nonsense://host/x", "s3://", "sftp://u:pa/ss@host/x", "gs://bucket/x"])
def test_a_url_that_means_nothing_is_told_without_its_user(landing: Settings, url: str) -> None:
    with pytest.raises(FetchError) as caught:
        fetch(at(landing, url))
    assert "pa/ss" not in "".join(traceback.format_exception(caught.value))


def test_a_folder_that_holds_landing_is_refused(landing: Settings) -> None:
    for folder in [landing.landing, landing.landing.parent, landing.landing / "below"]:
        with pytest.raises(FetchError, match="hold one another"):
            fetch(at(landing, f"file://{folder}"))


def test_a_file_instead_of_a_folder_is_refused(place: Place, landing: Settings) -> None:
    place.put("v.csv", FIRST, OLD)
    with pytest.raises(FetchError):
        fetch(at(landing, f"{place.url}/v.csv"))
    assert names(landing) == []


def test_one_file_that_may_not_be_read_does_not_hold_up_the_others(server: Place, landing: Settings) -> None:
    settings = at(landing, server.url)
    for name in ["a.csv", "b.csv", "c.csv"]:
        server.put(name, FIRST, OLD)
    server.denied.add("b.csv")
    with pytest.raises(FetchError, match=r"1 files at .* may not be read, b\.csv first"):
        fetch(settings)
    assert names(settings) == ["a.csv", "c.csv"]


def test_a_thousand_small_files_are_listed_once(server: Place, landing: Settings) -> None:
    settings = at(landing, server.url)
    for number in range(1000):
        server.put(f"v{number:04}.csv", FIRST, OLD)
    assert len(fetch(settings)) == 1000
    assert server.listings == 1
    assert fetch(settings) == []
    assert server.listings == 2
    assert set(server.reads.values()) == {1}
    assert len(server.reads) == 1000


def test_two_fetches_at_once_fetch_each_file_once(server: Place, landing: Settings) -> None:
    settings = at(landing, server.url)
    for number in range(20):
        server.put(f"v{number:02}.csv", FIRST, OLD)
    with ThreadPoolExecutor(2) as pool:
        shares = [share.result() for share in [pool.submit(fetch, settings) for _ in range(2)]]
    assert sorted(path.name for share in shares for path in share) == [f"v{n:02}.csv" for n in range(20)]
    assert set(server.reads.values()) == {1}


def test_without_a_place_nothing_is_done(landing: Settings) -> None:
    assert fetch(landing) == []
    assert fetch(at(landing, "")) == []
    assert not (landing.landing / PARTS).exists()


def test_a_url_is_shown_without_user_and_query() -> None:
    assert mask("sftp://me:p@ss/w@host:22/x") == "sftp://***@host:22/x"
    assert mask("abfs://box/x?sig=secret") == "abfs://box/x?***"
    assert mask("s3://exports/shop") == "s3://exports/shop"


def test_remote_work_has_the_name_that_it_gets_in_landing(place: Place, landing: Settings) -> None:
    settings = at(landing, place.url)
    place.put("store=a/v.csv", FIRST, OLD + 0.123456)
    waiting = RemoteWork(settings).look()
    assert len(waiting) == 1
    fetch(settings)
    assert find_work(settings) == waiting, "one arrival must not start two runs"
    assert RemoteWork(settings).look() == frozenset()


def test_an_upload_under_way_is_no_work_until_it_stays_the_same(place: Place, landing: Settings) -> None:
    settings = at(landing, place.url, settle_seconds=1.0)
    remote = RemoteWork(settings)
    place.put("v.csv", FIRST[:20], time.time())
    assert remote.look() == frozenset()
    place.put("v.csv", FIRST, time.time() + 1)
    assert remote.look() == frozenset()
    assert len(remote.look()) == 1
    assert len(find_new(settings)) == 1, "a look copies nothing"


def test_a_place_that_fails_twice_is_work(landing: Settings, tmp_path: Path) -> None:
    there = FolderPlace(tmp_path / "there")
    remote = RemoteWork(at(landing, f"{there.url}/later"))
    assert [remote.look(), remote.look()] == [frozenset(), frozenset({UNREADABLE_PLACE})]
    (there.folder / "later").mkdir()
    assert remote.look() == frozenset()


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[[Settings], int]:
    """`make fetch` up to the build, which has tests of its own."""
    monkeypatch.setattr(cli, "_build_here", lambda *_: None)
    console = Console(file=io.StringIO())
    return lambda settings: cli.fetch(settings, argparse.Namespace(), console)


def test_the_command_loads_what_it_fetches_and_what_a_cut_off_fetch_left(
    place: Place, landing: Settings, command: Callable[[Settings], int]
) -> None:
    settings = at(landing, place.url)
    place.put("fetched.csv", FIRST, OLD)
    write(settings.landing / "left.csv", SECOND, OLD)
    assert command(settings) == 0
    assert names(settings) == []
    assert command(settings) == 0, "nothing is new"


def test_the_command_says_what_is_wrong_when_it_has_loaded_the_rest(
    server: Place, landing: Settings, command: Callable[[Settings], int]
) -> None:
    settings = at(landing, server.url)
    server.put("a.csv", FIRST, OLD)
    server.put("b.csv", SECOND, OLD)
    server.denied.add("b.csv")
    with pytest.raises(FetchError, match="may not be read"):
        command(settings)
    with connect(Role.ADMIN, settings) as connection:
        rows = connection.execute("select file_path, state from ops.load").fetchall()
    assert rows == [("a.csv", "loaded")]


def test_the_command_without_a_place_says_which_setting_is_missing(
    landing: Settings, command: Callable[[Settings], int]
) -> None:
    with pytest.raises(FetchError, match="TRADEWIND_LANDING_URL"):
        command(landing)
