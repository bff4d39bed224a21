"""The task of `load_exports` fetches first; a place that cannot be read holds up nothing that is here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowSkipException
from pydantic import SecretStr

from tradewind.fetching import FetchError
from tradewind.orchestration import tasks
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

STORES = "store_id,store_name,platform,country,timezone,currency,opened_on\n"
CONTEXT: Any = {"run_id": "by hand", "params": {}}


@pytest.fixture
def settings(database_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An empty ledger and landing folder, and a place that does not exist yet."""
    chosen = database_settings.model_copy(
        update={"landing_dir": tmp_path / "landing", "landing_url": SecretStr(f"file://{tmp_path / 'there'}")}
    )
    chosen.landing.mkdir()
    with connect(Role.ADMIN, chosen) as connection:
        connection.execute("truncate ops.load cascade")
    monkeypatch.setattr(tasks, "get_settings", lambda: chosen)
    return chosen


def _write(folder: Path, name: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"{STORES}{Path(name).stem},Name,shopify,AU,Australia/Sydney,AUD,2026-01-01\n")


def test_what_is_at_the_place_is_loaded_with_what_is_in_landing(settings: Settings, tmp_path: Path) -> None:
    _write(tmp_path / "there", "one.csv")
    _write(settings.landing, "two.csv")
    assert tasks.load_landing(CONTEXT) == {"files": {"loaded": 2}, "waiting_loads": 2}


def test_a_place_that_cannot_be_read_fails_the_task_with_what_to_do(settings: Settings) -> None:
    with pytest.raises(FetchError, match="check the bucket or the folder in TRADEWIND_LANDING_URL"):
        tasks.load_landing(CONTEXT)


def test_a_place_that_cannot_be_read_does_not_hold_up_what_is_in_landing(settings: Settings) -> None:
    _write(settings.landing, "two.csv")
    assert tasks.load_landing(CONTEXT) == {"files": {"loaded": 1}, "waiting_loads": 1}


def test_an_empty_place_is_nothing_new(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(AirflowSkipException):
        tasks.load_landing(CONTEXT)


def test_a_run_for_named_files_does_not_fetch(settings: Settings) -> None:
    _write(settings.landing, "two.csv")
    named: Any = {"run_id": "by hand", "params": {"files": "two.csv"}}
    assert tasks.load_landing(named)["files"] == {"loaded": 1}


NAMES = {
    "a line break": "new\nline.csv",
    "an escape sequence": "\x1b[31mred.csv",
    "a sign that turns others round": "\u202evsc.csv",
}


@pytest.mark.parametrize("kind", NAMES)
def test_the_log_has_one_readable_line_of_a_file_whatever_its_name(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    (tmp_path / "there").mkdir()
    (settings.landing / NAMES[kind]).write_text("no,report\n1,2\n")
    with caplog.at_level("INFO", logger=tasks.logger.name), pytest.raises(AirflowSkipException):
        tasks.load_landing(CONTEXT)
    [line] = [text for text in caplog.messages if "refused as load" in text]
    assert line.isprintable()
    assert "\\" in line
