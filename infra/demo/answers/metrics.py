"""Numerators and denominators of the metrics, by employee, store and platform, from facts and ownership."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from infra.demo.answers.facts import Fact
from infra.demo.answers.ownership import owners
from infra.demo.company import OPERATION, PROMOTION


@dataclass(frozen=True)
class Metric:
    """A metric's numerator and denominator as signed sums of measures; an empty denominator is none."""

    metric_id: str
    definition_code: str
    post_id: str
    numerator: tuple[str, ...]
    denominator: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()


ADS = ("google_ads", "meta_ads", "pinterest_ads", "amazon_ads")
METRICS = (
    Metric("promo_attributed_sales", "platform_claimed", PROMOTION, ("conversion_value_reporting",), (), ADS),
    Metric(
        "promo_return_on_investment",
        "roas",
        PROMOTION,
        ("conversion_value_reporting",),
        ("spend_reporting",),
        ADS,
    ),
    Metric("promo_page_views", "paid_traffic", PROMOTION, ("page_views",), (), ("ga4",)),
    Metric("promo_unique_visitors", "daily_visitors", PROMOTION, ("visitors",), (), ("shopify",)),
    Metric("promo_click_through_rate", "link_clicks", PROMOTION, ("clicks",), ("impressions",), ADS),
    Metric("promo_conversion_rate", "per_click", PROMOTION, ("conversions",), ("clicks",), ADS),
    Metric("ops_gross_merchandise_value", "gross_sales", OPERATION, ("gross_reporting",)),
    Metric("ops_click_through_rate", "paid", OPERATION, ("clicks",), ("impressions",), ADS),
    Metric(
        "ops_conversion_rate",
        "orders_per_session",
        OPERATION,
        ("orders",),
        ("sessions",),
        ("shopify", "amazon"),
    ),
    Metric("ops_impressions", "paid", OPERATION, ("impressions",), (), ADS),
)

SumKey = tuple[str, str, str, str, str]


def metric_sums(events: Iterable[Fact]) -> dict[SumKey, tuple[Decimal, Decimal]]:
    """Sums by (metric, definition, employee, store, platform); a person's part is the sum times the share."""
    sums: dict[SumKey, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for fact in events:
        for metric in METRICS:
            if metric.platforms and fact.platform not in metric.platforms:
                continue
            numerator, denominator = (
                _measured(fact, names) for names in (metric.numerator, metric.denominator)
            )
            if numerator is None and denominator is None:
                continue
            for employee_id, share in owners(
                metric.post_id, fact.store_id, fact.platform, fact.campaign, fact.day
            ):
                held = sums[
                    metric.metric_id, metric.definition_code, employee_id, fact.store_id, fact.platform
                ]
                held[0] += (numerator or Decimal(0)) * share
                held[1] += (denominator or Decimal(0)) * share
    return {key: (numerator, denominator) for key, (numerator, denominator) in sums.items()}


def _measured(fact: Fact, names: tuple[str, ...]) -> Decimal | None:
    values = [fact.measures[name] for name in names if name in fact.measures]
    return sum(values, Decimal(0)) if values else None
