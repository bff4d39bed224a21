"""The company's files in another order of arrival each time, built step by step from nothing."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests.dbt_project import company
from tests.dbt_project.arrivals import Arrival, arrive, build, forget_everything, mart_digests, supersede
from tradewind.settings import Settings

MAX_STEPS = 4
# saved again under another name: the same records in a file of its own
COPIES = tuple(
    replace(arrival, load_id=100 + arrival.load_id)
    for arrival in (company.ORDERS, company.LATER_ADS, company.INVOICES, company.LATER_ASSIGNMENTS)
)
# newest of all, and taken out again once they are built
WRONG = tuple(
    replace(arrival, load_id=200 + arrival.load_id, extracted_at="2026-06-01", rows=arrival.rows[:1])
    for arrival in (company.LATER_ORDERS, company.LISTINGS_BY_SKU, company.LATER_ADS, company.COSTS)
)
FILES = (*company.EVERYTHING, *COPIES)


@dataclass(frozen=True)
class Step:
    """Files that arrive before a build, and the load that is taken out before it, if any."""

    arrivals: tuple[Arrival, ...]
    taken_out: int | None = None

    def __str__(self) -> str:
        numbers = [str(arrival.load_id) for arrival in self.arrivals]
        return f"[{' '.join([*numbers, *([f'-{self.taken_out}'] if self.taken_out else [])])}]"


def random_orders(seed: int, count: int) -> Iterator[list[Step]]:
    """Every file in so many orders, each cut into builds; a wrong file is built and taken out again."""
    rng = random.Random(seed)
    for number in range(count):
        files = rng.sample(FILES, len(FILES))
        # a stores file makes everything anew: where it came late, no build before it would be put to the test
        if number % 4:
            files.remove(company.STORES)
            files.insert(0, company.STORES)
        cuts = sorted(rng.sample(range(1, len(files)), rng.randint(1, MAX_STEPS - 1)))
        pieces = [files[i:j] for i, j in zip([0, *cuts], [*cuts, len(files)], strict=True)]
        comes_with, goes_with = sorted(rng.sample(range(len(pieces)), 2))
        wrong = rng.choice(WRONG)
        pieces[comes_with].insert(rng.randint(0, len(pieces[comes_with])), wrong)
        yield [
            Step(tuple(piece), wrong.load_id if place == goes_with else None)
            for place, piece in enumerate(pieces)
        ]


def marts_after(settings: Settings, steps: list[Step]) -> dict[str, str]:
    """The digests of the marts' tables when the steps have been built and published one by one."""
    forget_everything(settings)
    for step in steps:
        arrive(settings, *step.arrivals)
        if step.taken_out:
            supersede(settings, step.taken_out)
        build(settings)
    digests = mart_digests(settings, "marts")
    assert digests == mart_digests(settings, "candidate")
    return digests


def differences(found: dict[str, str], expected: dict[str, str]) -> list[str]:
    """The tables that differ."""
    return sorted(name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name))
