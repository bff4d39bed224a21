"""The whole stack on its own ports: a file becomes a published row, nothing outlives the supervisor."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from infra.stack.database import embedded_server
from tests.stacks import Stack
from tradewind.warehouse import Role, connect

pytestmark = pytest.mark.timeout(480)

ROSTER = (
    "employee_id,employee_name,role_id,team_id,team_name,department,manager_id,country,hired_on,left_on\n"
)


def published_employees(stack: Stack) -> set[str]:
    try:
        with connect(Role.APP, stack.settings) as connection:
            return {row[0] for row in connection.execute("select employee_id from marts.dim_employee")}
    except (psycopg.Error, RuntimeError):
        return set()


def processes(stack: Stack) -> list[str]:
    """Every process that this stack has started, by what its environment or command line says."""
    found = []
    mark = str(stack.settings.state_dir)
    for process in psutil.process_iter():
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            is_ours = any(mark in part for part in process.cmdline()) or (
                process.environ().get("TRADEWIND_STATE_DIR") == mark
            )
            if is_ours:
                found.append(f"{process.pid} {' '.join(process.cmdline())[:80]}")
        except psutil.Error:
            continue
    return found


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = Stack(tmp_path_factory.mktemp("stack"))
    # with a file in landing the demo company, which takes minutes, stays away
    stack.drop("roster.csv", f"{ROSTER}first,A,store_operator,t1,T,Sales,,AU,2026-01-01,\n")
    yield stack
    stack.command("infra.stack", "stop")


def _wait(condition: Callable[[], bool], seconds: float) -> float:
    """Seconds until the condition held."""
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        if condition():
            return time.monotonic() - started
        time.sleep(0.1)
    pytest.fail(f"not within {seconds} s")


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


@pytest.fixture(scope="module")
def supervisor(stack: Stack) -> subprocess.Popen[bytes]:
    """The stack started from nothing; its first publication is up."""
    process = stack.start()
    _wait(lambda: "first" in published_employees(stack), 300)
    return process


def test_a_file_dropped_into_landing_is_published_without_a_command(
    stack: Stack, supervisor: subprocess.Popen[bytes]
) -> None:
    stack.drop("more.csv", f"{ROSTER}second,B,store_operator,t1,T,Sales,,AU,2026-01-01,\n")
    _wait(lambda: "second" in published_employees(stack), 120)
    assert supervisor.poll() is None


def test_the_command_line_loads_through_the_running_stack(
    stack: Stack, supervisor: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    file = tmp_path / "third.csv"
    file.write_text(f"{ROSTER}third,C,store_operator,t1,T,Sales,,AU,2026-01-01,\n")
    loaded = stack.command("infra.stack", "exec", sys.executable, "-m", "tradewind", "load", str(file))
    assert loaded.returncode == 0, loaded.stdout + loaded.stderr
    assert "third" in published_employees(stack)

    file.write_text("this,is,no\nexport,of,anybody\n")
    refused = stack.command("infra.stack", "exec", sys.executable, "-m", "tradewind", "load", str(file))
    assert refused.returncode == 1
    assert "refused" in refused.stdout
    assert "Traceback" not in refused.stderr


def test_a_second_start_says_that_one_runs(stack: Stack, supervisor: subprocess.Popen[bytes]) -> None:
    second = stack.command("infra.stack", "run")
    assert second.returncode == 0
    assert f"The stack runs already (process {supervisor.pid})" in second.stdout
    assert f"http://127.0.0.1:{stack.settings.dashboard_port}" in second.stdout


def test_status_says_what_runs_and_what_is_published(
    stack: Stack, supervisor: subprocess.Popen[bytes]
) -> None:
    shown = stack.command("infra.stack", "status").stdout
    assert f"runs (process {supervisor.pid})" in shown
    assert "loaded" in shown
    assert "Published" in shown


def test_everything_listens_on_loopback_alone(stack: Stack, supervisor: subprocess.Popen[bytes]) -> None:
    family = [
        supervisor.pid,
        *(child.pid for child in psutil.Process(supervisor.pid).children(recursive=True)),
    ]
    listening = {
        connection.laddr
        for connection in psutil.net_connections(kind="inet")
        if connection.pid in family and connection.status == psutil.CONN_LISTEN
    }
    ports = {stack.settings.postgres_port, stack.settings.airflow_port, stack.settings.dashboard_port}
    assert {address.port for address in listening} >= ports
    assert {address.ip for address in listening} == {"127.0.0.1"}


@pytest.mark.skipif(
    sys.platform != "linux",
    reason="kill -9 leaves no code running, so the children end by the kernel's parent-death signal, which "
    "Linux alone has",
)
def test_a_killed_supervisor_leaves_nothing_and_the_next_start_has_the_data(
    stack: Stack, supervisor: subprocess.Popen[bytes]
) -> None:
    before = published_employees(stack)
    supervisor.send_signal(signal.SIGKILL)
    supervisor.wait()
    _wait(lambda: processes(stack) == [], 15)

    again = stack.start()
    _wait(lambda: _answers(stack.settings.dashboard_port) and published_employees(stack) == before, 30)

    again.send_signal(signal.SIGHUP)  # the terminal is closed
    assert again.wait(timeout=60) == 0
    assert processes(stack) == []
    log = (stack.settings.state_dir / "postgres" / "server.log").read_text()
    assert log.rstrip().endswith("database system is shut down")


def test_status_without_a_stack_says_what_the_warehouse_holds(tmp_path: Path) -> None:
    alone = Stack(tmp_path)
    assert "Warehouse    does not run: `make run` starts it" in alone.command("infra.stack", "status").stdout
    alone.command("infra.stack", "exec", sys.executable, "-c", "pass")
    shown = alone.command("infra.stack", "status")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "Stack        does not run" in shown.stdout
    assert "Published    nothing yet" in shown.stdout
    server = embedded_server(alone.settings)
    assert server is not None
    assert not server.is_running()
