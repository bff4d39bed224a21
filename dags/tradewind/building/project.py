"""The dbt project as files: when it counts as changed, and which models a build needs."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from tradewind.settings import Settings

# a stores file changes time zones and currencies of rows that are staged already
RELOADING_REPORTS = frozenset({"tradewind_stores"})
NOT_PROJECT = frozenset({"target", "logs", "dbt_packages", "__pycache__"})


def project_sha256(settings: Settings) -> str:
    """Digest of all that decides the marts beside the loads: the project's files and the reporting currency."""
    digest = hashlib.sha256(settings.reporting_currency.encode())
    folder = settings.dbt_project_dir
    for file in sorted(folder.rglob("*")):
        relative = file.relative_to(folder)
        if not file.is_file() or NOT_PROJECT.intersection(relative.parts) or file.suffix == ".md":
            continue
        digest.update(str(relative).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def target_dir(settings: Settings) -> Path:
    """Where dbt leaves its artifacts."""
    return settings.state_dir / "dbt" / "target"


def unconcerned_models(manifest: dict[str, Any], pending_reports: set[str]) -> list[str]:
    """Models that only some reports feed (their meta.reports), none of which the build has loads of; and all seeds."""
    unconcerned = []
    for node in manifest["nodes"].values():
        meta = node.get("config", {}).get("meta", {})
        if node["resource_type"] == "seed" or (
            node["resource_type"] == "model" and "reports" in meta and not pending_reports & set(meta["reports"])
        ):
            unconcerned.append(node["name"])
    return sorted(unconcerned)


def read_manifest(settings: Settings) -> dict[str, Any]:
    """dbt's manifest of the last run.

    Raises:
        FileNotFoundError: dbt has not run here yet.
    """
    return json.loads((target_dir(settings) / "manifest.json").read_text())
