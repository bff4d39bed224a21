"""Who owns a state folder, and that nobody owns it after a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tradewind.settings import PROJECT_ROOT, Settings
from tradewind.stack_state import StackIsHeldError, hold, holder

OWN_IT = """
import sys, time
from pathlib import Path
from tradewind.settings import Settings
from tradewind.stack_state import hold
with hold(Settings(_env_file=None, state_dir=Path(sys.argv[1])), "stack", "make run"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, state_dir=tmp_path / "state")


@pytest.fixture
def owner(settings: Settings):
    process = subprocess.Popen(
        [sys.executable, "-c", OWN_IT, str(settings.state_dir)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(PROJECT_ROOT / "dags")},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.wait()


def test_nobody_holds_a_folder_that_was_never_used(settings: Settings) -> None:
    assert holder(settings) is None


def test_the_holder_is_named_to_others(settings: Settings, owner: subprocess.Popen) -> None:
    found = holder(settings)
    assert found is not None
    assert (found.pid, found.kind, found.title) == (owner.pid, "stack", "make run")
    with pytest.raises(StackIsHeldError, match=f"process {owner.pid}"), hold(settings, "command", "x", 0.2):
        pass


def test_a_killed_holder_holds_nothing(settings: Settings, owner: subprocess.Popen) -> None:
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    assert holder(settings) is None
    with hold(settings, "command", "make load"):
        assert holder(settings) is not None
    assert holder(settings) is None
