"""Drafting takes linear time, whatever stands in the cells: no pattern of it grows faster than its text."""

from __future__ import annotations

import importlib
import pkgutil
import re
import time

import pytest

from tests.dags.drafting.conftest import Drafted
from tests.growth import assert_linear
from tradewind import drafting
from tradewind.drafting.personal import guess_personal
from tradewind.drafting.vocabulary import plain

PATTERNS = {
    f"{module.name}.{name}": value
    for module in pkgutil.iter_modules(drafting.__path__)
    for name, value in vars(importlib.import_module(f"tradewind.drafting.{module.name}")).items()
    if isinstance(value, re.Pattern)
}
PUMPS = ("<p>Lorem 12 </p>", "0", "01-", "a.", "a@", "Anna ", "weg ", "(", "路1", "rue ", "2026-01-01 ")


@pytest.mark.parametrize("name", sorted(PATTERNS))
def test_every_pattern_of_drafting_is_linear(name: str) -> None:
    pattern = PATTERNS[name]
    assert_linear(pattern.fullmatch, pattern.pattern, also=PUMPS)


def test_looking_for_persons_is_linear_in_a_cell() -> None:
    for header in ("Body", "Ship to"):
        assert_linear(lambda text, header=header: guess_personal(header, {text: 1}), "a", also=PUMPS)
    assert_linear(plain, "a", also=PUMPS)


@pytest.mark.parametrize("pump", PUMPS)
def test_products_with_long_texts_are_drafted_in_moments(drafted: Drafted, pump: str) -> None:
    body = pump * (40_000 // len(pump))
    rows = "".join(f'h{n},Product {n},"{body}{n}",{n}.50\n' for n in range(50))
    started = time.process_time()
    draft = drafted("Handle,Title,Body,Price\n" + rows)
    assert time.process_time() - started < 8
    assert draft.proof.loaded == 50
