"""No pattern that a cell, a header or a preamble is held against takes more than linear time."""

from __future__ import annotations

import re

import pytest

from tests.growth import assert_linear


@pytest.mark.parametrize("pattern", ["[ \t]*(?:a|b)?[ \t]*", "(?s).*a: .*b: .*", "(?:[0-9]+,?)+"])
def test_a_steep_pattern_is_found(pattern: str) -> None:
    with pytest.raises(AssertionError, match="takes"):
        assert_linear(re.compile(pattern).fullmatch, pattern)


@pytest.mark.parametrize("pattern", ["[A-Z][a-z ]*", r"\d{4}-\d{2}", r"(?s)\{.*\}"])
def test_a_linear_pattern_passes(pattern: str) -> None:
    assert_linear(re.compile(pattern).fullmatch, pattern)
