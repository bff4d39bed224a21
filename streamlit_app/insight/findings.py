"""Findings in words, computed from the numbers: what is off, since when, whose; what moved and what moved
it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from insight.board import Board, Judged
from insight.context import Context
from insight.formatting import plain
from insight.measures import (
    Kind,
    Metric,
    Standing,
    difference,
    is_small,
    share_of,
    shortfall,
    stand,
    value_of,
)
from insight.queries.metrics import Total
from insight.readings import Part, Variant, break_down
from insight.selection import Filters
from insight.wording import variant_name

# a smaller move than this is not worth a sentence
WORTH_TELLING = Decimal("0.05")
MONEY_AT_STAKE = Decimal("0.05")


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence (safe markdown), how much it matters, and what it is about."""

    weight: Decimal
    sentence: str
    metric: Metric


def find_all(context: Context, board: Board, filters: Filters) -> list[Finding]:
    """Everything worth telling, the most pressing first; one finding a metric."""
    findings = []
    for judged in board.judged.values():
        finding = off_target(context, board, judged) or moved(context, board, judged, filters)
        if finding is not None:
            findings.append(finding)
    return sorted(findings, key=lambda finding: -finding.weight)


def off_target(context: Context, board: Board, judged: Judged) -> Finding | None:
    """A metric that is off or near its target."""
    if judged.standing not in (Standing.OFF, Standing.NEAR) or judged.target is None:
        return None
    metric, goal = judged.reading.metric, judged.target.target
    worst_variant = _worst_variant(judged)
    if worst_variant is None or goal is None:
        return None
    value = judged.reading.value(worst_variant)
    assert value is not None  # noqa: S101 - a variant without a value is not off target
    gap = abs(value - goal) / abs(goal) if goal else Decimal(1)
    sentence = context.text(
        f"findings.{judged.standing}_target",
        name=plain(_named(context, judged, worst_variant)),
        value=plain(context.format.value(value, metric.unit)),
        target=plain(context.format.value(goal, metric.unit)),
    )
    if judged.weeks_known is not None:
        sentence += context.text("findings.since_long", weeks=judged.weeks_known)
    elif judged.since is not None:
        sentence += context.text("findings.since", day=context.format.short_day(judged.since))
    sentence += context.text("findings.stop") + _whose(context, board, judged, worst_variant, goal)
    weight = (Decimal(2) if judged.standing is Standing.OFF else Decimal(1)) + min(gap, Decimal(1))
    return Finding(weight, sentence, metric)


def moved(context: Context, board: Board, judged: Judged, filters: Filters) -> Finding | None:
    """A metric that moved against the compared period, and what carried the move."""
    if filters.comparison is None or len(judged.reading.variants) != 1:
        return None
    variant, metric = judged.reading.variants[0], judged.reading.metric
    now, before = judged.reading.value(variant), judged.reading.earlier(variant)
    if now is None or not before or variant.now is None or is_small(metric, variant.now):
        return None
    relative = (now - before) / abs(before)
    if abs(relative) < WORTH_TELLING:
        return None
    rose = relative > 0
    sentence = context.text(
        "findings.rose" if rose else "findings.fell",
        name=plain(_named(context, judged, variant)),
        value=plain(context.format.value(now, metric.unit)),
        change=plain(context.format.change(now, before, metric.unit) or ""),
        against=context.text(f"findings.against_{filters.comparison_choice}"),
    )
    sentence += _carrier(context, board, judged, variant, rose=rose)
    is_good = rose == (metric.direction != "lower")
    weight = min(abs(relative), Decimal(1)) * (Decimal("0.5") if is_good else 1)
    return Finding(weight, sentence, metric)


def unowned(context: Context, board: Board, filters: Filters) -> list[Finding]:
    """Sums of which a good part is credited to nobody."""
    findings = []
    for judged in board.judged.values():
        metric, variants = judged.reading.metric, judged.reading.variants
        # platforms that claim the same sales are no whole of which nobody has a share
        if metric.kind is not Kind.SUM or filters.people is not None or len(variants) != 1:
            continue
        people = _parts(metric, board, variants[0], lambda total: total.employee_id)
        nobody = next((part.now for part in people if part.key == "unassigned"), None)
        share = share_of(nobody, variants[0].now)
        if share is None or share < MONEY_AT_STAKE:
            continue
        sentence = context.text(
            "findings.unowned", share=plain(context.format.percent(share)), name=plain(metric.name)
        )
        findings.append(Finding(share / 2, sentence, metric))
    return findings


def _named(context: Context, judged: Judged, variant: Variant) -> str:
    metric = judged.reading.metric
    if len(judged.reading.variants) < 2:
        return metric.name
    return f"{metric.name} · {variant_name(context, metric, variant.key, with_rule=_many_rules(judged))}"


def _many_rules(judged: Judged) -> bool:
    return len({variant.key.definition_code for variant in judged.reading.variants}) > 1


def _worst_variant(judged: Judged) -> Variant | None:
    metric, target = judged.reading.metric, judged.target
    off = [
        (value, variant)
        for variant in judged.reading.variants
        if (value := judged.reading.value(variant)) is not None
        and stand(metric.direction, value, target) in (Standing.OFF, Standing.NEAR)
    ]
    if not off:
        return None
    chosen = max if metric.direction == "lower" else min
    return chosen(off, key=lambda pair: pair[0])[1]


def _parts(metric: Metric, board: Board, variant: Variant, entity: Callable[[Total], str]) -> list[Part]:
    parts = break_down(metric, board.totals, variant.key.definition_code, entity)
    return [part for part in parts if part.variant == variant.key]


def _whose(context: Context, board: Board, judged: Judged, variant: Variant, goal: Decimal) -> str:
    """The store that misses most of what is missing to the target, and who runs it."""
    metric = judged.reading.metric
    if metric.kind is not Kind.RATIO:
        return _carrier(context, board, judged, variant, rose=metric.direction == "lower")
    sign = -1 if metric.direction == "lower" else 1
    missing = [
        (shortfall(goal, part.now) * sign, part)
        for part in _parts(metric, board, variant, lambda total: total.store_id)
        if part.now is not None
    ]
    short, part = max(missing, key=lambda pair: pair[0], default=(Decimal(0), None))
    if part is None or short <= 0 or len(missing) < 2:
        return ""
    return " " + context.text(
        "findings.whose",
        store=plain(context.store_name(part.key)),
        value=plain(context.format.value(value_of(metric.kind, part.now), metric.unit)),
        people=plain(_owners(context, board, metric, part.key)),
    )


def _carrier(context: Context, board: Board, judged: Judged, variant: Variant, *, rose: bool) -> str:
    """The store behind most of a sum's change."""
    metric = judged.reading.metric
    if metric.kind is not Kind.SUM:
        return ""
    changes = [
        (difference(part.now, part.before), part.key)
        for part in _parts(metric, board, variant, lambda total: total.store_id)
    ]
    if len(changes) < 2:
        return ""
    change, store_id = (max if rose else min)(changes, key=lambda pair: pair[0])
    if change == 0 or (change > 0) != rose:
        return ""
    return " " + context.text(
        "findings.carried",
        store=plain(context.store_name(store_id)),
        people=plain(_owners(context, board, metric, store_id)),
        change=plain(f"{'+' if change > 0 else ''}{context.format.value(change, metric.unit)}"),
    )


def _owners(context: Context, board: Board, metric: Metric, store_id: str) -> str:
    people = sorted(
        {
            total.employee_id
            for total in board.totals
            if total.metric_id == metric.metric_id and total.store_id == store_id and total.is_current
        }
    )
    names = [context.person_name(person) for person in people]
    if len(names) > 2:
        return context.text("findings.people_count", count=len(names))
    return context.format.names(names)
