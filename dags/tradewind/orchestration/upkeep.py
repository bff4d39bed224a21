"""What `maintain_warehouse` does."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

from airflow.sdk.exceptions import AirflowSkipException

from tradewind.settings import get_settings
from tradewind.warehouse import AIRFLOW_DATABASE, Role, connection_url

logger = logging.getLogger(__name__)

KEEP_HISTORY_DAYS = 30


def tidy_warehouse() -> None:
    """Drop leftovers, prune old build details, vacuum.

    Raises:
        AirflowSkipException: nothing is published yet; the first load must not wait for this.
    """
    from tradewind import maintenance
    from tradewind.work import is_anything_published

    settings = get_settings()
    if not is_anything_published(settings):
        raise AirflowSkipException("nothing is published yet, so there is nothing to tidy")
    logger.info("leftovers dropped: %s", ", ".join(maintenance.drop_leftovers(settings)) or "none")
    logger.info("rows of old build details deleted: %d", maintenance.prune_build_details(settings))
    logger.info("tables vacuumed: %d", maintenance.vacuum_tables(settings))


def clean_airflow_history() -> None:
    """Delete Airflow's metadata older than `KEEP_HISTORY_DAYS`.

    By Airflow's own command: a task has no connection to the metadata database, so the command gets its own.

    Raises:
        RuntimeError: the command failed; what it said is in the log.
    """
    url = connection_url(Role.AIRFLOW, get_settings(), database=AIRFLOW_DATABASE)
    before = datetime.now(UTC) - timedelta(days=KEEP_HISTORY_DAYS)
    result = subprocess.run(  # noqa: S603
        [
            sys.executable, "-m", "airflow", "db", "clean", "--clean-before-timestamp", before.isoformat(),
            "--skip-archive", "--yes", "--batch-size", "5000",
        ],
        env={
            **os.environ,
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": url.replace("postgresql://", "postgresql+psycopg2://", 1),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    logger.info("%s", result.stdout[-4000:])
    if result.returncode:
        raise RuntimeError(f"airflow db clean ended with {result.returncode}: {result.stderr[-2000:]}")
