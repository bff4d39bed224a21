"""Numbers, days and names in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from insight.formatting import Formatter, chart_text, file_text, plain, shorten, shorten_path
from insight.text import get_text
from tradewind.exports import load_contracts
from tradewind.terminal import show

ENGLISH, CHINESE = Formatter(get_text("en"), "USD"), Formatter(get_text("zh"), "USD")


@pytest.mark.parametrize(
    ("number", "english", "chinese"),
    [
        ("0", "0", "0"),
        ("7.126", "7.13", "7.13"),
        ("1234", "1,234", "1,234"),
        ("12345", "12.3K", "1.23万"),
        ("1234567", "1.23M", "123万"),
        ("-45678", "\u221245.7K", "\u22124.57万"),
        ("4200000000", "4.20B", "42.0亿"),
    ],
)
def test_number_has_three_digits_in_the_steps_of_its_language(
    number: str, english: str, chinese: str
) -> None:
    assert ENGLISH.number(Decimal(number)) == english
    assert CHINESE.number(Decimal(number)) == chinese


def test_value_carries_its_unit() -> None:
    assert ENGLISH.value(Decimal("0.0321"), "ratio") == "3.21%"
    assert ENGLISH.value(Decimal("3.2"), "multiple") == "3.20×"
    assert ENGLISH.value(Decimal("12345.678"), "money") == "12.3K USD"
    assert ENGLISH.value(Decimal("99.5"), "money", "EUR") == "99.5 EUR"


def test_equal_numbers_of_other_precision_are_written_as_they_are() -> None:
    assert ENGLISH.exact(Decimal("1.00"), "money") == "1.00 USD"
    assert ENGLISH.value(Decimal("0.01"), "ratio") == "1.00%"
    assert ENGLISH.exact(Decimal("1"), "count") == "1"


def test_value_without_a_denominator_is_not_available() -> None:
    assert ENGLISH.value(None, "ratio") == "n/a"
    assert CHINESE.value(None, "money") == "无"


def test_exact_amount_keeps_every_stored_digit() -> None:
    assert ENGLISH.exact(Decimal("1234567.891200"), "money") == "1,234,567.8912 USD"
    assert ENGLISH.exact(Decimal("250"), "money") == "250.00 USD"


def test_change_is_in_the_units_own_terms() -> None:
    assert ENGLISH.change(Decimal("0.034"), Decimal("0.030"), "ratio") == "+0.40 pt"
    assert CHINESE.change(Decimal("0.030"), Decimal("0.034"), "ratio") == "\u22120.40 个百分点"
    assert ENGLISH.change(Decimal("76"), Decimal("100"), "money") == "\u221224%"
    assert ENGLISH.change(Decimal("5"), Decimal("0"), "count") == "+5.00"
    assert ENGLISH.change(None, Decimal("1"), "ratio") is None


def test_days_and_times_follow_the_language() -> None:
    day = date(2026, 10, 12)
    assert (ENGLISH.day(day), CHINESE.day(day)) == ("12 Oct 2026", "2026年10月12日")
    assert ENGLISH.days(date(2026, 10, 1), day) == "1 Oct – 12 Oct 2026"
    moment = datetime(2026, 10, 12, 6, 10, tzinfo=UTC)
    assert ENGLISH.time(moment) == "12 Oct 2026 06:10 UTC"
    assert CHINESE.age(moment, moment + timedelta(hours=5)) == "5 小时前"
    assert ENGLISH.age(moment, moment + timedelta(days=3)) == "3 days ago"
    assert ENGLISH.age(moment, moment + timedelta(seconds=59)) == "just now"
    assert (ENGLISH.duration(timedelta(minutes=119)), CHINESE.duration(timedelta(0))) == ("119 min", "0 分钟")


def test_long_name_keeps_its_end_which_tells_files_apart() -> None:
    assert shorten("Visitors over time - 2026-09.csv", 24) == "Visitor…me - 2026-09.csv"
    assert len(shorten("x" * 100, 24)) == 24
    assert shorten("orders.csv", 10) == "orders.csv"


def test_long_path_keeps_its_platform_and_its_report() -> None:
    path = "Amazon > Business Reports > Detail Page Sales and Traffic by Child Item (or by SKU)"
    assert shorten_path(path, 46) == "Amazon … Detail Page Sales and Traffic by Child Item"
    assert shorten_path("Etsy > Shop Manager > Settings > Download data > Orders", 46) == (
        "Etsy … Settings > Download data > Orders"
    )
    assert shorten_path("Amazon > Payments > All statements > Flat file V2", 46).endswith("Flat file V2")
    assert shorten_path("Shopify > Products > Export", 46) == "Shopify > Products > Export"


def test_shortened_titles_still_name_one_report_each() -> None:
    titles = [contract.title for contract in load_contracts().values()]
    assert len({shorten_path(title, 46) for title in titles}) == len(titles)


def test_country_code_becomes_a_name_and_a_name_stays() -> None:
    assert (ENGLISH.country("DE"), CHINESE.country("DE")) == ("Germany", "德国")
    assert CHINESE.country("Channel Islands") == "Channel Islands"


def test_names_from_data_cannot_become_links_or_markup() -> None:
    shown = plain("[Weber](http://x.example) **me@x.example** $a$ :red[b]\nc")
    assert "](" not in shown.replace("\\]\\(", "")
    assert "://" not in shown
    assert "@x" not in shown
    assert "\\*\\*" in shown and "\\$" in shown and "\\:red" in shown
    assert "\n" not in shown


def test_names_from_data_cannot_become_markup_of_a_chart() -> None:
    assert chart_text("<a href='x'>A & B</a>") == "&lt;a href='x'&gt;A &amp; B&lt;/a&gt;"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("orders 库存 é.csv", "orders 库存 é.csv"),
        ("new\nline\t.csv", "new\\x0aline\\x09.csv"),
        ("\x1b[31mred.csv", "\\x1b[31mred.csv"),
        ("\u202evsc.exe", "\\u202evsc.exe"),
        ("\u2028\ue000\U000e0001.csv", "\\u2028\\ue000\\U000e0001.csv"),
    ],
)
def test_the_name_of_a_file_shows_what_cannot_be_seen(name: str, shown: str) -> None:
    assert file_text(name) == shown == show(name)
