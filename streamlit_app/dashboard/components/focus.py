"""The choice of the metric and the counting rule that the charts of a post's page are about."""

from __future__ import annotations

import streamlit as st

from dashboard.components import choices
from insight.board import Board
from insight.context import Context
from insight.focus import Focus
from insight.formatting import plain
from insight.wording import value_name


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
