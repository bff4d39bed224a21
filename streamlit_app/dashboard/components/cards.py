"""A card: one metric's figure with all that is needed to believe it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from dashboard.components import links
from dashboard.registry import EVIDENCE
from insight import wording
from insight.board import Judged, sparkline
from insight.context import Context
from insight.formatting import plain
from insight.readings import Reading, Variant
from insight.selection import Filters

SHOWN_VARIANTS = 6
CARDS_A_ROW = 3


def show_cards(context: Context, cards: Sequence[Judged], filters: Filters) -> None:
    """Draw cards in rows that fill the page."""
    for start in range(0, len(cards), CARDS_A_ROW):
        columns = st.columns(CARDS_A_ROW)
        for column, judged in zip(columns, cards[start : start + CARDS_A_ROW], strict=False):
            with column:
                show_card(context, judged, filters)


def show_card(context: Context, judged: Judged, filters: Filters) -> None:
    """Draw the card."""
    reading = judged.reading
    metric = reading.metric
    rose = wording.has_risen(reading)
    with st.container(border=True, height="stretch", gap="small"):
        st.metric(
            plain(wording.value_name(context, metric)),
            wording.headline(context, reading),
            delta=wording.change(context, reading),
            delta_color=_delta_colour(metric.direction, rose),
            delta_arrow="off" if rose is None else "up" if rose else "down",
            chart_data=sparkline(judged),
            help=_help(context, reading),
            delta_description=_delta_description(context, filters, reading),
        )
        trust = wording.trust_line(context, reading, filters) + _rule_line(context, reading)
        reason = plain(wording.no_value_reason(context, reading))
        small = [
            f":gray[:small[{line}]]" for line in (*_variant_lines(context, reading), reason, trust) if line
        ]
        # one element for all lines, since a page's time goes by its elements; two spaces end a line
        st.markdown("  \n".join((_standing_line(context, judged), *small)))
        links.link(EVIDENCE, context.text("cards.evidence"), evidence_parameters(reading, filters))


def evidence_parameters(reading: Reading, filters: Filters) -> dict[str, str | None]:
    """The evidence page's address for a reading."""
    first = reading.variants[0].key if reading.variants else None
    return {
        "metric": reading.metric.metric_id,
        "rule": first.definition_code if first else None,
        "platform": first.platform if first else None,
        "store": filters.store_id or (first.store_id if first else None),
        "people": filters.people,
        "from": filters.period.start.isoformat(),
        "to": filters.period.end.isoformat(),
    }


def _delta_colour(direction: str, rose: bool | None) -> Literal["green", "red", "gray"]:
    if rose is None or direction == "band":
        return "gray"
    return "green" if rose == (direction == "higher") else "red"


def _delta_description(context: Context, filters: Filters, reading: Reading) -> str | None:
    if filters.comparison is None or wording.change(context, reading) is None:
        return None
    return context.text(f"cards.against_{filters.comparison_choice}")


def _standing_line(context: Context, judged: Judged) -> str:
    if judged.target is None or judged.target.target is None:
        return context.text("cards.no_target")
    goal = plain(wording.target_value(context, judged.target, judged.reading.metric))
    words = wording.standing_words(context, judged.standing)
    if judged.weeks_known is not None:
        words = context.text("cards.standing_long", standing=words, weeks=judged.weeks_known)
    elif judged.since is not None:
        day = context.format.short_day(judged.since)
        words = context.text("cards.standing_since", standing=words, day=day)
    return context.text("cards.standing", standing=words, target=goal)


def _variant_lines(context: Context, reading: Reading) -> list[str]:
    """What the figure leaves out: the values that stand side by side, a line a counting rule."""
    several = len(reading.variants) > 1
    by_rule: dict[str, list[Variant]] = {}
    for variant in (*(reading.variants if several else ()), *reading.others):
        by_rule.setdefault(variant.key.definition_code, []).append(variant)
    headline = reading.metric.headline_definition_code
    lines = [
        _rule_values(context, reading, variants, named=code != headline) for code, variants in by_rule.items()
    ]
    if several:
        lines.append(context.text("cards.side_by_side"))
        return lines
    if reading.variants:
        lines.append(wording.small_sample(context, reading.metric, reading.variants[0]).strip())
    return lines


def _rule_values(context: Context, reading: Reading, variants: list[Variant], *, named: bool) -> str:
    metric, code = reading.metric, variants[0].key.definition_code
    shown = variants[:SHOWN_VARIANTS]
    has_name = any(variant.key.platform or variant.key.store_id for variant in shown) and len(variants) > 1
    values = [wording.variant_line(context, reading, variant, with_name=has_name) for variant in shown]
    if len(variants) > SHOWN_VARIANTS:
        values.append(context.text("cards.more", count=len(variants) - SHOWN_VARIANTS))
    prefix = f"{plain(context.rule_name(metric.metric_id, code))}: " if named else ""
    return prefix + " · ".join(values)


def _rule_line(context: Context, reading: Reading) -> str:
    codes = sorted({variant.key.definition_code for variant in reading.variants})
    if len(codes) != 1:
        return ""
    return " · " + context.text("cards.rule", code=plain(codes[0]))


def _help(context: Context, reading: Reading) -> str:
    row = context.metric_rows[reading.metric.metric_id]
    formula = plain(row.numerator_text)
    if row.denominator_text not in ("", "-", "1"):
        formula += f" ÷ {plain(row.denominator_text)}"
    return f"{plain(context.text.pick(row.meaning_en, row.meaning_zh))}\n\n{formula}"
