"""What the pages of all posts share: cards, trend against target, stores and people, periods compared."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.components import cards, links, states
from dashboard.components.blocks import show_block, show_sentence
from dashboard.components.filters import show_filters
from dashboard.components.focus import choose_focus
from dashboard.registry import EVIDENCE, METRICS, Page
from dashboard.views.network_promotion import show_claims
from dashboard.views.site_operation import show_countries
from insight.blocks.changes import changes
from insight.blocks.people import people, stores
from insight.blocks.trend import trend
from insight.board import Board, read_board
from insight.context import Context
from insight.findings import find_all
from insight.focus import Focus
from insight.formatting import plain
from insight.selection import Filters

# what a post has beside the blocks of every post
OWN_BLOCKS: dict[str, Callable[[Context, Board, Filters], None]] = {
    "network_promotion": show_claims,
    "site_operation": show_countries,
}


def show(context: Context, page: Page) -> None:
    """The page of a post."""
    post_id = page.name
    filters = show_filters(context, post_id)
    board = read_board(context, filters, (post_id,))
    if not any(judged.reading.has_data for judged in board.judged.values()):
        _show_nothing(context, board)
        return
    _show_cards(context, board, filters)
    focus = choose_focus(context, board)
    if focus is not None:
        _show_trend(context, board, focus, filters)
        _show_stores_and_people(context, board, focus)
        _show_changes(context, board, focus, filters)
        _show_evidence_link(context, focus, filters)
    if post_id in OWN_BLOCKS:
        OWN_BLOCKS[post_id](context, board, filters)


def _show_cards(context: Context, board: Board, filters: Filters) -> None:
    """The most pressing finding in words, then a card a metric."""
    found = find_all(context, board, filters)
    show_sentence(found[0].sentence if found else context.text("post.nothing_moved"))
    cards.show_cards(
        context, [judged for judged in board.judged.values() if judged.reading.has_data], filters
    )
    for judged in board.judged.values():
        if not judged.reading.has_data:
            name, waiting = plain(judged.reading.metric.name), judged.reading.metric.waiting_for
            st.caption(context.text("post.no_data_for", name=name, files=plain(waiting)))


def _show_nothing(context: Context, board: Board) -> None:
    """No metric of the post has data for what is chosen."""
    waiting = {judged.reading.metric.waiting_for for judged in board.judged.values()} - {""}
    states.show_nothing_here(context.text, "; ".join(sorted(waiting)), context.settings.landing)


def _show_trend(context: Context, board: Board, focus: Focus, filters: Filters) -> None:
    block = trend(context, board, focus, filters)
    if block is not None:
        st.subheader(context.text("post.trend", name=focus.metric.name), anchor=False)
        show_block(block, "trend")


def _show_stores_and_people(context: Context, board: Board, focus: Focus) -> None:
    st.subheader(context.text("post.who", name=focus.metric.name), anchor=False)
    for place, heading, name, block in zip(
        st.columns(2),
        ("post.by_store", "post.by_person"),
        ("stores", "people"),
        (stores(context, board, focus), people(context, board, focus)),
        strict=True,
    ):
        with place:
            st.markdown(f"**{context.text(heading)}**")
            if block is None:
                st.caption(context.text("post.no_values"))
            else:
                show_block(block, name)


def _show_changes(context: Context, board: Board, focus: Focus, filters: Filters) -> None:
    if filters.comparison is None:
        return
    block = changes(context, board, focus, filters.period, filters.comparison)
    if block is None:
        st.caption(context.text("post.not_comparable"))
        return
    st.subheader(context.text("post.periods", name=focus.metric.name), anchor=False)
    show_block(block, "periods")


def _show_evidence_link(context: Context, focus: Focus, filters: Filters) -> None:
    """The way to the rows behind the charts."""
    parameters = {
        "metric": focus.metric.metric_id,
        "rule": focus.definition_code,
        "store": filters.store_id,
        "people": filters.people,
        "from": filters.period.start.isoformat(),
        "to": filters.period.end.isoformat(),
    }
    with st.container(horizontal=True):
        links.link(EVIDENCE, context.text("cards.evidence"), parameters)
        links.link(
            METRICS,
            context.text("cards.definition"),
            {"metric": focus.metric.metric_id, "post": focus.metric.post_id},
        )
