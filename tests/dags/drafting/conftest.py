"""Small written files to draft from, and the loader with drafts for its contracts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.dags.landing.conftest import landing, query  # noqa: F401  fixtures of the loader's tests
from tradewind.drafting import Draft, draft_contract

Drafted = Callable[..., Draft]


@pytest.fixture
def drafted(tmp_path: Path) -> Drafted:
    """Draft from a text or bytes, known contracts apart."""

    def draft(content: str | bytes, name: str = "shop_report.csv", report: str | None = None) -> Draft:
        file = tmp_path / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return draft_contract(file, {}, report)

    return draft


def column(draft: Draft, name: str) -> dict[str, Any]:
    """A column of the draft as it is in the YAML."""
    content = yaml.safe_load(draft.text)
    return next(item for item in content["columns"] if item["name"] == name)


def comment(draft: Draft, start: str, *, below: str = "") -> str:
    """What stands beside the first line that begins so, below a line that holds a text."""
    lines = draft.text.splitlines()
    first = next(number for number, line in enumerate(lines) if below in line)
    line = next(line for line in lines[first:] if line.strip().startswith(start))
    return line.partition(" # ")[2]
