"""What is wrong with one load holds that load, and the build goes on without it.

A step that fails says what it can be laid to: loads whose rows break a rule are held at once; where nothing
but the failure is known, the build is tried without some of its loads, then without others, until it is
known which it fails with. Only what no load of the build brought about holds the publication.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tradewind.building import hold_load, incoming_loads, leave_out
from tradewind.landing.reasons import describe
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

logger = logging.getLogger(__name__)

# a search that halves finds one load among sixty thousand in so many tries, or a few among hundreds
MAX_TRIES = 20
# what fails and passes in turn is by no load
MAX_PASSING = 2


@dataclass(frozen=True)
class Fault:
    """What a step failed by, and what it can be laid to.

    `evidence` names loads and, for each, the code and parameters of the reason to hold it. Without evidence
    it may be any of `suspects`, which are all loads of the build when None, and none of them when empty.
    `recurs` tries again only what failed, where that is less than the whole step.
    """

    reason_code: str
    reason: str
    step: str
    evidence: Mapping[int, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    suspects: frozenset[int] | None = None
    recurs: Callable[[], bool] | None = None


class StandsError(RuntimeError):
    """The step fails whatever load is left out."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.reason)
        self.fault = fault


def hold_what_fails(build_id: int, settings: Settings, attempt: Callable[[], Sequence[Fault]]) -> None:
    """Attempt a step until it passes, each time without the loads that it was found to fail by.

    `attempt` returns what it failed by, and nothing when it passed. It is called again whenever a load has
    been left out or taken in, and last with just those that are not held.

    Raises:
        StandsError: no load of the build brings it about.
    """
    # a search that was cut off has left loads out
    leave_out(build_id, (), settings)
    passing = 0
    while faults := attempt():
        found = [fault for fault in faults if fault.evidence]
        for fault in found:
            for load_id, (code, parameters) in fault.evidence.items():
                _hold(build_id, load_id, code, parameters, settings)
        if found:
            continue
        # what can be tried by itself is settled before the whole is tried again
        alone = [fault for fault in faults if fault.recurs]
        for fault in alone or faults[:1]:
            if not _hold_culprits(build_id, fault, attempt, settings):
                passing += 1
                if passing > MAX_PASSING:
                    raise StandsError(fault)


def _hold_culprits(
    build_id: int, fault: Fault, attempt: Callable[[], Sequence[Fault]], settings: Settings
) -> bool:
    """Hold the loads that a fault is by; False when it has passed by itself.

    Raises:
        StandsError: it is by none of them.
    """
    incoming = list(incoming_loads(build_id, settings))
    suspects = [load_id for load_id in incoming if fault.suspects is None or load_id in fault.suspects]
    search = _Search(build_id, settings, fault.recurs or (lambda: bool(attempt())))
    if suspects and not search.fails_with(suspects, suspects):
        return False
    culprits, unclear = search.find(suspects)
    if suspects and not culprits and not unclear and len(suspects) < len(incoming):
        culprits, unclear = search.find(incoming)
    leave_out(build_id, (), settings)
    if not culprits and not unclear:
        raise StandsError(fault)
    for load_id in culprits:
        _hold(build_id, load_id, "held_alone", {"step": fault.step}, settings)
    for load_id in unclear:
        parameters = {"step": fault.step, "count": len(unclear)}
        _hold(build_id, load_id, "held_among", parameters, settings)
    return True


class _Search:
    """Finds those of some loads without which a step passes, in a bounded number of tries."""

    def __init__(self, build_id: int, settings: Settings, fails: Callable[[], bool]) -> None:
        self._build_id = build_id
        self._settings = settings
        self._fails = fails
        self._tries = 0

    def find(self, suspects: list[int]) -> tuple[list[int], list[int]]:
        """The culprits, and those among which it ran out of tries, where it fails with all suspects.

        None when it fails without any of them too.
        """
        self._tries = 0
        culprits: list[int] = []
        if not suspects or self.fails_with(suspects, []):
            return [], []
        good: list[int] = []
        rest = suspects
        # it passes with `good` and fails with `rest` added
        while True:
            low, high = 0, len(rest)
            while high - low > 1:
                if self._tries >= MAX_TRIES:
                    return culprits, rest[low:]
                middle = (low + high) // 2
                if self.fails_with(suspects, [*good, *rest[:middle]]):
                    high = middle
                else:
                    low = middle
            culprits.append(rest[high - 1])
            good, rest = [*good, *rest[: high - 1]], rest[high:]
            if not rest or not self.fails_with(suspects, [*good, *rest]):
                return culprits, []

    def fails_with(self, suspects: list[int], taken: list[int]) -> bool:
        """Whether it fails with only these of the suspects."""
        self._tries += 1
        leave_out(self._build_id, set(suspects) - set(taken), self._settings)
        return self._fails()


def _hold(build_id: int, load_id: int, code: str, parameters: Mapping[str, Any], settings: Settings) -> None:
    details = {**parameters, "load_id": load_id}
    reason = describe(code, details)
    hold_load(build_id, load_id, code, reason, details, settings)
    logger.error("held: load %d: %s", load_id, reason)


# file, load and store first, then the reason, which names the rows and what to do
HELD = """
select l.load_id, l.file_name, l.report, l.store_id, l.reason
from ops.build_load as bl
inner join ops.load as l on l.load_id = bl.load_id
where bl.build_id = %s and bl.load_state = 'held' and l.state = 'held'
order by l.load_id
"""


def describe_held(build_id: int, settings: Settings) -> list[str]:
    """The loads that a build has held, a sentence each: file, load, store, row, and what to do."""
    with connect(Role.BUILDER, settings) as connection:
        rows = connection.execute(HELD, [build_id]).fetchall()
    return [
        f"{file_name} (load {load_id}, report {report}, store {store_id}): {reason}"
        for load_id, file_name, report, store_id, reason in rows
    ]
