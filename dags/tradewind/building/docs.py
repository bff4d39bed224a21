"""The documentation of the models, as dbt writes it."""

from __future__ import annotations

import shutil
from pathlib import Path

from tradewind.building.invocation import invoke
from tradewind.building.project import target_dir
from tradewind.building.results import BuildFailedError
from tradewind.settings import Settings


def write_docs(settings: Settings) -> Path:
    """Write dbt's documentation as one file that loads nothing from outside; returns its path.

    Raises:
        BuildFailedError: dbt could not; the message says why.
    """
    outcome = invoke(["docs", "generate", "--static"], settings)
    if not outcome.success:
        raise BuildFailedError(f"dbt could not write its documentation: {outcome.exception}")
    page = settings.state_dir / "docs" / "index.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(target_dir(settings) / "static_index.html", page)
    return page
