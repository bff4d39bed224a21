"""The demo company: the same bytes every time, layouts that are recognised, a key that adds up."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from infra.demo import write_demo
from infra.demo.answers.conversion import rate, reporting
from infra.demo.answers.ownership import UNASSIGNED, owners
from infra.demo.company import (
    ASSIGNMENTS,
    DAYS,
    OPERATION,
    PEOPLE,
    PINTEREST_UNOWNED,
    PROMOTION,
    SHARED_UK,
    STORES,
)
from tradewind.exports.contract import load_contracts
from tradewind.exports.faults import RefusedFileError
from tradewind.exports.recognise import recognise

Answers = dict[str, list[dict[str, str]]]


@dataclass(frozen=True)
class Demo:
    landing: Path
    answers_file: Path

    @property
    def answers(self) -> dict:
        return json.loads(self.answers_file.read_text())

    @property
    def files(self) -> list[Path]:
        return sorted(path for path in self.landing.rglob("*") if path.is_file())

    def fingerprint(self) -> str:
        digest = hashlib.sha256(self.answers_file.read_bytes())
        for path in self.files:
            digest.update(f"{path.relative_to(self.landing)} {path.stat().st_mtime_ns} ".encode())
            digest.update(path.read_bytes())
        return digest.hexdigest()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder / "landing")
    yield Demo(folder / "landing", folder / "demo_answers.json")


def test_every_run_gives_the_same_bytes_and_modification_times(demo: Demo, tmp_path: Path) -> None:
    write_demo(tmp_path / "again", tmp_path / "answers.json")
    assert Demo(tmp_path / "again", tmp_path / "answers.json").fingerprint() == demo.fingerprint()


def test_the_files_are_few_and_small_enough_to_start_with(demo: Demo) -> None:
    assert 500 < len(demo.files) <= 1000
    assert sum(path.stat().st_size for path in demo.files) < 15_000_000


def test_every_file_is_recognised_by_its_header_as_what_the_key_says(demo: Demo) -> None:
    contracts = load_contracts()
    wrong = []
    for file in demo.answers["loads"]["files"]:
        content = (demo.landing / file["path"]).read_bytes()
        if file["path"].endswith(".xlsx"):
            continue
        text = content.decode("utf-16" if content.startswith(b"\xff\xfe") else "utf-8-sig")
        try:
            found = recognise(text, contracts).contract.report
        except RefusedFileError:
            found = None
        if found != file["report"]:
            wrong.append((file["path"], found))
    assert wrong == []


def test_the_key_lists_exactly_the_files_that_are_there(demo: Demo) -> None:
    listed = {file["path"]: file["sha256"] for file in demo.answers["loads"]["files"]}
    there = {
        str(path.relative_to(demo.landing)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in demo.files
    }
    assert listed == there


def test_only_the_copy_has_the_bytes_of_another_file(demo: Demo) -> None:
    by_digest = defaultdict(list)
    for file in demo.answers["loads"]["files"]:
        by_digest[file["sha256"]].append(file)
    twice = [files for files in by_digest.values() if len(files) > 1]
    assert [[file["state"] for file in files] for files in twice] == [["loaded", "duplicate"]]


def test_a_corrected_download_is_later_than_the_one_it_corrects(demo: Demo) -> None:
    for store, first, second in (
        ("lumen-au", "google_ads/google_ads_2026-06.csv", "google_ads/google_ads_2026-06 (1).csv"),
        ("lumen-au", "orders/orders_export_2026-08_early.csv", "orders/orders_export_2026-08.csv"),
    ):
        earlier, later = (demo.landing / f"store={store}" / name for name in (first, second))
        assert earlier.stat().st_mtime < later.stat().st_mtime
        assert earlier.read_bytes() != later.read_bytes()
    restated = demo.answers["restated"]
    assert Decimal(restated["conversions_first"]) < Decimal(restated["conversions_restated"])


def test_damaged_records_stay_under_the_share_that_refuses_a_file(demo: Demo) -> None:
    spoilt = demo.answers["loads"]["quarantined"]
    file = next(file for file in demo.answers["loads"]["files"] if file["path"] == spoilt["path"])
    assert spoilt["records"] == 2
    assert spoilt["records"] / file["records"] < 0.01
    text = (demo.landing / spoilt["path"]).read_text()
    assert all(text.count(f"\n{order},") == 1 for order in spoilt["orders"])


def test_people_and_unassigned_together_are_the_total(demo: Demo) -> None:
    totals = {
        (t["store_id"], t["platform"], t["measure"]): Decimal(t["value"]) for t in demo.answers["totals"]
    }
    sums: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for row in demo.answers["metrics"]:
        sums[f"{row['metric_id']} {row['definition_code']}", row["store_id"], row["platform"]] += Decimal(
            row["numerator"]
        )
    checked = {
        "promo_attributed_sales platform_claimed": "conversion_value_reporting",
        "promo_click_through_rate link_clicks": "clicks",
        "ops_click_through_rate paid": "clicks",
        "ops_impressions paid": "impressions",
        "ops_gross_merchandise_value gross_sales": "gross_reporting",
        "promo_unique_visitors daily_visitors": "visitors",
    }
    for (metric, store_id, platform), value in sums.items():
        if metric in checked:
            assert value == totals[store_id, platform, checked[metric]], (metric, store_id, platform)
    assert {metric for metric, _, _ in sums} >= set(checked)


def test_days_add_up_to_totals(demo: Demo) -> None:
    sums: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for day in demo.answers["days"]:
        for measure, value in day.items():
            if measure not in ("store_id", "platform", "business_date"):
                sums[day["store_id"], day["platform"], measure] += Decimal(value)
    assert sums == {
        (t["store_id"], t["platform"], t["measure"]): Decimal(t["value"]) for t in demo.answers["totals"]
    }


def test_countries_of_the_trade_shop_add_up_to_its_sales_and_refunds(demo: Demo) -> None:
    totals = {
        t["measure"]: Decimal(t["value"]) for t in demo.answers["totals"] if t["store_id"] == "lumen-trade"
    }
    countries = demo.answers["countries"]
    assert len(countries) >= 15
    assert sum(Decimal(country["gross_amount"]) for country in countries) == totals["gross"]
    assert sum(Decimal(country["refund_amount"]) for country in countries) == totals["refund"]


def test_a_longer_window_never_has_fewer_customers(demo: Demo) -> None:
    by_store = defaultdict(list)
    for row in demo.answers["repurchase"]:
        by_store[row["store_id"]].append((row["numerator"], row["denominator"]))
    assert set(by_store) == {"lumen-au", "lumen-us", "lumen-trade"}
    for windows in by_store.values():
        assert windows == sorted(windows)
        assert all(0 < numerator < denominator for numerator, denominator in windows)


def test_nobody_is_credited_with_more_than_the_whole() -> None:
    for assignment in ASSIGNMENTS:
        campaign = assignment.object_id if assignment.object_type == "campaign" else ""
        platform = assignment.platform or "google_ads"
        for day in DAYS:
            shares = owners(assignment.post_id, assignment.store_id, platform, campaign, day)
            assert sum(share for _, share in shares) == 1
            assert all(0 < share <= 1 for _, share in shares)


def test_ownership_follows_handovers_gaps_and_shares() -> None:
    shared = owners(PROMOTION, "lumen-uk", "amazon_ads", SHARED_UK, date(2026, 5, 5))
    assert dict(shared) == {"LH012": Decimal("0.6"), "LH014": Decimal("0.4")}
    assert dict(owners(PROMOTION, "lumen-au", "pinterest_ads", PINTEREST_UNOWNED, date(2026, 5, 11))) == {
        UNASSIGNED: Decimal(1)
    }
    assert [
        owners(PROMOTION, "lumen-de", "amazon_ads", "", date(2026, 8, day))[0][0] for day in (14, 15, 26, 27)
    ] == [
        "LH013",
        UNASSIGNED,
        UNASSIGNED,
        "LH015",
    ]
    assert owners(OPERATION, "lumen-us", "shopify", "", date(2026, 6, 30))[0][0] == "LH018"
    assert owners(OPERATION, "lumen-us", "shopify", "", date(2026, 7, 1))[0][0] == "LH019"


def test_who_is_assigned_works_here_on_those_days() -> None:
    people = {person.employee_id: person for person in PEOPLE}
    assert len(people) == len(PEOPLE)
    for assignment in ASSIGNMENTS:
        person = people[assignment.employee_id]
        assert person.hired_on <= assignment.valid_from.isoformat()
        if person.left_on:
            assert assignment.valid_to is not None
            assert assignment.valid_to.isoformat() <= person.left_on
        assert assignment.store_id in STORES


def test_a_weekend_takes_the_rate_of_friday() -> None:
    assert rate("GBP", date(2026, 6, 6)) == rate("GBP", date(2026, 6, 5)) != rate("GBP", date(2026, 6, 4))
    assert rate("USD", date(2026, 6, 6)) == 1
    assert rate("EUR", date(2026, 6, 5)).as_tuple().exponent == -10
    assert reporting(Decimal("12.34"), "EUR", date(2026, 6, 5)).as_tuple().exponent == -6


def test_a_day_far_from_any_rate_has_no_amount() -> None:
    with pytest.raises(LookupError):
        rate("GBP", date(1998, 1, 1))
