"""Metric catalogue: what each of the 45 indices means, how it is counted, and what feeds it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.components import choices, links
from dashboard.registry import EVIDENCE, Page, page_of_post
from insight.context import Context
from insight.formatting import plain
from insight.queries.catalogue import MetricRow, Post, read_posts

ALL = "all"


def show(context: Context, _page: Page) -> None:
    """The page."""
    posts = read_posts(context.snapshot)
    rows = list(context.metric_rows.values())
    live = sum(1 for row in rows if row.is_implemented)
    st.markdown(context.text("metrics.sentence", all=len(rows), live=live, waiting=len(rows) - live))
    found = _filtered(context, posts, rows)
    if not found:
        st.info(context.text("metrics.none_found"))
    for post in posts:
        own = [row for row in found if row.post_id == post.post_id]
        if own:
            st.subheader(
                context.text(
                    "metrics.post", name=context.text.pick(post.name_en, post.name_zh), count=len(own)
                ),
                anchor=False,
            )
        for row in own:
            _show_metric(context, row)


def _filtered(context: Context, posts: list[Post], rows: list[MetricRow]) -> list[MetricRow]:
    names = {post.post_id: context.text.pick(post.name_en, post.name_zh) for post in posts}
    left, middle, right = st.columns((2, 1, 1))
    with left:
        sought = choices.search("q", context.text("metrics.search"), context.text("metrics.search_hint"))
    with middle:
        post = choices.select(
            "post",
            context.text("metrics.post_filter"),
            (ALL, *names),
            ALL,
            lambda post_id: names.get(post_id, context.text("metrics.all_posts")),
        )
    with right:
        state = choices.select(
            "state",
            context.text("metrics.state_filter"),
            (ALL, "live", "waiting"),
            ALL,
            lambda choice: context.text(f"metrics.state_{choice}"),
        )
    words = sought.casefold().split()
    return [
        row
        for row in rows
        if post in (ALL, row.post_id)
        and (state == ALL or row.is_implemented == (state == "live"))
        and all(word in _searched(row) for word in words)
    ]


def _searched(row: MetricRow) -> str:
    fields = (
        row.metric_id,
        row.name_en,
        row.name_zh,
        row.seed_wording,
        row.meaning_en,
        row.meaning_zh,
        row.source_exports,
    )
    return " ".join(field for field in fields if field).casefold()


def _show_metric(context: Context, row: MetricRow) -> None:
    text = context.text
    name = plain(text.pick(row.name_en, row.name_zh))
    other = plain(row.name_zh if text.language == "en" else row.name_en)
    state = text("metrics.is_live") if row.is_implemented else text("metrics.is_waiting")
    is_wanted = st.query_params.get("metric") == row.metric_id
    with st.expander(f"**{name}** · {other} — {state}", expanded=is_wanted):
        st.markdown(plain(text.pick(row.meaning_en, row.meaning_zh)))
        left, right = st.columns(2)
        with left:
            _show_facts(context, row)
        with right:
            _show_feeding(context, row)
        with st.container(horizontal=True):
            if row.is_implemented:
                links.link(EVIDENCE, text("cards.evidence"), {"metric": row.metric_id})
            page = page_of_post(row.post_id)
            if row.is_implemented and page is not None:
                links.link(page, text("metrics.see_numbers"), {"metric": row.metric_id})


def _show_facts(context: Context, row: MetricRow) -> None:
    text = context.text
    denominator = (
        row.denominator_text if row.denominator_text not in ("", "-", "–") else text("metrics.no_denominator")
    )
    unit = context.format.currency if row.unit == "money" else text(f"units.{row.unit}")
    facts = [
        ("numerator", row.numerator_text),
        ("denominator", denominator),
        ("unit", unit),
        ("direction", text.lookup("directions", row.direction)),
        ("adding", text.lookup("adding", row.kind)),
        ("grain", row.grain),
        ("target", row.default_target_text),
        ("minimum", row.min_denominator and context.format.number(row.min_denominator)),
        ("maturity", row.maturity_days and text("metrics.days", count=row.maturity_days)),
    ]
    _show_list(context, facts)


def _show_feeding(context: Context, row: MetricRow) -> None:
    text = context.text
    waiting = "" if row.is_implemented else text.pick(row.waiting_for_en, row.waiting_for_zh)
    facts = [
        ("waiting_for", waiting),
        ("fed_by", row.source_exports),
        ("edge_cases", row.edge_cases),
        ("wording", row.seed_wording),
        ("identifier", row.metric_id),
        ("sources", row.sources),
    ]
    _show_list(context, facts)
    rules = [rule for (metric_id, _), rule in context.definitions.items() if metric_id == row.metric_id]
    for rule in rules:
        note = text.pick(rule.note_en, rule.note_zh)
        named = f"`{rule.definition_code}` {plain(text.pick(rule.name_en, rule.name_zh))}"
        st.markdown(f"- {named}" + (f": {plain(note)}" if note else ""))


def _show_list(context: Context, facts: Sequence[tuple[str, object]]) -> None:
    lines = [f"- {context.text(f'metrics.{name}')}: {plain(value)}" for name, value in facts if value]
    st.markdown("\n".join(lines))
