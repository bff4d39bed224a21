"""Where a text departs from the standard of JSON, and by what: for whoever has to mend it."""

from __future__ import annotations

import codecs
import json
import re

from tradewind.unpacking.protocol import Refusal

# texts are passed over; what else is found is no JSON, whatever stands around it
_DEPARTURE = re.compile(
    r'"(?:[^"\\\n]|\\.)*"'
    r'|(?P<open>")'
    r"|(?P<no_number>[-+]?\b(?:NaN|nan|Infinity|inf)\b)"
    r"|(?P<no_literal>\b(?:None|True|False|undefined|NULL|TRUE|FALSE)\b)"
    r"|(?P<comma_at_end>,(?=\s*[\]}]))"
    r"|(?P<single_quotes>')"
    r"|(?P<comment>//|/\*|\#)"
    r"|(?P<no_quotes>(?<=[{,\s])[A-Za-z_$][\w$]*(?=\s*:))",
)
_OPENING, _CLOSING = "{[", "}]"
_BRACKETS = re.compile(r'"(?:[^"\\\n]|\\.)*"|[][{}]')
# a longer text is not parsed again only to say where it is none
_MAX_PARSED = 8 << 20


def departure(data: bytes) -> Refusal:
    """The refusal of a text that is no JSON: it ends too early, or says where it is none, and why."""
    if b"\0" in data:
        # UTF-16 or UTF-32 that does not say so
        return Refusal("not_utf8")
    # a character a byte, as what it is made of is ASCII
    text = data.removeprefix(codecs.BOM_UTF8).decode("latin-1").rstrip()
    for found in _DEPARTURE.finditer(text):
        if found.lastgroup == "open":
            # cut off, or a quote within a text: what follows shows nothing
            return _parsed(text) or Refusal("cut_off")
        if found.lastgroup:
            return _at(found.lastgroup, text, found.start())
    depth, end = 0, 0
    for found in _BRACKETS.finditer(text):
        if found[0] in _OPENING:
            if not depth and end:
                return _at("several_documents", text, found.start())
            depth += 1
        elif found[0] in _CLOSING:
            depth, end = depth - 1, found.end()
    if depth > 0:
        return Refusal("cut_off")
    return _parsed(text) or Refusal("damaged")


def _parsed(text: str) -> Refusal | None:
    """Where the standard library's parser gives up; None where that says no more."""
    if len(text) > _MAX_PARSED:
        return None
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        is_open = error.msg.startswith("Unterminated") and "\n" not in text[error.pos :]
        return None if is_open else _at("no_value", text, error.pos)
    except RecursionError:
        return Refusal("too_deep")
    return None


def _at(fault: str, text: str, position: int) -> Refusal:
    start = text.rfind("\n", 0, position) + 1
    before = text[start:position].encode("latin-1").decode(errors="replace")
    return Refusal(fault, text.count("\n", 0, position) + 1, len(before) + 1)
