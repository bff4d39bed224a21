"""A network that breaks: what was under way is not there, or there once, and never loaded again blindly."""

from __future__ import annotations

import json
import random
import selectors
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.torture.checker import check
from tests.torture.offers import Platform
from tests.warehouses import own_warehouse
from tradewind.landing import ensure_raw_tables, load_files
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

LARGE_BYTES = 50_000
RESET = struct.pack("ii", 1, 0)


class Network:
    """A way to the server that breaks once, after so many bytes of a file on their way to it."""

    def __init__(self, port: int, breaks_after: int, *, silently: bool) -> None:
        self._target = ("127.0.0.1", port)
        self._breaks_after = breaks_after
        self._silently = silently
        self._listener = socket.socket()
        # what the other end has sent stays with it when nobody reads any more
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen()
        self._lock = threading.Lock()
        self.breaks = 0
        self.port = self._listener.getsockname()[1]
        self._held: list[socket.socket] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        """Let go of it all."""
        for end in (self._listener, *self._held):
            end.close()

    def _listen(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        sent, is_copy = 0, False
        with socket.create_connection(self._target) as far, selectors.DefaultSelector() as ready:
            ready.register(near, selectors.EVENT_READ, far)
            ready.register(far, selectors.EVENT_READ, near)
            while True:
                for key, _ in ready.select():
                    try:
                        data = key.fileobj.recv(4096)
                        if not data:
                            near.close()
                            return
                        key.data.sendall(data)
                    except OSError:
                        near.close()
                        return
                    if key.fileobj is far:
                        continue
                    is_copy = is_copy or (b"copy " in data and b" from stdin " in data)
                    sent += len(data) if is_copy else 0
                    if sent > self._breaks_after and self._may_break():
                        self._break(near)
                        return

    def _may_break(self) -> bool:
        with self._lock:
            self.breaks += 1
            return self.breaks == 1

    def _break(self, near: socket.socket) -> None:
        if self._silently:
            # it stays open and nobody reads
            self._held.append(near)
        else:
            near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            near.close()


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with own_warehouse(tmp_path_factory.mktemp("network") / "state") as settings:
        ensure_raw_tables(settings)
        yield settings


def seen_through(settings: Settings, folder: Path, **changes: object) -> Settings:
    """The same warehouse under another address."""
    secrets = json.loads(settings.secrets_file.read_text()) | changes
    folder.mkdir()
    (folder / "secrets.json").write_text(json.dumps(secrets))
    return settings.model_copy(update={"state_dir": folder, "landing_dir": settings.landing})


@pytest.mark.parametrize(
    ("silently", "parameters"),
    [
        pytest.param(False, "", id="p11-reset"),
        pytest.param(True, "tcp_user_timeout=1500", id="p11-half-open"),
    ],
)
def test_network_lost_in_the_middle_of_a_copy(
    warehouse: Settings, tmp_path: Path, silently: bool, parameters: str
) -> None:
    batch = Platform(warehouse.landing, random.Random(11 + silently)).offer_large()
    network = Network(warehouse.postgres_port, LARGE_BYTES, silently=silently)
    try:
        through = seen_through(warehouse, tmp_path / "state", port=network.port, parameters=parameters)
        [result] = load_files(batch.paths, through)
    finally:
        network.close()
    assert network.breaks
    assert result.state == "loaded"
    with connect(Role.ADMIN, warehouse) as connection:
        findings = check(connection, batch.offers)
    assert not findings, str(findings)


def test_p11_a_name_that_leads_nowhere_is_an_error_at_once(warehouse: Settings, tmp_path: Path) -> None:
    nowhere = seen_through(warehouse, tmp_path / "state", host="warehouse.invalid")
    with pytest.raises(psycopg.OperationalError, match=r"warehouse\.invalid"):
        load_files([], nowhere)


def test_p11_nobody_waits_for_hours_unless_told_to(warehouse: Settings, tmp_path: Path) -> None:
    with connect(Role.LOADER, warehouse) as connection:
        assert connection.info.get_parameters()["tcp_user_timeout"] == "300000"
    patient = seen_through(warehouse, tmp_path / "state", parameters="tcp_user_timeout=0")
    with connect(Role.LOADER, patient) as connection:
        assert connection.info.get_parameters().get("tcp_user_timeout", "0") == "0"
