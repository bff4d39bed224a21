"""The landing folder as the generator fills it: bytes, modification times, and a list of what was written."""

from __future__ import annotations

import csv
import hashlib
import io
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path


@dataclass(frozen=True)
class WrittenFile:
    """A file that was written: its path in landing, its report and records, and what must become of it."""

    path: str
    report: str | None
    records: int
    state: str
    sha256: str
    bytes: int


@dataclass
class Landing:
    """The folder `root`; `files` lists what was written, in the order of writing."""

    root: Path
    files: list[WrittenFile] = field(default_factory=list)

    def write(
        self,
        path: str,
        content: bytes,
        downloaded_at: datetime,
        *,
        report: str | None,
        records: int,
        state: str = "loaded",
    ) -> None:
        """Write one file, dated by the moment it was downloaded."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        os.utime(target, (downloaded_at.timestamp(), downloaded_at.timestamp()))
        digest = hashlib.sha256(content).hexdigest()
        self.files.append(WrittenFile(path, report, records, state, digest, len(content)))


def csv_text(
    header: str,
    rows: Iterable[Sequence[object]],
    *,
    delimiter: str = ",",
    preamble: Sequence[str] = (),
) -> str:
    """A table as platforms write it: quotes only where they must be, a line feed behind each record.

    `header` is the header line with commas, whatever the delimiter of the file.
    """
    text = io.StringIO()
    text.writelines(f"{line}\n" for line in preamble)
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerow(names(header))
    writer.writerows(rows)
    return text.getvalue()


def names(header: str, delimiter: str = ",") -> list[str]:
    """The column names of a header line."""
    return header.split(delimiter)


def day_after(day: date, *, days: int = 1, hour: int = 6) -> datetime:
    """A moment of download so many days after `day`."""
    return datetime.combine(day + timedelta(days=days), time(hour), UTC)


def month_of(day: date) -> str:
    """`2026-04`, for file names."""
    return f"{day:%Y-%m}"


def month_closed(month: date, *, day: int = 20) -> datetime:
    """A moment in the following month, when late refunds and conversions are known."""
    return datetime(month.year + month.month // 12, month.month % 12 + 1, day, 9, tzinfo=UTC)
