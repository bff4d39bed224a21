"""Bringing files into landing: nothing is overwritten, nothing half copied, what folders say is kept."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tradewind.intake import IntakeError, bring
from tradewind.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, state_dir=tmp_path / "state")


def _write(path: Path, text: str = "a,b\n1,2\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    return path


def test_a_file_goes_below_its_store_and_keeps_its_time(tmp_path: Path, settings: Settings) -> None:
    source = _write(tmp_path / "orders.csv")
    (arrival,) = bring([str(source)], settings, facts={"store": "lumen-au", "account": "main"})
    assert arrival.path == settings.landing / "store=lumen-au" / "account=main" / "orders.csv"
    assert arrival.is_new
    assert arrival.path.read_bytes() == source.read_bytes()
    assert arrival.path.stat().st_mtime == 1_700_000_000
    assert [path.name for path in arrival.path.parent.iterdir()] == ["orders.csv"], "a temporary file stayed"


def test_another_file_of_the_same_name_keeps_its_name_and_overwrites_nothing(
    tmp_path: Path, settings: Settings
) -> None:
    first, second = (
        _write(tmp_path / "may" / "orders.csv"),
        _write(tmp_path / "june" / "orders.csv", "a,b\n3,4\n"),
    )
    (one,), (two,) = bring([str(first)], settings), bring([str(second)], settings)
    assert one.path.read_text() == "a,b\n1,2\n"
    assert two.path.read_text() == "a,b\n3,4\n"
    assert two.path.name == "orders.csv"


def test_the_same_bytes_are_not_copied_again(tmp_path: Path, settings: Settings) -> None:
    source = _write(tmp_path / "orders.csv")
    (first,), (again,) = bring([str(source)], settings), bring([str(source)], settings)
    assert again.path == first.path
    assert not again.is_new


def test_a_folder_keeps_what_its_own_folders_say(tmp_path: Path, settings: Settings) -> None:
    _write(tmp_path / "exports" / "store=a" / "orders.csv")
    _write(tmp_path / "exports" / "store=b" / "orders.csv", "a,b\n3,4\n")
    _write(tmp_path / "exports" / ".DS_Store")
    arrivals = bring([str(tmp_path / "exports")], settings)
    assert sorted(str(arrival.path.relative_to(settings.landing)) for arrival in arrivals) == [
        "store=a/orders.csv",
        "store=b/orders.csv",
    ]


def test_a_glob_is_expanded_and_a_name_with_brackets_is_a_name(tmp_path: Path, settings: Settings) -> None:
    _write(tmp_path / "one.csv")
    _write(tmp_path / "report [1].csv", "a,b\n3,4\n")
    assert len(bring([str(tmp_path / "*.csv")], settings)) == 2
    assert len(bring([str(tmp_path / "report [1].csv")], settings)) == 1


def test_a_file_in_landing_is_loaded_where_it_lies(settings: Settings) -> None:
    path = _write(settings.landing / "store=a" / "orders.csv")
    (arrival,) = bring([str(path)], settings)
    assert arrival.path == path


@pytest.mark.parametrize("store", ["../elsewhere", "a/b", "", "..", "x\ny", "key=value"])
def test_a_store_that_cannot_be_a_folder_is_refused(tmp_path: Path, settings: Settings, store: str) -> None:
    source = _write(tmp_path / "orders.csv")
    with pytest.raises(IntakeError, match="store"):
        bring([str(source)], settings, facts={"store": store})


def test_nothing_there_is_said(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(IntakeError, match="no file at"):
        bring([str(tmp_path / "*.csv")], settings)
