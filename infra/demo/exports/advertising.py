"""The advertising platforms' exports: Google (campaigns by day, a period, keywords), Meta, Pinterest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal

from infra.demo.company import MONTHS
from infra.demo.events import AdDay, World
from infra.demo.exports.landing import Landing, csv_text, day_after, month_closed, month_of
from infra.demo.simulation.chance import CENT

GOOGLE_COLUMNS = (
    "Campaign type,Campaign,Day,Currency code,Cost,Clicks,Impr.,CTR,Avg. CPC,Conversions,Conv. rate,"
    "Conv. value,Cost / conv."
)
GOOGLE_PERIOD_COLUMNS = (
    "Campaign status,Campaign,Budget,Budget name,Budget type,Currency code,Status,Status reasons,"
    "Optimisation score,Clicks,Impr.,CTR,Cost,Avg. CPC,Conversions,Cost / conv.,Bid strategy type,"
    "Conv. rate,Conv. value,Conv. value / cost,Original conv. value"
)
KEYWORD_COLUMNS = (
    "Keyword status,Keyword,Match type,Campaign,Ad group,Status,Status reasons,Final URL,Impr.,Interactions,"
    "Interaction rate,Currency code,Avg. cost,Cost,Clicks,Conv. rate,Conversions,Avg. CPC,Cost / conv."
)
PINTEREST_COLUMNS = (
    "Date,Campaign name,Ad group name,Spend in account currency,Impressions,Reach,Outbound clicks,Saves,"
    "Engagements,Total conversions (Checkout),Total order value (Checkout)"
)
NOT_APPLICABLE = " --"
KEYWORDS = ("lumen home", "lumen lamps", "aurora table lamp", "halcyon floor lamp")


def write(world: World, landing: Landing) -> None:
    """Write a file a month, store and platform, and the two breakdowns that are no further spend."""
    layouts: dict[str, Callable[[Landing, str, date, list[AdDay]], None]] = {
        "google_ads": _write_google,
        "meta_ads": _write_meta,
        "pinterest_ads": _write_pinterest,
    }
    for store_id in ("lumen-au", "lumen-us"):
        for platform, write_month in layouts.items():
            ads = [ad for ad in world.ads if (ad.store_id, ad.platform) == (store_id, platform)]
            for month in MONTHS if ads else ():
                write_month(landing, store_id, month, [ad for ad in ads if ad.day.month == month.month])
    landing.write(
        "store=lumen-au/google_ads/google_ads_2026-06.csv",
        _google_bytes(world.first_reported_ads),
        datetime(2026, 7, 2, 9, tzinfo=UTC),
        report="google_ads_campaign_daily",
        records=len(world.first_reported_ads),
    )
    brand = [
        ad
        for ad in world.ads
        if ad.store_id == "lumen-us" and ad.platform == "google_ads" and ad.day.month == 9
    ]
    _write_google_period(landing, brand)
    _write_keywords(landing, [ad for ad in brand if ad.campaign_type == "Search"])


def _write_google(landing: Landing, store_id: str, month: date, ads: list[AdDay]) -> None:
    # Australia's June was downloaded again after its conversions had been restated; its name says so
    again = " (1)" if store_id == "lumen-au" and month.month == 6 else ""
    landing.write(
        f"store={store_id}/google_ads/google_ads_{month_of(month)}{again}.csv",
        _google_bytes(ads),
        month_closed(month),
        report="google_ads_campaign_daily",
        records=len(ads),
    )


def _google_bytes(ads: list[AdDay]) -> bytes:
    rows = [
        (
            ad.campaign_type,
            ad.campaign,
            ad.day.isoformat(),
            ad.currency,
            ad.spend,
            f"{ad.clicks:,}",
            f"{ad.impressions:,}",
            _percent(ad.clicks, ad.impressions),
            _ratio(ad.spend, ad.clicks),
            _two(ad.conversions),
            _percent(ad.conversions, ad.clicks),
            f"{ad.conversion_value:,.2f}",
            _ratio(ad.spend, ad.conversions),
        )
        for ad in ads
    ]
    return csv_text(GOOGLE_COLUMNS, rows).encode()


def _write_meta(landing: Landing, store_id: str, month: date, ads: list[AdDay]) -> None:
    header = (
        f"Day,Campaign name,Amount spent ({ads[0].currency}),Impressions,Reach,Link clicks,Purchases,"
        "Purchases conversion value"
    )
    rows = [
        (
            ad.day.isoformat(),
            ad.campaign,
            _short(ad.spend),
            ad.impressions,
            ad.reach,
            ad.clicks or "",
            _short(ad.conversions) if ad.conversions else "",
            _short(ad.conversion_value) if ad.conversions else "",
        )
        for ad in sorted(ads, key=lambda ad: ad.day)
    ]
    content = csv_text(header, rows).encode()
    path = f"store={store_id}/meta_ads/Campaigns {month_of(month)}"
    landing.write(
        f"{path}.csv", content, month_closed(month), report="meta_ads_campaign_daily", records=len(rows)
    )
    if (store_id, month.month) == ("lumen-us", 5):
        # somebody saved the same download twice
        landing.write(
            f"{path} copy.csv",
            content,
            month_closed(month, day=21),
            report="meta_ads_campaign_daily",
            records=len(rows),
            state="duplicate",
        )


def _write_pinterest(landing: Landing, store_id: str, month: date, ads: list[AdDay]) -> None:
    rows = [
        (
            ad.day.isoformat(),
            ad.campaign,
            ad.group,
            ad.spend,
            ad.impressions,
            ad.reach,
            ad.clicks,
            ad.clicks // 4,
            ad.clicks + ad.clicks // 3,
            _short(ad.conversions),
            _short(ad.conversion_value),
        )
        for ad in sorted(ads, key=lambda ad: ad.day)
    ]
    landing.write(
        f"store={store_id}/pinterest_ads/pinterest_ads_{month_of(month)}.csv",
        csv_text(PINTEREST_COLUMNS, rows).encode(),
        month_closed(month),
        report="pinterest_ads_daily",
        records=len(rows),
    )


def _write_google_period(landing: Landing, ads: list[AdDay]) -> None:
    campaigns = sorted({ad.campaign for ad in ads})
    rows = [
        _period_row(
            ("Enabled", name, "120.00", NOT_APPLICABLE, "Daily"), [ad for ad in ads if ad.campaign == name]
        )
        for name in campaigns
    ]
    totals = [
        _period_row(("Total: Campaigns", *(NOT_APPLICABLE,) * 4), ads),
        _period_row(("Total: Account", *("",) * 4), ads),
    ]
    text = csv_text(
        GOOGLE_PERIOD_COLUMNS,
        [*rows, *totals],
        preamble=("Campaign report", "1 September 2026 - 30 September 2026"),
    )
    landing.write(
        "store=lumen-us/google_ads/Campaign report.csv",
        text.encode(),
        day_after(date(2026, 9, 30), days=2),
        report="google_ads_campaign_period",
        records=len(rows),
    )


def _period_row(start: Sequence[str], ads: list[AdDay]) -> list[object]:
    clicks, impressions = sum(ad.clicks for ad in ads), sum(ad.impressions for ad in ads)
    cost = sum((ad.spend for ad in ads), Decimal(0))
    conversions = sum((ad.conversions for ad in ads), Decimal(0))
    value = sum((ad.conversion_value for ad in ads), Decimal(0))
    return [
        *start,
        "USD",
        "Eligible",
        "unknown",
        "57.35",
        f"{clicks:,}",
        f"{impressions:,}",
        _percent(clicks, impressions),
        cost,
        _ratio(cost, clicks),
        _two(conversions),
        _ratio(cost, conversions),
        "Maximise Conversion Value",
        _percent(conversions, clicks),
        f"{value:,.2f}",
        _ratio(value, cost),
        f"{value:,.2f}",
    ]


def _write_keywords(landing: Landing, ads: list[AdDay]) -> None:
    cost = sum((ad.spend for ad in ads), Decimal(0))
    clicks, impressions = sum(ad.clicks for ad in ads), sum(ad.impressions for ad in ads)
    conversions = sum((ad.conversions for ad in ads), Decimal(0)).quantize(Decimal(1))
    rows = [
        _keyword_row(
            ("Enabled", keyword, "Phrase match", ads[0].campaign, "Brand", "Eligible"),
            cost * parts / 10,
            clicks * parts // 10,
            impressions * parts // 10,
            conversions * parts // 10,
        )
        for keyword, parts in zip(KEYWORDS, (4, 3, 2, 1), strict=True)
    ]
    totals = [
        _keyword_row(start, cost, clicks, impressions, conversions)
        for start in (
            (NOT_APPLICABLE, "", "Total: All but removed keywords", *(NOT_APPLICABLE,) * 3),
            ("", "", "Total: Account", "", "", ""),
            ("", "", "Total: Search", "", "", ""),
        )
    ]
    text = csv_text(
        KEYWORD_COLUMNS,
        [*rows, *totals],
        delimiter="\t",
        preamble=("Search keyword report", "1 September 2026 - 30 September 2026"),
    )
    landing.write(
        "store=lumen-us/google_ads/Search keyword report.csv",
        b"\xff\xfe" + text.encode("utf-16-le"),
        day_after(date(2026, 9, 30), days=2),
        report="google_ads_search_keyword",
        records=len(rows),
    )


def _keyword_row(
    start: Sequence[str], cost: Decimal, clicks: int, impressions: int, conversions: Decimal
) -> list[object]:
    return [
        *start,
        "",
        "",
        f"{impressions:,}",
        f"{clicks:,}",
        _percent(clicks, impressions),
        "USD",
        _ratio(cost, clicks),
        _two(cost),
        f"{clicks:,}",
        _percent(conversions, clicks),
        _two(conversions),
        _ratio(cost, clicks),
        _ratio(cost, conversions),
    ]


def _percent(part: Decimal | int, whole: int) -> str:
    return f"{Decimal(part) * 100 / whole:.2f}%" if whole else "0"


def _ratio(part: Decimal, whole: Decimal | int) -> str:
    return str((part / whole).quantize(CENT, ROUND_HALF_UP)) if whole else "0"


def _two(amount: Decimal) -> str:
    return str(amount.quantize(CENT, ROUND_HALF_UP))


def _short(amount: Decimal) -> str:
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
