"""Reasons that the loader gives, in the reader's language."""

from __future__ import annotations

from string import Formatter as Template
from typing import Any

from dashboard.text import load_checks, load_reasons


def reason_in_words(
    language: str, section: str, code: str | None, stored: str | None, details: dict[str, Any]
) -> str:
    """The reason as stored, which is English, or in another language our words for its code filled with
    its details.

    A code without words of ours, or one whose details are incomplete, keeps the stored sentence.
    """
    if "check" in details:
        details = {**details, "why": load_checks(language).get(details["check"], details["why"])}
    return _fill(load_reasons(language), f"{section}.{code}", details) or stored or code or ""


def _fill(all_words: dict[str, str], key: str, details: dict[str, Any]) -> str | None:
    words = all_words.get(key, "")
    wanted = {name for _, name, _, _ in Template().parse(words) if name}
    if not words or not wanted <= details.keys():
        return None
    shown = {name: _shown(all_words, name, details[name]) for name in wanted}
    if None in shown.values():
        return None
    return words.format(**shown)


def _shown(all_words: dict[str, str], name: str, value: Any) -> str | None:
    if name == "fault":
        return all_words.get(f"faults.{value}", str(value))
    if name == "expected" and isinstance(value, str):
        return all_words.get(f"kinds.{value}", value)
    if name == "examples":
        return _examples(all_words, value)
    return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)


def _examples(all_words: dict[str, str], examples: list[Any]) -> str | None:
    """Each record with the words for its fault; None where one has none, as texts that an earlier load
    stored.
    """
    shown = [
        _fill(all_words, f"row_reasons.{item['code']}", item) if isinstance(item, dict) else None
        for item in examples
    ]
    if None in shown:
        return None
    record = all_words["examples.record"]
    return "".join(
        record.format(row=item["row"], reason=reason) for item, reason in zip(examples, shown, strict=True)
    )
