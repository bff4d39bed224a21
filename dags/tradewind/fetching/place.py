"""A place elsewhere: what lies there, copies of it, and its errors as sentences that hold no secret."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import fsspec
from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from tradewind.disk import takes_no_more
from tradewind.fetching.names import find_fault, show
from tradewind.landing.files import Stamp, is_temporary
from tradewind.settings import Settings

logger = logging.getLogger(__name__)

# what the file systems of fsspec call the time of the last change
TIME_KEYS = ("LastModified", "mtime", "last_modified", "updated", "modified", "created")
# requests that an object store answers side by side; a connection of SFTP has one at a time
LANES = 8
# how often a folder is read again from which a file went away meanwhile
LIST_ATTEMPTS = 3
# at DEBUG these write the headers of requests, session tokens among them; at INFO one line a connection
TALKATIVE = ("botocore", "aiobotocore", "s3fs", "fsspec", "paramiko")

# by name, so that no library is imported for places that do not use it
NO_RIGHTS = {
    "PermissionError", "NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError",
    "ProfileNotFound", "TokenRetrievalError", "AuthenticationException",
}  # fmt: skip
UNREACHABLE = {"OSError", "EOFError", "SSHException", "BotoCoreError", "ClientError", "ClientPayloadError"}


class FetchError(RuntimeError):
    """The place cannot be listed or read; the message says what to do and holds no secret."""


@dataclass(frozen=True)
class RemoteFile:
    """One version of a file: its path below the place, the place's own name for it, and its stamp."""

    path: str
    name: str
    stamp: Stamp
    etag: str | None = None


class Place:
    """An open connection to the place of TRADEWIND_LANDING_URL."""

    def __init__(self, shown: str, file_system: fsspec.AbstractFileSystem, root: str) -> None:
        self.shown = shown
        self._file_system = file_system
        self._root = root.rstrip("/") + "/"
        self.lanes = LANES if file_system.async_impl else 1
        self.is_local = isinstance(file_system, LocalFileSystem)

    def files(self) -> tuple[list[RemoteFile], list[str]]:
        """What may be exports, by path, and a sentence for each entry that is left alone for its name.

        Hidden files, downloads under way and links are passed over, as they are in landing.

        Raises:
            FetchError: the place cannot be listed.
        """
        files, faults = [], []
        with self.telling():
            for entry in self._entries():
                if entry["name"] == self._root.rstrip("/"):
                    raise FetchError(f"{self.shown} is a file: name the folder that it lies in")
                path = entry["name"].removeprefix(self._root)
                if fault := find_fault(path):
                    faults.append(f"{show(path)} at {self.shown} is left alone: {fault}")
                elif not any(is_temporary(part) for part in path.split("/")):
                    files.append(RemoteFile(path, entry["name"], self._stamp(entry), entry.get("ETag")))
        return sorted(files, key=lambda file: file.path), faults

    def copy(self, file: RemoteFile, target: Path) -> bool:
        """Copy a file; whether `target` now holds the version that was listed, and no other.

        Raises:
            FileNotFoundError, PermissionError: this one file cannot be read.
            FetchError: the place cannot be read.
        """
        with self.telling(passing=(FileNotFoundError, PermissionError)):
            try:
                self._file_system.get_file(file.name, str(target))
            except OSError:
                # a file that is cut down while it is read is an error for some clients
                if self._is_unchanged(file):
                    raise
                return False
            return target.stat().st_size == file.stamp.size and self._is_unchanged(file)

    @contextmanager
    def telling(self, passing: tuple[type[Exception], ...] = ()) -> Iterator[None]:
        """Turn what the libraries raise within the block into sentences; `passing` goes through."""
        try:
            yield
        except passing:
            raise
        except FetchError:
            raise
        except Exception as error:
            # not chained: the messages of the libraries quote addresses, keys and answers
            raise FetchError(describe(error, self.shown)) from None

    def close(self) -> None:
        """Hang up, where a connection is ours alone."""
        if hasattr(self._file_system, "close"):
            self._file_system.close()

    def _entries(self) -> Iterator[dict[str, Any]]:
        if self._file_system.async_impl:
            # an object store has no folders: one request lists a thousand objects
            for entry in self._file_system.find(self._root.rstrip("/"), detail=True).values():
                # an object with a name like a folder's is what some clients leave for an empty one
                if not entry["name"].endswith("/"):
                    yield entry
            return
        yield from self._walk(self._root, is_root=True)

    def _walk(self, folder: str, *, is_root: bool = False) -> Iterator[dict[str, Any]]:
        for entry in self._list(folder, is_root=is_root):
            name = entry["name"].rstrip("/")
            path = name.removeprefix(self._root)
            if entry["type"] == "directory" and not find_fault(path):
                if not is_temporary(name.rsplit("/", 1)[-1]):
                    yield from self._walk(name)
            elif find_fault(path) or entry["type"] == "file":
                yield {**entry, "name": name}

    def _list(self, folder: str, *, is_root: bool) -> list[dict[str, Any]]:
        for attempt in range(1, LIST_ATTEMPTS + 1):
            try:
                return list(self._file_system.ls(folder, detail=True))
            except FileNotFoundError:
                # a folder that went away since its parent was read, or a file since its folder was
                if is_root and attempt == LIST_ATTEMPTS:
                    raise
        return []

    def _is_unchanged(self, file: RemoteFile) -> bool:
        entry = self._file_system.info(file.name)
        now, before = self._stamp(entry), file.stamp
        if entry.get("ETag") != file.etag and file.etag and entry.get("ETag"):
            return False
        # a listing may tell fractions of a second that the answer for one object leaves out
        coarse = not now.modified_at.microsecond or not before.modified_at.microsecond
        apart = abs(now.modified_at - before.modified_at)
        is_same_time = apart < timedelta(seconds=1) if coarse else not apart
        return now.size == before.size and is_same_time

    def _stamp(self, entry: dict[str, Any]) -> Stamp:
        told = next((entry[key] for key in TIME_KEYS if entry.get(key) is not None), None)
        if isinstance(told, str):
            told = datetime.fromisoformat(told)
        elif isinstance(told, int | float):
            told = datetime.fromtimestamp(told, UTC)
        if told is None or entry.get("size") is None:
            raise FetchError(
                f"{self.shown} does not say how large its files are and when they changed: use another place"
            )
        return Stamp(entry["size"], told if told.tzinfo else told.replace(tzinfo=UTC))


@contextmanager
def open_place(settings: Settings) -> Iterator[Place | None]:
    """The place of TRADEWIND_LANDING_URL, or None where none is set.

    Raises:
        FetchError: there is no such place, or it does not let us in.
    """
    url = settings.place_url
    if not url:
        yield None
        return
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.ERROR)
    shown = mask(url)
    try:
        file_system, root = _connect(url)
    except Exception as error:
        raise FetchError(describe(error, shown)) from None
    place = Place(shown, file_system, root)
    try:
        _refuse_nesting(place, root, settings)
        yield place
    finally:
        place.close()


def mask(url: str) -> str:
    """A URL as it may be shown: without user, password, and whatever stands behind a question mark."""
    without_user = re.sub(r"://.*@", "://***@", url, flags=re.DOTALL)
    return show(re.sub(r"\?.*", "?***", without_user, flags=re.DOTALL))


def describe(error: Exception, shown: str) -> str:
    """What is wrong with the place and what to do, from the kind of the error alone."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    kind = type(error).__name__
    if isinstance(error, ImportError) or (isinstance(error, ValueError) and "Protocol" in str(error)):
        return f"no library here reads {shown}: use s3://, sftp:// or file://, or install the one for it"
    if "BadHostKeyException" in kinds:
        return (
            f"the server of {shown} shows another key than the one in ~/.ssh/known_hosts: ask its operator "
            "whether the key was changed, and only then replace the line"
        )
    if "SSHException" in kinds and "known_hosts" in str(error):
        return (
            f"the server of {shown} is not in ~/.ssh/known_hosts: connect to it once with ssh, compare its "
            "key with what its operator says, and accept it"
        )
    if kinds & NO_RIGHTS or "No authentication methods" in str(error):
        return (
            f"{shown} does not let us in: check the credentials in the environment (S3: AWS_ACCESS_KEY_ID "
            "and AWS_SECRET_ACCESS_KEY; SFTP: a key in ~/.ssh or FSSPEC_SFTP_PASSWORD), and that they may "
            "list and read"
        )
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return f"there is nothing at {shown}: check the bucket or the folder in TRADEWIND_LANDING_URL"
    if takes_no_more(error):
        return "landing takes no more files (disk full, or not writable): make room and try again"
    if kinds & UNREACHABLE:
        return (
            f"{shown} cannot be reached or broke off ({kind}): check the network, the host and, for S3, "
            "AWS_ENDPOINT_URL; what was fetched stays, the next try goes on"
        )
    return f"{shown} cannot be read ({kind}): check TRADEWIND_LANDING_URL"


def _connect(url: str) -> tuple[fsspec.AbstractFileSystem, str]:
    if url.startswith(("sftp://", "ssh://")):
        from tradewind.fetching.sftp import KnownHostsSFTPFileSystem

        parts = urlsplit(url)
        told = {"port": parts.port, "username": parts.username, "password": parts.password}
        options = {
            name: unquote(value) if isinstance(value, str) else value for name, value in told.items() if value
        }
        return KnownHostsSFTPFileSystem(parts.hostname or "", **options), unquote(parts.path) or "/"
    return url_to_fs(url, use_listings_cache=False)


def _refuse_nesting(place: Place, root: str, settings: Settings) -> None:
    if not place.is_local:
        return
    there, here = Path(root).resolve(), settings.landing.resolve()
    if there.is_relative_to(here) or here.is_relative_to(there):
        raise FetchError(f"{place.shown} and the landing folder hold one another: name a folder beside it")
