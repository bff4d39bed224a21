"""What is wrong with one load holds that load, and the build goes on without it.

A step that fails says what it can be laid to: loads whose rows break a rule are held at once; where nothing
but the failure is known, the build is tried without some of its loads, then without others, until it is
known which it fails with. Only what no load of the build brought about holds the publication.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tradewind.building import hold_load, incoming_loads, leave_out
from tradewind.landing.reasons import describe
from tradewind.settings import Settings
from tradewind.terminal import show
from tradewind.warehouse import Role, connect

logger = logging.getLogger(__name__)

# a search that halves finds one load among sixty thousand in so many tries, or a few among hundreds
MAX_TRIES = 20
# what fails and passes in turn is by no load
MAX_PASSING = 2

# (the culprits, those among which it ran out of tries); None when it passed by itself
Found = tuple[list[int], list[int]] | None


@dataclass(frozen=True)
class Fault:
    """What a step failed by, and what it can be laid to.

    `evidence` names loads and, for each, the code and parameters of the reason to hold it. Without evidence
    it may be any of `suspects`, which are all loads of the build when None, and none of them when empty.
    """

    reason_code: str
    reason: str
    step: str
    evidence: Mapping[int, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    suspects: frozenset[int] | None = None


class StandsError(RuntimeError):
    """The step fails whatever load is left out."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.reason)
        self.fault = fault


def hold_what_fails(
    build_id: int,
    settings: Settings,
    attempt: Callable[[], Sequence[Fault]],
    failing: Callable[[Sequence[Fault]], Collection[str]] | None = None,
) -> None:
    """Attempt a step until it passes, each time without the loads that it was found to fail by.

    `attempt` returns what it failed by, and nothing when it passed. It is called again whenever a load has
    been left out or taken in, and last with just those that are not held. `failing` tries no more than what
    such faults are about, and returns the `step` of each that is there again.

    Raises:
        StandsError: no load of the build brings it about.
    """
    # a search that was cut off has left loads out
    leave_out(build_id, (), settings)
    search = _Search(build_id, settings, attempt, failing)
    passing = 0
    while faults := attempt():
        evidence = [fault for fault in faults if fault.evidence]
        for fault in evidence:
            for load_id, (code, parameters) in fault.evidence.items():
                _hold(build_id, load_id, code, parameters, settings)
        if not evidence:
            held = [_hold_found(build_id, fault, found, settings) for fault, found in search.run(faults)]
            passing += not any(held)
            if passing > MAX_PASSING:
                raise StandsError(faults[0])


def _hold_found(build_id: int, fault: Fault, found: Found, settings: Settings) -> bool:
    if found is None:
        return False
    culprits, unclear = found
    if not culprits and not unclear:
        raise StandsError(fault)
    for load_id in culprits:
        _hold(build_id, load_id, "held_alone", {"step": fault.step}, settings)
    for load_id in unclear:
        _hold(build_id, load_id, "held_among", {"step": fault.step, "count": len(unclear)}, settings)
    return True


class _Search:
    """Finds the loads that faults are by, by doing without some of them."""

    def __init__(
        self,
        build_id: int,
        settings: Settings,
        attempt: Callable[[], Sequence[Fault]],
        failing: Callable[[Sequence[Fault]], Collection[str]] | None,
    ) -> None:
        self._build_id = build_id
        self._settings = settings
        self._attempt = attempt
        self._failing = failing

    def run(self, faults: Sequence[Fault]) -> list[tuple[Fault, Found]]:
        """What each fault is by; of those that may be by the same load only the first, for now."""
        incoming = list(incoming_loads(self._build_id, self._settings))
        chosen: list[tuple[Fault, list[int]]] = []
        seen: set[int] = set()
        for fault in faults if self._failing else faults[:1]:
            suspects = [load for load in incoming if fault.suspects is None or load in fault.suspects]
            if seen.isdisjoint(suspects):
                chosen.append((fault, suspects))
                seen.update(suspects)
        results = self._halve(chosen)
        for number, (fault, suspects) in enumerate(chosen):
            if results[number] == ([], []) and suspects and len(suspects) < len(incoming):
                (results[number],) = self._halve([(fault, incoming)])
        leave_out(self._build_id, (), self._settings)
        return [(fault, results[number]) for number, (fault, _) in enumerate(chosen)]

    def _halve(self, chosen: list[tuple[Fault, list[int]]]) -> list[Found]:
        """The searches for all of them side by side: one try says of each whether it fails."""
        results: list[Found] = [([], [])] * len(chosen)
        searches = {number: _halving(suspects) for number, (_, suspects) in enumerate(chosen) if suspects}
        taken = {number: next(search) for number, search in searches.items()}
        out: dict[int, set[int]] = {}
        while taken:
            out |= {number: set(chosen[number][1]) - set(loads) for number, loads in taken.items()}
            leave_out(self._build_id, set().union(*out.values()), self._settings)
            asked = [chosen[number][0] for number in taken]
            if self._failing is None:
                steps = {fault.step for fault in asked} if self._attempt() else set()
            else:
                steps = set(self._failing(asked))
            for number in list(taken):
                try:
                    taken[number] = searches[number].send(chosen[number][0].step in steps)
                except StopIteration as end:
                    results[number] = end.value
                    del taken[number]
        return results


def _halving(suspects: list[int]) -> Generator[list[int], bool, Found]:
    """Asks, of some of the suspects, whether it fails with just them; a bounded number of times."""
    if not (yield suspects):
        return None
    if (yield []):
        return [], []
    tries = 2
    culprits: list[int] = []
    good: list[int] = []
    rest = suspects
    # it passes with `good`, and fails with `rest` beside them
    while True:
        low, high = 0, len(rest)
        while high - low > 1:
            if tries >= MAX_TRIES:
                return culprits, rest[low:]
            tries += 1
            middle = (low + high) // 2
            if (yield [*good, *rest[:middle]]):
                high = middle
            else:
                low = middle
        culprits.append(rest[high - 1])
        good, rest = [*good, *rest[: high - 1]], rest[high:]
        if not rest or not (yield [*good, *rest]):
            return culprits, []


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
        show(f"{file_name} (load {load_id}, report {report}, store {store_id}): {reason}")
        for load_id, file_name, report, store_id, reason in rows
    ]
