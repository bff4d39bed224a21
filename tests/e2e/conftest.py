"""The whole stack, started as a user starts it, in a state folder and on ports of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from playwright.sync_api import Browser, sync_playwright

from infra.stack.browser import find
from infra.stack.postgres import free_port
from tradewind.settings import PROJECT_ROOT, Settings
from tradewind.warehouse import Role, WarehouseNotReadyError, connect

START_SECONDS = 420


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A running stack with the demo company published; ended with SIGINT, as by Ctrl-C."""
    folder = tmp_path_factory.mktemp("stack")
    settings = Settings(
        _env_file=None,
        state_dir=folder / "state",
        postgres_port=free_port(),
        airflow_port=free_port(),
        dashboard_port=free_port(),
    )
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("TRADEWIND_")},
        "TRADEWIND_STATE_DIR": str(settings.state_dir),
        "TRADEWIND_POSTGRES_PORT": str(settings.postgres_port),
        "TRADEWIND_AIRFLOW_PORT": str(settings.airflow_port),
        "TRADEWIND_DASHBOARD_PORT": str(settings.dashboard_port),
        "PYTHONPATH": "dags:.",
    }
    log = folder / "stack.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "infra.stack", "run"], cwd=PROJECT_ROOT, env=environment,
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        wait_until_up(settings, process, log)
        yield settings
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def wait_until_up(settings: Settings, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"the stack ended while it started:\n{log.read_text()[-4000:]}")
        try:
            if publications(settings) and httpx.get(url(settings), timeout=5).status_code == 200:
                return
        except (httpx.HTTPError, WarehouseNotReadyError, psycopg.Error):
            time.sleep(1)  # not up yet
        else:
            time.sleep(1)
    pytest.fail(f"the stack was not up within {START_SECONDS} s:\n{log.read_text()[-4000:]}")


def publications(settings: Settings) -> int:
    with connect(Role.APP, settings) as connection:
        return connection.execute(
            "select count(*) from ops.publication where state = 'published'"
        ).fetchone()[0]


def url(settings: Settings, path: str = "") -> str:
    return f"http://127.0.0.1:{settings.dashboard_port}/{path}"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = find()
    assert program, "no Chromium: `make test` installs it where it may"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=program,
            args=[
                "--no-sandbox",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-gpu",
            ],
        )
        yield started
        started.close()
