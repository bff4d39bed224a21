"""What the tasks of the DAGs do; each is safe to run again after a retry or a kill."""

from __future__ import annotations

import logging
from collections import Counter
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from tradewind.settings import get_settings
from tradewind.terminal import show

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from airflow.sdk import Context

    from tradewind.landing import LoadResult

logger = logging.getLogger(__name__)


def load_landing(context: Context) -> dict[str, Any]:
    """Fetch, then load what landing holds and the ledger does not; or load what the run's parameters name.

    A place that cannot be read does not keep back what is in landing: the run fails for it when there is
    nothing else to hand on.

    Returns:
        the summary for the asset event: files by state, and the loads that wait for a build.

    Raises:
        AirflowSkipException: nothing was new, so that no empty build follows.
        FetchError: the place of TRADEWIND_LANDING_URL cannot be read, and nothing else was new.
    """
    from tradewind.fetching import FetchError, fetch
    from tradewind.landing import load_files, scan
    from tradewind.work import find_untried_loads

    settings = get_settings()
    run_id = context["run_id"]
    pattern, report = context["params"].get("files"), context["params"].get("report")
    failure: FetchError | None = None
    if pattern:
        results = load_files(
            _match(settings.landing, pattern), settings, report=report, run_id=run_id, on_result=_log_result
        )
    else:
        try:
            fetch(settings)
        except FetchError as error:
            logger.error("%s", error)
            failure = error
        results = []
        # a batch that is still being copied is taken in by one run, and so by one build
        while paths := scan(settings):
            results += load_files(paths, settings, run_id=run_id, on_result=_log_result)
    files = dict(Counter(result.state for result in results))
    untried = find_untried_loads(settings)
    logger.info("files by outcome: %s; loads waiting for a build: %d", files or "none", len(untried))
    if failure and not untried:
        raise failure
    if not untried:
        raise AirflowSkipException("nothing new for the warehouse")
    return {"files": files, "waiting_loads": len(untried)}


def open_and_audit_landing(context: Context) -> int:
    """Open a build of the pending loads and check what arrived; returns the build's number.

    Raises:
        AirflowSkipException: nothing is pending and the models are unchanged.
        AirflowFailException: a check failed; the publication is held.
    """
    from tradewind import pipeline

    full_refresh = True if context["params"].get("full_refresh") else None
    build_id = pipeline.begin(get_settings(), full_refresh=full_refresh, run_id=context["run_id"])
    if build_id is None:
        raise AirflowSkipException("nothing is pending and the models are unchanged")
    _run_step(context, build_id, pipeline.audit_landing)
    return build_id


def build_models(context: Context, build_id: int) -> None:
    """Run dbt: raw to candidate."""
    from tradewind import pipeline

    _run_step(context, build_id, pipeline.build_models)


def audit_marts(context: Context, build_id: int) -> None:
    """Check what people would read."""
    from tradewind import pipeline

    _run_step(context, build_id, pipeline.audit_marts)


def publish_marts(context: Context, build_id: int) -> None:
    """Make the candidate visible in marts, in one transaction."""
    from tradewind import pipeline

    _run_step(context, build_id, pipeline.publish_marts)


def _run_step(context: Context, build_id: int, step: Callable[..., None]) -> None:
    from tradewind.pipeline import HeldError
    from tradewind.publishing import hold

    settings = get_settings()
    try:
        step(build_id, settings)
    except HeldError as error:
        # trying again would give the same answer
        raise AirflowFailException(str(error)) from error
    except Exception as error:
        instance = context["ti"]
        if instance.try_number > instance.max_tries:
            hold(build_id, "step_failed", f"{type(error).__name__} in {step.__name__}", settings)
        raise


def _match(landing: Path, pattern: str) -> list[Path]:
    # what a run is given may come from anybody who may start one: it names files of landing and no others
    is_inside = not PurePath(pattern).is_absolute() and ".." not in PurePath(pattern).parts
    paths = sorted(path for path in landing.glob(pattern) if path.is_file()) if is_inside else []
    if not paths:
        raise AirflowFailException(
            f"no file in landing matches {pattern!r} (a pattern relative to {landing})"
        )
    return paths


def _log_result(result: LoadResult) -> None:
    why = f": {show(result.reason)}" if result.reason else ""
    logger.info(
        "%s: %s as load %s (report %s; %d records read, %d loaded, %d quarantined)%s",
        show(result.path), result.state, result.load_id, result.report, result.records_read,
        result.records_loaded, result.records_quarantined, why,
    )  # fmt: skip
