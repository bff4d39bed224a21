"""A metric by store and person: dots on one scale, people beside their median, nobody ranked."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from statistics import median

from insight import figures, wording
from insight.blocks import Block
from insight.board import Board
from insight.context import Context
from insight.focus import Focus
from insight.formatting import plain
from insight.measures import Metric, interval_of, is_small, value_of
from insight.queries.metrics import Total
from insight.readings import Part, break_down


def stores(context: Context, board: Board, focus: Focus) -> Block | None:
    """A dot a store; None where none has a value."""
    return _dots(
        context, board, focus, lambda total: total.store_id, context.store_name, "stores", with_median=False
    )


def people(context: Context, board: Board, focus: Focus) -> Block | None:
    """A dot a person beside the median, nobody ranked; None where nobody has a value."""
    return _dots(
        context,
        board,
        focus,
        lambda total: total.employee_id,
        context.person_name,
        "people",
        with_median=True,
    )


def _dots(
    context: Context,
    board: Board,
    focus: Focus,
    entity: Callable[[Total], str],
    name_of: Callable[[str], str],
    key: str,
    *,
    with_median: bool,
) -> Block | None:
    metric = focus.metric
    parts = [
        part
        for part in break_down(metric, board.totals, focus.definition_code, entity)
        if part.now is not None
    ]
    variants = list(dict.fromkeys(part.variant for part in parts))
    if metric.kind.counts_people and key == "stores":
        # the row already says which store it is
        variants = variants[:1]
    marks, series = [], []
    for variant in variants:
        own = [part for part in parts if part.variant == variant or len(variants) == 1]
        label = wording.variant_name(context, metric, variant, with_rule=False)
        dots = [dot for part in own if (dot := _dot(context, metric, part, label, name_of)) is not None]
        comparable = [
            dot.value
            for dot, part in zip(dots, own, strict=False)
            if not dot.is_small and part.key not in ("", "unassigned")
        ]
        middle = median(comparable) if with_median and len(comparable) > 2 else None
        marks += dots
        series.append(figures.Series(label, focus.colour(variant), focus.symbol(variant), middle))
    # nobody's part comes last
    nobody = {name_of(""), name_of("unassigned")}
    rows = sorted({mark.row for mark in marks}, key=lambda row: (row in nobody, row))
    if not rows:
        return None
    figure = figures.dots(marks, series, rows, context.axis(metric.unit), wording.axis_title(context, metric))
    sentence = _sentence(context, metric, marks, series, key)
    return Block(sentence, figure, context.text(f"post.{key}_alt", name=metric.name))


def _dot(
    context: Context, metric: Metric, part: Part, series: str, name_of: Callable[[str], str]
) -> figures.Dot | None:
    assert part.now is not None  # noqa: S101 - parts without a value were left out
    value = value_of(metric.kind, part.now)
    if value is None:
        return None
    small = is_small(metric, part.now)
    bounds = interval_of(part.now) if small else None
    interval = bounds and (float(bounds[0]), float(bounds[1]))
    text = context.format.value(value, metric.unit)
    if small:
        text += f" – {context.text('post.too_few')}"
    return figures.Dot(name_of(part.key), series, float(value), text, interval, small)


def _sentence(
    context: Context, metric: Metric, marks: list[figures.Dot], series: list[figures.Series], key: str
) -> str:
    rows = len({mark.row for mark in marks})
    few = len({mark.row for mark in marks if mark.is_small})
    values = [Decimal(str(mark.value)) for mark in marks if not mark.is_small]
    if key == "people":
        middle = series[0].median if len(series) == 1 else None
        if middle is not None:
            shown = plain(context.format.value(Decimal(str(middle)), metric.unit))
            words = context.text("post.people_median", count=rows, median=shown)
        else:
            words = context.text("post.people_plain", count=rows)
    elif values:
        words = context.text(
            "post.stores_range",
            count=rows,
            low=plain(context.format.value(min(values), metric.unit)),
            high=plain(context.format.value(max(values), metric.unit)),
        )
    else:
        words = context.text("post.stores_plain", count=rows)
    return words + (context.text("post.few_rows", count=few) if few else "")
