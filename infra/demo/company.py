"""Who Lumen Home is: its stores, teams and people, who runs what from when to when, and what is aimed at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

FIRST_DAY = date(2026, 4, 1)
LAST_DAY = date(2026, 9, 30)
DAYS = [FIRST_DAY + timedelta(days=n) for n in range((LAST_DAY - FIRST_DAY).days + 1)]
MONTHS = [date(2026, month, 1) for month in range(4, 10)]
SEED = "lumen-home-1"

# the midyear sale: the peak that every store shows
SALE_FIRST_DAY, SALE_LAST_DAY = date(2026, 6, 14), date(2026, 6, 20)
# a failed payment stopped the American Meta account: the dip with a cause
META_OUTAGE = (date(2026, 7, 8), date(2026, 7, 16))
# the German best seller was out of stock
STOCK_OUT = (date(2026, 8, 10), date(2026, 8, 18))


@dataclass(frozen=True)
class Store:
    """A store, its platform, IANA time zone and ISO currency."""

    store_id: str
    store_name: str
    platform: str
    country: str
    timezone: str
    currency: str
    opened_on: date


STORES = {
    store.store_id: store
    for store in (
        Store(
            "lumen-au", "Lumen Home Australia", "shopify", "AU", "Australia/Sydney", "AUD", date(2023, 3, 6)
        ),
        Store("lumen-us", "Lumen Home USA", "shopify", "US", "America/New_York", "USD", date(2022, 9, 12)),
        Store("lumen-uk", "Lumen Home UK", "amazon", "GB", "Europe/London", "GBP", date(2021, 5, 17)),
        Store(
            "lumen-de", "Lumen Home Deutschland", "amazon", "DE", "Europe/Berlin", "EUR", date(2025, 11, 3)
        ),
        Store("lumen-trade", "Lumen Trade", "webshop", "GB", "Europe/London", "GBP", date(2020, 2, 3)),
    )
}


@dataclass(frozen=True)
class Person:
    """A line of the roster; `team` is a key of TEAMS, `left_on` empty for whoever still works here."""

    employee_id: str
    employee_name: str
    role_id: str
    team: str
    country: str
    hired_on: str
    left_on: str = ""


# team -> name, department, manager
TEAMS = {
    "management": ("Management", "Management", ""),
    "promotion-apac": ("Promotion Asia-Pacific", "Marketing", "LH007"),
    "promotion-americas": ("Promotion Americas", "Marketing", "LH009"),
    "promotion-europe": ("Promotion Europe", "Marketing", "LH012"),
    "operation-shops": ("Own-shop operation", "Operation", "LH017"),
    "operation-marketplaces": ("Marketplace operation", "Operation", "LH020"),
    "service": ("Customer service", "Operation", "LH024"),
    "warehouse": ("Warehouse Rotterdam and Shenzhen", "Logistics", "LH030"),
    "design": ("Visual design", "Technical", "LH035"),
    "technology": ("Technical desk", "Technical", "LH039"),
}
DEPARTMENT_DIRECTORS = {
    "Management": "LH001",
    "Marketing": "LH001",
    "Operation": "LH001",
    "Logistics": "LH003",
    "Technical": "LH006",
}

PEOPLE = tuple(
    Person(*(cell.strip() for cell in line.split("|")))
    for line in """
    LH001 | Margarethe Lindqvist-Okonkwo | operation_director | management | DE | 2019-11-04
    LH002 | 王建国 | business_planning_director | management | CN | 2020-03-16
    LH003 | Bartholomew Achterberg | logistics_director | management | NL | 2020-06-01
    LH004 | 陈晓梅 | procurement_and_supply_chain_director | management | CN | 2020-03-16
    LH005 | Isabel Fontaine-Moreau | international_settlement_finance_director | management | FR | 2021-01-11
    LH006 | Takumi Hayashida | technical_director | management | JP | 2021-08-02
    LH007 | Wilhelmina Aurelia Featherstonehaugh-Cole | marketing_promoter | promotion-apac | AU | 2023-02-13
    LH008 | 刘思远 | marketing_promoter | promotion-apac | CN | 2024-07-08
    LH009 | Joaquín Ibáñez Robledo | marketing_promoter | promotion-americas | US | 2022-09-05
    LH010 | Priya Raghunathan | marketing_promoter | promotion-americas | US | 2023-10-23
    LH011 | 赵雨桐 | marketing_promoter | promotion-americas | CN | 2026-03-30
    LH012 | Oluwaseun Adebayo-Whitfield | marketing_promoter | promotion-europe | GB | 2021-05-03
    LH013 | Anneliese Brückner | marketing_promoter | promotion-europe | DE | 2025-10-06 | 2026-08-14
    LH014 | 欧阳明月 | marketing_promoter | promotion-europe | CN | 2024-02-26
    LH015 | Þórdís Hallgrímsdóttir | marketing_promoter | promotion-europe | IS | 2026-08-27
    LH016 | Sam Yu | marketing_promoter | promotion-apac | AU | 2025-06-16
    LH017 | Charlotte Nakamura-Reyes | store_operator | operation-shops | AU | 2023-02-27
    LH018 | 黄志强 | store_operator | operation-shops | CN | 2022-08-15
    LH019 | Desmond O'Hanlon | store_operator | operation-shops | US | 2026-05-18
    LH020 | Fiona Abernathy | store_operator | operation-marketplaces | GB | 2021-04-19
    LH021 | Maximilian von Hohenfels-Wittgenberg | store_operator | operation-marketplaces | DE | 2025-09-01
    LH022 | 孙丽华 | store_operator | operation-marketplaces | CN | 2025-11-10
    LH023 | Gwendolyn Pryce | store_operator | operation-marketplaces | GB | 2026-04-27
    LH024 | Nkechi Balogun | customer_service_specialist | service | GB | 2021-06-07
    LH025 | 周佳怡 | customer_service_specialist | service | CN | 2023-04-03
    LH026 | Rasmus Fjeldgaard | customer_service_specialist | service | DK | 2024-01-15
    LH027 | María del Carmen Etxeberria | customer_service_specialist | service | ES | 2024-05-20
    LH028 | 林小芳 | customer_service_specialist | service | CN | 2025-03-03
    LH029 | Tobias Grünwald | customer_service_specialist | service | DE | 2025-12-01
    LH030 | 吴大勇 | warehouse_keeper | warehouse | CN | 2020-09-07
    LH031 | Agnieszka Wiśniewska | warehouse_keeper | warehouse | NL | 2022-02-14
    LH032 | Kofi Mensah-Boateng | warehouse_keeper | warehouse | NL | 2023-09-11
    LH033 | Pete Lowry | warehouse_keeper | warehouse | GB | 2024-10-07
    LH034 | 何海燕 | warehouse_keeper | warehouse | CN | 2025-08-18
    LH035 | Saoirse Ní Bhriain | art_designer | design | IE | 2021-10-04
    LH036 | 徐梓涵 | graphic_designer | design | CN | 2023-05-08
    LH037 | Dmitri Volkonsky | graphic_designer | design | RS | 2024-08-26
    LH038 | Amara Delacroix-Nwosu | photographer | design | FR | 2022-11-21
    LH039 | 郑凯文 | platform_maintenance_specialist | technology | CN | 2021-09-13
    LH040 | Helga Sturluson | translator | technology | IS | 2022-04-25
    LH041 | 高文博 | product_rd_specialist | technology | CN | 2023-07-17
    """.strip().splitlines()
)


@dataclass(frozen=True)
class Assignment:
    """Who runs an object: `platform` empty means any; both days count, `valid_to` None is open."""

    employee_id: str
    post_id: str
    object_type: str
    object_id: str
    store_id: str
    platform: str
    share: Decimal
    valid_from: date
    valid_to: date | None


def _assigned(
    employee_id: str,
    post_id: str,
    store_id: str,
    *,
    campaign: str = "",
    platform: str = "",
    share: str = "1",
    since: date = FIRST_DAY,
    until: date | None = None,
) -> Assignment:
    kind, name = ("campaign", campaign) if campaign else ("store", store_id)
    return Assignment(employee_id, post_id, kind, name, store_id, platform, Decimal(share), since, until)


HANDOVER = date(2026, 7, 1)
DAY_BEFORE_HANDOVER = date(2026, 6, 30)
BRAND_SEARCH_AU = "LH_Brand_Search_AU_010324"
RETARGETING_US = "US | Retargeting 🔥 30 d"
WASTEFUL_US = "LH_DemGen_Awareness_US_040526"
SHARED_UK = "SP | Table lamps | Exact"
PINTEREST_OWNED = "Conversions | Living room | 2026-03-28"
PINTEREST_UNOWNED = "Test ✨ Nursery | 2026-05-11"

PROMOTION, OPERATION = "network_promotion", "site_operation"
ASSIGNMENTS = (
    _assigned("LH017", OPERATION, "lumen-au"),
    _assigned("LH018", OPERATION, "lumen-us", until=DAY_BEFORE_HANDOVER),
    _assigned("LH019", OPERATION, "lumen-us", since=HANDOVER),
    _assigned("LH020", OPERATION, "lumen-uk"),
    _assigned("LH021", OPERATION, "lumen-de", share="0.6"),
    _assigned("LH022", OPERATION, "lumen-de", share="0.4"),
    _assigned("LH023", OPERATION, "lumen-trade", since=date(2026, 5, 1)),
    # Australia is assigned by platform, and nobody thought of Pinterest
    _assigned("LH008", PROMOTION, "lumen-au", platform="meta_ads"),
    _assigned("LH007", PROMOTION, "lumen-au", platform="google_ads"),
    _assigned("LH007", PROMOTION, "lumen-au", platform="shopify"),
    _assigned("LH007", PROMOTION, "lumen-au", platform="ga4"),
    _assigned(
        "LH007",
        PROMOTION,
        "lumen-au",
        campaign=BRAND_SEARCH_AU,
        platform="google_ads",
        until=DAY_BEFORE_HANDOVER,
    ),
    _assigned(
        "LH008", PROMOTION, "lumen-au", campaign=BRAND_SEARCH_AU, platform="google_ads", since=HANDOVER
    ),
    _assigned("LH016", PROMOTION, "lumen-au", campaign=PINTEREST_OWNED, platform="pinterest_ads"),
    _assigned("LH009", PROMOTION, "lumen-us"),
    _assigned("LH010", PROMOTION, "lumen-us", campaign=RETARGETING_US, platform="meta_ads"),
    _assigned("LH011", PROMOTION, "lumen-us", campaign=WASTEFUL_US, platform="google_ads"),
    _assigned("LH012", PROMOTION, "lumen-uk"),
    _assigned("LH012", PROMOTION, "lumen-uk", campaign=SHARED_UK, platform="amazon_ads", share="0.6"),
    _assigned("LH014", PROMOTION, "lumen-uk", campaign=SHARED_UK, platform="amazon_ads", share="0.4"),
    # between Anneliese's last day and her successor's first, nobody runs the German campaigns
    _assigned("LH013", PROMOTION, "lumen-de", until=date(2026, 8, 14)),
    _assigned("LH015", PROMOTION, "lumen-de", since=date(2026, 8, 27)),
    _assigned("LH014", PROMOTION, "lumen-trade"),
)


@dataclass(frozen=True)
class Target:
    """Floor, target and stretch of a metric for a scope over a period; `currency` for money only."""

    scope_type: str
    scope_id: str
    metric_id: str
    period_start: date
    period_end: date
    floor: str
    target: str
    stretch: str
    currency: str = ""


def _month_end(month: date) -> date:
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return following - timedelta(days=1)


MONTHLY_SALES_TARGETS = {
    "lumen-au": 80000,
    "lumen-us": 75000,
    "lumen-uk": 21000,
    "lumen-de": 16500,
    "lumen-trade": 84000,
}
TARGETS = (
    *(
        Target(
            "store",
            store_id,
            "ops_gross_merchandise_value",
            month,
            _month_end(month),
            str(amount * 8 // 10),
            str(amount),
            str(amount * 12 // 10),
            STORES[store_id].currency,
        )
        for store_id, amount in MONTHLY_SALES_TARGETS.items()
        for month in MONTHS
    ),
    Target("company", "lumen-home", "promo_return_on_investment", FIRST_DAY, LAST_DAY, "0", "0.5", "1.5"),
    Target("company", "lumen-home", "ops_repeat_purchase_rate", FIRST_DAY, LAST_DAY, "0.1", "0.18", "0.28"),
    Target("post", PROMOTION, "promo_click_through_rate", FIRST_DAY, LAST_DAY, "0.005", "0.012", "0.03"),
    Target("post", PROMOTION, "promo_conversion_rate", FIRST_DAY, LAST_DAY, "0.008", "0.018", "0.03"),
    Target(
        "team", "promotion-americas", "promo_click_through_rate", FIRST_DAY, LAST_DAY, "0.004", "0.01", "0.02"
    ),
    Target("employee", "LH012", "promo_conversion_rate", FIRST_DAY, LAST_DAY, "0.05", "0.09", "0.14"),
    Target("store", "lumen-au", "ops_conversion_rate", FIRST_DAY, LAST_DAY, "0.012", "0.02", "0.03"),
    Target("store", "lumen-us", "ops_conversion_rate", FIRST_DAY, LAST_DAY, "0.012", "0.02", "0.03"),
)
