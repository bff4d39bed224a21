"""A warehouse for the measurements alone: its own folder, its own port, gone at the end."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.stack.database import ensure_database
from infra.stack.postgres import free_port
from tradewind.settings import PROJECT_ROOT, Settings, get_settings

FOLDER = PROJECT_ROOT / ".tradewind" / "bench"


@dataclass(frozen=True)
class BenchWarehouse:
    """Settings of the warehouse, and the environment that gives a child process the same."""

    settings: Settings

    @property
    def environment(self) -> dict[str, str]:
        """The settings as environment variables."""
        settings = self.settings
        return {
            "TRADEWIND_STATE_DIR": str(settings.state_dir),
            "TRADEWIND_POSTGRES_PORT": str(settings.postgres_port),
            "TRADEWIND_AIRFLOW_PORT": str(settings.airflow_port),
            "TRADEWIND_DASHBOARD_PORT": str(settings.dashboard_port),
            "TRADEWIND_SETTLE_SECONDS": str(settings.settle_seconds),
        }


def new_settings(name: str, settle_seconds: float) -> Settings:
    """Settings with an empty folder of their own and free ports."""
    folder: Path = FOLDER / name
    shutil.rmtree(folder, ignore_errors=True)
    own = {
        "state_dir": folder,
        "landing_dir": None,
        "database_url": None,
        "postgres_port": free_port(),
        "airflow_port": free_port(),
        "dashboard_port": free_port(),
        "settle_seconds": settle_seconds,
    }
    return get_settings().model_copy(update=own)


@contextmanager
def bench_warehouse(name: str) -> Iterator[BenchWarehouse]:
    """An embedded server that lives as long as the block; the folder goes with it."""
    settings = new_settings(name, settle_seconds=0)
    server = ensure_database(settings)
    try:
        settings.landing.mkdir(parents=True, exist_ok=True)
        yield BenchWarehouse(settings)
    finally:
        if server is not None:
            server.stop("immediate")
        shutil.rmtree(settings.state_dir, ignore_errors=True)


@contextmanager
def bench_stack(name: str) -> Iterator[BenchWarehouse]:
    """Settings of a whole stack, for somebody else to start; the folder is gone after the block."""
    settings = new_settings(name, settle_seconds=Settings.model_fields["settle_seconds"].default)
    try:
        yield BenchWarehouse(settings)
    finally:
        shutil.rmtree(settings.state_dir, ignore_errors=True)
