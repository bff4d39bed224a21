"""A port in use is said by name, with the setting that changes it, before anything is started."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.stack.postgres import free_port
from tradewind.settings import PROJECT_ROOT

NAMES = ("TRADEWIND_POSTGRES_PORT", "TRADEWIND_AIRFLOW_PORT", "TRADEWIND_DASHBOARD_PORT")


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.mark.parametrize("name", NAMES)
def test_a_taken_port_is_named_with_its_setting(name: str, taken_port: int, tmp_path: Path) -> None:
    state = tmp_path / "state"
    ports = {other: str(free_port()) for other in NAMES} | {name: str(taken_port)}
    result = subprocess.run(
        [sys.executable, "-m", "infra.stack", "run"],
        env={**os.environ, **ports, "PYTHONPATH": "dags:.", "TRADEWIND_STATE_DIR": str(state)},
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.returncode == 1
    assert f"port {taken_port} on 127.0.0.1 is in use by another program: set {name}" in result.stderr
    assert "Traceback" not in result.stderr
    assert [path.name for path in state.iterdir()] == ["stack.lock"], "something was started before"
