"""Overview: what is off target, since when, and whose; and what the silent posts wait for."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from dashboard.components import links
from dashboard.components.board import Board, read_board
from dashboard.components.cards import show_cards
from dashboard.components.filters import Filters, show_filters
from dashboard.components.findings import find_all, unowned
from dashboard.components.page import Context
from dashboard.formatting import plain
from dashboard.measures import Metric, Standing
from dashboard.queries.catalogue import Post, read_posts

FINDINGS = 3
SHOWN_FILES = 4


def show(context: Context) -> None:
    """The page."""
    _show_as_of(context)
    filters = show_filters(context)
    posts = read_posts(context.snapshot)
    live = [post for post in posts if any(_is_live(metric, post) for metric in context.metrics.values())]
    board = read_board(context, filters, tuple(post.post_id for post in live))
    _show_findings(context, board, filters)
    for post in live:
        _show_post(context, post, board, filters)
    _show_silent_posts(context, [post for post in posts if post not in live])


def _is_live(metric: Metric, post: Post) -> bool:
    return metric.post_id == post.post_id and metric.is_implemented


def _show_as_of(context: Context) -> None:
    status = context.status
    words = context.text(
        "overview.as_of",
        time=plain(context.format.time(status.published_at)),
        files=context.format.count(status.files_loaded),
        day=context.format.day(context.extent.last_day),
    )
    if status.files_waiting or status.files_pending:
        words += context.text("overview.on_the_way", count=status.files_waiting + status.files_pending)
    st.caption(words)


def _show_findings(context: Context, board: Board, filters: Filters) -> None:
    found = find_all(context, board, filters) + unowned(context, board, filters)
    found = sorted(found, key=lambda finding: -finding.weight)[:FINDINGS]
    st.subheader(context.text("overview.findings" if found else "overview.no_findings"), anchor=False)
    for place, finding in enumerate(found, 1):
        words, way = st.columns((7, 1), vertical_alignment="center")
        words.markdown(f"**{place}** \u2002 {finding.sentence}")
        with way:
            links.link(finding.page, context.text("overview.see"), finding.parameters)


def _show_post(context: Context, post: Post, board: Board, filters: Filters) -> None:
    judged = [item for item in board.judged.values() if item.reading.metric.post_id == post.post_id]
    counts = Counter(item.standing for item in judged)
    with_target = sum(counts[standing] for standing in (Standing.ON, Standing.NEAR, Standing.OFF))
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.subheader(context.text.pick(post.name_en, post.name_zh), anchor=False)
        page = links.POST_PAGES.get(post.post_id)
        if page:
            links.link(page, context.text("overview.open_post"), filters.parameters())
    if with_target:
        st.markdown(
            context.text(
                "overview.post_standing",
                off=counts[Standing.OFF],
                near=counts[Standing.NEAR],
                on=counts[Standing.ON],
                all=len(judged),
            )
        )
    else:
        st.markdown(context.text("overview.post_no_targets", all=len(judged)))
    show_cards(context, judged, filters)
    waiting = [
        metric
        for metric in context.metrics.values()
        if metric.post_id == post.post_id and not metric.is_implemented
    ]
    if waiting:
        names = context.format.names([plain(metric.name) for metric in waiting])
        st.caption(context.text("overview.also_waiting", count=len(waiting), names=names))


def _show_silent_posts(context: Context, posts: list[Post]) -> None:
    if not posts:
        return
    st.subheader(context.text("overview.silent"), anchor=False)
    st.markdown(context.text("overview.silent_help"))
    for column, post in zip(st.columns(len(posts)), posts, strict=True):
        metrics = [metric for metric in context.metrics.values() if metric.post_id == post.post_id]
        with column, st.container(border=True):
            name = plain(context.text.pick(post.name_en, post.name_zh))
            count = context.text("overview.silent_count", count=len(metrics))
            wanted = Counter(metric.waiting_for for metric in metrics if metric.waiting_for)
            lines = [
                f"- {context.text('overview.waits_for', files=plain(files), count=waiting)}"
                for files, waiting in wanted.most_common(SHOWN_FILES)
            ]
            st.markdown("\n".join((f"**{name}**  ", f":gray[:small[{count}]]", "", *lines)))
            links.link(links.METRICS, context.text("overview.all_indices"), {"post": post.post_id})
