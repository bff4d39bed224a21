"""The words of the pages, in English and Chinese; names of metrics and posts come from the catalogue
instead."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

LANGUAGES = ("en", "zh")
FOLDER = Path(__file__).parent


def load_texts(language: str) -> dict[str, str]:
    """All texts of a language, `section.name` -> text with `{placeholders}`."""
    return _read(FOLDER / f"{language}.yml")


@lru_cache(maxsize=len(LANGUAGES))
def load_reasons(language: str) -> dict[str, str]:
    """The loader's reasons in a language, `section.code` -> text; none in English, which is stored with
    the reason."""
    file = FOLDER / f"reasons_{language}.yml"
    return _read(file) if file.exists() else {}


@lru_cache(maxsize=len(LANGUAGES))
def load_checks(language: str) -> dict[str, str]:
    """Why each check is made in a language, `suite.expectation` -> text; none in English, which is stored
    with the check."""
    file = FOLDER / f"checks_{language}.yml"
    return _read(file) if file.exists() else {}


def _read(file: Path) -> dict[str, str]:
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {f"{section}.{name}": text for section, texts in content.items() for name, text in texts.items()}


class Text:
    """The texts of one language; `text("cards.as_of", date=…)` gives the filled sentence."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._texts = load_texts(language)

    def __call__(self, key: str, /, **values: Any) -> str:
        """The text of `key` with its placeholders filled.

        Raises:
            KeyError: there is no such text, or a placeholder has no value.
        """
        return self._texts[key].format(**values) if values else self._texts[key]

    def lookup(self, section: str, code: str | None, fallback: str | None = None) -> str:
        """The text for a code that comes from data; where it is unknown, `fallback` or the code itself."""
        return self._texts.get(f"{section}.{code}", fallback if fallback is not None else (code or ""))

    def pick(self, english: str | None, chinese: str | None) -> str:
        """The one of two names from data that fits the language; the other where it is missing."""
        first, second = (chinese, english) if self.language == "zh" else (english, chinese)
        return first or second or ""


@lru_cache(maxsize=len(LANGUAGES))
def get_text(language: str) -> Text:
    """The texts of a language, read once."""
    return Text(language)


def choose_language(requested: str | None, locale: str | None) -> str:
    """`requested` where it is one of ours, else by the browser's locale, else English."""
    if requested in LANGUAGES:
        return str(requested)
    return "zh" if (locale or "").lower().startswith("zh") else "en"
