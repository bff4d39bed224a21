"""The embedded server ends with the process that started it, and keeps what was committed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from infra.stack.postgres import EmbeddedPostgres, free_port, wait_until_ended
from tradewind.settings import PROJECT_ROOT

START = """
import sys, time
from pathlib import Path
from infra.stack.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), int(sys.argv[2]), "secret")
server.start(with_us=True)
print(server.postmaster_pid(), flush=True)
time.sleep(120)
"""


@pytest.mark.skipif(
    sys.platform != "linux",
    reason="kill -9 leaves no code running, so the server ends by the kernel's parent-death signal, which "
    "Linux alone has",
)
def test_a_killed_parent_takes_the_server_along_and_commits_stay(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "postgres", free_port(), "secret")
    parent = subprocess.Popen(
        [sys.executable, "-c", START, str(server.data_dir), str(server.port)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": f"{PROJECT_ROOT / 'dags'}:{PROJECT_ROOT}"},
        cwd=PROJECT_ROOT,
    )
    assert parent.stdout is not None
    postmaster = int(parent.stdout.readline())
    with psycopg.connect(server.admin_url()) as connection:
        connection.execute("create table kept (value integer)")
        connection.execute("insert into kept values (7)")
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert wait_until_ended(postmaster, 20)
    assert not server.is_running()
    assert "database system is shut down" in (server.data_dir / "server.log").read_text()

    server.start()
    try:
        with psycopg.connect(server.admin_url()) as connection:
            assert connection.execute("select value from kept").fetchone() == (7,)
    finally:
        server.stop()
