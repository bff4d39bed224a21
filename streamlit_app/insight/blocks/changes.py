"""A period beside the one compared with, by store."""

from __future__ import annotations

from insight import figures, wording
from insight.blocks import Block, as_float
from insight.board import Board
from insight.context import Context
from insight.focus import Focus
from insight.formatting import plain
from insight.measures import Kind, Metric, value_of
from insight.periods import Period
from insight.readings import Part, break_down, way_of


def changes(context: Context, board: Board, focus: Focus, period: Period, comparison: Period) -> Block | None:
    """A waterfall where stores add up, before and after where not; None where there is nothing to compare."""
    metric = focus.metric
    parts = break_down(metric, board.totals, focus.definition_code, lambda total: total.store_id)
    if not any(part.before for part in parts) or not any(part.now for part in parts):
        return None
    before_name = context.format.days(comparison.start, comparison.end)
    after_name = context.format.days(period.start, period.end)
    if metric.kind is Kind.SUM and metric.is_additive_across_platforms:
        return _waterfall(context, metric, parts, before_name, after_name)
    moves = [
        figures.Change(
            _row_name(context, metric, part),
            as_float(value_of(metric.kind, part.before)),
            as_float(value_of(metric.kind, part.now)),
            context.format.value(value_of(metric.kind, part.before), metric.unit),
            context.format.value(value_of(metric.kind, part.now), metric.unit),
        )
        for part in parts
    ]
    both = [move for move in moves if move.before is not None and move.after is not None]
    rose = sum(1 for move in both if (move.after or 0) > (move.before or 0))
    figure = figures.before_after(
        moves, context.axis(metric.unit), wording.axis_title(context, metric), before_name, after_name
    )
    sentence = context.text("post.periods_rose", rose=rose, all=len(both))
    return Block(sentence, figure, context.text("post.periods_alt", name=metric.name))


def _row_name(context: Context, metric: Metric, part: Part) -> str:
    # a store says its platform
    if part.variant.platform is None or part.variant.store_id is not None:
        return context.store_name(part.key)
    return f"{context.store_name(part.key)} · {context.platform_name(part.variant.platform)}"


def _waterfall(
    context: Context, metric: Metric, parts: list[Part], before_name: str, after_name: str
) -> Block:
    before, by_store, after = way_of(parts)
    changes = [(context.store_name(store_id), change) for store_id, change in by_store]
    shown = context.format
    steps = [figures.Step(before_name, float(before), shown.value(before, metric.unit))]
    for name, difference in changes:
        sign = "+" if difference > 0 else ""
        steps.append(figures.Step(name, float(difference), f"{sign}{shown.value(difference, metric.unit)}"))
    steps.append(figures.Step(after_name, float(after), shown.value(after, metric.unit), is_total=True))
    largest, difference = max(changes, key=lambda change: abs(change[1]))
    sentence = context.text(
        "post.waterfall",
        before=plain(shown.value(before, metric.unit)),
        after=plain(shown.value(after, metric.unit)),
        store=plain(largest),
        change=plain(f"{'+' if difference > 0 else ''}{shown.value(difference, metric.unit)}"),
    )
    figure = figures.waterfall(steps, context.axis(metric.unit), wording.axis_title(context, metric))
    return Block(sentence, figure, context.text("post.periods_alt", name=metric.name))
