"""SFTP that knows whom it talks to: fsspec's own accepts any server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paramiko  # type: ignore[import-untyped]
from fsspec.implementations.sftp import SFTPFileSystem

# a server that says nothing for so long is taken for dead
CONNECT_SECONDS = 20
SILENCE_SECONDS = 60
# some servers hang up on a client that asks for a whole large file at once
REQUESTS_AHEAD = 64


class _AnyNames(paramiko.SFTPClient):
    """A client for which names are of any bytes, as they are for Python's own file functions.

    paramiko's own takes a listing for broken in which one name is not UTF-8.
    """

    def listdir_iter(self, path: str = ".", read_aheads: int = 50) -> Iterator[paramiko.SFTPAttributes]:
        """The entries of a folder; fsspec asks for them this way."""
        return iter(self.listdir_attr(path))

    def _request(self, kind: int, *arguments: Any) -> tuple[int, paramiko.Message]:
        answer, message = super()._request(kind, *arguments)
        message.get_text = lambda: message.get_string().decode("utf-8", "surrogateescape")
        return answer, message

    def _adjust_cwd(self, path: str | bytes) -> bytes:
        whole = path.encode("utf-8", "surrogateescape") if isinstance(path, str) else path
        return bytes(super()._adjust_cwd(whole))


class KnownHostsSFTPFileSystem(SFTPFileSystem):
    """A connection to a server whose key stands in `known_hosts`; each instance has its own."""

    cachable = False

    def __init__(self, host: str, **options: Any) -> None:
        options.setdefault("host_key_policy", "reject")
        for name in ("timeout", "banner_timeout", "auth_timeout"):
            options.setdefault(name, CONNECT_SECONDS)
        super().__init__(host, **options)

    def _connect(self) -> None:
        self.client = paramiko.SSHClient()
        self.client.load_system_host_keys()
        self.client.set_missing_host_key_policy(self.host_key_policy)
        try:
            self.client.connect(self.host, **self.ssh_kwargs)
            self.ftp = _AnyNames.from_transport(self.client.get_transport())
        except BaseException:
            self.client.close()
            raise
        channel = self.ftp.get_channel()
        if channel is not None:
            channel.settimeout(SILENCE_SECONDS)

    def get_file(self, rpath: str, lpath: str | Path, **_options: Any) -> None:
        """Copy one file; fsspec's own asks whether it is a folder first, a round trip a file."""
        self.ftp.get(rpath, str(lpath), max_concurrent_prefetch_requests=REQUESTS_AHEAD)

    def close(self) -> None:
        """Hang up."""
        self.client.close()
