"""The metric and the counting rule that the charts of a post's page are about."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from dashboard.components import choices
from dashboard.components.board import Board
from dashboard.components.cards import Judged
from dashboard.components.page import Context
from dashboard.components.wording import value_name
from dashboard.formatting import plain
from dashboard.measures import Metric, VariantKey
from dashboard.palette import CATEGORIES, colour_of, symbol_of


@dataclass(frozen=True, slots=True)
class Focus:
    """One metric, one rule, and the looks of its variants."""

    judged: Judged
    definition_code: str
    platforms: tuple[str, ...]
    stores: tuple[str, ...]

    @property
    def metric(self) -> Metric:
        """The metric looked at, in the unit of the rule."""
        metric = self.judged.reading.metric
        return replace(metric, unit=metric.unit_of(self.definition_code))

    @property
    def has_targets(self) -> bool:
        """Whether targets are meant for values of this rule."""
        return any(
            variant.key.definition_code == self.definition_code for variant in self.judged.reading.variants
        )

    def colour(self, key: VariantKey) -> str:
        """A variant's colour: its store's or its platform's, the same on every page."""
        if key.store_id is not None:
            return colour_of(key.store_id, self.stores)
        return colour_of(key.platform, self.platforms) if key.platform is not None else CATEGORIES[0]

    def symbol(self, key: VariantKey) -> str:
        """A variant's marker."""
        if key.store_id is not None:
            return symbol_of(key.store_id, self.stores)
        return symbol_of(key.platform, self.platforms) if key.platform is not None else "circle"


def choose_focus(context: Context, board: Board) -> Focus | None:
    """Let the reader choose among metrics that have data; None where none has."""
    live = {name: judged for name, judged in board.judged.items() if judged.reading.has_data}
    if not live:
        return None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = choices.select(
            "metric",
            context.text("focus.metric"),
            tuple(live),
            next(iter(live)),
            lambda metric_id: value_name(context, context.metrics[metric_id]),
            width=320,
        )
        reading = live[name].reading
        codes = tuple(
            dict.fromkeys(variant.key.definition_code for variant in (*reading.variants, *reading.others))
        )
        code = codes[0]
        if len(codes) > 1:
            code = choices.select(
                "rule",
                context.text("focus.rule"),
                codes,
                codes[0],
                lambda rule: context.rule_name(name, rule),
                width=320,
            )
    _show_note(context, name, code, several=len(codes) > 1)
    platforms = tuple(sorted({total.platform for total in board.totals}))
    return Focus(live[name], code, platforms, tuple(context.stores))


def _show_note(context: Context, metric_id: str, code: str, *, several: bool) -> None:
    rule = context.definitions.get((metric_id, code))
    note = context.text.pick(rule.note_en, rule.note_zh) if rule else ""
    words = [context.text("focus.rules_differ")] if several else []
    if note:
        words.append(plain(note))
    if words:
        st.caption(" ".join(words))
