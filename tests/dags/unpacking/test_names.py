"""Names of parts: each once in the ledger, none above another, the same each time."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.unpacking.names import MAX_NAME_BYTES, unique_names


@pytest.mark.parametrize(
    ("names", "unique"),
    [
        (["orders.csv", "orders.csv"], ["orders.csv", "orders (2).csv"]),
        (["orders.csv", "orders.csv", "orders.csv"], ["orders.csv", "orders (2).csv", "orders (3).csv"]),
        (["a.csv", "a (2).csv", "a.csv"], ["a.csv", "a (2).csv", "a (3).csv"]),
        (["Orders.csv", "orders.CSV"], ["Orders.csv", "orders (2).CSV"]),
        (["é.csv", "e\u0301.csv"], ["é.csv", "e\u0301 (2).csv"]),
        (["a//b.csv", "./a/b.csv"], ["a/b.csv", "a/b (2).csv"]),
        (["a\ud800.csv", "a?.csv"], ["a?.csv", "a? (2).csv"]),
        (["a.xlsx", "a.xlsx/Sheet1"], ["a (2).xlsx", "a.xlsx/Sheet1"]),
        (["a.xlsx/Sheet1", "a.xlsx"], ["a.xlsx/Sheet1", "a (2).xlsx"]),
        (["", "."], ["(1)", "(2)"]),
        (
            ["store=a/2026-05-01.csv", "store=b/2026-05-01.csv"],
            ["store=a/2026-05-01.csv", "store=b/2026-05-01.csv"],
        ),
    ],
)
def test_what_would_be_taken_for_another_gets_a_number(names: list[str], unique: list[str]) -> None:
    assert unique_names(names, are_files=True) == unique


def test_a_table_has_its_number_at_the_end() -> None:
    assert unique_names(["data.rates", "data.rates", "a/b", "a"], are_files=False) == [
        "data.rates", "data.rates (2)", "a/b", "a (2)",
    ]  # fmt: skip


def test_long_names_that_begin_alike_are_kept_apart() -> None:
    names = [f"{'订单' * 300}{end}.csv" for end in "xyx"]
    unique = unique_names(names, are_files=True)
    assert len(set(unique)) == 3
    assert all(len(name.encode()) < MAX_NAME_BYTES + 50 and name.endswith(".csv") for name in unique)


PIECES = ["a", "A", "á", "a\u0301", "/", ".", " (2)", "\ud800", "?", "ﬁ", "ß", "ss", "x" * 199]
NAMES = st.lists(st.lists(st.sampled_from(PIECES), max_size=6).map("".join), max_size=8)


@given(NAMES, st.booleans())
def test_no_name_is_another_or_above_another(names: list[str], are_files: bool) -> None:
    unique = unique_names(names, are_files=are_files)
    assert unique == unique_names(names, are_files=are_files)
    keys = [unicodedata.normalize("NFC", name).casefold() for name in unique]
    assert len(set(keys)) == len(names)
    assert not any(other.startswith(f"{key}/") for key in keys for other in keys)
    assert all(name and name.encode() and "\0" not in name for name in unique)
