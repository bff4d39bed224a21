"""How the time of a match grows with the text: tried on texts that make a backtracking pattern slow."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from re import _constants as code  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

# four times the text may take eight times the time; a quadratic pattern takes sixteen, and an exponential one
# must be found before it is given 250 characters
LENGTHS = (16, 22, 250, 1_000, 4_000, 16_000, 64_000)
STEEPEST = 8
# what takes less tells more of the machine than of the pattern
NOISE_SECONDS = 0.02
# each ends a text in a way that few patterns allow
ENDINGS = ("\x01", " \x01", "\n\x01\n")


def assert_linear(match: Callable[[str], object], pattern: str, also: tuple[str, ...] = ()) -> None:
    """Fail if `match`, which tries `pattern` on a text, takes more than linear time on a hostile text.

    The texts repeat what fits the pattern's parts, and `also`, up to 64,000 characters, and end wrongly.
    """
    for head, pump in {*_pumps(pattern), *(("", text) for text in also)}:
        for ending in ENDINGS:
            _assert_linear(match, pattern, head, pump, ending)


def _assert_linear(match: Callable[[str], object], pattern: str, head: str, pump: str, ending: str) -> None:
    before = None
    for length in LENGTHS:
        text = head + pump * (length // len(pump)) + ending
        seconds = min(_seconds(match, text) for _ in range(2))
        is_steep = before is not None and seconds > STEEPEST * before
        if seconds > NOISE_SECONDS and is_steep:
            # a machine that was busy for a moment is no proof
            seconds = min(seconds, *(_seconds(match, text) for _ in range(3)))
            assert seconds <= max(NOISE_SECONDS, STEEPEST * (before or 0)), (
                f"{pattern!r} takes {seconds:.3f} s for {length} characters of {pump!r}, "
                f"and {before:.4f} s for the length before"
            )
        before = seconds


def _seconds(match: Callable[[str], object], text: str) -> float:
    start = time.process_time()
    match(text)
    return time.process_time() - start


def _pumps(pattern: str) -> Iterator[tuple[str, str]]:
    """Pairs of what comes before a part of the pattern and a text that fits the part."""
    yield from (("", blank) for blank in (" ", "\t", "0", "a", "-", ",", "."))
    yield from _parts(list(parser.parse(pattern)), "")


def _parts(nodes: list[Any], head: str) -> Iterator[tuple[str, str]]:
    whole = "".join(map(_sample, nodes))
    if whole:
        yield head, whole
    # what stands between two repetitions without an end: of many of these each may begin what never ends
    run = ""
    for node in [*nodes, None]:
        if node is None or _is_endless(node):
            if run:
                yield "", run
            run = ""
        else:
            run += _sample(node)
    for node in nodes:
        if text := _sample(node):
            yield head, text
        for inner in _inside(node):
            yield from _parts(inner, head)
        head += text


def _is_endless(node: Any) -> bool:
    kind, argument = node
    return kind in (code.MAX_REPEAT, code.MIN_REPEAT) and argument[1] == code.MAXREPEAT


def _inside(node: Any) -> list[list[Any]]:
    kind, argument = node
    if kind is code.BRANCH:
        return [list(branch) for branch in argument[1]]
    if kind is code.SUBPATTERN:
        return [list(argument[3])]
    if kind in (code.MAX_REPEAT, code.MIN_REPEAT):
        return [list(argument[2])]
    if kind in (code.ASSERT, code.ASSERT_NOT):
        return [list(argument[1])]
    return []


def _sample(node: Any) -> str:
    """A short text that fits a node of a parsed pattern."""
    kind, argument = node
    if kind is code.LITERAL:
        return chr(argument)
    if kind is code.NOT_LITERAL:
        return "a" if argument != ord("a") else "b"
    if kind is code.ANY:
        return "a"
    if kind is code.IN:
        return _member(argument)
    if kind is code.BRANCH:
        return "".join(map(_sample, argument[1][0]))
    if kind is code.SUBPATTERN:
        return "".join(map(_sample, argument[3]))
    if kind in (code.MAX_REPEAT, code.MIN_REPEAT):
        least, most, inner = argument
        return "".join(map(_sample, inner)) * max(least, min(1, most))
    return ""


def _member(choices: list[Any]) -> str:
    for text in ("a", "A", "0", " ", "-", "."):
        if re.fullmatch(_class(choices), text):
            return text
    kind, argument = choices[-1]
    return chr(argument if kind is code.LITERAL else argument[0])


def _class(choices: list[Any]) -> str:
    categories = {
        code.CATEGORY_DIGIT: r"\d", code.CATEGORY_NOT_DIGIT: r"\D", code.CATEGORY_SPACE: r"\s",
        code.CATEGORY_NOT_SPACE: r"\S", code.CATEGORY_WORD: r"\w", code.CATEGORY_NOT_WORD: r"\W",
    }  # fmt: skip
    text = ""
    for kind, argument in choices:
        if kind is code.NEGATE:
            text += "^"
        elif kind is code.LITERAL:
            text += re.escape(chr(argument))
        elif kind is code.RANGE:
            text += f"{re.escape(chr(argument[0]))}-{re.escape(chr(argument[1]))}"
        elif kind is code.CATEGORY:
            text += categories[argument]
    return f"[{text}]"
