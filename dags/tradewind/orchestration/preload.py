"""Loads what tasks need into the scheduler, once: the tasks are its forks and have it for nothing."""

from __future__ import annotations

import gc
import importlib
import logging
import time

from tradewind.settings import get_settings

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
    """Import them and parse the dbt project; what fails here fails again in the task, where it is seen."""
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
    try:
        from tradewind.building import parse_ahead

        parse_ahead(get_settings())
    except Exception:
        logger.exception("cannot parse the dbt project ahead of the tasks")
    # every collection in a fork would look through all of this again, and copy its pages by doing so
    gc.collect()
    gc.freeze()
    logger.info("ready for the tasks after %.1f s", time.monotonic() - started)
