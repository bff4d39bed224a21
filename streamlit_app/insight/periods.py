"""Periods: which days a page looks at, which it compares them with, and how days are gathered for a trend."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

PRESET_DAYS = {"7d": 7, "28d": 28, "91d": 91, "182d": 182}
COMPARISONS = ("previous", "year", "none")
# beyond two months a line of days is noise: gather weeks
LONGEST_DAILY_TREND = 62


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `start` to `end`, both included."""

    start: date
    end: date

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.end - self.start).days + 1

    @property
    def bucket_days(self) -> int:
        """How many days a point of the trend gathers: 1, or 7 for long periods."""
        return 1 if self.days <= LONGEST_DAILY_TREND else 7

    def ending_before(self) -> Period:
        """The equally long period that ends the day before this one starts."""
        return Period(self.start - timedelta(days=self.days), self.start - timedelta(days=1))

    def year_before(self) -> Period:
        """The same weekdays 52 weeks earlier."""
        return Period(self.start - timedelta(days=364), self.end - timedelta(days=364))


def resolve_period(preset: str, last_day: date, custom: Period | None = None) -> Period:
    """The days of a preset: `7d`, `28d`, … back from the last day with data, `2026-09` a month, or
    `custom`."""
    if preset in PRESET_DAYS:
        return Period(last_day - timedelta(days=PRESET_DAYS[preset] - 1), last_day)
    if preset == "custom" and custom is not None:
        return custom
    if preset == "custom":
        return resolve_period("28d", last_day)
    year, month = (int(part) for part in preset.split("-"))
    first = date(year, month, 1)
    return Period(first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))


def resolve_comparison(choice: str, period: Period) -> Period | None:
    """The period compared with, or None."""
    if choice == "none":
        return None
    return period.year_before() if choice == "year" else period.ending_before()


def months_between(first_day: date, last_day: date) -> list[str]:
    """Every month that has a day in the range, newest first, as `2026-09`."""
    months = []
    day = last_day.replace(day=1)
    while day >= first_day.replace(day=1):
        months.append(f"{day:%Y-%m}")
        day = (day - timedelta(days=1)).replace(day=1)
    return months


def parse_day(text: str | None) -> date | None:
    """A day written `2026-09-30`, else None."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
