"""From pending loads to a publication: open, audit what arrived, build, audit what will be read, publish or hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from tradewind.building import BuildFailedError, open_build, run_models
from tradewind.publishing import hold, publish
from tradewind.quality import GateError, run_gate
from tradewind.settings import Settings


class HeldError(RuntimeError):
    """The build was held back: nothing was published and the last good publication stays up."""


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

    `full_refresh` None rebuilds everything only where it has to (first build, changed models). `on_step` hears the
    name of each step as it starts.
    """
    build = open_build(settings, full_refresh=full_refresh, run_id=run_id)
    if build is None:
        return Outcome("nothing")
    try:
        on_step("checking what arrived")
        audit(build.build_id, "landing", settings)
        on_step("building")
        build_models(build.build_id, settings)
        on_step("checking what will be read")
        audit(build.build_id, "marts", settings)
        on_step("publishing")
        publish_marts(build.build_id, settings)
    except HeldError as error:
        return Outcome("held", build.build_id, str(error))
    return Outcome("published", build.build_id)


def begin(settings: Settings, *, run_id: str | None = None, full_refresh: bool | None = None) -> int | None:
    """Open a build of everything pending; returns its number, or None when there is nothing to do."""
    build = open_build(settings, full_refresh=full_refresh, run_id=run_id)
    return None if build is None else build.build_id


def audit_landing(build_id: int, settings: Settings) -> None:
    """Check the raw rows of the build's loads."""
    _audit(build_id, "landing", settings)


def audit_marts(build_id: int, settings: Settings) -> None:
    """Check the candidate marts."""
    _audit(build_id, "marts", settings)
