"""Brings files into landing, under the folders that say what the files themselves do not: store, account."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path

from tradewind.settings import Settings

FOLDER_VALUE = re.compile(r"[^/\\=\x00-\x1f]{1,100}")


class IntakeError(ValueError):
    """What was asked for cannot be brought into landing; the message says why."""


@dataclass(frozen=True)
class Arrival:
    """A file in landing: where it came from, where it lies, its hash, and whether landing had it already."""

    source: Path
    path: Path
    sha256: str
    is_new: bool


def bring(
    sources: Iterable[str], settings: Settings, *, facts: dict[str, str] | None = None
) -> list[Arrival]:
    """Copy files, whole folders or globs into landing, with their modification times.

    `facts` become folders (`{"store": "lumen-au"}` → `store=lumen-au/`); what a source folder holds keeps its
    own folders below. Another file of the same name is never overwritten: the newcomer gets a folder of its
    own, named by its hash, because reports may say their period in the file's name.

    Raises:
        IntakeError: nothing is there, or a fact cannot be a folder's name.
    """
    facts = facts or {}
    for key, value in facts.items():
        if not FOLDER_VALUE.fullmatch(value) or value in (".", ".."):
            raise IntakeError(f"{key} {value!r} cannot be the name of a folder")
    folder = settings.landing.joinpath(*(f"{key}={value}" for key, value in facts.items()))
    return [_bring_file(path, folder / below, settings.landing) for path, below in _expand(sources)]


def _expand(sources: Iterable[str]) -> Iterator[tuple[Path, Path]]:
    """Each file with the path it gets below the landing folder."""
    for source in sources:
        named = Path(source).expanduser()
        if named.exists() or not has_magic(source):
            roots = [named]
        else:
            # Path.glob takes no absolute pattern
            roots = [Path(match) for match in sorted(glob(str(named), recursive=True))]  # noqa: PTH207
        found = False
        for root in roots:
            for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
                if path.is_file() and not any(
                    part.startswith(".") for part in path.relative_to(root.parent).parts
                ):
                    found = True
                    yield path, path.relative_to(root) if root.is_dir() else Path(path.name)
        if not found:
            raise IntakeError(f"no file at {source}")


def _bring_file(source: Path, target: Path, landing: Path) -> Arrival:
    sha256 = _hash(source)
    if source.resolve().is_relative_to(landing.resolve()):
        return Arrival(source, source, sha256, is_new=False)
    if target.exists() and _hash(target) != sha256:
        target = target.parent / sha256[:8] / target.name
    if target.exists():
        return Arrival(source, target, sha256, is_new=False)
    target.parent.mkdir(parents=True, exist_ok=True)
    # the watcher must never see half a file
    unfinished = target.with_name(f".{target.name}.part")
    shutil.copy2(source, unfinished)
    unfinished.replace(target)
    return Arrival(source, target, sha256, is_new=True)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
