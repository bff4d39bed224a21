"""Full disks: the load fails and says so, nothing of it is there, and once there is room it loads."""

from __future__ import annotations

import gzip
import os
import random
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from infra.stack.database import embedded_server
from infra.stack.postgres import EmbeddedPostgres
from tests.torture.checker import check
from tests.torture.loader_process import wait_for
from tests.torture.nemesis import SmallDisk
from tests.torture.offers import BAD_ROWS, LARGE_ROWS, Batch, Platform
from tests.warehouses import own_warehouse
from tradewind.disk import takes_no_more
from tradewind.fetching import FetchError, fetch
from tradewind.landing import ensure_raw_tables, load_files, scan
from tradewind.landing.load import MAX_ATTEMPTS
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

SEGMENT_BYTES = 16 << 20
# what is left in the server's last segment of log when the disk is full: less than a file needs
LEFT_BYTES = 64 << 10
MESSAGE_BYTES = 256 << 10


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with own_warehouse(tmp_path_factory.mktemp("disks") / "state", is_durable=True) as settings:
        ensure_raw_tables(settings)
        yield settings


@pytest.fixture
def disk(warehouse: Settings) -> Iterator[SmallDisk]:
    with mounted(warehouse, 8 << 20) as small:
        yield small


@pytest.fixture
def platform(warehouse: Settings) -> Iterator[Platform]:
    with administrator(warehouse) as connection:
        connection.execute(
            "truncate ops.load, raw.meta_ads_campaign_daily, raw.amazon_seller_feedback"
            " restart identity cascade"
        )
    yield Platform(warehouse.landing, random.Random(7))
    for file in warehouse.landing.iterdir():
        file.unlink()


@contextmanager
def mounted(settings: Settings, size: int) -> Iterator[SmallDisk]:
    # where the server's own user reaches it
    folder = settings.state_dir / "disk"
    with SmallDisk.mounted(folder, size) as small:
        if small is None:
            folder.rmdir()
            pytest.skip(
                "a full disk has to be a real one, and nobody else's: mounting a small tmpfs needs root with "
                "CAP_SYS_ADMIN, which this process has not"
            )
        yield small
    folder.rmdir()


@contextmanager
def administrator(settings: Settings) -> Iterator[psycopg.Connection]:
    with connect(Role.ADMIN, settings, autocommit=True) as connection:
        yield connection


def require_nothing_there(settings: Settings, files: Sequence[Path]) -> None:
    """No row of them is there, no outcome, and no try is held against them: they are still to be loaded."""
    with administrator(settings) as connection:
        outcomes = connection.execute("select count(*) from ops.load").fetchall()
        tries = connection.execute("select count(*) from ops.load_attempt").fetchall()
        rows = connection.execute(
            "select (select count(*) from raw.meta_ads_campaign_daily)"
            " + (select count(*) from raw.amazon_seller_feedback)"
        ).fetchall()
    assert (outcomes, tries, rows) == ([(0,)], [(0,)], [(0,)])
    assert scan(settings) == sorted(files)


def require_all_there(settings: Settings, batch: Batch) -> None:
    load_files(batch.paths, settings)
    with administrator(settings) as connection:
        findings = check(connection, batch.offers)
    assert not findings, str(findings)


@contextmanager
def log_on(disk: SmallDisk, server: EmbeddedPostgres) -> Iterator[None]:
    """The server's write-ahead log lies on the disk."""
    log = server.data_dir / "pg_wal"
    server.stop()
    elsewhere = disk.server_folder() / "pg_wal"
    move(log, elsewhere)
    log.symlink_to(elsewhere)
    server.start()
    try:
        yield
    finally:
        disk.free()
        server.stop()
        log.unlink()
        move(elsewhere, log)
        server.start()


def is_up_again(server: EmbeddedPostgres, settings: Settings) -> bool:
    """Start the server unless it runs; whether it answers, as it does not while it ends or recovers."""
    with suppress(RuntimeError, psycopg.OperationalError):
        server.start()
        connect(Role.ADMIN, settings).close()
        return True
    return False


def move(folder: Path, target: Path) -> None:
    """Move a folder of the server's across disks; the files stay the server's."""
    owner = folder.stat()
    shutil.move(folder, target)
    for path in (target, *target.rglob("*")):
        os.chown(path, owner.st_uid, owner.st_gid)


def use_up_log(connection: psycopg.Connection) -> None:
    """Write log until the server has no segment ready, and in its last less room than a file needs."""
    while True:
        [(ready, used)] = connection.execute(
            """
            select count(*) filter (where name > pg_walfile_name(pg_current_wal_insert_lsn())),
                (pg_current_wal_insert_lsn() - '0/0'::pg_lsn) %% %s
            from pg_ls_waldir()
            where length(name) = 24
            """,
            [SEGMENT_BYTES],
        ).fetchall()
        spare = int(SEGMENT_BYTES - used) - LEFT_BYTES
        if spare < 0 and not ready:
            return
        size = max(1, min(MESSAGE_BYTES, spare if not ready else MESSAGE_BYTES))
        connection.execute("select pg_logical_emit_message(false, '', repeat('x', %s))", [size])


def test_p7_full_disk_of_the_servers_log_ends_the_server_and_loses_nothing(
    warehouse: Settings, platform: Platform
) -> None:
    server = embedded_server(warehouse)
    assert server is not None
    with mounted(warehouse, 256 << 20) as disk, log_on(disk, server):
        before, batch = platform.offer_large(), platform.offer_large()
        require_all_there(warehouse, before)
        disk.fill()
        with administrator(warehouse) as connection:
            use_up_log(connection)
        with pytest.raises(psycopg.OperationalError):
            load_files(batch.paths, warehouse)
        disk.free()
        wait_for(lambda: is_up_again(server, warehouse), "the server does not start again")
        with administrator(warehouse) as connection:
            assert not check(connection, before.offers)
            [(loads,)] = connection.execute("select count(*) from ops.load").fetchall()
        assert loads == len(before.offers)
        require_all_there(warehouse, batch)


def test_p7_full_disk_of_the_servers_temporary_tables(
    warehouse: Settings, platform: Platform, disk: SmallDisk
) -> None:
    file = warehouse.landing / "feedback.csv"
    ratings = (f"2026-06-01,5,Person {n} wrote this,,111-0000000-{n:07},\n" for n in range(20_000))
    file.write_text("Date,Rating,Comments,Your Response,Order ID,Rater Email\n" + "".join(ratings))
    with administrator(warehouse) as connection:
        # originals go through a temporary table once somebody was erased
        connection.execute(
            "with erasure as ("
            " insert into ops.erasure (load_ids, counts) values ('{}', '{}') returning erasure_id)"
            " insert into ops.erased_pseudonym (pseudonym, erasure_id) select repeat('0', 32), erasure_id"
            " from erasure"
        )
        connection.execute(f"create tablespace temporary location '{disk.server_folder()}'".encode())
        connection.execute(f"grant create on tablespace temporary to {Role.LOADER}".encode())
        connection.execute(f"alter role {Role.LOADER} set temp_tablespaces = 'temporary'".encode())
    try:
        disk.fill()
        with pytest.raises(psycopg.errors.DiskFull):
            load_files([file], warehouse)
        require_nothing_there(warehouse, [file])
        disk.free()
        [result] = load_files([file], warehouse)
        assert (result.state, result.records_loaded) == ("loaded", 20_000)
    finally:
        with administrator(warehouse) as connection:
            connection.execute(f"alter role {Role.LOADER} reset temp_tablespaces".encode())
            connection.execute("drop tablespace temporary")
            connection.execute("truncate ops.erasure cascade")


def test_p7_full_disk_of_the_servers_messages_holds_up_nothing(
    warehouse: Settings, platform: Platform, disk: SmallDisk
) -> None:
    server = embedded_server(warehouse)
    assert server is not None
    log = server.data_dir / "server.log"
    log.unlink()
    log.symlink_to(disk.server_folder() / "server.log")
    server.stop()
    server.start()
    try:
        disk.fill()
        with administrator(warehouse) as connection, pytest.raises(psycopg.errors.RaiseException):
            connection.execute(
                "do $$ begin raise warning '%', repeat('x', 8192); raise exception 'said'; end $$"
            )
        assert "said" not in log.read_text()
        require_all_there(warehouse, platform.offer_large())
    finally:
        server.stop()
        log.unlink()
        server.start()


@pytest.mark.parametrize("name", ["ads.csv.gz", "ads.zip"])
def test_p7_full_disk_for_unpacked_files_is_not_the_files_fault(
    warehouse: Settings, platform: Platform, disk: SmallDisk, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    [plain] = platform.offer_large().paths
    packed = warehouse.landing / name
    if name.endswith(".zip"):
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(plain, plain.name)
    else:
        packed.write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
    monkeypatch.setattr(tempfile, "tempdir", str(disk.folder))
    disk.fill()
    for _ in range(MAX_ATTEMPTS + 1):
        with pytest.raises(OSError, check=takes_no_more):
            load_files([packed], warehouse)
    require_nothing_there(warehouse, [packed])
    disk.free()
    [result, *_] = load_files([packed], warehouse)
    assert (result.state, result.records_loaded) == ("loaded", LARGE_ROWS - BAD_ROWS)


def test_p7_full_disk_of_the_archive(warehouse: Settings, platform: Platform, disk: SmallDisk) -> None:
    settings = warehouse.model_copy(update={"archive_dir": disk.folder})
    batch = platform.offer_large()
    disk.fill()
    with pytest.raises(OSError, check=takes_no_more):
        load_files(batch.paths, settings)
    require_nothing_there(settings, batch.paths)
    assert not [file for file in (disk.folder / "unfinished").rglob("*") if file.is_file()]
    disk.free()
    require_all_there(settings, batch)


def test_p7_full_disk_of_landing_keeps_what_was_fetched_and_goes_on_later(
    warehouse: Settings, platform: Platform, disk: SmallDisk, tmp_path: Path
) -> None:
    [plain] = platform.offer_large().paths
    place = tmp_path / "place"
    place.mkdir()
    plain.rename(place / plain.name)
    landing = disk.folder / "landing"
    settings = warehouse.model_copy(update={"landing_dir": landing, "landing_url": SecretStr(place.as_uri())})
    landing.mkdir()
    disk.fill()
    with pytest.raises(FetchError, match="disk full"):
        fetch(settings)
    assert scan(settings) == []
    disk.free()
    assert [file.name for file in fetch(settings)] == [plain.name]
