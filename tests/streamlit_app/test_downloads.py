"""S7: what the app offers for download holds no cell that a spreadsheet would take for a formula."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import dashboard
from tradewind.exports import load_contracts
from tradewind.settings import EXAMPLES_DIR

APP = Path(dashboard.__file__).resolve().parents[1]


def test_s7_templates_and_examples_are_the_one_download_and_hold_no_formula() -> None:
    calls = re.compile(r"download_button\(|\.to_csv\(|\.to_excel\(|csv\.writer\(|link_button\(.*data:")
    offering = {
        (file.name, call)
        for file in APP.rglob("*.py")
        for call in calls.findall(file.read_text(encoding="utf-8"))
    }
    assert offering == {("health_files.py", "download_button("), ("health_files.py", "csv.writer(")}, (
        "a new download of data has to make cells that begin with = + - @, a tab or a return text"
    )
    headers = {column.name for contract in load_contracts().values() for column in contract.columns}
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", header) for header in headers)
    for example in EXAMPLES_DIR.glob("*.csv"):
        with example.open(encoding="utf-8", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert not [cell for cell in cells if re.match(r"[=+@\t\r]|-(?![0-9.]+$)", cell)], example.name
