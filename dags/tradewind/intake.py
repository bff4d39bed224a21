"""Brings files into landing, under the folders that say what the files themselves do not: store, account."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path

from tradewind.landing.files import Stamp, is_temporary
from tradewind.landing.reasons import describe
from tradewind.settings import Settings

FOLDER_VALUE = re.compile(r"[^/\\=\x00-\x1f]{1,100}")
# file systems allow so many bytes for one name
MAX_NAME_BYTES = 255


class IntakeError(ValueError):
    """What was asked for cannot be brought into landing; the message says why."""


@dataclass(frozen=True)
class Arrival:
    """A file in landing: where it came from, where it lies, its hash and stamp, and whether it is new there.

    With a `problem`, a sentence, it did not get there; hash and stamp are None where it could not be read.
    """

    source: Path
    path: Path
    sha256: str | None
    is_new: bool
    stamp: Stamp | None = None
    problem: str | None = None


def bring(
    sources: Iterable[str], settings: Settings, *, facts: dict[str, str] | None = None
) -> list[Arrival]:
    """Copy files, whole folders or globs into landing, with their modification times.

    `facts` become folders (`{"store": "lumen-au"}` → `store=lumen-au/`); what a source folder holds keeps its
    own folders below. Another file of the same name is never overwritten: the newcomer gets a folder of its
    own, named by its hash, because reports may say their period in the file's name. A file that cannot be
    brought is among the arrivals with its problem, and keeps back no other.

    Raises:
        IntakeError: nothing is there, or a fact cannot be a folder's name.
    """
    facts = facts or {}
    for key, value in facts.items():
        name = f"{key}={value}"
        is_name = FOLDER_VALUE.fullmatch(value) and len(os.fsencode(name)) <= MAX_NAME_BYTES
        # what looks like a download under way is never loaded
        if not is_name or value in (".", "..") or is_temporary(name):
            raise IntakeError(f"{key} {value!r} cannot be the name of a folder")
    folder = settings.landing.joinpath(*(f"{key}={value}" for key, value in facts.items()))
    arrivals = []
    for path, below, problem in list(_expand(sources)):
        try:
            arrivals.append(
                Arrival(path, path, None, is_new=False, problem=problem)
                if problem
                else _bring_file(path, folder / below, settings.landing)
            )
        except OSError as error:
            arrivals.append(Arrival(path, path, None, is_new=False, problem=_in_words(error)))
    return arrivals


def take(paths: Iterable[Path]) -> list[Arrival]:
    """The arrivals of what lies in landing already, whatever it is."""
    arrivals = []
    for path in paths:
        try:
            arrivals.append(Arrival(path, path, None, is_new=True, stamp=Stamp.of(path.lstat())))
        except OSError as error:
            arrivals.append(Arrival(path, path, None, is_new=False, problem=_in_words(error)))
    return arrivals


def _expand(sources: Iterable[str]) -> Iterator[tuple[Path, Path, str | None]]:
    """Each file with the path it gets below the landing folder, or with what keeps it from being one."""
    for source in sources:
        try:
            found = [item for root in _roots(source) for item in _files(root)]
        except (OSError, RuntimeError) as error:
            # nobody's home, a name too long, a folder that may not be entered
            raise IntakeError(f"{source} cannot be read: {_in_words(error)}") from error
        if not found:
            raise IntakeError(f"no file at {source}")
        yield from found


def _roots(source: str) -> list[Path]:
    named = Path(source).expanduser()
    if os.path.lexists(named):
        return [named]
    # Path.glob takes no absolute pattern
    return [Path(match) for match in sorted(glob(str(named), recursive=True))] if has_magic(source) else []  # noqa: PTH207


def _files(root: Path) -> Iterator[tuple[Path, Path, str | None]]:
    if not root.is_dir():
        yield root, Path(root.name), _is_no_export(root.name) or _fault(root)
        return
    unread: list[OSError] = []
    # a folder may be named with a link, which is then looked into; links within it are not
    for folder, folders, names in os.walk(root, onerror=unread.append):
        linked = [name for name in folders if Path(folder, name).is_symlink()]
        folders[:] = sorted(name for name in folders if not is_temporary(name) and name not in linked)
        for name in sorted([*names, *linked]):
            path = Path(folder, name)
            # what is hidden is nobody's export, unless it is named by itself
            if not name.startswith("."):
                yield path, path.relative_to(root), _is_no_export(name) or _fault(path)
    for error in unread:
        path = Path(os.fsdecode(error.filename))
        yield path, path.relative_to(root), _in_words(error)


def _is_no_export(name: str) -> str | None:
    """Why a file of this name is never loaded, or None."""
    if name.startswith("~$"):
        return describe("lock_file", {})
    if name.startswith("."):
        return "is a hidden file, which is never loaded: rename it"
    return "looks like a download under way: rename it" if is_temporary(name) else None


def _fault(path: Path) -> str | None:
    """Why the entry is no file, or None."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return "is a link that leads nowhere" if path.is_symlink() else "is gone"
    except (OSError, RuntimeError):
        return "is a link that leads nowhere"
    if stat.S_ISDIR(mode):
        return "is a linked folder, which is not followed: name it by itself"
    return None if stat.S_ISREG(mode) else "is no file but a pipe, a socket or a device"


def _bring_file(source: Path, target: Path, landing: Path) -> Arrival:
    actual, root = source.resolve(), landing.resolve()
    if actual.is_relative_to(root):
        # the loader says what is wrong with a file that is in landing, also where it may not be read
        return _arrived(source, landing / actual.relative_to(root), _hash_if_readable(actual), is_new=False)
    sha256 = _hash(source)
    for place in (target, target.parent / sha256[:8] / target.name, target.parent / sha256 / target.name):
        if not os.path.lexists(place):
            _copy(source, place)
            return _arrived(source, place, sha256, is_new=True)
        if place.is_file() and not place.is_symlink() and _hash(place) == sha256:
            return _arrived(source, place, sha256, is_new=False)
    raise FileExistsError(17, "landing has other files in its place", str(target))


def _arrived(source: Path, path: Path, sha256: str | None, *, is_new: bool) -> Arrival:
    return Arrival(source, path, sha256, is_new, Stamp.of(path.lstat()))


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    # the watcher must never see half a file; the name of a file may be as long as any name may be
    descriptor, unfinished = tempfile.mkstemp(prefix=".", suffix=".part", dir=target.parent)
    os.close(descriptor)
    try:
        shutil.copy2(source, unfinished)
        Path(unfinished).replace(target)
    finally:
        Path(unfinished).unlink(missing_ok=True)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _hash_if_readable(path: Path) -> str | None:
    try:
        return _hash(path)
    except PermissionError:
        return None


def _in_words(error: OSError | RuntimeError) -> str:
    said = error.strerror if isinstance(error, OSError) else None
    return said or str(error)
