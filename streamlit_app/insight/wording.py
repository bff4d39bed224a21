"""How a reading is said: its figure, what it is compared with, how it stands, how far it can be trusted."""

from __future__ import annotations

from insight.context import Context
from insight.formatting import plain
from insight.measures import (
    Kind,
    Metric,
    Standing,
    Target,
    VariantKey,
    interval_of,
    is_small,
    parts_of,
)
from insight.readings import Reading, Variant
from insight.selection import Filters

# hue and shape and word: none of them alone
STANDING_MARKS = {
    Standing.ON: ("green", "●"),
    Standing.NEAR: ("orange", "◆"),
    Standing.OFF: ("red", "▼"),
}
ARROWS = {True: "↑", False: "↓"}


def variant_name(context: Context, metric: Metric, key: VariantKey, *, with_rule: bool = True) -> str:
    """What sets a variant apart from its siblings."""
    parts = []
    if with_rule:
        parts.append(context.rule_name(metric.metric_id, key.definition_code))
    # a store says its platform
    if key.platform is not None and key.store_id is None:
        parts.append(context.platform_name(key.platform))
    if key.store_id is not None:
        parts.append(context.store_name(key.store_id))
    return " · ".join(parts) or context.rule_name(metric.metric_id, key.definition_code)


def headline(context: Context, reading: Reading) -> str:
    """The figure of a card: one value, or the range of values that must not be averaged."""
    values = sorted(value for variant in reading.variants if (value := reading.value(variant)) is not None)
    if not values:
        return context.text("numbers.not_available")
    unit = reading.metric.unit_of(reading.variants[0].key.definition_code)
    lowest, highest = (context.format.value(value, unit) for value in (values[0], values[-1]))
    if lowest == highest:
        return lowest
    ending = f" {context.format.currency}"
    if lowest.endswith(ending) and highest.endswith(ending):
        lowest = lowest.removesuffix(ending)
    return f"{lowest} – {highest}"


def change(context: Context, reading: Reading) -> str | None:
    """The difference to the compared period, where there is one value to compare."""
    if len(reading.variants) != 1:
        return None
    variant = reading.variants[0]
    return context.format.change(reading.value(variant), reading.earlier(variant), reading.metric.unit)


def has_risen(reading: Reading) -> bool | None:
    """Whether the one value rose; None where it did not move or there is nothing to compare."""
    if len(reading.variants) != 1:
        return None
    now, before = reading.value(reading.variants[0]), reading.earlier(reading.variants[0])
    return None if now is None or before is None or now == before else now > before


def variant_line(context: Context, reading: Reading, variant: Variant, *, with_name: bool) -> str:
    """One variant: what sets it apart, its value, and its interval where the sample is small."""
    unit = reading.metric.unit_of(variant.key.definition_code)
    value = f"**{plain(context.format.value(reading.value(variant), unit))}**"
    name = variant_name(context, reading.metric, variant.key, with_rule=False) if with_name else ""
    return f"{plain(name)} {value}".strip() + small_sample(context, reading.metric, variant)


def small_sample(context: Context, metric: Metric, variant: Variant) -> str:
    """The interval of a value with too little behind it."""
    amount = variant.now
    if amount is None or not is_small(metric, amount):
        return ""
    interval = interval_of(amount)
    if interval is None:
        cases = parts_of(metric.kind, amount)["denominator"]
        return " " + context.text("cards.few", count=context.format.number(cases))
    low, high = (context.format.percent(bound) for bound in interval)
    return " " + plain(context.text("cards.interval", low=low, high=high))


def standing_words(context: Context, standing: Standing) -> str:
    """A standing as coloured shape and word, for a markdown text."""
    if standing not in STANDING_MARKS:
        return context.text(f"standing.{standing}")
    colour, mark = STANDING_MARKS[standing]
    return f":{colour}[{mark} {context.text(f'standing.{standing}')}]"


def standing_label(context: Context, standing: Standing) -> str:
    """A standing as shape and word, for a table."""
    _, mark = STANDING_MARKS.get(standing, ("", "○"))
    return f"{mark} {context.text(f'standing.{standing}')}"


def target_value(context: Context, target: Target | None, metric: Metric) -> str:
    """The value to reach; a dash where none is set."""
    return (
        "–" if target is None or target.target is None else context.format.value(target.target, metric.unit)
    )


def trust_line(context: Context, reading: Reading, filters: Filters) -> str:
    """As of when, how complete, mature or not."""
    coverage = reading.coverage
    if coverage is None:
        return context.text("cards.no_days")
    parts = [
        context.text("cards.as_of", day=context.format.short_day(coverage.last_day)),
        context.text("cards.complete", days=coverage.days, all=filters.period.days),
    ]
    if coverage.immature_from is not None:
        parts.append(context.text("cards.immature", day=context.format.short_day(coverage.immature_from)))
    return " · ".join(parts)


def no_value_reason(context: Context, reading: Reading) -> str:
    """Why a metric with data shows n/a."""
    if any(reading.value(variant) is not None for variant in reading.variants):
        return ""
    return context.text(
        "cards.zero_denominator", name=context.metric_rows[reading.metric.metric_id].denominator_text
    )


def value_name(context: Context, metric: Metric) -> str:
    """The metric's name with what its figure is: an average day, or a unit."""
    if metric.kind is Kind.DISTINCT:
        return context.text("cards.daily_average", name=metric.name)
    return metric.name


def axis_title(context: Context, metric: Metric) -> str:
    """Name and unit for an axis."""
    unit = context.format.currency if metric.unit == "money" else context.text(f"units.{metric.unit}")
    return f"{value_name(context, metric)} ({unit})"
