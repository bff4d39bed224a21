"""Imports what tasks need into the scheduler, once: the tasks are its forks and have it for nothing."""

from __future__ import annotations

import importlib
import logging
import time

logger = logging.getLogger(__name__)

# the slow imports of a task, seconds each in a fresh process
MODULES = (
    "dbt.cli.main",
    "dbt.adapters.postgres",
    "tradewind.landing",
    "tradewind.pipeline",
    "tradewind.work",
)


def preload() -> None:
    """Import them; what fails to import is left to the task, which says so where it is seen."""
    started = time.monotonic()
    for module in MODULES:
        try:
            importlib.import_module(module)
        except Exception:
            logger.exception("cannot import %s ahead of the tasks", module)
    try:
        from tradewind.quality import warm_up

        warm_up()
    except Exception:
        logger.exception("cannot import Great Expectations ahead of the tasks")
    logger.info("imported %d modules ahead of the tasks in %.1f s", len(MODULES), time.monotonic() - started)
