"""Campaigns: impressions, clicks, spend and the orders that the platforms claim, day by day."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from infra.demo.company import (
    BRAND_SEARCH_AU,
    DAYS,
    FIRST_DAY,
    LAST_DAY,
    META_OUTAGE,
    PINTEREST_OWNED,
    PINTEREST_UNOWNED,
    RETARGETING_US,
    SHARED_UK,
    STOCK_OUT,
    STORES,
    WASTEFUL_US,
)
from infra.demo.events import AdDay, World
from infra.demo.simulation.chance import count, is_sale, money, rhythm, stream

INSTAGRAM_AU = "Instagram post: The warm 😍  glow collection..."


@dataclass(frozen=True)
class Campaign:
    """A campaign: daily impressions, click rate, cost per click, conversion rate, value of a conversion."""

    store_id: str
    platform: str
    name: str
    kind: str
    groups: tuple[str, ...]
    impressions: int
    click_rate: float
    click_cost: float
    conversion_rate: float
    order_value: float
    first_day: date = FIRST_DAY
    last_day: date = LAST_DAY
    monthly_growth: float = 0.0


CAMPAIGNS = (
    Campaign("lumen-au", "google_ads", BRAND_SEARCH_AU, "Search", ("",), 620, 0.095, 0.85, 0.055, 150),
    Campaign("lumen-au", "google_ads", "LH_Non-Brand_Search_Lamps/Rugs_010324", "Search", ("",), 1500,
             0.042, 1.62, 0.019, 165),
    Campaign("lumen-au", "google_ads", "LH_PMax_Mother's Day_10/04/26", "Performance Max", ("",), 5200,
             0.013, 0.92, 0.024, 120,
             date(2026, 4, 10), date(2026, 5, 11)),
    Campaign("lumen-au", "meta_ads", INSTAGRAM_AU, "", ("", ""), 3100, 0.017, 0.55, 0.008, 130),
    Campaign("lumen-au", "meta_ads", "AU | Prospecting | Broad 🛋️", "", ("",), 9800, 0.0115, 0.78,
             0.012, 145, monthly_growth=0.03),
    Campaign("lumen-au", "pinterest_ads", PINTEREST_OWNED, "", ("Living room | Interests",
             "Living room | Audience list | 2026-03-28 20:56 UTC"),
             2600, 0.008, 0.61, 0.009, 140, monthly_growth=0.08),
    Campaign("lumen-au", "pinterest_ads", PINTEREST_UNOWNED, "", ("Nursery | Keywords",), 1900, 0.007,
             0.66, 0.006, 90, date(2026, 5, 11)),
    Campaign("lumen-us", "google_ads", "LH_Brand_Search_US_010324", "Search", ("",), 900, 0.088, 1.05,
             0.052, 118),
    Campaign("lumen-us", "google_ads", "LH_Std_Shopping_US_150825", "Shopping", ("",), 14500, 0.0105,
             0.81, 0.021, 112),
    Campaign("lumen-us", "google_ads", WASTEFUL_US, "Demand Gen", ("",), 41000, 0.0035, 0.74, 0.0016,
             96, date(2026, 5, 4)),
    Campaign("lumen-us", "meta_ads", "US | Prospecting | Lookalike 2 %", "", ("",), 18500, 0.0108,
             0.94, 0.0125, 116),
    Campaign("lumen-us", "meta_ads", RETARGETING_US, "", ("",), 5200, 0.016, 0.83, 0.034, 124),
    Campaign("lumen-uk", "amazon_ads", SHARED_UK, "EXACT", ("table lamp", "bedside lamp",
             "glass table lamp", "touch lamp bedside"),
             3400, 0.0049, 0.83, 0.088, 58),
    Campaign("lumen-uk", "amazon_ads", "SP | Cushions | Broad", "BROAD", ("cushion covers 45 x 45",
             "boucle cushion", "sofa cushions"),
             2900, 0.0042, 0.42, 0.066, 27),
    Campaign("lumen-de", "amazon_ads", "SP | Leuchten | Genau", "EXACT", ("tischlampe glas",
             "nachttischlampe", "stehlampe messing"),
             2300, 0.0046, 0.76, 0.081, 66, monthly_growth=0.14),
    Campaign("lumen-de", "amazon_ads", "SP | Kissen | Weitgehend", "BROAD", ("kissenbezug 45x45",
             "bouclé kissen"),
             1500, 0.0041, 0.38, 0.064, 29, monthly_growth=0.14),
)  # fmt: skip


def run_campaigns(world: World) -> None:
    """Add every campaign's days, and what the first download of June in Australia showed."""
    for campaign in CAMPAIGNS:
        for position, group in enumerate(campaign.groups):
            generator = stream(f"ads:{campaign.store_id}:{campaign.name}:{position}")
            for day in DAYS:
                if campaign.first_day <= day <= campaign.last_day:
                    event = _campaign_day(campaign, group, position, day, generator)
                    if event is not None:
                        world.ads.append(event)
    world.first_reported_ads = [_as_first_reported(ad) for ad in world.ads if _is_restated(ad)]


def _campaign_day(
    campaign: Campaign, group: str, position: int, day: date, generator: random.Random
) -> AdDay | None:
    busy = rhythm(day, weekend=1.16, sale=1.9, monthly_growth=campaign.monthly_growth)
    impressions = count(generator, campaign.impressions * busy / (1 + position))
    clicks = min(impressions, count(generator, impressions * campaign.click_rate))
    cost = clicks * campaign.click_cost * generator.uniform(0.86, 1.14)
    better = 1.35 if is_sale(day) else 1.0
    conversions = count(generator, clicks * campaign.conversion_rate * better)
    value = sum(campaign.order_value * generator.uniform(0.45, 1.7) for _ in range(conversions))
    modelled = generator.choice(("0", "0.33", "0.5", "0.67")) if campaign.platform == "google_ads" else "0"
    if _is_silent(campaign, day):
        return None
    exact_conversions = Decimal(conversions) + (Decimal(modelled) if conversions else Decimal(0))
    return AdDay(
        store_id=campaign.store_id, platform=campaign.platform, campaign=campaign.name,
        campaign_type=campaign.kind, group=group, day=day, currency=STORES[campaign.store_id].currency,
        spend=money(cost), impressions=impressions, reach=round(impressions * generator.uniform(0.78, 0.97)),
        clicks=clicks, conversions=exact_conversions, conversion_value=money(float(value)),
    )  # fmt: skip


def _is_silent(campaign: Campaign, day: date) -> bool:
    if (campaign.store_id, campaign.platform) == ("lumen-us", "meta_ads"):
        return META_OUTAGE[0] <= day <= META_OUTAGE[1]
    # without stock the marketplace shows no advertisement
    return campaign.name == "SP | Leuchten | Genau" and STOCK_OUT[0] <= day <= STOCK_OUT[1]


def _is_restated(ad: AdDay) -> bool:
    return ad.store_id == "lumen-au" and ad.platform == "google_ads" and ad.day.month == 6


def _as_first_reported(ad: AdDay) -> AdDay:
    """Late conversions were still missing when the month was first downloaded."""
    if ad.day.day < 24 or ad.conversions < 1:
        return ad
    return replace(
        ad,
        conversions=ad.conversions - 1,
        conversion_value=(ad.conversion_value / 2).quantize(Decimal("0.01")),
    )
