"""A guess and what speaks for it; nothing in a draft comes without one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class DraftError(ValueError):
    """No contract can be drafted; the message says why and what to do, and quotes no cell."""


@dataclass(frozen=True)
class Guess:
    """A value for the contract, its evidence, and whether the evidence leaves a choice to a person."""

    value: Any
    evidence: str
    is_question: bool = False

    @property
    def comment(self) -> str:
        """The evidence as it stands beside the value."""
        return f"QUESTION: {self.evidence}" if self.is_question else self.evidence


def proven(value: Any, evidence: str) -> Guess:
    """A guess that the file itself proves."""
    return Guess(value, evidence)


def asked(value: Any, question: str) -> Guess:
    """A guess that a person has to confirm; the value is the safer reading."""
    return Guess(value, question, is_question=True)


def count(number: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun, as `1 record` or `1,200 records`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
