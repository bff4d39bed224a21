"""The assets that connect the DAGs."""

from __future__ import annotations

from airflow.sdk import Asset, AssetWatcher

from tradewind.orchestration.landing_trigger import LandingTrigger

LANDING_FILES = Asset(
    "landing_files", watchers=[AssetWatcher(name="watch_landing", trigger=LandingTrigger())]
)
WAREHOUSE_LOADS = Asset("warehouse_loads")
