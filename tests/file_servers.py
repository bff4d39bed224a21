"""Servers on loopback that speak S3 and SFTP, for tests of what fetches from them with the real clients."""

from __future__ import annotations

import errno
import hashlib
import hmac
import os
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit
from xml.sax.saxutils import escape

import paramiko

USER = "reader"
SECRET = "correct-horse-battery"
PAGE = 1000
CHUNK = 32 << 10


class Served:
    """What a server has, what was asked of it, and what happens while a file is being read."""

    def __init__(self) -> None:
        self.listings = 0
        self.reads: Counter[str] = Counter()
        self.denied: set[str] = set()
        self.while_reading: Callable[[str], None] | None = None
        self._lock = threading.Lock()

    def note_listing(self) -> None:
        with self._lock:
            self.listings += 1

    def note_read(self, path: str) -> None:
        """Called once a file, when its first half was sent."""
        with self._lock:
            self.reads[path] += 1
        if self.while_reading:
            self.while_reading(path)


class S3Place(Served):
    """One bucket in memory; requests must be signed with `SECRET`."""

    def __init__(self) -> None:
        super().__init__()
        self.objects: dict[str, tuple[bytes, datetime]] = {}
        self.url = "s3://exports/shop"
        self.endpoint = ""

    def put(self, path: str, content: bytes, modified_at: float) -> None:
        self.objects[f"shop/{path}"] = (content, datetime.fromtimestamp(modified_at, UTC))

    def remove(self, path: str) -> None:
        del self.objects[f"shop/{path}"]


class _S3Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _S3Server

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        place = self.server.place
        address = urlsplit(self.path)
        bucket, _, key = unquote(address.path).lstrip("/").partition("/")
        if not self._is_signed():
            self._refuse(403, "SignatureDoesNotMatch")
        elif bucket != "exports":
            self._refuse(404, "NoSuchBucket")
        elif not key:
            self._list(parse_qs(address.query))
        elif key.removeprefix("shop/") in place.denied:
            self._refuse(403, "AccessDenied")
        elif key not in place.objects:
            self._refuse(404, "NoSuchKey")
        else:
            self._send_object(key)

    do_HEAD = do_GET  # noqa: N815

    def _list(self, query: dict[str, list[str]]) -> None:
        place = self.server.place
        place.note_listing()
        prefix, after = query.get("prefix", [""])[0], query.get("continuation-token", [""])[0]
        keys = sorted(key for key in place.objects if key.startswith(prefix) and key > after)
        page = keys[:PAGE]
        items = "".join(
            f"<Contents><Key>{escape(quote(key))}</Key>"
            # as MinIO does, finer than the header of the object itself
            f"<LastModified>{place.objects[key][1]:%Y-%m-%dT%H:%M:%S.%fZ}</LastModified>"
            f"<ETag>{_etag(place.objects[key][0])}</ETag><Size>{len(place.objects[key][0])}</Size></Contents>"
            for key in page
        )
        more = len(keys) > PAGE
        token = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if more else ""
        self._send(
            200,
            f"<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>{str(more).lower()}</IsTruncated>"
            f"{token}{items}</ListBucketResult>",
        )

    def _send_object(self, key: str) -> None:
        content, modified_at = self.server.place.objects[key]
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", _etag(content))
        self.send_header("Last-Modified", format_datetime(modified_at, usegmt=True))
        self.end_headers()
        if self.command == "GET":
            half = len(content) // 2
            self.wfile.write(content[:half])
            self.server.place.note_read(key.removeprefix("shop/"))
            self.wfile.write(content[half:])

    def _refuse(self, status: int, code: str) -> None:
        self._send(status, f"<Error><Code>{code}</Code><Message>{code}</Message></Error>")

    def _send(self, status: int, xml: str) -> None:
        body = xml.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _is_signed(self) -> bool:
        """Whether the request carries the signature of AWS Signature Version 4 that `SECRET` gives it."""
        scheme, _, fields = self.headers.get("Authorization", "").partition(" ")
        if scheme != "AWS4-HMAC-SHA256":
            return False
        told = dict(field.strip().split("=", 1) for field in fields.split(","))
        user, *scope = told["Credential"].split("/")
        address = urlsplit(self.path)
        query = "&".join(
            sorted(part if "=" in part else f"{part}=" for part in address.query.split("&") if part)
        )
        headers = "".join(
            f"{name}:{' '.join(self.headers[name].split())}\n" for name in told["SignedHeaders"].split(";")
        )
        request = "\n".join(
            [self.command, address.path, query, headers, told["SignedHeaders"],
             self.headers["X-Amz-Content-SHA256"]]
        )  # fmt: skip
        text = "\n".join(
            [
                scheme,
                self.headers["X-Amz-Date"],
                "/".join(scope),
                hashlib.sha256(request.encode()).hexdigest(),
            ]
        )
        key = f"AWS4{SECRET}".encode()
        for part in [*scope, text]:
            key = hmac.digest(key, part.encode(), "sha256")
        return user == USER and hmac.compare_digest(key.hex(), told["Signature"])


class _S3Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, place: S3Place) -> None:
        super().__init__(("127.0.0.1", 0), _S3Handler)
        self.place = place

    def handle_error(self, *_arguments: object) -> None:
        """A client that was killed is part of the test."""


@contextmanager
def serve_s3() -> Iterator[S3Place]:
    """An S3 server with the bucket `exports`, ended with the block."""
    place = S3Place()
    server = _S3Server(place)
    place.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield place
    finally:
        server.shutdown()
        server.server_close()


class SftpPlace(Served):
    """A folder behind SFTP; `USER` logs in with `SECRET`."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.key = paramiko.RSAKey.generate(2048)
        self.port = 0
        # names that a hostile server puts into its listings
        self.invented: list[str] = []

    @property
    def url(self) -> str:
        return f"sftp://{USER}@127.0.0.1:{self.port}/shop"

    @property
    def known_host(self) -> str:
        """The line for `known_hosts`."""
        return f"[127.0.0.1]:{self.port} {self.key.get_name()} {self.key.get_base64()}\n"

    def put(self, path: str, content: bytes, modified_at: float) -> None:
        write(self.folder / "shop" / path, content, modified_at)

    def remove(self, path: str) -> None:
        (self.folder / "shop" / path).unlink()


def write(path: Path, content: bytes, modified_at: float) -> None:
    """A file with its time, its folders made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (modified_at, modified_at))


class _Door(paramiko.ServerInterface):
    def check_channel_request(self, kind: str, _channel_id: int) -> int:
        return (
            paramiko.OPEN_SUCCEEDED if kind == "session" else paramiko.OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED
        )

    def check_auth_password(self, username: str, password: str) -> int:
        return paramiko.AUTH_SUCCESSFUL if (username, password) == (USER, SECRET) else paramiko.AUTH_FAILED


class _Handle(paramiko.SFTPHandle):
    def __init__(self, file, path: str, place: SftpPlace) -> None:
        super().__init__(os.O_RDONLY)
        self.readfile = file
        self._path, self._place = path, place
        self._half = os.fstat(file.fileno()).st_size // 2
        self._is_noted = False

    def read(self, offset: int, length: int):
        if offset >= self._half and not self._is_noted:
            self._is_noted = True
            self._place.note_read(self._path)
        return super().read(offset, length)

    def stat(self):
        return paramiko.SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))


class _AnyNames(paramiko.SFTPServer):
    """A server for which names are of any bytes, as they are for its file system."""

    def _process(self, kind: int, request_number: int, message: paramiko.Message) -> None:
        message.get_text = lambda: os.fsdecode(message.get_string())
        super()._process(kind, request_number, message)


class _Folder(paramiko.SFTPServerInterface):
    def __init__(self, server: paramiko.ServerInterface, place: SftpPlace) -> None:
        super().__init__(server)
        self._place = place

    def list_folder(self, path: str):
        self._place.note_listing()
        folder = self._place.folder / path.lstrip("/")
        try:
            found = [
                paramiko.SFTPAttributes.from_stat(item.lstat(), os.fsencode(item.name))
                for item in folder.iterdir()
            ]
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or errno.EIO)
        if path.rstrip("/") == "/shop":
            status = folder.stat()
            for name in self._place.invented:
                attributes = paramiko.SFTPAttributes.from_stat(status, name)
                attributes.st_mode = 0o100644
                found.append(attributes)
        return found

    def stat(self, path: str):
        try:
            return paramiko.SFTPAttributes.from_stat((self._place.folder / path.lstrip("/")).stat())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or errno.EIO)

    lstat = stat

    def open(self, path: str, _flags: int, _attributes: object):
        below = path.removeprefix("/shop/")
        if below in self._place.denied:
            return paramiko.SFTP_PERMISSION_DENIED
        try:
            # the handle closes it
            file = (self._place.folder / path.lstrip("/")).open("rb")
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or errno.EIO)
        return _Handle(file, below, self._place)


@contextmanager
def serve_sftp(folder: Path) -> Iterator[SftpPlace]:
    """An SFTP server for `folder`, ended with the block."""
    (folder / "shop").mkdir(parents=True)
    place = SftpPlace(folder)
    listener = socket.create_server(("127.0.0.1", 0))
    place.port = listener.getsockname()[1]
    transports: list[paramiko.Transport] = []

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                transport = paramiko.Transport(connection)
                transports.append(transport)
                transport.add_server_key(place.key)
                transport.set_subsystem_handler("sftp", _AnyNames, _Folder, place)
                # a client that hangs up at once is part of the tests; the next one is served all the same
                with suppress(paramiko.SSHException, EOFError, OSError):
                    transport.start_server(server=_Door())

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield place
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for transport in transports:
            transport.close()


def _etag(content: bytes) -> str:
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'
