"""What the pages of all posts share: cards, trend against target, stores and people, periods compared."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import streamlit as st

from dashboard.components import cards, figures, links, states, wording
from dashboard.components.blocks import show_figure, show_sentence
from dashboard.components.board import Board, goal_for, read_board
from dashboard.components.filters import Filters, show_filters
from dashboard.components.findings import find_all
from dashboard.components.focus import Focus, choose_focus
from dashboard.components.page import Context
from dashboard.formatting import plain
from dashboard.measures import Amount, Kind, Metric, Standing, VariantKey, stand, value_of
from dashboard.palette import INK
from dashboard.periods import Period
from dashboard.queries.metrics import read_series
from dashboard.readings import Part, break_down, course, way_of
from dashboard.views.post_people import show_stores_and_people


def show(context: Context, post_id: str, show_more: Callable[[Context, Board, Filters], None]) -> None:
    """The page of a post; `show_more` draws what it has beside the blocks of every post."""
    filters = show_filters(context, post_id)
    board = read_board(context, filters, (post_id,))
    if not any(judged.reading.has_data for judged in board.judged.values()):
        _show_nothing(context, board)
        return
    _show_cards(context, board, filters)
    focus = choose_focus(context, board)
    if focus is not None:
        _show_trend(context, board, focus, filters)
        show_stores_and_people(context, board, focus)
        _show_periods(context, board, focus, filters)
        _show_evidence_link(context, focus, filters)
    show_more(context, board, filters)


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
    """The course of the metric against its target."""
    metric, step = focus.metric, filters.period.bucket_days
    points = read_series(context.snapshot, filters.scope(context, (metric.metric_id,), filters.period), step)
    courses = {
        key: days
        for key, days in course(metric, points).items()
        if key.definition_code == focus.definition_code
    }
    days = sorted({day for values in courses.values() for day, _ in values})
    if not days:
        return
    st.subheader(context.text("post.trend", name=metric.name), anchor=False)
    goals = {day: _goal(context, board, focus, filters, day, step) for day in days}
    show_sentence(_trend_sentence(context, focus, courses, goals, step))
    lines = [
        figures.Line(
            wording.variant_name(context, metric, key, with_rule=False),
            focus.colour(key),
            [day for day, _ in values],
            [_number(value_of(metric.kind, amount)) for _, amount in values],
            [_at(context, metric, day, value_of(metric.kind, amount)) for day, amount in values],
        )
        for key, values in courses.items()
    ]
    target = None
    if any(goal is not None for goal in goals.values()):
        texts = [_at(context, metric, day, goal) for day, goal in goals.items()]
        target = figures.Line(
            context.text("post.target"), INK, list(goals), [_number(goal) for goal in goals.values()], texts
        )
    x_title = context.text("post.axis_days" if step == 1 else "post.axis_weeks")
    tick_days = context.text("post.tick_days")
    figure = figures.trend(
        lines, context.axis(metric.unit), wording.axis_title(context, metric), x_title, tick_days, target
    )
    show_figure(figure, context.text("post.trend_alt", name=metric.name), "trend")


def _goal(
    context: Context, board: Board, focus: Focus, filters: Filters, day: date, step: int
) -> Decimal | None:
    if not focus.has_targets:
        return None
    days = Period(day - timedelta(days=step - 1), day)
    target = goal_for(context, board.goals, filters, focus.metric, days)
    return target.target if target else None


def _at(context: Context, metric: Metric, day: date, value: Decimal | None) -> str:
    return f"{context.format.day(day)}: {context.format.value(value, metric.unit)}"


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _trend_sentence(
    context: Context,
    focus: Focus,
    courses: dict[VariantKey, list[tuple[date, Amount]]],
    goals: dict[date, Decimal | None],
    step: int,
) -> str:
    metric = focus.metric
    judged_points = [
        stand(metric.direction, value_of(metric.kind, amount), None)
        if goals[day] is None
        else _beats(metric, value_of(metric.kind, amount), goals[day])
        for values in courses.values()
        for day, amount in values
    ]
    if len(courses) == 1 and Standing.NO_TARGET not in judged_points:
        reached = judged_points.count(Standing.ON)
        sentence = "post.trend_days" if step == 1 else "post.trend_weeks"
        return context.text(sentence, reached=reached, all=len(judged_points))
    key, values = max(courses.items(), key=lambda item: len(item[1]))
    shown = [(value, day) for day, amount in values if (value := value_of(metric.kind, amount)) is not None]
    if not shown:
        return context.text("post.trend_none")
    (low, low_day), (high, high_day) = min(shown), max(shown)
    name = wording.variant_name(context, metric, key, with_rule=False) if len(courses) > 1 else metric.name
    return context.text(
        "post.trend_range",
        name=plain(name),
        low=plain(context.format.value(low, metric.unit)),
        low_day=context.format.short_day(low_day),
        high=plain(context.format.value(high, metric.unit)),
        high_day=context.format.short_day(high_day),
    )


def _beats(metric: Metric, value: Decimal | None, goal: Decimal | None) -> Standing:
    if value is None or goal is None:
        return Standing.NO_VALUE
    is_reached = value <= goal if metric.direction == "lower" else value >= goal
    return Standing.ON if is_reached else Standing.OFF


def _show_periods(context: Context, board: Board, focus: Focus, filters: Filters) -> None:
    """The period beside the one compared with: a waterfall where stores add up, before and after where
    not."""
    if filters.comparison is None:
        return
    metric = focus.metric
    parts = break_down(metric, board.totals, focus.definition_code, lambda total: total.store_id)
    if not any(part.before for part in parts) or not any(part.now for part in parts):
        st.caption(context.text("post.not_comparable"))
        return
    st.subheader(context.text("post.periods", name=metric.name), anchor=False)
    before_name = context.format.days(filters.comparison.start, filters.comparison.end)
    after_name = context.format.days(filters.period.start, filters.period.end)
    if metric.kind is Kind.SUM and metric.is_additive_across_platforms:
        _show_waterfall(context, metric, parts, before_name, after_name)
        return
    changes = [
        figures.Change(
            _row_name(context, metric, part),
            _number(value_of(metric.kind, part.before)),
            _number(value_of(metric.kind, part.now)),
            context.format.value(value_of(metric.kind, part.before), metric.unit),
            context.format.value(value_of(metric.kind, part.now), metric.unit),
        )
        for part in parts
    ]
    both = [change for change in changes if change.before is not None and change.after is not None]
    rose = sum(1 for change in both if (change.after or 0) > (change.before or 0))
    show_sentence(context.text("post.periods_rose", rose=rose, all=len(both)))
    figure = figures.before_after(
        changes, context.axis(metric.unit), wording.axis_title(context, metric), before_name, after_name
    )
    show_figure(figure, context.text("post.periods_alt", name=metric.name), "periods")


def _row_name(context: Context, metric: Metric, part: Part) -> str:
    if part.variant.platform is None:
        return context.store_name(part.key)
    return f"{context.store_name(part.key)} · {context.platform_name(part.variant.platform)}"


def _show_waterfall(
    context: Context, metric: Metric, parts: list[Part], before_name: str, after_name: str
) -> None:
    before, by_store, after = way_of(parts)
    changes = [(context.store_name(store_id), change) for store_id, change in by_store]
    shown = context.format
    steps = [figures.Step(before_name, float(before), shown.value(before, metric.unit))]
    for name, difference in changes:
        sign = "+" if difference > 0 else ""
        steps.append(figures.Step(name, float(difference), f"{sign}{shown.value(difference, metric.unit)}"))
    steps.append(figures.Step(after_name, float(after), shown.value(after, metric.unit), is_total=True))
    largest, difference = max(changes, key=lambda change: abs(change[1]))
    show_sentence(
        context.text(
            "post.waterfall",
            before=plain(shown.value(before, metric.unit)),
            after=plain(shown.value(after, metric.unit)),
            store=plain(largest),
            change=plain(f"{'+' if difference > 0 else ''}{shown.value(difference, metric.unit)}"),
        )
    )
    figure = figures.waterfall(steps, context.axis(metric.unit), wording.axis_title(context, metric))
    show_figure(figure, context.text("post.periods_alt", name=metric.name), "periods")


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
        links.link(links.EVIDENCE, context.text("cards.evidence"), parameters)
        links.link(
            links.METRICS,
            context.text("cards.definition"),
            {"metric": focus.metric.metric_id, "post": focus.metric.post_id},
        )
