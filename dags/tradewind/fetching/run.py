"""What a place elsewhere has and neither the ledger nor landing knows, copied whole or not at all."""

from __future__ import annotations

import fcntl
import logging
import os
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tradewind.fetching.names import show
from tradewind.fetching.place import FetchError, Place, RemoteFile, open_place
from tradewind.landing.files import Stamp, leads_out, ledger_path
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

logger = logging.getLogger(__name__)

# hidden, so that nothing in it is taken for an export; below landing, so that a rename is one step
PARTS = ".fetching"
# an upload that stalls for a moment looks finished: what changed in the last minute is looked at twice
YOUNG_SECONDS = 60

KNOWN = """
select file.position
from unnest(%s::text[], %s::bigint[], %s::timestamptz[]) with ordinality
    as file (path, size, modified_at, position)
where exists (
    select from ops.load
    where file_path = file.path and file_size = file.size and file_modified_at = file.modified_at
        and state <> 'waiting'
)
"""


@dataclass(frozen=True)
class News:
    """Files to be fetched, the versions that landing has of them, and sentences about what is left alone."""

    files: list[RemoteFile]
    in_landing: dict[str, Stamp]
    left_alone: list[str]


def fetch(settings: Settings) -> list[Path]:
    """Copy new files of TRADEWIND_LANDING_URL into landing; returns them when they have settled there.

    A file is new when neither the ledger nor landing has its path with its size and modification time, which
    the copy keeps. It gets its name in landing only when it is whole and did not change meanwhile; otherwise
    it is left for the next time. Without a place nothing is done. One process fetches at a time, the next
    one waits.

    Raises:
        FetchError: the place, or one of its files, cannot be read; what was fetched before stays in landing.
    """
    with open_place(settings) as place:
        if place is None:
            return []
        with _alone(settings) as parts:
            news = find_news(place, settings)
            for sentence in news.left_alone:
                logger.warning("%s", sentence)
            return _fetch(place, _settled(place, news, settings), parts, settings)


def find_new(settings: Settings) -> list[RemoteFile]:
    """What `fetch` would fetch now, were it settled; nothing is copied.

    Raises:
        FetchError: the place cannot be listed.
    """
    with open_place(settings) as place:
        return [] if place is None else find_news(place, settings).files


def find_news(place: Place, settings: Settings) -> News:
    """Compare a listing with landing and the ledger.

    Raises:
        FetchError: the place cannot be listed.
    """
    files, left_alone = place.files()
    wanted: list[RemoteFile] = []
    in_landing: dict[str, Stamp] = {}
    for file in files:
        target = settings.landing / file.path
        here = _stamp_of(target)
        if here == file.stamp:
            continue
        if leads_out(target, settings) or not _may_stand(target, settings):
            left_alone.append(
                f"{show(file.path)} at {place.shown} is left alone: in landing something else is in its way"
            )
            continue
        wanted.append(file)
        if here is not None:
            in_landing[file.path] = here
    known = _find_known([*((file.path, file.stamp) for file in wanted), *in_landing.items()], settings)
    # what lies in landing and was not loaded yet must not be overwritten: its turn comes first
    waiting = {path for path, here in in_landing.items() if (path, here) not in known}
    new = [file for file in wanted if (file.path, file.stamp) not in known and file.path not in waiting]
    return News(new, in_landing, left_alone)


def is_young(file: RemoteFile, settings: Settings) -> bool:
    """Whether a file changed so lately, or by its clock not yet, that it may still be written to."""
    age = time.time() - file.stamp.modified_at.timestamp()
    return settings.settle_seconds > 0 and age < max(YOUNG_SECONDS, settings.settle_seconds)


def _stamp_of(path: Path) -> Stamp | None:
    try:
        return Stamp.of(path.lstat())
    except (FileNotFoundError, NotADirectoryError):
        return None


def _may_stand(target: Path, settings: Settings) -> bool:
    """Whether a file can stand at `target`: no folder is there, and no file where a folder must be."""
    if target.is_dir():
        return False
    between = (parent for parent in target.parents if parent.is_relative_to(settings.landing))
    return all(parent.is_dir() or not parent.exists() for parent in between)


def _find_known(versions: Iterable[tuple[str, Stamp]], settings: Settings) -> set[tuple[str, Stamp]]:
    asked = list(versions)
    if not asked:
        return set()
    with connect(Role.LOADER, settings) as connection:
        rows = connection.execute(
            KNOWN,
            [
                [ledger_path(settings.landing / path, settings) for path, _ in asked],
                [stamp.size for _, stamp in asked],
                [stamp.modified_at for _, stamp in asked],
            ],
        )
        return {asked[position - 1] for (position,) in rows}


def _settled(place: Place, news: News, settings: Settings) -> News:
    """Only files that are old, or the same in a second listing; clocks elsewhere need not agree with ours."""
    young = {file for file in news.files if is_young(file, settings)}
    if not young:
        return news
    time.sleep(settings.settle_seconds)
    moving = young - set(place.files()[0])
    return replace(news, files=[file for file in news.files if file not in moving])


def _fetch(place: Place, news: News, parts: Path, settings: Settings) -> list[Path]:
    fetched: list[Path] = []
    unreadable: list[str] = []
    with ThreadPoolExecutor(place.lanes, thread_name_prefix="fetch") as pool:
        try:
            futures = [
                pool.submit(_fetch_one, place, file, news, parts / f"{number}.part", settings)
                for number, file in enumerate(news.files)
            ]
            for file, future in zip(news.files, futures, strict=True):
                try:
                    if future.result():
                        fetched.append(settings.landing / file.path)
                except PermissionError:
                    unreadable.append(show(file.path))
        finally:
            pool.shutdown(cancel_futures=True)
    logger.info("%d of %d new files fetched from %s", len(fetched), len(news.files), place.shown)
    if unreadable:
        raise FetchError(
            f"{len(unreadable)} files at {place.shown} may not be read, {unreadable[0]} first: give the user "
            "of these credentials the right to read them, or take them away"
        )
    if fetched:
        # the rename is their last change: whoever loads them now need not wait for each of them
        time.sleep(settings.settle_seconds)
    return fetched


def _fetch_one(place: Place, file: RemoteFile, news: News, part: Path, settings: Settings) -> bool:
    """Copy one file; whether it is in landing now."""
    target = settings.landing / file.path
    with _writing(settings):
        part.touch()
    try:
        try:
            if not place.copy(file, part):
                logger.info("%s changed while it was fetched: left for the next time", show(file.path))
                return False
        except FileNotFoundError:
            logger.info("%s went away before it was fetched", show(file.path))
            return False
        with _writing(settings):
            os.utime(part, ns=(file.stamp.microseconds * 1000,) * 2)
            if _stamp_of(target) != news.in_landing.get(file.path):
                # somebody has dropped another version meanwhile: that one is loaded first
                return False
            target.parent.mkdir(parents=True, exist_ok=True)
            part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return True


@contextmanager
def _writing(settings: Settings) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FetchError(
            f"the landing folder {settings.landing} cannot be written to ({error.strerror}): make room, or "
            "give its owner's rights to the user of Tradewind"
        ) from None


@contextmanager
def _alone(settings: Settings) -> Iterator[Path]:
    """The folder for unfinished copies, without what a killed fetch left; other fetches wait meanwhile."""
    parts = settings.landing / PARTS
    with _writing(settings):
        parts.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (parts / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for leftover in parts.glob("*.part"):
            leftover.unlink()
        yield parts
