"""What a run is given names files of landing, and is checked by the schema of the DAG's parameters."""

from __future__ import annotations

from pathlib import Path

import pytest
from airflow.sdk.exceptions import AirflowFailException

from tradewind.orchestration.tasks import _match


@pytest.mark.parametrize(
    "pattern",
    ["../outside/*.csv", "**/../../outside/*", "{outside}/*.csv", "{{ conf }}", "$(ls)", "a.csv; ls", "x\0"],
)
def test_s10_a_pattern_reaches_no_file_outside_landing(tmp_path: Path, pattern: str) -> None:
    landing, outside = tmp_path / "landing", tmp_path / "outside"
    for folder in (landing, outside):
        folder.mkdir()
        (folder / "a.csv").write_text("x")
    with pytest.raises(AirflowFailException):
        _match(landing, pattern.replace("{outside}", str(outside)))
    assert _match(landing, "*.csv") == [landing / "a.csv"]
