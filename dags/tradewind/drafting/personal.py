"""Which columns name or reach a person: by their header in many languages, and by their cells' looks."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tradewind.drafting.guess import Guess, asked, count, proven
from tradewind.drafting.vocabulary import PERSON_PARTS, PERSON_WORDS, THING_WORDS, plain

_EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[A-Za-z]{2,}")
_PHONE = re.compile(r"(?:\+|00)[0-9][0-9 ()/.-]{6,}[0-9]|\(?0[0-9]{1,5}\)?[ /-][0-9][0-9 -]{4,}[0-9]")
_STREET = re.compile(
    r"(?i:.*[0-9].*\b(?:street|st|road|rd|avenue|ave|lane|drive|blvd)\b.*"
    r"|.*(?:stra(?:ß|ss)e|str\.|weg|platz|gasse|allee)\s*[0-9]+.*"
    r"|.*\b(?:rue|calle|via|ul\.|улица)\s.*[0-9].*|.*[路街道巷]\s*[0-9]+\s*[号號].*|.*[0-9０-９]+丁目.*)"
)
_PERSON = re.compile(
    r"(?:[A-ZÀ-Þ][a-zß-ÿ'’-]+|[A-Z]\.)(?: (?:[A-ZÀ-Þ][a-zß-ÿ'’-]+|[A-Z]\.|van|von|de|der)){1,3}"
)
_ADDRESS = re.compile(r"(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?:\.(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])){3}")


def reaches_a_person(text: str) -> bool:
    """Whether a cell is an e-mail address or a telephone number."""
    return bool(_EMAIL.search(text) or _PHONE.fullmatch(text.strip()))


def guess_personal(header: str, values: Mapping[str, int]) -> Guess:
    """Whether a column is personal; `values` are its cells with how often each comes. None is quoted."""
    words = plain(header)
    if found := next((word for word in PERSON_PARTS if _holds(words, word)), None):
        return proven(True, f"the header says {found!r}")
    is_thing = any(_holds(words, word) for word in THING_WORDS)
    if not is_thing and (found := next((word for word in PERSON_WORDS if _holds(words, word)), None)):
        return proven(True, f"the header says {found!r}")
    for what, pattern, share in (
        ("e-mail addresses", _EMAIL, 0.0),
        ("telephone numbers", _PHONE, 0.5),
        ("streets", _STREET, 0.3),
        ("network addresses", _ADDRESS, 0.5),
    ):
        test = pattern.search if pattern is _EMAIL else pattern.fullmatch
        number = sum(test(value) is not None for value in values)
        if number and number >= share * len(values):
            return proven(True, f"{number:,} of {count(len(values), 'different value')} are {what}")
    names = sum(_PERSON.fullmatch(value) is not None for value in values)
    if not is_thing and len(values) >= 3 and names >= 0.8 * len(values):
        question = (
            f"{names:,} of {count(len(values), 'different value')} look like names; personal until you know "
            "that they name no people"
        )
        return asked(True, question)
    return proven(False, "neither header nor values name a person")


def _holds(words: str, word: str) -> bool:
    """Whether a header holds a word: a whole one, or anywhere in scripts that have no blanks."""
    if not word.isascii() and not re.search("[a-zà-ÿа-я]", word):
        return word in words
    return f" {word} " in f" {words} "
