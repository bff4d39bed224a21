"""The ECB's rates as a file for landing."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

from tradewind.reference.ecb_rates import write_ecb_rates


def test_rates_are_as_published_oldest_first_and_dated_by_the_last_day(tmp_path: Path) -> None:
    path = tmp_path / "reference" / "ecb_exchange_rates.csv"
    write_ecb_rates(path)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["rate_date", "currency", "units_per_eur", "source"]
    keys = [(row["rate_date"], row["currency"]) for row in rows]
    assert len(keys) == len(set(keys))
    assert [day for day, _ in keys] == sorted(day for day, _ in keys)
    assert keys[0][0] == "2009-01-02"
    # published by the bank for 1 December 2010
    assert (
        next(
            row["units_per_eur"]
            for row in rows
            if row["rate_date"] == "2010-12-01" and row["currency"] == "USD"
        )
        == "1.3115"
    )
    assert "N/A" not in {row["units_per_eur"] for row in rows}
    assert "EUR" not in {row["currency"] for row in rows}
    assert datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat() == rows[-1]["rate_date"]


def test_writing_again_changes_nothing_and_leaves_no_part(tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    write_ecb_rates(path)
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    write_ecb_rates(path)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert list(tmp_path.iterdir()) == [path]
