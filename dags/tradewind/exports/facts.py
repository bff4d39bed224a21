"""What a file says of itself outside its rows: the days it covers, its currency, and more where the contract
asks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import PurePath
from typing import TypeVar

from tradewind.exports.contract import CurrencySource, PeriodSource
from tradewind.exports.faults import RefusedFileError
from tradewind.exports.numbers import SYMBOL
from tradewind.exports.recognise import Header
from tradewind.exports.shapes import load_shapes
from tradewind.exports.surroundings import days_of

Found = TypeVar("Found")
UNASSIGNED_STORE = "unassigned"
# signs that stand for one currency and no other; $, ¥ and kr do not
SYMBOLS = {
    "€": "EUR", "£": "GBP", "₹": "INR", "₩": "KRW", "₺": "TRY", "₽": "RUB", "₫": "VND", "฿": "THB",
    "₪": "ILS", "₱": "PHP", "₦": "NGN", "₴": "UAH", "zł": "PLN", "Kč": "CZK", "Ft": "HUF", "MX$": "MXN",
    "CA$": "CAD", "C$": "CAD", "A$": "AUD", "AU$": "AUD", "US$": "USD", "R$": "BRL", "S$": "SGD",
    "NZ$": "NZD", "HK$": "HKD", "NT$": "TWD",
}  # fmt: skip
# within a longer text than a file's name a pattern is not searched for, which takes quadratic time
MAX_NAME = 255
_FOLDER = re.compile(r"(store|account|date|report)=(.+)")
# the id of an account: of a name with a number in it the digits alone say too little
_ACCOUNT_ID = re.compile(r"(?:act_)?[0-9][0-9 -]{6,}[0-9]")
_ISO_DAY = r"(?<![0-9])[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])"
# one day, or a first and a last one, joined as people and platforms join them; of two that only stand side by
# side the second is as often the day of the download
_JOINT = r"[ _-]*(?:to|until|through|bis|至|到|～|~|\.\.)[ _-]*| ?[–—] ?| - |(?P<loose>_)"
_DAYS = re.compile(rf"({_ISO_DAY})(?:(?:{_JOINT})({_ISO_DAY}))?", re.IGNORECASE)
EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True)
class FileFacts:
    """The facts of one file, as they stand in `ops.load`."""

    store_id: str = UNASSIGNED_STORE
    account: str = ""
    period_start: date | None = None
    period_end: date | None = None
    currency: str | None = None
    # the sign that all amounts carry, when the currency was read off it
    symbol: str | None = None
    extracted_at: datetime | None = None
    attributes: dict[str, object] = field(default_factory=dict)


def folder_facts(path: PurePath) -> dict[str, str]:
    """What folders named `store=…`, `account=…`, `date=…` and `report=…` say; an account in one spelling.

    Raises:
        RefusedFileError: two folders, one within the other, say unlike things.
    """
    said: dict[str, str] = {}
    for part in path.parts[:-1]:
        if (found := _FOLDER.fullmatch(part)) is None:
            continue
        fact, value = found[1], found[2]
        value = one_spelling(value) if fact == "account" else value
        if said.setdefault(fact, value) != value:
            raise RefusedFileError("folders_differ", folders=[f"{fact}={said[fact]}", f"{fact}={value}"])
    return said


def one_spelling(account: str) -> str:
    """An account as a person has written it, without what tells no two apart: case, width, blanks, and what
    stands between the digits of an id.
    """
    text = " ".join(unicodedata.normalize("NFKC", account).casefold().split())
    return (re.sub("[^0-9]", "", text).lstrip("0") if _ACCOUNT_ID.fullmatch(text) else "") or text


def read_facts(header: Header, path: PurePath, first_row: dict[str, str], modified_at: datetime) -> FileFacts:
    """The facts of a file from its path, preamble, header and first row.

    Raises:
        RefusedFileError: the contract requires a period and nothing states one, or the folder's name states
            none that can be read.
    """
    folders = folder_facts(path)
    contract = header.contract
    if any(source.source == "folder" for source in contract.facts.period):
        _check_folder(folders)
    preamble = "\n".join(_without_comment(line, contract.preamble.comment) for line in header.preamble)
    period = _stated_period(header, preamble, path, folders, modified_at) if contract.facts.period else None
    if period is None and _needs_period(header):
        raise RefusedFileError("period_unknown", report=contract.report)
    currency, symbol = _first(
        _currency(source, header, preamble, first_row) for source in contract.facts.currency
    ) or (None, None)
    attributes: dict[str, object] = {}
    for item in contract.facts.attributes:
        text = preamble if item.source == "preamble" else path.stem
        if found := _search(item.pattern, text):
            attributes[item.name] = found["value"].strip()
    present = {column.name for column in header.columns if column}
    # in a number's column a blank is none, and no column is not known: the models ask which it was
    if missing := [
        column.name for column in contract.columns if column.is_number and column.name not in present
    ]:
        attributes["missing_columns"] = missing
    if header.extra_names:
        attributes["extra_columns"] = list(header.extra_names.values())
    start, end = period or (None, None)
    return FileFacts(
        store_id=folders.get("store", UNASSIGNED_STORE),
        account=folders.get("account", ""),
        period_start=start,
        period_end=end,
        currency=currency,
        symbol=symbol,
        extracted_at=_extracted_at(header, preamble, path) or modified_at,
        attributes=attributes,
    )


def _stated_period(
    header: Header, preamble: str, path: PurePath, folders: dict[str, str], modified_at: datetime
) -> tuple[date, date] | None:
    """What the lines above the header, the folder and the file's name say, of each the first answer.

    Raises:
        RefusedFileError: they differ, or no report may cover such days.
    """
    sources = header.contract.facts.period
    said = {
        place: _first(
            _period(source, preamble, path, folders, modified_at)
            for source in sources
            if source.source == place
        )
        for place in ("preamble", "folder", "file_name")
    }
    said["preamble"] = said["preamble"] or _first(map(days_of, header.preamble))
    if any(source.one_day for source in sources) and (said["preamble"] or said["folder"]):
        # the day on which the file was drawn, as far as anybody knows: now it is known
        said["file_name"] = None
    periods = [period for period in said.values() if period]
    if len(set(periods)) > 1:
        raise RefusedFileError("period_differs", days=list(dict.fromkeys(map(_as_text, periods))))
    if not periods:
        return None
    start, end = periods[0]
    if start < EARLIEST or end > datetime.now(UTC).date() + timedelta(days=1):
        raise RefusedFileError("period_impossible", report=header.contract.report, days=_as_text(periods[0]))
    return start, end


def _as_text(period: tuple[date, date]) -> str:
    return "..".join(day.isoformat() for day in dict.fromkeys(period))


def _period(
    source: PeriodSource, preamble: str, path: PurePath, folders: dict[str, str], modified_at: datetime
) -> tuple[date, date] | None:
    text = {"preamble": preamble, "file_name": path.stem, "folder": folders.get("date", "")}[source.source]
    if source.pattern is None:
        # whoever names a folder names no download
        made_on = modified_at.date() if source.source == "file_name" else None
        return _named_days(text, one_day=source.one_day or made_on is None, made_on=made_on)
    found = _search(source.pattern, text)
    if found is None:
        return None
    start = _day(found["start"], source.formats)
    end = _day(found["end"], source.formats) if found.groupdict().get("end") else start
    return (start, end) if start and end and start <= end else None


def _needs_period(header: Header) -> bool:
    """Whether nothing but the file itself can say the days of its rows."""
    contract = header.contract
    if contract.period_required:
        return True
    day = contract.day_of_rows
    if day is None or day.required or contract.is_snapshot or load_shapes()[contract.shape or ""].is_dated:
        return False
    return day not in header.columns


def _named_days(text: str, *, one_day: bool, made_on: date | None = None) -> tuple[date, date] | None:
    """The first and the last day that a name states; a day more would leave open which are meant, and so does
    one that is joined loosely and may be that of the download.
    """
    found = _DAYS.search(text)
    if found is None or _DAYS.search(text, found.end()) or not (found[3] or one_day):
        return None
    start, end = (_day(item, ["%Y-%m-%d"]) for item in (found[1], found[3] or found[1]))
    if not (start and end and start <= end):
        return None
    is_download = found["loose"] and made_on and abs(end - made_on) <= timedelta(days=1)
    return None if is_download else (start, end)


def _check_folder(folders: dict[str, str]) -> None:
    """A day that the user has named in vain must not be replaced by another."""
    named = folders.get("date")
    if named is not None and not (_DAYS.fullmatch(named) and _named_days(named, one_day=True)):
        raise RefusedFileError("folder_date_unclear")


def _currency(
    source: CurrencySource, header: Header, preamble: str, first_row: dict[str, str]
) -> tuple[str, str | None] | None:
    if source.source == "header":
        return (header.currency, None) if header.currency else None
    if source.source == "preamble":
        found = _search(source.pattern or "", preamble)
        return (found["value"].upper(), None) if found else None
    cell = first_row.get(source.column or "", "").strip()
    if source.source == "cell":
        found = re.search(SYMBOL, cell)
        if found is None:
            return None
        sign = found[0]
        currency = SYMBOLS.get(sign) or (sign if re.fullmatch("[A-Z]{3}", sign) else None)
        return (currency, sign) if currency else None
    if source.source == "first_row" and re.fullmatch("[A-Z]{3}", cell):
        return cell, None
    return None  # a column of its own: each row says its currency


def _extracted_at(header: Header, preamble: str, path: PurePath) -> datetime | None:
    source = header.contract.facts.extracted_at
    if source is None:
        return None
    found = _search(source.pattern, preamble if source.source == "preamble" else path.stem)
    for item in source.formats if found else ():
        try:
            moment = datetime.strptime(found["value"].strip(), item)  # type: ignore[index]  # noqa: DTZ007
        except ValueError:
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


def _search(pattern: str, text: str) -> re.Match[str] | None:
    """The pattern as the whole text, as one of its lines, or within a file's name."""
    if found := re.fullmatch(pattern, text):
        return found
    if "\n" not in text and len(text) <= MAX_NAME:
        return re.search(pattern, text)
    return next((found for line in text.split("\n") if (found := re.fullmatch(pattern, line.strip()))), None)


def _day(text: str, formats: list[str]) -> date | None:
    for item in formats:
        try:
            return datetime.strptime(text.strip(), item).date()  # noqa: DTZ007  a day has no zone
        except ValueError:
            continue
    return None


def _without_comment(line: str, comment: str | None) -> str:
    return line.removeprefix(comment).strip() if comment else line.strip()


def _first(candidates: Iterable[Found | None]) -> Found | None:
    return next((item for item in candidates if item is not None), None)
