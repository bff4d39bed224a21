"""No pattern that a cell, a header or a preamble is held against takes more than linear time."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.growth import assert_linear
from tradewind.exports.checks import compile_check
from tradewind.exports.contract import load_contracts
from tradewind.exports.facts import _search
from tradewind.exports.headers import normalise


@pytest.mark.parametrize("pattern", ["[ \t]*(?:a|b)?[ \t]*", "(?s).*a: .*b: .*", "(?:[0-9]+,?)+"])
def test_a_steep_pattern_is_found(pattern: str) -> None:
    with pytest.raises(AssertionError, match="takes"):
        assert_linear(re.compile(pattern).fullmatch, pattern)


@pytest.mark.parametrize("pattern", ["[A-Z][a-z ]*", r"\d{4}-\d{2}", r"(?s)\{.*\}"])
def test_a_linear_pattern_passes(pattern: str) -> None:
    assert_linear(re.compile(pattern).fullmatch, pattern)


def checks() -> dict[str, Callable[[str], object]]:
    """One check for each pattern that cells are held against, in all contracts."""
    found: dict[str, Callable[[str], object]] = {}
    for contract in load_contracts().values():
        for column in contract.columns:
            for locale in {"", *column.formats}:
                check = compile_check(column, contract, locale)
                for pattern in (*check.patterns, *(form.pattern for form in check.forms)):
                    found.setdefault(pattern, check.fault)
    return found


def others() -> dict[str, Callable[[str], object]]:
    """How each other pattern of the contracts is tried: on headers, rows, personal cells, and preambles."""
    found: dict[str, Callable[[str], object]] = {}
    for contract in load_contracts().values():
        for pattern in contract.set_aside:
            found[pattern] = lambda text, pattern=pattern: re.fullmatch(pattern, normalise(text))
        for row in (*contract.total_rows, *contract.footer):
            found[row.pattern] = lambda text, pattern=row.pattern: re.fullmatch(pattern, text, re.DOTALL)
        for column in contract.columns:
            if column.pseudonym_of:
                found[column.pseudonym_of] = re.compile(column.pseudonym_of).fullmatch
        facts = contract.facts
        made_at = [facts.extracted_at] if facts.extracted_at else []
        for source in (*facts.period, *facts.currency, *facts.attributes, *made_at):
            if source.pattern:
                found[source.pattern] = lambda text, pattern=source.pattern: _search(pattern, text)
    return found


@pytest.mark.parametrize("pattern", sorted(checks()))
def test_a_cell_is_checked_in_linear_time(pattern: str) -> None:
    assert_linear(checks_by_pattern[pattern], pattern)


@pytest.mark.parametrize("pattern", sorted(others()))
def test_what_a_file_says_of_itself_is_read_in_linear_time(pattern: str) -> None:
    assert_linear(others_by_pattern[pattern], pattern)


checks_by_pattern, others_by_pattern = checks(), others()
