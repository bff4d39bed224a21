"""Which columns name or reach a person: by their header in many languages, and by their cells' looks."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tradewind.drafting.cell_types import NULL_TOKENS, holds_days
from tradewind.drafting.guess import Guess, asked, count, proven
from tradewind.drafting.vocabulary import (
    BIRTH_WORDS,
    FREE_TEXT_WORDS,
    PERSON_PARTS,
    PERSON_WORDS,
    THING_WORDS,
    concept_of,
    names_an_id,
    plain,
)

# each is linear: an address begins at the character before its sign, and no part of it can be the sign
_EMAIL = re.compile(r"[^\s@<>]@[^\s@<>]+\.[A-Za-z]{2}")
_PHONE = re.compile(r"(?:\+|00)[0-9][0-9 ()/.-]{6,}[0-9]|\(?0[0-9]{1,5}\)?[ /-][0-9][0-9 -]{4,}[0-9]")
# words of streets with a number before, behind, or anywhere behind them
_STREET_BEHIND_NUMBER = re.compile(r"(?i)[0-9][^0-9]*?\b(?:street|st|road|rd|avenue|ave|lane|drive|blvd)\b")
_STREET_BEFORE_NUMBER = re.compile(
    r"(?i)(?:stra(?:ß|ss)e|str\.|weg|platz|gasse|allee)\s{0,3}[0-9]|[路街道巷]\s{0,3}[0-9]{1,6}\s{0,3}[号號]|[0-9０-９]丁目"
    r"|\b(?:rue|calle|via|ul\.|улица)\s[^0-9]{0,60}[0-9]"
)
_PERSON = re.compile(
    r"(?:[A-ZÀ-Þ][a-zß-ÿ'’-]+|[A-Z]\.)(?: (?:[A-ZÀ-Þ][a-zß-ÿ'’-]+|[A-Z]\.|van|von|de|der)){1,3}"
)
_ADDRESS = re.compile(r"(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?:\.(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])){3}")
# a name, a number or a street is no longer; what is longer is prose
MAX_LOOKED_AT = 200
# so many words in a cell are a sentence
SENTENCE_WORDS = 5
# no four numbers with points between, which are an address of the network
_NUMBER_OR_ANSWER = re.compile(
    r"(?i)[-+]?[€$£¥]?\s?(?:[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+"
    r"|[0-9]+(?:[.,][0-9]{1,4})?)\s?[%€$£¥]?|true|false|yes|no|ja|nein|是|否"
)


def reaches_a_person(text: str) -> bool:
    """Whether a cell is an e-mail address or a telephone number."""
    return bool(_EMAIL.search(text) or _PHONE.fullmatch(text.strip()))


def guess_personal(header: str, values: Mapping[str, int]) -> Guess:
    """Whether a column is personal; `values` are its cells with how often each comes. None is quoted."""
    words = plain(header)
    short = [value for value in values if len(value) <= MAX_LOOKED_AT]
    if _are_no_words(words, header, short):
        return proven(False, "its cells are days, numbers or yes and no, which name nobody")
    if found := next((word for word in PERSON_PARTS if _holds(words, word)), None):
        return proven(True, f"the header says {found!r}")
    names_number = names_an_id(header)
    if not names_number and (found := next((word for word in FREE_TEXT_WORDS if _holds(words, word)), None)):
        question = (
            f"the header says {found!r}: people may name themselves or others there; does a person write it?"
        )
        return asked(True, question)
    is_thing = any(_holds(words, word) for word in THING_WORDS)
    if not is_thing and (found := next((word for word in PERSON_WORDS if _holds(words, word)), None)):
        return proven(True, f"the header says {found!r}")
    for what, test, share in (
        ("e-mail addresses", _EMAIL.search, 0.0),
        # the numbers of orders are written like those of telephones
        ("telephone numbers", None if names_number else _PHONE.fullmatch, 0.5),
        ("streets", _names_a_street, 0.3),
        ("network addresses", _ADDRESS.fullmatch, 0.5),
    ):
        looked_at = values if test == _EMAIL.search else short
        number = sum(bool(test(value)) for value in looked_at) if test else 0
        if number and number >= share * len(values):
            return proven(True, f"{number:,} of {count(len(values), 'different value')} are {what}")
    if is_thing:
        return proven(False, "neither header nor values name a person")
    return _asked_by_looks(header, values, short)


def _are_no_words(words: str, header: str, values: list[str]) -> bool:
    """Whether all cells are of a kind that names nobody, whatever the header says."""
    real = [value for value in values if value not in NULL_TOKENS]
    if not real or any(_holds(words, word) for word in BIRTH_WORDS):
        return False
    if not names_an_id(header) and all(_is_amount_or_answer(value) for value in real):
        return True
    return not all(value.isdigit() for value in real) and holds_days(real)


def _is_amount_or_answer(value: str) -> bool:
    # digits alone may be a customer's number
    return not value.isdigit() and _NUMBER_OR_ANSWER.fullmatch(value) is not None


def _names_a_street(value: str) -> bool:
    return bool(_STREET_BEFORE_NUMBER.search(value) or _STREET_BEHIND_NUMBER.search(value))


def _asked_by_looks(header: str, values: Mapping[str, int], short: list[str]) -> Guess:
    names = sum(_PERSON.fullmatch(value) is not None for value in short)
    if len(values) >= 3 and names >= 0.8 * len(values):
        question = (
            f"{names:,} of {count(len(values), 'different value')} look like names; personal until you know "
            "that they name no people"
        )
        return asked(True, question)
    sentences = sum(value.count(" ") >= SENTENCE_WORDS and "<" not in value for value in values)
    if len(values) >= 3 and sentences >= 0.5 * len(values) and concept_of(header) != "product_name":
        question = (
            f"{sentences:,} of {count(len(values), 'different value')} are sentences; personal until you "
            "know that no buyer writes them"
        )
        return asked(True, question)
    return proven(False, "neither header nor values name a person")


def _holds(words: str, word: str) -> bool:
    """Whether a header holds a word: a whole one, or anywhere in scripts that have no blanks."""
    if not word.isascii() and not re.search("[a-zà-ÿа-я]", word):
        return word in words
    return f" {word} " in f" {words} "
