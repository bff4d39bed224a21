"""Reasons that the loader gives, in the reader's language."""

from __future__ import annotations

from string import Formatter as Template
from typing import Any

from insight.formatting import file_text
from insight.text import load_checks, load_reasons

# parameters that are codes, by the section with their words
_SECTIONS = {"fault": "faults", "kind": "file_kinds", "language": "languages"}
_CHARACTERS = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "vertical bar"}
# of a longer list these are shown
_SHOWN = 6


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
    if {"missing", "unknown"} <= details.keys():
        details = {**details, "difference": _difference(all_words, details["missing"], details["unknown"])}
    if not words or not wanted <= details.keys():
        return None
    shown = {name: _shown(all_words, name, details[name]) for name in wanted}
    if None in shown.values():
        return None
    return words.format(**shown)


def _shown(all_words: dict[str, str], name: str, value: Any) -> str | None:
    if name in _SECTIONS:
        return all_words.get(f"{_SECTIONS[name]}.{value}", str(value))
    if name == "examples":
        return _examples(all_words, value)
    if isinstance(value, list):
        return _listed(all_words, [str(item) for item in value], ", ")
    if name == "expected":
        return _listed(all_words, str(value).split(" | "), " | ")
    if name == "looks_like":
        return str(value or all_words["in_sentences.another encoding"])
    return _named(all_words, str(value)) if name == "found" else str(value)


def _difference(all_words: dict[str, str], missing: list[Any], unknown: list[Any]) -> str:
    """What a header lacks of a report's columns, and what it has besides."""
    parts = [
        all_words[f"in_sentences.{key}"].format(names=_listed(all_words, list(map(str, names)), ", "))
        for key, names in (("lacks", missing), ("besides", unknown))
        if names
    ]
    return "，".join(parts) or all_words["in_sentences.none of its columns"]


def _listed(all_words: dict[str, str], items: list[str], joint: str) -> str:
    """A list as it stands in a sentence: of many items the first ones, and how many there are."""
    shown = [_named(all_words, item) for item in items]
    if len(shown) <= _SHOWN + 1:
        return joint.join(shown)
    return joint.join(shown[:_SHOWN]) + all_words["in_sentences.more"].format(all=len(shown))


def _named(all_words: dict[str, str], item: str) -> str:
    if item in _CHARACTERS:
        return all_words[f"in_sentences.{_CHARACTERS[item]}"]
    return all_words.get(f"kinds.{item}", file_text(" ".join(item.split())))


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
