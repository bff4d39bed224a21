# ruff: noqa: E501  a table of cells is read by its lines
"""The loader and PostgreSQL read a cell alike: what the check lets pass has one value, and SQL finds the same one;
of any other text it makes NULL, and no text makes it fail. Held over all formats of all contracts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import polars as pl
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from tradewind.exports import load_contracts
from tradewind.exports.blanks import BLANK_CHARACTERS
from tradewind.exports.checks import Check, compile_check
from tradewind.exports.contract import Column, Contract
from tradewind.exports.numbers import NUMBER_FORMATS, NUMBER_TYPES
from tradewind.exports.reading import FALSE, TRUE, fill
from tradewind.exports.screen import breaks_rule, build_screen
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

# of the abbreviations that formats take, in hours
OFFSETS = {
    "UTC": 0, "GMT": 0, "PST": -8, "PDT": -7, "MST": -7, "MDT": -6, "CST": -6, "CDT": -5, "EST": -5, "EDT": -4,
    "JST": 9, "BST": 1, "CET": 1, "CEST": 2, "AEST": 10, "AEDT": 11,
}  # fmt: skip
# the same offset for ever
SHOP_ZONE, SHOP_OFFSET = "Etc/GMT-5", timedelta(hours=5)


@dataclass(frozen=True)
class Kind:
    """A type with its formats by locale, and null tokens: what decides how a cell is read."""

    contract: Contract
    column: Column

    def __repr__(self) -> str:
        return f"{self.column.type} {self.column.formats} {self.contract.null_tokens}"

    @property
    def locales(self) -> list[str]:
        """The locales that it tells apart, and one that it does not know."""
        return sorted({*self.column.formats, "", "xx"})

    def check(self, locale: str) -> Check:
        """The loader's check."""
        return compile_check(self.column, self.contract, locale)


def kinds() -> list[Kind]:
    """One column for each way of reading in all contracts, and one for each format of numbers."""
    found: dict[Any, Kind] = {}
    for contract in load_contracts().values():
        for column in contract.columns:
            if column.type == "text":
                continue
            plain = Column(name="cell", headers={"": ["Cell"]}, type=column.type, formats=column.formats)
            key = (column.type, str(sorted(column.formats.items())), tuple(contract.null_tokens))
            found.setdefault(key, Kind(contract, plain))
    some = load_contracts()["google_ads_campaign_daily"]
    for kind in NUMBER_TYPES:
        for item in NUMBER_FORMATS:
            column = Column(name="cell", headers={"": ["Cell"]}, type=kind, formats={"": [item]})
            found.setdefault((kind, item), Kind(some, column))
    return list(found.values())


KINDS = kinds()


def number_in(text: str, formats: list[str], *, is_whole: bool) -> Decimal:
    """The number in a text, read without the product's own patterns."""
    is_negative = "-" in text or "\u2212" in text
    kept = re.sub("[^0-9.,]", "", text)
    if is_whole:
        kept = re.sub("[.,]", "", kept)
    marks = "".join({NUMBER_FORMATS[item].mark for item in formats})
    if len(marks) == 1:
        kept = kept.replace("," if marks == "." else ".", "")
    found = Decimal(kept.replace(",", "."))
    # a product would be rounded to 28 digits
    return found.copy_negate() if is_negative else found


def moment_in(text: str, item: str) -> datetime | None:
    """The moment in a text by strptime, which knows no abbreviations of zones but its own."""
    shift = timedelta(0)
    if "%Z" in item:
        if not (found := re.search("[A-Z]{3,4}(?=[)]?$)", text)):
            return None
        shift = timedelta(hours=OFFSETS[found[0]])
        text = text[: found.start()] + "UTC" + text[found.end() :]
    try:
        found_moment = datetime.strptime(text, item)  # noqa: DTZ007  the zone comes below
    except ValueError:
        return None
    return found_moment.replace(tzinfo=timezone(shift)) if "%Z" in item else found_moment


def value_in(text: str, column: Column, locale: str) -> dict[str, Any]:
    """What a sound cell holds, by kind of value."""
    formats = column.formats_for(locale)
    text = text.strip(BLANK_CHARACTERS)
    if column.type in NUMBER_TYPES:
        return {"number": number_in(text, formats, is_whole=column.type == "integer")}
    if column.type == "boolean":
        return {"flag": text in TRUE}
    # strptime takes a format that a text has only in part for no match
    moment = next(found for item in formats if (found := moment_in(text, item)))
    day = {"day": moment.date()}
    if column.type == "date":
        return day
    at = moment if moment.tzinfo else moment.replace(tzinfo=timezone(SHOP_OFFSET))
    return {**day, "moment": at.timestamp()}


@pytest.fixture(scope="module")
def connection(database_settings: Settings) -> Iterator[psycopg.Connection]:
    """A connection as the models' builder."""
    with connect(Role.BUILDER, database_settings) as found:
        found.autocommit = True
        yield found


def read_by_sql(
    connection: psycopg.Connection, kind: Kind, locale: str, cells: list[str]
) -> dict[str, list[Any]]:
    """What PostgreSQL reads in the cells, by kind of value; moments as seconds since 1970."""
    expressions = {
        name: fill(expression, "c.cell", f"'{locale}'", f"'{SHOP_ZONE}'")
        for name, expression in kind.column.readings(kind.contract.null_tokens).items()
    }
    if "moment" in expressions:
        expressions["moment"] = f"extract(epoch from {expressions['moment']})"
    names = list(expressions)
    query = sql.SQL("select {} from unnest({}::text[]) with ordinality as c (cell, n) order by c.n").format(
        sql.SQL(", ".join(expressions.values())), sql.Literal(cells)
    )
    rows = connection.execute(query).fetchall()
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


def hold_together(connection: psycopg.Connection, kind: Kind, locale: str, cells: list[str]) -> None:
    """The loader's check, by cell and by column, and SQL say the same of the cells."""
    check = kind.check(locale)
    sound = [check.fault(cell) is None for cell in cells]
    texts = pl.Series(cells, dtype=pl.String)
    assert breaks_rule(texts, check).tolist() == [not is_sound for is_sound in sound]
    # a line in which a delimiter or a quote stands elsewhere is for the exact reader
    screen = build_screen(2, ",", '"', {0: check}, [])
    in_order = screen.is_in_order(texts + ",x").tolist()
    for cell, is_sound, passes in zip(cells, sound, in_order, strict=True):
        assert is_sound or not passes or any(mark in cell for mark in ',"\r\n\0'), cell
    tokens = {token.strip() for token in kind.contract.null_tokens}
    for name, values in read_by_sql(connection, kind, locale, cells).items():
        for cell, value, is_sound in zip(cells, values, sound, strict=True):
            expected = None
            if is_sound and cell.strip(BLANK_CHARACTERS) not in {"", *tokens}:
                expected = value_in(cell, kind.column, locale)[name]
            if isinstance(expected, float):
                assert float(value) == pytest.approx(expected, abs=1e-5), (cell, value)
            else:
                assert value == expected, (cell, value)


ODD = [
    # blanks, and what is none
    "", " ", "\u00a0", "\u3000", "\ufeff", " 1 ", "\u00a05", "5\u202f", "\t2026-03-02\u00a0", "\n7\r\n", "\u180e1",
    # signs
    "-1", "+1", "\u22121", "\u2212 1", "--1", "-+1", "1-", "(1)", "\u20131", "\ufe631", "-$5", "$-5", "-$-5", "$5$", "5 USD",
    "USD 5", "\u2212€1", "€ \u22121", "5%", "5 %", "%5", "5%%", "kr 5", "5 zł", "Ft5", "$ 1,234.50 USD",
    # marks and groups
    "1.080", "1,080", "1.080,00", "1,080.00", "0,123", "0.123", ".5", "5.", ",5", "5,", ".", ",", "1,23", "12,34,567.89",
    "1'234.5", "1\u2019234", "1 234,5", "1\u00a0234,5", "1\u202f234", "1,,234", "1.2.3", "1,234,56", "01,234", "1.234.567",
    # sizes
    "9" * 15, "9" * 16, "99999999999999999999", "9223372036854775807", "9223372036854775808", "-9223372036854775809",
    "9" * 30, "9" * 31, "9" * 200_000, "0" * 40, "0." + "3" * 30, "0." + "3" * 31, "1" + ",000" * 9, "1" + ",000" * 12,
    # what other tools read as numbers
    "1E+05", "1e5", "1.9E-05", "5.06E+12", "5,06E+12", "NaN", "Infinity", "-inf", "0x1F", "1_000", "１２", "١٢", "½", "五",
    "NULL", "--", "-", "n/a", "true", "TRUE", "tRuE", "yes", "0", "1", "ja",
    # days
    "2026-03-02", "2026-3-2", "2026-02-29", "2024-02-29", "1900-02-29", "2000-02-29", "2026-04-31", "2026-00-10", "2026-13-01",
    "0000-01-01", "0001-01-01", "0999-12-31", "1000-01-01", "9999-12-31", "10000-01-01", "-2026-01-01", "2026-01-01 BC",
    "02/03/2026", "13/12/2026", "12/13/2026", "02.03.26", "29.02.23", "29.02.24", "1/1/69", "1/1/68", "02-Mar-26", "2-MAR-26",
    "31-Apr-26", "29-Feb-25", "2026/02/30", "2026/2/28", "02/2026", "2026-02", "20260302", "today", "now", "epoch", "45000",
    # moments
    "2026-03-02 24:00:00", "2026-03-02 23:59:60", "2026-03-02 23:59:59", "2026-03-02T10:00:00Z", "2026-03-02T10:00:00z",
    "2026-03-02T10:00:00+9900", "2026-03-02T10:00:00+14:00", "2026-03-02T10:00:00+14:01", "2026-03-02T10:00:00+14:60",
    "2026-03-02T10:00:00-12:00", "2026-03-02T10:00:00-12:01", "2026-03-02T10:00:00+05:30", "2026-03-02T10:00+0530",
    "2026-03-02 10:00:00 +0000", "2026-03-02 10:00:00.1", "2026-03-02 10:00:00.123456", "2026-03-02 10:00:00.1234567",
    "2026-03-02 10:00", "2026-03-02 9:05", "2026-03-02 10:60", "2026-03-29 02:30:00", "9999-12-31T23:00:00-1200",
    "2026-03-02 10:00:00 PST", "2026-03-02 10:00:00 UTC", "2026-03-02 10:00:00 XYZ", "02.03.2026 10:00:00 UTC",
    "02/03/2026 10:00 (JST)", "3/2/2026 12:05:09 AM", "3/2/2026 12:05:09 PM", "3/2/2026 13:05:09 PM", "3/2/2026 0:05 AM",
    "Mar 2, 2026 1:05:09 AM PDT", "Feb 30, 2026 1:05:09 AM PDT", "2 Mar 2026 01:05:09 CEST", "2 MARCH 2026 1:05:09 pm GMT",
    "2 Marchy 2026 1:05:09 pm GMT", "2/Mar/26 1:05 PM", "2026/03/02 10:00:00JST", "2026/03/02 10:00:00 JST",
    # texts
    "'; drop table x; --", "\\", "%s", "{cell}", "@cell@", "{{ 1 }}", "$1", "\u202e", "e\u0301", "\x7f", "\U0010ffff", "\x1f",
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS, ids=repr)
def test_odd_cells_are_read_alike(connection: psycopg.Connection, kind: Kind) -> None:
    for locale in kind.locales:
        hold_together(connection, kind, locale, [*ODD, *kind.contract.null_tokens])


@st.composite
def numbers(draw: st.DrawFn) -> str:
    digits = st.text("0123456789", min_size=1, max_size=4)
    parts = draw(st.lists(digits, min_size=1, max_size=4))
    marks = [draw(st.sampled_from([",", ".", " ", "\u00a0", "'", "\u2019", ""])) for _ in parts]
    text = "".join(part + mark for part, mark in zip(parts, marks, strict=True))
    before = draw(st.sampled_from(["", "", "", "-", "+", "\u2212", "$", "-$", "€", "EUR ", "($"]))
    behind = draw(st.sampled_from(["", "", "", "%", " %", " €", " USD", "-", ")", "e5", "E+05"]))
    return before + text.rstrip(draw(st.sampled_from(["", ",. '"]))) + behind


MOMENTS = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31))  # noqa: DTZ001  the zone is in the text
ZONES = st.sampled_from(["Z", "+0000", "+05:30", "-1200", "+14:00", "+1430", "+9900", "-00:30"])


@st.composite
def days(draw: st.DrawFn, formats: list[str]) -> str:
    item = draw(st.sampled_from([item for item in formats if "%" in item] or ["%Y-%m-%d"]))
    item = item.replace("%z", draw(ZONES)).replace("%Z", draw(st.sampled_from(sorted(OFFSETS))))
    text = draw(MOMENTS).strftime(item)
    return draw(st.sampled_from([text, text, re.sub(r"\b0", "", text), text.upper(), text.lower()]))


@st.composite
def cells(draw: st.DrawFn, formats: list[str]) -> str:
    text = draw(st.one_of(numbers(), days(formats), st.sampled_from([*TRUE, *FALSE, "--", "-"])))
    if draw(st.integers(0, 3)) == 0 and text:
        place = draw(st.integers(0, len(text) - 1))
        put = draw(
            st.one_of(
                st.just(""), st.sampled_from("0123456789 -/:.,TZ+%"), st.characters(exclude_categories=["Cs"])
            )
        )
        text = text[:place] + put + text[place + draw(st.integers(0, 1)) :]
    blanks = st.text(BLANK_CHARACTERS, max_size=2)
    return (draw(blanks) + text + draw(blanks)).replace("\0", "")


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_cell_is_read_alike(connection: psycopg.Connection, data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(KINDS))
    locale = data.draw(st.sampled_from(kind.locales))
    near = cells(kind.column.formats_for(locale))
    anything = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
    hold_together(
        connection, kind, locale, data.draw(st.lists(st.one_of(near, near, near, anything), max_size=30))
    )


def test_every_way_of_reading_is_tried() -> None:
    assert {kind.column.type for kind in KINDS} == {"boolean", "date", "datetime", *NUMBER_TYPES}
    assert len(KINDS) > 50
