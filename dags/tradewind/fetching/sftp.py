"""SFTP that knows whom it talks to: fsspec's own accepts any server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import paramiko  # type: ignore[import-untyped]
from fsspec.implementations.sftp import SFTPFileSystem

# a server that says nothing for so long is taken for dead
CONNECT_SECONDS = 20
SILENCE_SECONDS = 60
# some servers hang up on a client that asks for a whole large file at once
REQUESTS_AHEAD = 64


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
            self.ftp = self.client.open_sftp()
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
