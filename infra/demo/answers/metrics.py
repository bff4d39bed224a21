"""Numerators and denominators of the metrics, by employee, store and platform, from facts and ownership."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from infra.demo.answers.facts import Fact
from infra.demo.answers.ownership import owners
from infra.demo.company import OPERATION, PROMOTION


@dataclass(frozen=True)
class Metric:
    """A metric's numerator and denominator: names of measures to add up, `-` before one to take away."""

    metric_id: str
    definition_code: str
    post_id: str
    numerator: str
    denominator: str = ""
    platforms: tuple[str, ...] = ()


ADS = ("google_ads", "meta_ads", "pinterest_ads", "amazon_ads")
SHOPIFY, AMAZON, GA4 = ("shopify",), ("amazon",), ("ga4",)
SIX_DIGITS = Decimal("1e-6")
CLAIMED, SPEND = "conversion_value_reporting", "spend_reporting"
METRICS = (
    Metric("promo_attributed_sales", "platform_claimed", PROMOTION, CLAIMED, "", ADS),
    Metric("promo_return_on_investment", "roas", PROMOTION, CLAIMED, SPEND, ADS),
    Metric("promo_return_on_investment", "roi", PROMOTION, f"claimed_profit_reporting -{SPEND}", SPEND, ADS),
    Metric("promo_page_views", "paid_traffic", PROMOTION, "page_views", "", GA4),
    Metric("promo_page_views", "all_traffic", PROMOTION, "page_views", "", AMAZON),
    Metric("promo_unique_visitors", "daily_visitors", PROMOTION, "visitors", "", SHOPIFY),
    Metric("promo_click_through_rate", "link_clicks", PROMOTION, "clicks", "impressions", ADS),
    Metric("promo_conversion_rate", "per_click", PROMOTION, "conversions", "clicks", ADS),
    Metric("ops_gross_merchandise_value", "gross_sales", OPERATION, "gross_reporting"),
    # every order of the story is paid, some are refunded later
    Metric("ops_gross_merchandise_value", "paid_sales", OPERATION, "gross_reporting", "", SHOPIFY),
    Metric("ops_click_through_rate", "paid", OPERATION, "clicks", "impressions", ADS),
    Metric("ops_conversion_rate", "shopify_session", OPERATION, "orders", "sessions", SHOPIFY),
    Metric("ops_conversion_rate", "amazon_session", OPERATION, "orders", "sessions", AMAZON),
    Metric("ops_conversion_rate", "amazon_unit_session", OPERATION, "units", "sessions", AMAZON),
    Metric("ops_impressions", "paid", OPERATION, "impressions", "", ADS),
    Metric(
        "ops_return_on_investment",
        "roi",
        OPERATION,
        f"profit_reporting -{SPEND} -fee_reporting",
        f"{SPEND} fee_reporting",
    ),
)

SumKey = tuple[str, str, str, str, str]


def metric_sums(events: Sequence[Fact]) -> dict[SumKey, tuple[Decimal, Decimal]]:
    """Sums by (metric, definition, employee, store, platform); a person's part is the sum times the share."""
    sums: dict[SumKey, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    margins = gross_margins(events)
    for fact in events:
        measures = fact.measures
        if CLAIMED in measures:
            margin = margins[fact.store_id, fact.day.month]
            measures = measures | {
                "claimed_profit_reporting": (measures[CLAIMED] * margin).quantize(SIX_DIGITS, ROUND_HALF_UP)
            }
        for metric in METRICS:
            if metric.platforms and fact.platform not in metric.platforms:
                continue
            numerator, denominator = (
                _sum(measures, names) for names in (metric.numerator, metric.denominator)
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


def gross_margins(events: Iterable[Fact]) -> dict[tuple[str, int], Decimal]:
    """What a store keeps of a month's net sales after the known cost of the goods, to six digits."""
    sums: dict[tuple[str, int], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for fact in events:
        if "profit_reporting" in fact.measures:
            held = sums[fact.store_id, fact.day.month]
            held[0] += fact.measures["profit_reporting"]
            held[1] += fact.measures["known_net_reporting"]
    return {key: (profit / net).quantize(SIX_DIGITS, ROUND_HALF_UP) for key, (profit, net) in sums.items()}


def _sum(measures: Mapping[str, Decimal], names: str) -> Decimal | None:
    values = [
        -measures[name[1:]] if name.startswith("-") else measures[name]
        for name in names.split()
        if name.removeprefix("-") in measures
    ]
    return sum(values, Decimal(0)) if values else None
