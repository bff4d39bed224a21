"""The archive holds bytes under their own hash or not at all, on the disk before anybody counts on it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from unittest import mock

import pytest

from tradewind.landing import archive
from tradewind.landing.archive import BytesChangedError, archived_file
from tradewind.settings import Settings

CONTENTS = {hashlib.sha256(data).hexdigest(): data for data in (b"one", b"two", b"x" * 70_000)}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, state_dir=tmp_path / "state", archive_dir=tmp_path / "archive")


def files(settings: Settings) -> list[Path]:
    return [file for file in settings.archive.rglob("*") if file.is_file()]


def test_bytes_are_kept_under_their_own_hash_alone(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_bytes(b"now")
    descriptor = os.open(file, os.O_RDONLY)
    with pytest.raises(BytesChangedError):
        archive.keep(descriptor, hashlib.sha256(b"as it was").hexdigest(), settings)
    assert files(settings) == []
    digest = hashlib.sha256(b"now").hexdigest()
    archive.keep(descriptor, digest, settings)
    os.close(descriptor)
    assert files(settings) == [archived_file(digest, settings)]
    assert archived_file(digest, settings).read_bytes() == b"now"


def test_many_small_files_are_synced_before_they_are_seen(settings: Settings) -> None:
    seen: list[list[Path]] = []
    sync = archive._sync

    def look_and_sync(unfinished: list[Path]) -> None:
        seen.append([file for file in files(settings) if file.parent.name != "unfinished"])
        assert [file.read_bytes() for file in unfinished] == list(CONTENTS.values())
        sync(unfinished)

    with mock.patch.object(archive, "_sync", look_and_sync):
        archive.keep_all(CONTENTS, settings)
        archive.keep_all(CONTENTS, settings)
    assert seen == [[]]
    assert {file.name: file.read_bytes() for file in files(settings)} == CONTENTS
    assert {file.stat().st_mode & 0o777 for file in files(settings)} == {0o600}


@pytest.mark.parametrize("has_syncfs", [True, False])
def test_one_call_syncs_all_where_the_system_has_it(settings: Settings, has_syncfs: bool) -> None:
    calls: list[int] = []

    def syncfs(handle: int) -> int:
        calls.append(handle)
        return 0

    with (
        mock.patch.object(archive, "_syncfs", syncfs if has_syncfs else None),
        mock.patch("os.fsync") as fsync,
    ):
        archive.keep_all(CONTENTS, settings)
    assert (len(calls), fsync.call_count) == ((1, 0) if has_syncfs else (0, len(CONTENTS)))


def test_what_cannot_be_synced_is_not_kept(settings: Settings) -> None:
    with mock.patch.object(archive, "_syncfs", lambda _handle: -1), pytest.raises(OSError):
        archive.keep_all(CONTENTS, settings)
    assert files(settings) == []
