"""Reasons that the loader gives, in the reader's language."""

from __future__ import annotations

from string import Formatter as Template
from typing import Any

from dashboard.text import load_reasons


def reason_in_words(
    language: str, section: str, code: str | None, stored: str | None, details: dict[str, Any]
) -> str:
    """The reason as stored, which is English, or in another language our words for its code filled with
    its details.

    A code without words of ours, or one whose details are incomplete, keeps the stored sentence.
    """
    all_words = load_reasons(language)
    words = all_words.get(f"{section}.{code}", "")
    wanted = {name for _, name, _, _ in Template().parse(words) if name}
    if not words or not wanted <= details.keys():
        return stored or code or ""
    shown = {name: _shown(details[name]) for name in wanted}
    if "fault" in shown:
        shown["fault"] = all_words.get(f"faults.{shown['fault']}", shown["fault"])
    return words.format(**shown)


def _shown(value: Any) -> str:
    return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)
