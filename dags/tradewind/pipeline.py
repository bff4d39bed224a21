"""Pending loads to a publication: audit what arrived, build, audit what will be read, publish or hold."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from tradewind.building import (
    BuildFailedError,
    BuildInProgressError,
    BuildNotRunningError,
    find_build,
    open_build,
    run_models,
)
from tradewind.publishing import PublicationError, hold, publish, touched_partitions
from tradewind.quality import GateError, run_gate
from tradewind.settings import Settings

logger = logging.getLogger(__name__)

# between two looks whether the other build has ended
WAIT_SECONDS = 1.0


class HeldError(RuntimeError):
    """The build is held back: nothing was published, the last good publication stays up; says why."""


@dataclass(frozen=True)
class Outcome:
    """What became of a build: `nothing` (nothing was pending), `published`, or `held` with its reason."""

    state: Literal["nothing", "published", "held"]
    build_id: int | None = None
    reason: str | None = None


def build_and_publish(
    settings: Settings,
    *,
    run_id: str | None = None,
    full_refresh: bool | None = None,
    on_step: Callable[[str], None] = lambda _step: None,
) -> Outcome:
    """Take the pending loads into the marts, all or nothing.

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
        return Outcome("held", build_id, str(error))
    except Exception as error:
        hold(build_id, "step_failed", f"{type(error).__name__} while {name}", settings)
        raise
    return Outcome("published", build_id)


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
    """Check the raw rows of the build's loads.

    Raises:
        HeldError: a check failed, or could not be made.
    """
    _audit("landing", build_id, settings)


def build_models(build_id: int, settings: Settings) -> None:
    """Run dbt from raw to candidate.

    Raises:
        HeldError: a model or a test failed.
    """
    with _holding(build_id, settings):
        run_models(find_build(build_id, settings), settings)


def audit_marts(build_id: int, settings: Settings) -> None:
    """Check the candidate marts.

    Raises:
        HeldError: a check failed, or could not be made.
    """
    _audit("marts", build_id, settings)


def publish_marts(build_id: int, settings: Settings) -> None:
    """Make the candidate visible, in one transaction.

    Raises:
        HeldError: it cannot be published as it is.
    """
    with _holding(build_id, settings):
        publication = publish(build_id, settings)
    logger.info(
        "publication %d: %d rows in, %d rows out",
        publication.publication_id, publication.rows_inserted, publication.rows_deleted,
    )  # fmt: skip


def _audit(gate: Literal["landing", "marts"], build_id: int, settings: Settings) -> None:
    with _holding(build_id, settings):
        touched = touched_partitions(build_id, settings) if gate == "marts" else {}
        outcome = run_gate(gate, build_id, settings, touched)
    if not outcome.passed:
        reason = "; ".join(map(str, outcome.failures))
        hold(build_id, f"{gate}_gate_failed", reason, settings)
        raise HeldError(reason)


@contextmanager
def _holding(build_id: int, settings: Settings) -> Iterator[None]:
    """Hold the build when a step says that it cannot be; anything else may pass when it is tried again."""
    try:
        yield
    except BuildNotRunningError as error:
        raise HeldError(str(error)) from error
    except BuildFailedError as error:
        hold(build_id, "build_failed", str(error), settings)
        raise HeldError(str(error)) from error
    except GateError as error:
        hold(build_id, "gate_failed", str(error), settings)
        raise HeldError(str(error)) from error
    except PublicationError as error:
        hold(build_id, error.reason_code, str(error), settings)
        raise HeldError(str(error)) from error
