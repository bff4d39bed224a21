"""Numbers, dates and names as a reader of the page's language expects them: units beside figures, nothing
decoded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from html import escape
from unicodedata import category

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from insight.text import Text

MINUS = "\u2212"
LOCALES = {"en": "en_GB", "zh": "zh_Hans_CN"}
# the steps in which a reader of the language counts
STEPS = {
    "en": ((Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "K")),
    "zh": ((Decimal(10) ** 8, "亿"), (Decimal(10) ** 4, "万")),
}
SHORTEN_FROM = Decimal(10_000)
# addresses become links in markdown without any mark-up; an invisible joiner inside keeps them words
AUTOLINKS = re.compile(r"://|www\.|@", re.IGNORECASE)
WORD_JOINER = "\u2060"
MARKDOWN_SPECIALS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:])")


def plain(value: object) -> str:
    """A value from data for a markdown text: nothing in it is taken for a link, an image, a formula or a
    colour."""
    whole = AUTOLINKS.sub(
        lambda match: f"{match[0][:1]}{WORD_JOINER}{match[0][1:]}", " ".join(str(value).split())
    )
    return MARKDOWN_SPECIALS.sub(r"\\\1", whole)


def file_text(name: str) -> str:
    """A name or path of a file as a page shows it: what cannot be seen, or turns others round, is written as
    `\\xNN`, as the commands write it."""
    return "".join(
        letter if letter.isprintable() or category(letter) == "Zs" else _escaped(ord(letter))
        for letter in name
    )


def _escaped(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def shorten(name: str, length: int) -> str:
    """A name of at most `length` characters: what is left out is its middle, for most of what tells the
    names of files apart, a day above all, is at their end."""
    if len(name) <= length:
        return name
    tail = length * 2 // 3
    return f"{name[: length - 1 - tail]}…{name[-tail:]}"


def shorten_path(path: str, length: int) -> str:
    """A path `A > B > C` of about `length` characters: first without what stands in brackets at its end,
    then without the parts after its first (`A … C`); the first and the last stay whole."""
    if len(path) <= length:
        return path
    first, *rest = re.sub(r" \([^()]*\)$", "", path).split(" > ")
    cut = rest
    while len(cut) > 1 and len(" > ".join((first, *cut))) > length:
        cut = cut[1:]
    return f"{first}{' > ' if len(cut) == len(rest) else ' … '}{' > '.join(cut)}" if rest else first


def chart_text(value: object) -> str:
    """A value from data for a chart, which reads a little HTML."""
    return escape(" ".join(str(value).split()), quote=False)


def _rounded(value: Decimal, digits: int = 3) -> Decimal:
    if value == 0:
        return Decimal(0)
    places = digits - 1 - value.adjusted()
    return value.quantize(Decimal(1).scaleb(-max(places, 0)), rounding=ROUND_HALF_EVEN)


def _grouped(value: Decimal, locale: str) -> str:
    # 1 and 1.00 are one key to a cache, and not one figure to a reader
    return _grouped_text(str(value), locale)


@lru_cache(maxsize=4096)
def _grouped_text(figure: str, locale: str) -> str:
    value = Decimal(figure)
    places = max(-int(value.as_tuple().exponent), 0)
    pattern = "#,##0" + ("." + "0" * places if places else "")
    return str(format_decimal(value, format=pattern, locale=locale)).replace("-", MINUS)


@lru_cache(maxsize=2048)
def _day(day: date, pattern: str, locale: str) -> str:
    return str(format_date(day, format=pattern, locale=locale))


@lru_cache(maxsize=len(LOCALES))
def _territories(locale: str) -> Mapping[str, str]:
    return Locale.parse(locale).territories


class Formatter:
    """Formats for one language and one reporting currency."""

    def __init__(self, text: Text, currency: str) -> None:
        self.text = text
        self.currency = currency
        self._locale = LOCALES[text.language]
        self._steps = STEPS[text.language]

    def number(self, value: Decimal | int) -> str:
        """Three significant digits, shortened from ten thousand on: `1,234`, `12.3K`, `1.23万`."""
        value = Decimal(value)
        if abs(value) >= SHORTEN_FROM:
            for step, name in self._steps:
                if abs(value) >= step:
                    return f"{_grouped(_rounded(value / step), self._locale)}{name}"
        return _grouped(_rounded(value) if abs(value) < 1000 else value.quantize(Decimal(1)), self._locale)

    def count(self, value: int | Decimal) -> str:
        """A whole number, every digit of it."""
        return _grouped(Decimal(value).quantize(Decimal(1)), self._locale)

    def exact(self, value: Decimal | None, unit: str = "count", currency: str | None = None) -> str:
        """Every digit that is stored: the number that evidence has to add up to."""
        if value is None:
            return self.text("numbers.not_available")
        shown = value.normalize()
        places = max(-int(shown.as_tuple().exponent), 0)
        if unit in ("money", "money_per_buyer"):
            places = max(places, 2)
        figure = _grouped(shown.quantize(Decimal(1).scaleb(-places)), self._locale)
        return f"{figure} {currency or self.currency}" if unit in ("money", "money_per_buyer") else figure

    def percent(self, value: Decimal) -> str:
        """A share between 0 and 1 as a percentage."""
        return f"{_grouped(_rounded(value * 100), self._locale)}%"

    def value(self, value: Decimal | None, unit: str, currency: str | None = None) -> str:
        """A value with its unit; None (nothing to divide by) is n/a."""
        if value is None:
            return self.text("numbers.not_available")
        if unit == "ratio":
            return self.percent(value)
        if unit == "multiple":
            return f"{_grouped(_rounded(value), self._locale)}×"
        if unit in ("money", "money_per_buyer"):
            return f"{self.number(value)} {currency or self.currency}"
        if unit == "seconds":
            return self.text("numbers.seconds", value=self.number(value))
        return self.number(value)

    def change(self, now: Decimal | None, before: Decimal | None, unit: str) -> str | None:
        """The difference in the unit's own terms: points for rates, times for multiples, percent for
        amounts."""
        if now is None or before is None:
            return None
        difference = now - before
        sign = "+" if difference > 0 else MINUS if difference < 0 else "±"
        if unit == "ratio":
            return self.text("numbers.points", value=f"{sign}{self._size(difference * 100)}")
        if unit == "multiple":
            return f"{sign}{self._size(difference)}×"
        if before == 0:
            return f"{sign}{self.value(abs(difference), unit)}"
        return f"{sign}{self._size(difference / before * 100)}%"

    def _size(self, value: Decimal) -> str:
        size = abs(value)
        return _grouped(_rounded(size, 2 if size < 100 else 3), self._locale)

    def day(self, day: date | None) -> str:
        """A day with its year."""
        return (
            _day(day, "d MMM y" if self.text.language == "en" else "y年M月d日", self._locale) if day else "–"
        )

    def short_day(self, day: date) -> str:
        """A day without its year."""
        return _day(day, "d MMM" if self.text.language == "en" else "M月d日", self._locale)

    def month(self, month: str) -> str:
        """`2026-09` in words."""
        first = date.fromisoformat(f"{month}-01")
        return _day(first, "MMMM y" if self.text.language == "en" else "y年M月", self._locale)

    def days(self, start: date, end: date) -> str:
        """A range of days."""
        return f"{self.short_day(start)} – {self.day(end)}" if start != end else self.day(start)

    def time(self, moment: datetime | None) -> str:
        """A moment in UTC, to the minute."""
        if moment is None:
            return "–"
        pattern = "d MMM y HH:mm" if self.text.language == "en" else "y年M月d日 HH:mm"
        return f"{format_datetime(moment.astimezone(UTC), format=pattern, locale=self._locale)} UTC"

    def age(self, moment: datetime, now: datetime) -> str:
        """How long ago, in the largest fitting unit."""
        if now - moment < timedelta(minutes=1):
            return self.text("numbers.just_now")
        return self.text("numbers.ago", age=self.duration(now - moment))

    def duration(self, duration: timedelta) -> str:
        """How long, in the largest fitting unit, as a column headed Age has it."""
        minutes = int(duration.total_seconds() // 60)
        if minutes < 120:
            return self.text("numbers.minutes", count=minutes)
        if minutes < 48 * 60:
            return self.text("numbers.hours", count=minutes // 60)
        return self.text("numbers.days", count=minutes // (24 * 60))

    def country(self, country: str) -> str:
        """A country's name for its two-letter code; anything else stays as the file has it."""
        return str(_territories(self._locale).get(country.upper(), country))

    def names(self, names: list[str]) -> str:
        """Names in a row, as the language lists them."""
        if len(names) < 2:
            return "".join(names)
        last = self.text("numbers.and")
        return self.text("numbers.comma").join(names[:-1]) + last + names[-1]
