"""What waits to be done is named whatever lies in landing."""

from __future__ import annotations

import os
from pathlib import Path
from unittest import mock

from tests.dags.landing.conftest import landing  # noqa: F401  fixture
from tradewind.landing import load_files, scan
from tradewind.settings import Settings
from tradewind.work import find_work


def test_a_link_that_leads_nowhere_is_work_once_and_hides_no_other(landing: Settings) -> None:  # noqa: F811
    (landing.landing / "dangling.csv").symlink_to(landing.landing / "nothing.csv")
    (landing.landing / "v.csv").write_text("Day,Online store visitors,Sessions\n2026-05-01,1,2\n")
    assert len(find_work(landing)) == 2
    load_files(scan(landing), landing)
    assert {name.split(":")[0] for name in find_work(landing)} == {"load"}


def test_a_file_that_goes_away_meanwhile_is_no_work(landing: Settings) -> None:  # noqa: F811
    gone = landing.landing / os.fsdecode(b"\xb1\xb2.csv")
    gone.write_text("a,b\n")
    (landing.landing / "stays.csv").write_text("a,b\n")
    listed = scan(landing)
    gone.unlink()
    with mock.patch("tradewind.landing.scan", return_value=listed):
        assert [Path(name.split(":")[1]).name for name in find_work(landing)] == ["stays.csv"]
