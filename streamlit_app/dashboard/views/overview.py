"""Overview: what is off target, since when, and whose; and what the silent posts wait for."""

from __future__ import annotations

from collections import Counter
from typing import Any

import streamlit as st

from dashboard.components import links
from dashboard.components.blocks import WIDE, Layout, choose_row
from dashboard.components.filters import chosen_parameters, show_filters
from dashboard.registry import METRICS, Page, page_of_post
from insight import wording
from insight.board import Board, read_board, sparkline
from insight.context import Context
from insight.findings import find_all, unowned
from insight.formatting import plain
from insight.measures import Metric, Standing
from insight.queries import health
from insight.queries.catalogue import Post, read_posts
from insight.selection import Filters

FINDINGS = 3
SHOWN_FILES = 2
ORDER = (Standing.OFF, Standing.NEAR, Standing.ON, Standing.NO_TARGET, Standing.NO_VALUE)


def show(context: Context, _page: Page) -> None:
    """The page."""
    _show_as_of(context)
    filters = show_filters(context)
    posts = read_posts(context.snapshot)
    board = read_board(context, filters, tuple(post.post_id for post in posts if _is_live(post, context)))
    _show_findings(context, board, filters)
    _show_posts(context, posts, board, filters)
    _show_indices(context, board, filters)


def _is_live(post: Post, context: Context) -> bool:
    return any(
        metric.post_id == post.post_id and metric.is_implemented for metric in context.metrics.values()
    )


def _show_as_of(context: Context) -> None:
    files = health.count_files(context.snapshot)
    words = context.text(
        "overview.as_of",
        time=plain(context.format.time(context.status.published_at)),
        files=context.format.count(files.loaded),
        day=context.format.day(context.extent.last_day),
    )
    if files.waiting or files.pending:
        words += context.text("overview.on_the_way", count=files.waiting + files.pending)
    st.caption(words)


def _show_findings(context: Context, board: Board, filters: Filters) -> None:
    found = find_all(context, board, filters) + unowned(context, board, filters)
    found = sorted(found, key=lambda finding: -finding.weight)[:FINDINGS]
    st.subheader(context.text("overview.findings" if found else "overview.no_findings"), anchor=False)
    for place, finding in enumerate(found, 1):
        words, way = st.columns((7, 1), vertical_alignment="center")
        words.markdown(f"**{place}** \u2002 {finding.sentence}")
        with way:
            parameters = {**chosen_parameters(), "people": None, "metric": finding.metric.metric_id}
            page = page_of_post(finding.metric.post_id) or METRICS
            links.link(page, context.text("overview.see"), parameters)


def _show_posts(context: Context, posts: list[Post], board: Board, filters: Filters) -> None:
    """The posts side by side: how many of their indices stand where, or which files they wait for."""
    for column, post in zip(st.columns(len(posts)), posts, strict=True):
        with column, st.container(border=True, height="stretch"):
            metrics = [metric for metric in context.metrics.values() if metric.post_id == post.post_id]
            words = _standing_of_post if _is_live(post, context) else _wants_of_post
            name = plain(context.text.pick(post.name_en, post.name_zh))
            st.markdown(f"**{name}**  \n{words(context, metrics, board)}")
            page = page_of_post(post.post_id)
            if page:
                links.link(page, context.text("overview.open_post"), chosen_parameters())
            else:
                links.link(METRICS, context.text("overview.all_indices"), {"post": post.post_id})


def _standing_of_post(context: Context, metrics: list[Metric], board: Board) -> str:
    judged = [board.judged[metric.metric_id] for metric in metrics if metric.metric_id in board.judged]
    counts = Counter(item.standing for item in judged)
    lines = [
        f"{wording.standing_words(context, standing)} **{counts[standing]}**"
        for standing in (Standing.OFF, Standing.NEAR, Standing.ON)
        if counts[standing]
    ]
    without = counts[Standing.NO_TARGET] + counts[Standing.NO_VALUE]
    if without:
        lines.append(context.text("overview.without_target", count=without))
    waiting = len(metrics) - len(judged)
    if waiting:
        lines.append(context.text("overview.waiting_indices", count=waiting))
    return "  \n".join(lines)


def _wants_of_post(context: Context, metrics: list[Metric], _board: Board) -> str:
    wanted = Counter(metric.waiting_for for metric in metrics if metric.waiting_for)
    files = [f":small[{plain(files)}]" for files, _ in wanted.most_common(SHOWN_FILES)]
    return "  \n".join((context.text("overview.waits_for", count=len(metrics)), *files))


def _show_indices(context: Context, board: Board, filters: Filters) -> None:
    """Every live index in one table, worst first; choosing one opens it on the page of its post."""
    judged = sorted(board.judged.values(), key=lambda item: ORDER.index(item.standing))
    if not judged:
        return
    st.subheader(context.text("overview.indices"), anchor=False)
    st.caption(context.text("overview.indices_help"))
    posts = {
        post.post_id: context.text.pick(post.name_en, post.name_zh) for post in read_posts(context.snapshot)
    }
    text, weeks = context.text, context.text("overview.trend")
    columns: dict[str, list[Any]] = {
        text("overview.standing"): [wording.standing_label(context, item.standing) for item in judged],
        text("overview.index"): [wording.value_name(context, item.reading.metric) for item in judged],
        text("overview.post"): [posts[item.reading.metric.post_id] for item in judged],
        text("overview.value"): [wording.headline(context, item.reading) for item in judged],
        text("overview.change"): [wording.change(context, item.reading) or "–" for item in judged],
        weeks: [sparkline(item) for item in judged],
        text("overview.target"): [
            wording.target_value(context, item.target, item.reading.metric) for item in judged
        ],
        text("overview.complete"): [wording.trust_line(context, item.reading, filters) for item in judged],
    }
    trend = {weeks: st.column_config.LineChartColumn()}
    chosen = choose_row(columns, "indices", text("overview.indices_alt"), Layout(WIDE, config=trend))
    if chosen is not None:
        metric = judged[chosen].reading.metric
        links.go(page_of_post(metric.post_id) or METRICS, {**chosen_parameters(), "metric": metric.metric_id})
