"""How the tests are divided among processes that run side by side."""

from __future__ import annotations

from pathlib import PurePath

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# their files share what takes minutes to set up: the whole stack, a built warehouse
KEPT_WHOLE = ("tests/e2e", "tests/dbt_project")
# a long part that begins last would keep one process busy while the others have ended
LONGEST_FIRST = (
    "tests/e2e",
    "tests/torture/test_torture.py",
    "tests/dbt_project",
    "tests/infra/stack/test_stack.py",
    "tests/real/test_real_exports.py",
)


class Parts(LoadScopeScheduling):
    """Gives each process a file after the other, or a folder that is kept whole."""

    def __init__(self, config: pytest.Config, log: Producer) -> None:
        # its own order, by the number of tests, says nothing of how long they take
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return part_of(nodeid)


def part_of(nodeid: str) -> str:
    """The file, or the folder that is kept whole, which a test belongs to."""
    file = nodeid.partition("::")[0]
    folder = str(PurePath(file).parent)
    return folder if folder in KEPT_WHOLE else file


def put_longest_first(items: list[pytest.Item]) -> None:
    """Order tests by their parts, those that take longest first, the others as they are."""
    places = {part: place for place, part in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(part_of(item.nodeid), len(places)))
