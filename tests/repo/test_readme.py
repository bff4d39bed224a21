"""What the README tells a newcomer to type exists, and what it shows is there."""

from __future__ import annotations

import re
import subprocess

import pytest

from tradewind.settings import PROJECT_ROOT

README = (PROJECT_ROOT / "README.md").read_text()
MARKDOWN = [
    file
    for file in PROJECT_ROOT.rglob("*.md")
    if not any(part.startswith(".") or part == "target" for part in file.relative_to(PROJECT_ROOT).parts)
]


def test_readme_is_short_enough_to_be_read() -> None:
    assert len(README.splitlines()) <= 150


@pytest.mark.parametrize(
    "target", sorted({m for f in MARKDOWN for m in re.findall(r"`make (?:-s )?([a-z]+)", f.read_text())})
)
def test_every_make_command_that_a_document_names_runs(target: str) -> None:
    dry = subprocess.run(
        ["make", "--dry-run", target, "FILE=x", "LOAD=1"],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert dry.returncode == 0, dry.stderr


@pytest.mark.parametrize("document", MARKDOWN, ids=lambda f: str(f.relative_to(PROJECT_ROOT)))
def test_every_link_between_documents_leads_somewhere(document) -> None:
    targets = re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", document.read_text())
    missing = [target for target in targets if not (document.parent / target).exists()]
    assert not missing
