"""What Lumen Home sells: one list of products, each store's prices and costs in its own currency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from infra.demo.company import STORES


@dataclass(frozen=True)
class Product:
    """A product: its codes in shops, trade and on Amazon, dollar price and cost, how often it is chosen."""

    sku: str
    stock_code: str
    asin: str
    title: str
    vendor: str
    price_usd: int
    cost_usd: int
    weight: int


PRODUCTS = (
    Product("LH-TL-001", "21730", "B0DLMN0001", "Aurora Table Lamp, Opal Glass", "Lumen", 79, 29, 12),
    Product("LH-TL-002", "21731", "B0DLMN0002", "Aurora Table Lamp, Smoke Glass", "Lumen", 79, 29, 7),
    Product("LH-FL-010", "22386", "B0DLMN0010", "Halcyon Floor Lamp – Brushed Brass", "Lumen", 189, 78, 5),
    Product("LH-PL-020", "22423", "B0DLMN0020", "Pebble Pendant Light, 30 cm", "Lumen", 119, 44, 6),
    Product("LH-NL-030", "22502", "B0DLMN0030", "Moon Night Light, rechargeable", "Lumen", 34, 11, 14),
    Product(
        "LH-CU-100", "23084A", "B0DLMN0100", "Bouclé Cushion Cover 45 × 45 cm, Ivory", "Softly", 24, 7, 16
    ),
    Product(
        "LH-CU-101", "23084B", "B0DLMN0101", "Bouclé Cushion Cover 45 × 45 cm, Sage", "Softly", 24, 7, 11
    ),
    Product(
        "LH-TH-110", "22749", "B0DLMN0110", 'Waffle Throw 130 × 170 cm ("The Sunday")', "Softly", 59, 19, 8
    ),
    Product("LH-RG-120", "20725", "B0DLMN0120", "Tidal Wool Rug 160 × 230 cm", "Softly", 349, 162, 2),
    Product("LH-RG-121", "20726", "B0DLMN0121", "Tidal Wool Runner 80 × 250 cm", "Softly", 199, 88, 2),
    Product("LH-VA-200", "22960", "B0DLMN0200", "Ripple Vase, Stoneware, Large", "Kiln & Co.", 49, 15, 8),
    Product("LH-VA-201", "22961", "B0DLMN0201", "Ripple Vase, Stoneware, Small", "Kiln & Co.", 29, 9, 10),
    Product("LH-CN-210", "22137", "B0DLMN0210", "Cedar & Fig Candle, 220 g", "Kiln & Co.", 26, 8, 15),
    Product("LH-CN-211", "22138", "B0DLMN0211", "Candle Trio, Gift Box", "Kiln & Co.", 58, 19, 7),
    Product("LH-MR-300", "21485", "B0DLMN0300", "Arch Mirror 60 × 90 cm", "Lumen", 149, 66, 3),
    Product("LH-SH-310", "22629", "B0DLMN0310", "Floating Shelf, Oak, Set of 2", "Lumen", 69, 27, 5),
    Product("LH-KT-400", "22197", "B0DLMN0400", "Linen Tea Towel, 3-Pack", "Softly", 22, 6, 12),
    Product("LH-NU-500", "47566", "B0DLMN0500", "Cloud Nursery Mobile", "Softly", 44, 16, 4),
    Product("0077-LED", "22077", "B0DLMN0077", "Spare LED Bulb E27, warm white", "Lumen", 9, 2, 9),
    Product("LH-GC-900", "21977", "B0DLMN0900", "Cable Tidy, felt, pack of 6", "Lumen", 12, 3, 6),
)
BY_SKU = {product.sku: product for product in PRODUCTS}

# what a dollar of list price becomes in the store's currency; trade buys at wholesale prices
PRICE_LEVEL = {
    "lumen-au": "1.50",
    "lumen-us": "1",
    "lumen-uk": "0.79",
    "lumen-de": "0.92",
    "lumen-trade": "0.42",
}
COST_LEVEL = {
    "lumen-au": "1.48",
    "lumen-us": "1",
    "lumen-uk": "0.76",
    "lumen-de": "0.88",
    "lumen-trade": "0.71",
}
CENT = Decimal("0.01")

# sea freight went up in July: the heavy things cost more from then on
COST_RISE = date(2026, 7, 1)
COST_RISE_SKUS = ("LH-RG-120", "LH-RG-121", "LH-FL-010", "LH-MR-300")


def price(store_id: str, sku: str) -> Decimal:
    """The list price in the store's currency, tax excluded."""
    whole = Decimal(BY_SKU[sku].price_usd) * Decimal(PRICE_LEVEL[store_id])
    return whole.quantize(Decimal(1), ROUND_HALF_UP) - Decimal("0.05")


@dataclass(frozen=True)
class Cost:
    """What a unit costs landed, in the store's currency, from a day on."""

    store_id: str
    sku: str
    unit_cost: Decimal
    currency: str
    valid_from: date


def costs() -> list[Cost]:
    """Every product's cost in every store, and the costs that rose in July."""
    listed = []
    for store in STORES.values():
        for product in PRODUCTS:
            first = (Decimal(product.cost_usd) * Decimal(COST_LEVEL[store.store_id])).quantize(
                CENT, ROUND_HALF_UP
            )
            code = product.stock_code if store.platform == "webshop" else product.sku
            listed.append(Cost(store.store_id, code, first, store.currency, date(2026, 1, 1)))
            if product.sku in COST_RISE_SKUS:
                risen = (first * Decimal("1.12")).quantize(CENT, ROUND_HALF_UP)
                listed.append(Cost(store.store_id, code, risen, store.currency, COST_RISE))
    return listed


def unit_cost(store_id: str, sku: str, day: date) -> Decimal | None:
    """The cost that holds on the day, or None for what is no product (postage, say)."""
    held = [cost for cost in costs_of(store_id, sku) if cost.valid_from <= day]
    return held[-1].unit_cost if held else None


def costs_of(store_id: str, sku: str) -> list[Cost]:
    """The costs of one product in one store, oldest first."""
    return _COSTS.get((store_id, sku), [])


_COSTS: dict[tuple[str, str], list[Cost]] = {}
for _cost in costs():
    _COSTS.setdefault((_cost.store_id, _cost.sku), []).append(_cost)
