"""The whole stack with the demo company for the tests of this folder, and a browser; both end with them."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator

import httpx
import psycopg
import pytest
from playwright.sync_api import Browser, sync_playwright

from infra.stack.browser import find
from tests.stacks import Stack, running
from tradewind.settings import Settings
from tradewind.warehouse import Role, WarehouseNotReadyError, connect

START_SECONDS = 420


@pytest.fixture(scope="package")
def new_stack(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """A stack that nobody has started yet."""
    return Stack(tmp_path_factory.mktemp("stack"))


@pytest.fixture(scope="package")
def supervisor(new_stack: Stack) -> Iterator[subprocess.Popen[bytes]]:
    """The process of the running stack, with the demo company published."""
    with running(new_stack) as process:
        wait_until_up(new_stack, process)
        yield process


@pytest.fixture(scope="package")
def stack(new_stack: Stack, supervisor: subprocess.Popen[bytes]) -> Settings:
    """Settings of the running stack."""
    return new_stack.settings


def wait_until_up(stack: Stack, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    page = f"http://127.0.0.1:{stack.settings.dashboard_port}/"
    while time.monotonic() < deadline:
        if process.poll() is not None:
            stack.fail("the stack ended while it started")
        try:
            if publications(stack.settings) and httpx.get(page, timeout=5).status_code == 200:
                return
        except (httpx.HTTPError, WarehouseNotReadyError, psycopg.Error):
            pass  # not up yet
        time.sleep(1)
    stack.fail(f"the stack was not up within {START_SECONDS} s")


def publications(settings: Settings) -> int:
    with connect(Role.APP, settings) as connection:
        return connection.execute(
            "select count(*) from ops.publication where state = 'published'"
        ).fetchone()[0]


@pytest.fixture(scope="package")
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
