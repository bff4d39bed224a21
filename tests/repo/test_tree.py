"""The tree is what the README says it is, and holds nothing that must not be in it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tradewind.settings import PROJECT_ROOT

TOP_LEVEL_FOLDERS = {"dags", "dbt_project", "streamlit_app", "expectations", "infra", "tests"}
ROOMS = [
    "dags",
    "dags/tradewind/exports",
    "dbt_project",
    "dbt_project/metrics",
    "streamlit_app",
    "expectations",
    "infra/stack",
    "infra/demo",
    "infra/decisions",
    "infra/runbooks",
    "tests",
]
# pieced together, so that this file does not hold what it looks for
FORBIDDEN = re.compile(
    "|".join(
        head + tail
        for head, tail in [
            ("py", r"pi\.org"),
            ("python", "hosted"),
            (r"registry\.np", "mjs"),
            (r"deb\.deb", "ian"),
            ("/wo", "rk/"),
            ("/fa", "rm/"),
        ]
    )
)


def tracked_files() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT_ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [
        PROJECT_ROOT / name for name in listing.stdout.split("\0") if name and (PROJECT_ROOT / name).is_file()
    ]


def test_top_level_folders_are_the_fixed_ones() -> None:
    tops = {
        file.relative_to(PROJECT_ROOT).parts[0] for file in tracked_files() if file.parent != PROJECT_ROOT
    }
    assert {top for top in tops if not top.startswith(".")} == TOP_LEVEL_FOLDERS


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_answers_its_readers_first_question(room: str) -> None:
    readme = PROJECT_ROOT / room / "README.md"
    assert readme.is_file(), (
        f"write {readme.relative_to(PROJECT_ROOT)}: what is here, and how is one more added?"
    )
    assert len(readme.read_text().split()) > 60


def test_no_registry_host_and_no_path_of_a_machine_is_written_down() -> None:
    found = []
    for file in tracked_files():
        if file.suffix in {".png", ".ico"}:
            continue
        for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1):
            if FORBIDDEN.search(line):
                found.append(f"{file.relative_to(PROJECT_ROOT)}:{number}: {line.strip()[:100]}")
    assert not found, "take these out:\n" + "\n".join(found)


def test_no_tracked_file_is_larger_than_a_megabyte() -> None:
    assert not [str(f.relative_to(PROJECT_ROOT)) for f in tracked_files() if f.stat().st_size > 1_000_000]


def test_no_module_is_named_for_nothing() -> None:
    vague = {"utils", "helpers", "common", "misc", "src"}
    assert not [
        str(f.relative_to(PROJECT_ROOT)) for f in tracked_files() if f.stem in vague or f.parent.name in vague
    ]


def test_no_file_edits_the_import_path() -> None:
    needle = "sys.path" + "."
    assert not [
        str(f.relative_to(PROJECT_ROOT))
        for f in tracked_files()
        if f.suffix == ".py" and needle in f.read_text()
    ]
