"""What is possible and hardly right is held: a day that shrinks, a number beyond bounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from tests.dbt_project import company
from tests.dbt_project.arrivals import Arrival, arrive
from tests.dbt_project.company import _table
from tests.dbt_project.test_held_loads import execute, held, rows
from tests.warehouses import own_warehouse
from tradewind.landing import ensure_raw_tables, reject
from tradewind.pipeline import build_and_publish
from tradewind.publishing import release_load
from tradewind.settings import Settings

# several builds one after another
pytestmark = pytest.mark.timeout(1800)

SALES = (
    "day | product_title | product_variant_sku | net_items_sold | gross_sales | discounts | returns"
    " | net_sales | orders"
)
SALE = "{day} | P{n} | S{n} | {pieces} | {gross} | {discount} | {returned} | {net} | {orders}"
NET_ONLY = "day | product_variant_sku | net_items_sold | gross_sales | net_sales | orders"
DAY = "2026-04-10"
WITHOUT = ["discounts", "returns"]


def report(
    load_id: int,
    store: str,
    lines: int,
    *,
    version: int = 1,
    day: str = DAY,
    pieces: str = "1",
    gross: str = "10.00",
    discount: str = "0",
    returned: str = "0",
    net: str = "10.00",
    orders: str = "1",
) -> Arrival:
    """A sales report of `lines` equal lines, which was made on the `version`th day of May."""
    cells = [
        SALE.format(
            day=day, n=n, pieces=pieces, gross=gross, discount=discount, returned=returned, net=net,
            orders=orders,
        )
        for n in range(lines)
    ]  # fmt: skip
    return Arrival(
        load_id, "shopify_sales_by_variant", _table(SALES, *cells), store_id=store,
        extracted_at=f"2026-05-{version:02d}",
    )  # fmt: skip


def bare_report(load_id: int, store: str, version: int, *cells: str) -> Arrival:
    """A sales report whose export has no columns of discounts and returns."""
    return Arrival(
        load_id, "shopify_sales_by_variant", _table(NET_ONLY, *cells), store_id=store,
        extracted_at=f"2026-05-{version:02d}", attributes={"missing_columns": WITHOUT},
    )  # fmt: skip


def orders(load_id: int, store: str, version: int, *lines: tuple[str, str, str, str]) -> Arrival:
    """Amazon orders of a day: order, status, quantity, price. An order is one on the whole platform."""
    return Arrival(
        load_id,
        "amazon_all_orders",
        [
            {
                "amazon_order_id": store + order, "purchase_date": f"{DAY}T12:00:00+00:00",
                "item_status": status, "sku": "A", "quantity": quantity, "item_price": price,
                "currency": "USD",
            }
            for order, status, quantity, price in lines
        ],
        store_id=store,
        extracted_at=f"2026-05-{version:02d}",
    )  # fmt: skip


def ads(load_id: int, store: str, version: int, campaign: str, spend: str, impr: str, clicks: str) -> Arrival:
    """A day of one campaign."""
    return Arrival(
        load_id, "google_ads_campaign_daily",
        [{"day": DAY, "campaign": campaign, "cost": spend, "impr": impr, "clicks": clicks}],
        store_id=store, extracted_at=f"2026-05-{version:02d}", currency="USD",
    )  # fmt: skip


def ads_in_parts(load_id: int, store: str, version: int, parts: int) -> Arrival:
    """A day of one campaign in so many rows, by network or device, which add up to the same."""
    whole = ads(load_id, store, version, "A", str(60 / parts), str(1200 // parts), str(240 // parts))
    return replace(whole, rows=whole.rows * parts)


def visits(load_id: int, store: str, version: int, sessions: str, visitors: str) -> Arrival:
    """A day of a shop's visits."""
    return Arrival(
        load_id, "shopify_visitors",
        _table("day | online_store_visitors | sessions", f"{DAY} | {visitors} | {sessions}"),
        store_id=store, extracted_at=f"2026-05-{version:02d}",
    )  # fmt: skip


def stock(load_id: int, store: str, version: int, products: int, pieces: str = "5") -> Arrival:
    """A stock, which states no day: each file is of the day on which it was made."""
    return Arrival(
        load_id, "sage_stock",
        [{"code": f"S{n}", "actual_quantity": pieces} for n in range(products)], store_id=store,
        extracted_at=f"2026-05-{version:02d}",
    )  # fmt: skip


def tickets(load_id: int, store: str, version: int, count: int) -> Arrival:
    """Conversations that began on the day."""
    return Arrival(
        load_id, "freshdesk_tickets",
        [{"ticket_id": f"{n}", "created_time": f"{DAY} 10:00:00", "last_update_time": f"{DAY} 10:00:00"}
         for n in range(count)],
        store_id=store, extracted_at=f"2026-05-{version:02d}",
    )  # fmt: skip


@dataclass(frozen=True)
class Case:
    """Versions of what a store says, oldest first; `is_held` says whether the last one is held."""

    versions: tuple[Arrival, ...]
    is_held: bool
    is_one_path: bool = False


MANY = tuple((f"#{n}", "Shipped", "1", "10.00") for n in range(12))
THREE = (("#1", "Shipped", "1", "100.00"), ("#2", "Shipped", "1", "10.00"), ("#3", "Shipped", "2", "20.00"))
BARE = [f"{DAY} | S{n} | 1 | 10.00 | 10.00 | 1" for n in range(12)]


def cases(start: int, place: str) -> dict[str, Case]:
    """All cases, with load ids from `start` on and stores of this place."""

    def n(number: int) -> int:
        return start + number

    return {
        # what is wrong
        "gross": Case((report(n(0), f"{place}gross", 20), report(n(1), f"{place}gross", 1, version=2)), True),
        "few": Case((report(n(2), f"{place}few", 3), report(n(3), f"{place}few", 1, version=2)), True),
        "net": Case((report(n(4), f"{place}net", 20), report(
            n(5), f"{place}net", 20, version=2, discount="-8.00", net="2.00")), True),
        "lines": Case((report(n(6), f"{place}lines", 20), report(
            n(7), f"{place}lines", 1, version=2, pieces="20", gross="200.00", net="200.00", orders="20",
        )), True),
        "order_counts": Case((report(n(8), f"{place}order_counts", 20), report(
            n(9), f"{place}order_counts", 20, version=2, orders="0")), True),
        "pieces": Case((report(n(10), f"{place}pieces", 20, pieces="2"), report(
            n(11), f"{place}pieces", 20, version=2, pieces="1")), True),
        "bare_net": Case((bare_report(n(12), f"{place}bare_net", 1, *BARE), bare_report(
            n(13), f"{place}bare_net", 2, *[line.replace("10.00 | 1", "2.00 | 1") for line in BARE])), True),
        "ratchet": Case(tuple(
            report(n(14 + v), f"{place}ratchet", lines, version=v + 1)
            for v, lines in enumerate((100, 70, 49))), True),
        "one_path": Case((report(n(17), f"{place}one_path", 20), report(
            n(18), f"{place}one_path", 2, version=2)), True, is_one_path=True),
        "clicks": Case((ads(n(19), f"{place}clicks", 1, "A", "50", "900", "90"), ads(
            n(20), f"{place}clicks", 2, "A", "50", "900", "9")), True),
        "impressions": Case((ads(n(21), f"{place}impressions", 1, "A", "50", "900", "90"), ads(
            n(22), f"{place}impressions", 2, "A", "50", "90", "90")), True),
        "spend": Case((ads(n(23), f"{place}spend", 1, "A", "50", "900", "90"), ads(
            n(24), f"{place}spend", 2, "A", "5", "900", "90")), True),
        "sessions": Case((visits(n(25), f"{place}sessions", 1, "100", "80"), visits(
            n(26), f"{place}sessions", 2, "10", "8")), True),
        "stock": Case((stock(n(27), f"{place}stock", 1, 20), stock(n(28), f"{place}stock", 2, 2)), True),
        "tickets": Case((tickets(n(29), f"{place}tickets", 1, 20), tickets(
            n(30), f"{place}tickets", 2, 2)), True, is_one_path=True),
        "prices": Case((orders(n(31), f"{place}prices", 1, *MANY), orders(
            n(32), f"{place}prices", 2, *[(o, s, q, "1.00") for o, s, q, _ in MANY])), True),
        # what happens in every shop
        "returns": Case((report(n(40), f"{place}returns", 3), report(
            n(41), f"{place}returns", 3, version=2, pieces="0", returned="-10.00", net="0.00")), False),
        "many_returns": Case((report(n(42), f"{place}many_returns", 20), report(
            n(43), f"{place}many_returns", 20, version=2, pieces="0", returned="-10.00", net="0.00")), False),
        "bare_returns": Case((bare_report(n(44), f"{place}bare_returns", 1, *BARE), bare_report(
            n(45), f"{place}bare_returns", 2, *[f"{DAY} | S{k} | 0 | 10.00 | 0.00 | 1" for k in range(12)],
        )), False),
        "cancelled": Case((orders(n(46), f"{place}cancelled", 1, *THREE), orders(
            n(47), f"{place}cancelled", 2, ("#1", "Cancelled", "0", ""), ("#3", "Cancelled", "0", ""),
        )), False),
        "all_cancelled": Case((orders(n(48), f"{place}all_cancelled", 1, *MANY), orders(
            n(49), f"{place}all_cancelled", 2, *[(o, "Cancelled", "0", "") for o, *_ in MANY])), False),
        "part_of_a_day": Case((orders(n(50), f"{place}part_of_a_day", 1, *MANY), orders(
            n(51), f"{place}part_of_a_day", 2, MANY[0])), False),
        "growing": Case((report(n(52), f"{place}growing", 2), report(
            n(53), f"{place}growing", 20, version=2)), False),
        "noon": Case((report(n(54), f"{place}noon", 20), report(
            n(55), f"{place}noon", 1, version=2, day="2026-04-11")), False),
        "few_clicks": Case((ads(n(56), f"{place}few_clicks", 1, "A", "5", "90", "3"), ads(
            n(57), f"{place}few_clicks", 2, "A", "5", "85", "1")), False),
        "renamed": Case((ads(n(58), f"{place}renamed", 1, "A", "50", "900", "90"), ads(
            n(59), f"{place}renamed", 2, "A new", "50", "900", "90")), False, is_one_path=True),
        "two_campaigns": Case((ads(n(60), f"{place}two_campaigns", 1, "A", "50", "900", "90"), ads(
            n(61), f"{place}two_campaigns", 2, "B", "1", "9", "1")), False),
        "detail": Case((ads_in_parts(n(68), f"{place}detail", 1, 12), ads_in_parts(
            n(69), f"{place}detail", 2, 3)), False),
        "stock_sold": Case((stock(n(62), f"{place}stock_sold", 1, 20), stock(
            n(63), f"{place}stock_sold", 2, 18, "0")), False),
        "restated": Case(tuple(
            report(n(64 + v), f"{place}restated", lines, version=v + 1)
            for v, lines in enumerate((20, 19, 18))), False),
    }  # fmt: skip


BATCH, LATER = cases(1000, "b-"), cases(2000, "l-")


def come(settings: Settings, case: Case, *versions: Arrival) -> None:
    arrive(settings, *versions)
    for version in versions:
        path = version.store_id if case.is_one_path else f"{version.store_id}/{version.load_id}"
        execute(settings, "update ops.load set file_path = %s where load_id = %s", [path, version.load_id])
    if case.is_one_path and versions[-1] is case.versions[-1]:
        for older in case.versions[:-1]:
            execute(
                settings, "update ops.load set state = 'superseded', superseded_by = %s where load_id = %s",
                [case.versions[-1].load_id, older.load_id],
            )  # fmt: skip


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Every case twice: all versions before the first publication, and the last one behind it."""
    with own_warehouse(tmp_path_factory.mktemp("plausible")) as settings:
        ensure_raw_tables(settings)
        arrive(settings, company.STORES, company.RATES)
        for case in BATCH.values():
            come(settings, case, *case.versions)
        for case in LATER.values():
            come(settings, case, *case.versions[:-1])
        assert build_and_publish(settings).state == "published"
        for case in LATER.values():
            come(settings, case, case.versions[-1])
        assert build_and_publish(settings).state == "published"
        yield settings


def verdicts(settings: Settings, of: dict[str, Case]) -> dict[str, list[int]]:
    """The numbers of those versions that are held, by case."""
    states = set(held(settings))
    return {
        name: [number for number, version in enumerate(case.versions) if version.load_id in states]
        for name, case in of.items()
    }


def expected(of: dict[str, Case]) -> dict[str, list[int]]:
    return {name: [len(case.versions) - 1] if case.is_held else [] for name, case in of.items()}


def test_a_version_with_less_is_held_before_the_first_publication(warehouse: Settings) -> None:
    # of what stood at one path, and never was staged, the number of records tells
    assert verdicts(warehouse, BATCH) == expected(BATCH)


def test_a_version_with_less_is_held_behind_a_publication(warehouse: Settings) -> None:
    assert verdicts(warehouse, LATER) == expected(LATER)


def test_the_fuller_version_counts_while_a_lesser_one_is_held(warehouse: Settings) -> None:
    found = rows(
        warehouse, "select store_id, sum(gross_amount)::int from marts.fct_sales_line where is_counted"
        " and store_id like '%%gross' or store_id like '%%ratchet' group by 1 order by 1"
    )  # fmt: skip
    assert found == [("b-gross", 200), ("b-ratchet", 700), ("l-gross", 200), ("l-ratchet", 700)]


def test_a_released_version_counts_and_is_what_the_next_one_is_held_against(warehouse: Settings) -> None:
    """A rejected one leaves the fuller version, and the next is held against that."""
    for name in ("gross", "ratchet", "one_path", "clicks", "stock"):
        release_load(LATER[name].versions[-1].load_id, "right", "ann", warehouse)
    for name in ("net", "sessions"):
        reject(LATER[name].versions[-1].load_id, "cut off", warehouse)
    assert build_and_publish(warehouse).state == "published"
    still = set(held(warehouse))
    assert not still & {
        LATER[name].versions[-1].load_id for name in ("gross", "ratchet", "one_path", "clicks")
    }
    gross = (
        "select sum(gross_amount)::int, sum(net_amount)::int from marts.fct_sales_line where store_id = %s"
    )
    assert rows(warehouse, gross, ["l-gross"]) == [(10, 10)]
    assert rows(warehouse, gross, ["l-ratchet"]) == [(490, 490)]
    assert rows(warehouse, gross, ["l-one_path"]) == [(20, 20)]
    assert rows(warehouse, gross, ["l-net"]) == [(200, 200)]

    following = (
        report(3001, "l-gross", 1, version=3, net="9.00", gross="9.00"),
        report(3002, "l-ratchet", 48, version=4),
        report(3003, "l-one_path", 2, version=3, gross="9.00", net="9.00"),
        ads(3004, "l-clicks", 3, "A", "50", "900", "10"),
        stock(3005, "l-stock", 3, 2),
        # less than what a release has made the measure of
        report(3006, "l-gross", 1, version=4, gross="1.00", net="1.00"),
        # what was rejected is no measure
        report(3007, "l-net", 20, version=3),
        report(3008, "l-net", 2, version=4),
    )
    arrive(warehouse, *following)
    for load in following:
        execute(warehouse, "update ops.load set file_path = load_id::text where load_id = %s", [load.load_id])
    assert build_and_publish(warehouse).state == "published"
    assert set(held(warehouse)) & set(range(3001, 3009)) == {3006, 3008}
    assert rows(warehouse, gross, ["l-gross"]) == [(9, 9)]
    assert rows(warehouse, gross, ["l-net"]) == [(200, 200)]


def test_a_number_beyond_bounds_is_held_in_the_first_file_of_a_store(warehouse: Settings) -> None:
    def line(load_id: int, quantity: str, price: str, currency: str = "USD") -> Arrival:
        ordered = (
            f"#{{0}} | c@x.test | paid | {currency} | US | 2026-04-02 12:00:00 -0400 | {{1}} | Lamp | {{2}}"
        )
        ordered += " | A | 0 | 0"
        return Arrival(load_id, "shopify_orders", _table(
            company.ORDER,
            ordered.format(load_id, "1", "5.00"), ordered.format(f"{load_id}b", quantity, price),
        ), store_id=f"new-{load_id}")  # fmt: skip

    wrong = {
        4000: line(4000, "999999999999999", "9" * 30),
        4001: line(4001, "1000001", "1.00"),
        4002: line(4002, "1", "10000001.00"),
        4003: line(4003, "1001", "10000.00"),
        # half a dollar is a pound
        4004: line(4004, "1", "5000001.00", "GBP"),
        4005: ads(4005, "new-4005", 1, "A", "10000001", "900", "90"),
        4006: ads(4006, "new-4006", 1, "A", "5", "1000000001", "90"),
        4007: visits(4007, "new-4007", 1, "2000000000", "80"),
        4008: stock(4008, "new-4008", 1, 3, "4006381333931"),
    }
    right = {
        4020: line(4020, "1000000", "9.00"),
        4021: line(4021, "1", "10000000.00"),
        # nobody knows what they are worth: no rate
        4022: line(4022, "1", "250000000.00", "IDR"),
        4023: ads(4023, "new-4023", 1, "A", "100000", "900000000", "90"),
    }
    arrive(warehouse, *wrong.values(), *right.values())
    for load_id in (*wrong, *right):
        execute(warehouse, "update ops.load set file_path = load_id::text where load_id = %s", [load_id])
    outcome = build_and_publish(warehouse)
    assert outcome.state == "published"
    assert [load_id for load_id in held(warehouse) if load_id >= 4000] == list(wrong)
    said = dict(
        rows(warehouse, "select load_id, reason from ops.load where load_id >= 4000 and state = 'held'")
    )
    assert "(row 2, gross_amount, unit_price_amount)" in said[4000] or "(row 2, quantity)" in said[4000]
    assert "1 of its numbers breaks a check (row 2, quantity): One row of more than a million" in said[4001]
    assert "(row 1, spend_amount)" in said[4005]
    assert "(row 1, impression_count)" in said[4006]
    warned = rows(warehouse, "select distinct expectation from ops.gate_result where severity = 'warning'"
        " and not success and build_id = %s", [outcome.build_id])  # fmt: skip
    assert ("number_does_not_stand_out",) in warned

    release_load(4002, "a container of turbines", "ann", warehouse)
    reject(4001, "a barcode", warehouse)
    assert build_and_publish(warehouse).state == "published"
    assert not {4001, 4002} & set(held(warehouse))
    assert rows(
        warehouse, "select sum(gross_amount)::int from marts.fct_sales_line where load_id = 4002"
    ) == [(10000006,)]
