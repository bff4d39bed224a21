"""The right answers, computed from what happened and never from the files."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from decimal import Decimal

from infra.demo.answers.conversion import REPORTING_CURRENCY
from infra.demo.answers.facts import Fact, facts
from infra.demo.answers.metrics import metric_sums
from infra.demo.answers.repurchase import repurchase
from infra.demo.company import ASSIGNMENTS, FIRST_DAY, LAST_DAY, PEOPLE, STORES
from infra.demo.events import World
from infra.demo.exports.landing import WrittenFile

# two files were damaged or doubled on purpose; what must become of them stands here
SPOILT_FILE = "store=lumen-us/orders/orders_export_2026-08.csv"


def answer_key(world: World, files: Sequence[WrittenFile]) -> dict[str, object]:
    """The whole key, ready for JSON: every number an exact decimal string or a count."""
    events = list(facts(world))
    return {
        "company": "Lumen Home",
        "first_day": FIRST_DAY.isoformat(),
        "last_day": LAST_DAY.isoformat(),
        "reporting_currency": REPORTING_CURRENCY,
        "counts": {"stores": len(STORES), "employees": len(PEOPLE), "assignments": len(ASSIGNMENTS)},
        "metrics": _metrics(events),
        "repurchase": repurchase(world),
        "totals": _totals(events),
        "days": _days(events),
        "countries": _countries(world),
        "restated": _restated(world),
        "loads": _loads(world, files),
    }


def _metrics(events: Sequence[Fact]) -> list[dict[str, str]]:
    columns = ("metric_id", "definition_code", "employee_id", "store_id", "platform")
    return [
        dict(zip(columns, key, strict=True))
        | {"numerator": _text(numerator), "denominator": _text(denominator)}
        for key, (numerator, denominator) in sorted(metric_sums(events).items())
    ]


def _totals(events: Iterable[Fact]) -> list[dict[str, str]]:
    sums: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for fact in events:
        for measure, value in fact.measures.items():
            sums[fact.store_id, fact.platform, measure] += value
    return [
        {"store_id": store_id, "platform": platform, "measure": measure, "value": _text(value)}
        | ({} if measure.endswith("_reporting") else {"currency": STORES[store_id].currency})
        for (store_id, platform, measure), value in sorted(sums.items())
    ]


def _days(events: Iterable[Fact]) -> list[dict[str, str]]:
    sums: dict[tuple[str, str, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for fact in events:
        held = sums[fact.store_id, fact.platform, fact.day.isoformat()]
        for measure, value in fact.measures.items():
            held[measure] += value
    return [
        {"store_id": store_id, "platform": platform, "business_date": day}
        | {measure: _text(value) for measure, value in sorted(measures.items())}
        for (store_id, platform, day), measures in sorted(sums.items())
    ]


def _countries(world: World) -> list[dict[str, str]]:
    sums: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for line in world.invoices:
        if line.unit_price > 0:
            sums[line.country][line.quantity < 0] += abs(line.quantity) * line.unit_price
    return [
        {
            "store_id": "lumen-trade",
            "country": country,
            "gross_amount": _text(gross),
            "refund_amount": _text(refund),
        }
        for country, (gross, refund) in sorted(sums.items())
    ]


def _restated(world: World) -> dict[str, str]:
    """What June's second download in Australia changed."""
    second = [
        ad
        for ad in world.ads
        if ad.store_id == "lumen-au" and ad.platform == "google_ads" and ad.day.month == 6
    ]
    first = world.first_reported_ads
    return {
        "conversions_first": _text(sum((ad.conversions for ad in first), Decimal(0))),
        "conversions_restated": _text(sum((ad.conversions for ad in second), Decimal(0))),
        "conversion_value_first": _text(sum((ad.conversion_value for ad in first), Decimal(0))),
        "conversion_value_restated": _text(sum((ad.conversion_value for ad in second), Decimal(0))),
    }


def _loads(world: World, files: Sequence[WrittenFile]) -> dict[str, object]:
    spoilt = [order for order in world.orders if order.is_spoilt]
    lost = sum((order.gross for order in spoilt), Decimal(0))
    return {
        "files": [asdict(file) for file in files],
        "states": dict(Counter(file.state for file in files)),
        "records_by_report": _records_by_report(files),
        "quarantined": {
            "path": SPOILT_FILE,
            "records": len(spoilt),
            "orders": [f"#{order.number}" for order in spoilt],
            "gross": _text(lost),
            "currency": "USD",
        },
        "refused": [file.path for file in files if file.state == "refused"],
        # whichever of the two is loaded first, the other is the duplicate
        "duplicates": [
            sorted(other.path for other in files if other.sha256 == file.sha256)
            for file in files
            if file.state == "duplicate"
        ],
    }


def _records_by_report(files: Sequence[WrittenFile]) -> dict[str, int]:
    """Records of the files that are loaded, quarantined ones included."""
    records: Counter[str] = Counter()
    for file in files:
        if file.state == "loaded" and file.report:
            records[file.report] += file.records
    return dict(sorted(records.items()))


def _text(value: Decimal) -> str:
    return f"{value:f}"
