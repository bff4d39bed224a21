"""`.env.example` lists every setting, and nothing else."""

from __future__ import annotations

import re

from tradewind.settings import PROJECT_ROOT, Settings

LINES = (PROJECT_ROOT / ".env.example").read_text().splitlines()
ASSIGNMENT = re.compile(r"^# (TRADEWIND_[A-Z_]+)=(.*)$")


def _listed() -> dict[str, str]:
    return {found[1]: found[2] for line in LINES if (found := ASSIGNMENT.match(line))}


def test_env_example_lists_the_settings_that_exist() -> None:
    expected = {f"TRADEWIND_{name.upper()}" for name in Settings.model_fields}
    assert set(_listed()) == expected, "keep .env.example and tradewind/settings.py together"


def test_env_example_shows_the_defaults() -> None:
    fields = Settings.model_fields
    for name, shown in _listed().items():
        default = fields[name.removeprefix("TRADEWIND_").lower()].default
        if default is None:
            assert shown == "", f"{name} has no default"
        elif name == "TRADEWIND_STATE_DIR":
            assert PROJECT_ROOT / shown == default
        else:
            assert shown == str(default), f"{name}: the default is {default}"


def test_each_setting_is_explained_above_it() -> None:
    for number, line in enumerate(LINES):
        if ASSIGNMENT.match(line):
            above = LINES[number - 1]
            assert above.startswith("# "), f"{line}: say what it does in the line above"
