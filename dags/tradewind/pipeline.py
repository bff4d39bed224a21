"""Pending loads to a publication: audit what arrived, build, audit what will be read, publish or hold.

A step that fails by a load holds that load and goes on without it (`holding.py`); only a step that fails
whatever is left out holds the publication.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import psycopg

from tradewind.building import (
    BuildFailedError,
    BuildInProgressError,
    BuildNotRunningError,
    FailedNode,
    failing_nodes,
    find_build,
    incoming_loads,
    open_build,
    run_models,
)
from tradewind.holding import Fault, StandsError, describe_held, hold_what_fails
from tradewind.oddities import warn_by_rows
from tradewind.publishing import PublicationError, hold, publish, touched_partitions
from tradewind.quality import CheckedExpectation, GateError, run_gate
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

logger = logging.getLogger(__name__)

# between two looks whether the other build has ended
WAIT_SECONDS = 1.0
NOT_BY_A_LOAD: frozenset[int] = frozenset()
# so many files are named where a publication is held by what they hold
NAMED = 5


class HeldError(RuntimeError):
    """The build is held back: nothing was published, the last good publication stays up; says why."""


@dataclass(frozen=True)
class Outcome:
    """What became of a build: `nothing` (nothing was pending), `published`, or `held` with its reason.

    `held_loads` says of each load that the build has held which it is, why, and what to do.
    """

    state: Literal["nothing", "published", "held"]
    build_id: int | None = None
    reason: str | None = None
    held_loads: tuple[str, ...] = ()


def build_and_publish(
    settings: Settings,
    *,
    run_id: str | None = None,
    full_refresh: bool | None = None,
    on_step: Callable[[str], None] = lambda _step: None,
) -> Outcome:
    """Take the pending loads into the marts, all that stand the checks or nothing.

    `full_refresh` None rebuilds everything only where it has to (first build, changed models). `on_step`
    hears the name of each step as it starts. What nobody foresaw holds the build too, and is raised.
    """
    build_id = begin(settings, run_id=run_id, full_refresh=full_refresh)
    if build_id is None:
        return Outcome("nothing")
    steps = {
        "checking what arrived": audit_landing,
        "building": build_models,
        "checking what will be read": audit_marts,
        "publishing": publish_marts,
    }
    try:
        for name, step in steps.items():
            on_step(name)
            step(build_id, settings)
    except HeldError as error:
        return Outcome("held", build_id, str(error), tuple(describe_held(build_id, settings)))
    except Exception as error:
        hold(build_id, "step_failed", f"{type(error).__name__} while {name}", settings)
        raise
    return Outcome("published", build_id, held_loads=tuple(describe_held(build_id, settings)))


def begin(settings: Settings, *, run_id: str | None = None, full_refresh: bool | None = None) -> int | None:
    """Open a build of everything pending; returns its number, or None when there is nothing to do.

    Waits while another process builds.
    """
    while True:
        try:
            build = open_build(settings, full_refresh=full_refresh, run_id=run_id)
        except BuildInProgressError:
            time.sleep(WAIT_SECONDS)
        else:
            return None if build is None else build.build_id


def audit_landing(build_id: int, settings: Settings) -> None:
    """Check the raw rows of the build's loads; those that break a check are held.

    Raises:
        HeldError: the checks could not be made.
    """
    with _holding(build_id, settings):
        attempt = partial(_try_gate, "landing", build_id, settings)
        hold_what_fails(build_id, settings, attempt, partial(_crashing, build_id, settings))


def build_models(build_id: int, settings: Settings) -> None:
    """Run the models from raw to candidate, without the loads that a model or a test fails by.

    Raises:
        HeldError: a model or a test fails by no load.
    """
    with _holding(build_id, settings):
        attempt = partial(_try_models, build_id, settings)
        hold_what_fails(build_id, settings, attempt, partial(_failing_models, build_id, settings))


def audit_marts(build_id: int, settings: Settings) -> None:
    """Check the candidate marts; the loads that make them break a check are held, and it is built anew.

    Raises:
        HeldError: a check failed by no load, or could not be made.
    """
    with _holding(build_id, settings):
        rebuild = _Rebuild(build_id, settings)

        def attempt() -> list[Fault]:
            return rebuild.faults() or _try_gate("marts", build_id, settings)

        hold_what_fails(build_id, settings, attempt)


def publish_marts(build_id: int, settings: Settings) -> None:
    """Make the candidate visible, in one transaction, without the loads that keep it from being published.

    Raises:
        HeldError: it cannot be published as it is.
    """
    with _holding(build_id, settings):
        rebuild = _Rebuild(build_id, settings)

        def attempt() -> list[Fault]:
            faults = rebuild.faults()
            if not faults and rebuild.was_done:
                faults = _try_gate("marts", build_id, settings)
            return faults or _try_to_publish(build_id, settings)

        def failing(faults: Sequence[Fault]) -> set[str]:
            # a try that succeeded would have published what is only tried
            again = rebuild.faults() or _try_to_publish(build_id, settings, is_rehearsal=True)
            return {fault.step for fault in faults} if again else set()

        hold_what_fails(build_id, settings, attempt, failing)
    for sentence in describe_held(build_id, settings):
        logger.warning("published without %s", sentence)


def _try_gate(gate: Literal["landing", "marts"], build_id: int, settings: Settings) -> list[Fault]:
    code = f"{gate}_gate_failed"
    try:
        touched = touched_partitions(build_id, settings) if gate == "marts" else {}
        outcome = run_gate(gate, build_id, settings, touched)
    except GateError as error:
        if error.table is None:
            return [Fault("gate_failed", str(error), "the gate", suspects=NOT_BY_A_LOAD)]
        # it is the reason only where it crashes without the new loads too
        advice = f". Mend the check of {error.table} in expectations/{gate}, then build again"
        return [Fault("gate_failed", str(error) + advice, error.table)]
    released = _released_loads(settings)
    return [
        Fault(
            code, _name_loads(failure, settings), f"check {failure.expectation.name}",
            _evidence(failure, released), failure.suspects or None,
        )
        for failure in outcome.failures
        # what a person has found to be right breaks nothing
        if not failure.breaches or any(breach.load_id not in released for breach in failure.breaches)
    ]  # fmt: skip


def _crashing(build_id: int, settings: Settings, faults: Sequence[Fault]) -> set[str]:
    """The raw tables whose check crashes again, of those that these faults are about."""
    crashing = set()
    for fault in faults:
        try:
            run_gate("landing", build_id, settings, only_table=fault.step)
        except GateError:
            crashing.add(fault.step)
    return crashing


def _name_loads(failure: CheckedExpectation, settings: Settings) -> str:
    """The failure behind the files, loads, stores and rows that it comes from."""
    named = list(failure.breaches)[:NAMED]
    if not named:
        return str(failure)
    with connect(Role.BUILDER, settings) as connection:
        files: dict[int, str] = dict(
            connection.execute(
                "select load_id, file_name || ' (load ' || load_id || ', store ' || store_id || ')'"
                " from ops.load where load_id = any(%s)",
                [[breach.load_id for breach in named]],
            ).fetchall()
        )
    places = [
        files[breach.load_id] + (f", row {', '.join(map(str, breach.rows))}" if breach.rows else "")
        for breach in named
    ]
    remedy = f"make reject LOAD={named[0].load_id} REASON=…"
    return f"{'; '.join(places)}: {failure} Take out what is wrong: {remedy}"


def _evidence(failure: CheckedExpectation, released: frozenset[int]) -> dict[int, tuple[str, dict[str, Any]]]:
    check = {"check": f"{failure.suite}.{failure.expectation.name}", "why": failure.why}
    found: dict[int, tuple[str, dict[str, Any]]] = {}
    for breach in failure.breaches:
        if breach.load_id in released or not breach.is_incoming:
            continue
        if breach.objects:
            details: dict[str, Any] = {"objects": list(breach.objects), "rows": list(breach.rows)}
            found[breach.load_id] = ("held_objects", {**check, **details})
        elif breach.fields:
            details = {"count": breach.count, "rows": list(breach.rows), "fields": list(breach.fields)}
            found[breach.load_id] = ("held_cells", {**check, **details})
        elif breach.rows:
            details = {"count": breach.count, "rows": list(breach.rows)}
            found[breach.load_id] = ("held_rows", {**check, **details})
        elif breach.days:
            found[breach.load_id] = ("held_days", {**check, "days": list(breach.days)})
        else:
            found[breach.load_id] = ("held_file", check)
    return found


def _released_loads(settings: Settings) -> frozenset[int]:
    with connect(Role.BUILDER, settings) as connection:
        rows = connection.execute("select load_id from ops.load_release")
        return frozenset(load_id for (load_id,) in rows)


def _try_models(build_id: int, settings: Settings) -> list[Fault]:
    build = find_build(build_id, settings)
    try:
        run_models(build, settings)
    except BuildFailedError as error:
        if not error.nodes:
            return [Fault("build_failed", str(error), "the build", suspects=NOT_BY_A_LOAD)]
        return [_fault_of(node, build_id, settings) for node in error.nodes]
    warn_by_rows(build_id, settings)
    return []


def _fault_of(node: FailedNode, build_id: int, settings: Settings) -> Fault:
    incoming = incoming_loads(build_id, settings)
    suspects = frozenset(load_id for load_id, report in incoming.items() if report in node.reports)
    reason = node.message + _advice_where_it_stands(node, incoming, settings)
    return Fault("build_failed", reason, f"{node.kind} {node.name}", suspects=suspects or None)


def _advice_where_it_stands(node: FailedNode, incoming: Collection[int], settings: Settings) -> str:
    """What to do where no new load brings it about: the loads that count and may, newest first."""
    with connect(Role.BUILDER, settings) as connection:
        rows = connection.execute(
            "select file_name || ' (load ' || load_id || ', store ' || store_id || ')' from ops.visible_load"
            " where report = any(%s) and load_id <> all(%s) order by load_id desc limit %s",
            [sorted(node.reports), list(incoming), NAMED + 1],
        ).fetchall()
    files = [file for (file,) in rows]
    if not files:
        return ""
    named = "; ".join(files[:NAMED]) + ("; and older ones" if len(files) > NAMED else "")
    return (
        f". It fails without the new files too. Of those that count already it reads {named}: "
        "if one of them is wrong, take it out (make reject LOAD=… REASON=…)"
    )


def _failing_models(build_id: int, settings: Settings, faults: Sequence[Fault]) -> set[str]:
    """The models and tests that fail again, of those that these faults are about."""
    step_of = {fault.step.split()[1]: fault.step for fault in faults}
    failing = failing_nodes(find_build(build_id, settings), step_of.keys(), settings)
    return {step_of[name] for name in failing}


def _try_to_publish(build_id: int, settings: Settings, *, is_rehearsal: bool = False) -> list[Fault]:
    try:
        publication = publish(build_id, settings, is_rehearsal=is_rehearsal)
    except PublicationError as error:
        suspects = None if error.may_be_by_a_load else NOT_BY_A_LOAD
        return [Fault(error.reason_code, str(error), "publishing", suspects=suspects)]
    except (psycopg.IntegrityError, psycopg.DataError) as error:
        # the server's message may quote a cell: its code alone is kept
        reason = f"the database did not take the numbers (SQLSTATE {error.sqlstate})"
        return [Fault("publication_refused", reason, "publishing")]
    if not is_rehearsal:
        logger.info(
            "publication %d: %d rows in, %d rows out",
            publication.publication_id, publication.rows_inserted, publication.rows_deleted,
        )  # fmt: skip
    return []


class _Rebuild:
    """Builds the candidate anew where the build's loads are not those that it was last built from."""

    def __init__(self, build_id: int, settings: Settings) -> None:
        self._build_id = build_id
        self._settings = settings
        self._built = self._loads()
        self.was_done = False

    def faults(self) -> list[Fault]:
        """What building failed by; nothing where it passed, or was not needed."""
        loads = self._loads()
        if loads == self._built:
            return []
        self.was_done = True
        self._built = None
        faults = _try_models(self._build_id, self._settings)
        if not faults:
            self._built = loads
        return faults

    def _loads(self) -> list[tuple[Any, ...]] | None:
        with connect(Role.BUILDER, self._settings) as connection:
            return connection.execute(
                "select load_id, load_state from ops.build_load where build_id = %s order by 1",
                [self._build_id],
            ).fetchall()


@contextmanager
def _holding(build_id: int, settings: Settings) -> Iterator[None]:
    """Hold the build when a step fails by no load; anything else may pass when it is tried again."""
    try:
        yield
    except BuildNotRunningError as error:
        raise HeldError(str(error)) from error
    except StandsError as error:
        hold(build_id, error.fault.reason_code, str(error), settings)
        raise HeldError(str(error)) from error
    except PublicationError as error:
        hold(build_id, error.reason_code, str(error), settings)
        raise HeldError(str(error)) from error
