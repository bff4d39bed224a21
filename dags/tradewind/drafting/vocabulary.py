"""What a header's words say: what a column holds, whether it is an identifier or names a person."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from tradewind.exports.headers import normalise

_WORDS: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))

CONCEPTS: dict[str, list[str]] = _WORDS["concepts"]
FIELD_CONCEPTS: dict[str, list[str]] = _WORDS["field_concepts"]
EVENT_CONCEPTS = frozenset(_WORDS["event_concepts"])
ISO_CURRENCIES = frozenset(_WORDS["currencies"])
DATE_WORDS: list[str] = _WORDS["date_words"]
AMOUNT_WORDS: list[str] = _WORDS["amount_words"]
PERSON_PARTS: list[str] = _WORDS["person_parts"]
PERSON_WORDS: list[str] = _WORDS["person_words"]
THING_WORDS: list[str] = _WORDS["thing_words"]
FREE_TEXT_WORDS: list[str] = _WORDS["free_text_words"]
BIRTH_WORDS: list[str] = _WORDS["birth_words"]
MEASURE_WORDS: list[str] = _WORDS["measure_words"]
BEYOND_GOODS_WORDS = frozenset(_WORDS["beyond_goods_words"])
WHOLE_ORDER_WORDS = frozenset(_WORDS["whole_order_words"])
_ID_WORDS = frozenset(_WORDS["id_words"])
_ID_ENDS = tuple(_WORDS["id_ends"])
_BRACKETS = re.compile(r"[(\[（【][^()\[\]（）【】]*[)\]）】]")
_BRACKET = re.compile(r"[()\[\]（）【】]")
_NO_WORD = re.compile(r"[\W_]+")
# a number of orders is no order's number
_NOT_ID = re.compile(
    r"(?:number|no|num|anzahl) of .*|.* (?:count|quantity|qty|amount|price|total)|orders?|tickets?"
)


def plain(header: str) -> str:
    """The words of a header: lower case, without units in brackets, parted by single blanks."""
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z])", " ", header)
    text = _BRACKETS.sub(" ", normalise(text))
    return " ".join(_NO_WORD.sub(" ", text).split())


def all_words(header: str) -> str:
    """The same with what stands in brackets."""
    return plain(_BRACKET.sub(" ", header))


def concept_of(header: str) -> str | None:
    """The first concept whose words are the header's."""
    words = plain(header)
    return next((concept for concept, known in CONCEPTS.items() if words in known), None)


def concepts_of(header: str) -> list[str]:
    """Every concept whose words are the header's."""
    words = plain(header)
    return [concept for concept, known in CONCEPTS.items() if words in known]


def names_an_id(header: str) -> bool:
    """Whether the header says that its cells are identifiers, which are never added up."""
    words = plain(header)
    if concept_of(header) in EVENT_CONCEPTS:
        return True
    if _NOT_ID.fullmatch(words):
        return False
    parts = words.split()
    return any(word in _ID_WORDS for word in parts) or (bool(parts) and parts[-1].endswith(_ID_ENDS))


def has_word(header: str, words: Iterable[str]) -> bool:
    """Whether one of the words is in the header, anywhere in it where they are of a script without blanks."""
    text = plain(header)
    return any(word in text.split() or (not word.isascii() and word in text) for word in words)
