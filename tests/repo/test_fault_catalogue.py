"""Every case of the fault catalogue that the product answers for is shown by a test that is named for it."""

from __future__ import annotations

import re

import pytest

from tradewind.settings import PROJECT_ROOT

CASES = [
    *(f"b{number}" for number in range(1, 29)),
    *(f"d{number}" for number in range(1, 19)),
    *(f"p{number}" for number in (1, 2, 3, 4, 7, 8, 10, 11, 13, 14, 15, 16, 17, 18)),
    *(f"s{number}" for number in (1, 2, 3, 4, 7, 8, 10, 11, 12, 20)),
]
# in a test's name, or at the beginning of the id of one of its parameters
NAMED = re.compile(r"def test_((?:[bdps][0-9]{1,2}b?_)+)|id=f?\"([bdps][0-9]{1,2})\b", re.IGNORECASE)


def named_cases() -> set[str]:
    found: set[str] = set()
    for file in PROJECT_ROOT.glob("tests/**/test_*.py"):
        for match in NAMED.finditer(file.read_text()):
            found.update(
                case[0].lower() + case[1:].rstrip("b") for case in (match[1] or match[2]).split("_") if case
            )
    return found


@pytest.mark.parametrize("case", CASES)
def test_case_has_a_test_of_its_name(case: str) -> None:
    assert case in named_cases()
