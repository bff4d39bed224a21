"""The SQL that a rule may be written in: columns of its event model, numbers, texts and plain operators."""

from __future__ import annotations

import re

KEYWORDS = frozenset(
    ["and", "or", "not", "is", "null", "true", "false", "in", "between", "like", "case", "when", "then",
     "else", "end", "coalesce", "abs", "lower"]
)  # fmt: skip
_TEXT = re.compile(r"'[^']*'")
_REST = re.compile(r"[a-z0-9_ .,()<>=+*/-]*")
_NAME = re.compile(r"\b[a-z_][a-z0-9_]*\b")


def check_expression(expression: str) -> str:
    """The expression itself, if it is one that any SQL database reads.

    Raises:
        ValueError: it holds something else, such as a cast, a comment or another statement.
    """
    rest = _TEXT.sub("", expression)
    # braces are the template's, within texts too
    if (
        not _REST.fullmatch(rest)
        or set("{}") & set(expression)
        or "--" in rest
        or "/*" in rest
        or rest.count("(") != rest.count(")")
    ):
        raise ValueError(
            f"{expression!r} is not plain SQL: write lower-case names of columns, numbers, 'texts', brackets,"
            " + - * / = < > and words such as and, not, is null, case"
        )
    if not expression.strip():
        raise ValueError("an expression is empty: take the key out, or say which column")
    return expression


def columns_of(expression: str) -> set[str]:
    """The names of columns in an expression."""
    return set(_NAME.findall(_TEXT.sub("", expression))) - KEYWORDS
