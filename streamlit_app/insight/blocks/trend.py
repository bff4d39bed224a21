"""The course of a metric against its target."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from insight import figures, wording
from insight.blocks import Block, as_float
from insight.board import Board, goal_for
from insight.context import Context
from insight.focus import Focus
from insight.formatting import plain
from insight.measures import Amount, Metric, Standing, VariantKey, stand, value_of
from insight.palette import INK
from insight.periods import Period
from insight.queries.metrics import read_series
from insight.readings import course
from insight.selection import Filters


def trend(context: Context, board: Board, focus: Focus, filters: Filters) -> Block | None:
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
        return None
    goals = {day: _goal(context, board, focus, filters, day, step) for day in days}
    lines = [
        figures.Line(
            wording.variant_name(context, metric, key, with_rule=False),
            focus.colour(key),
            [day for day, _ in values],
            [as_float(value_of(metric.kind, amount)) for _, amount in values],
            [_at(context, metric, day, value_of(metric.kind, amount)) for day, amount in values],
        )
        for key, values in courses.items()
    ]
    target = None
    if any(goal is not None for goal in goals.values()):
        texts = [_at(context, metric, day, goal) for day, goal in goals.items()]
        target = figures.Line(
            context.text("post.target"), INK, list(goals), [as_float(goal) for goal in goals.values()], texts
        )
    x_title = context.text("post.axis_days" if step == 1 else "post.axis_weeks")
    tick_days = context.text("post.tick_days")
    figure = figures.trend(
        lines, context.axis(metric.unit), wording.axis_title(context, metric), x_title, tick_days, target
    )
    sentence = _sentence(context, focus, courses, goals, step)
    return Block(sentence, figure, context.text("post.trend_alt", name=metric.name))


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


def _sentence(
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
