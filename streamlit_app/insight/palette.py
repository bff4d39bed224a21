"""Colours that mean the same thing on every page, legible on the light and the dark theme."""

from __future__ import annotations

# Okabe and Ito's set for colour-blind readers, yellow last: it is faint on white
CATEGORIES = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#B8A800")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "star", "hexagon")
INK = "#7B8794"
QUIET = "#A3ADB8"
ACCENT = "#0072B2"
GAIN = "#009E73"
LOSS = "#D55E00"


def colour_of(key: str, keys: tuple[str, ...]) -> str:
    """The colour of a store, platform or rule: by its place among all there are, never among those shown."""
    return CATEGORIES[keys.index(key) % len(CATEGORIES)] if key in keys else INK


def symbol_of(key: str, keys: tuple[str, ...]) -> str:
    """The marker beside the colour, so that colour alone carries nothing."""
    return SYMBOLS[keys.index(key) % len(SYMBOLS)] if key in keys else "circle-open"
