"""Headers of known platforms in languages that their contracts do not have: told by name in a refusal."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

from tradewind.exports.headers import normalise

# so many of a platform's headers tell it
ENOUGH = 2


@cache
def _forms() -> list[tuple[str, str, frozenset[str]]]:
    content = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
    return [
        (platform, language, frozenset(map(normalise, headers)))
        for platform, by_language in content.items()
        for language, headers in by_language.items()
    ]


def foreign_headers(found: frozenset[str]) -> tuple[str, str] | None:
    """The platform and the language (ISO 639-1) of normalised headers that a platform's pages have in it."""
    platform, language, known = max(_forms(), key=lambda form: len(form[2] & found))
    return (platform, language) if len(known & found) >= ENOUGH else None
