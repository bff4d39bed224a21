"""Two spellings of one ad account never count twice, and two accounts are never taken for one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.dbt_project.arrivals import build
from tests.dbt_project.test_identity import MADE, load_id, put, rows, spend
from tests.warehouses import own_warehouse
from tradewind.landing import load_files, reject
from tradewind.pipeline import build_and_publish
from tradewind.publishing import release_load
from tradewind.settings import Settings

LATER = MADE + timedelta(days=3)
GOOGLE = (
    "Day,Campaign{columns},Currency code,Cost,Clicks,Impr.\n2026-03-02,Brand{cells},USD,{cost},5,{seen}\n"
)
META = (
    "Day,Campaign name{columns},Amount spent (USD),Impressions,Link clicks\n"
    "2026-03-02,Brand{cells},{cost},{seen},5\n"
)
PINTEREST = (
    "Date,Campaign name{columns},Ad group name,Spend in account currency,Impressions,Outbound clicks\n"
    "2026-03-02,Brand{cells},G,{cost},{seen},5\n"
)
TIKTOK = (
    "Date,Campaign name{columns},Ad group name,Ad name,Cost,Impressions,Clicks (destination)\n"
    "2026-03-02,Brand{cells},G,A,{cost},{seen},5\n"
)
AMAZON = (
    "Start Date,End Date,Currency,Campaign Name,Ad Group Name,Targeting,Match Type,Customer Search Term,"
    "Impressions,Clicks,Spend,7 Day Total Sales,7 Day Total Orders (#)\n"
    "2026-03-02,2026-03-02,USD,Brand,G,lamp,BROAD,lamp,{seen},5,{cost},0,0\n"
)


def ads(layout: str, cost: str = "10.00", seen: str = "100", **cells: str) -> str:
    """A file of one row; further columns by their headers."""
    return layout.format(
        columns="".join(f",{name.replace('_', ' ')}" for name in cells),
        cells="".join(f",{cell}" for cell in cells.values()),
        cost=cost, seen=seen,
    )  # fmt: skip


# by store: the two files, what becomes of the second, and what is shown
CASES = {
    "dashes": (
        {"a.csv": ads(GOOGLE, Customer_ID="123-456-7890"), "b.csv": ads(GOOGLE, Customer_ID="1234567890")},
        "loaded", "10.00",
    ),
    "float": (
        {
            "a.csv": ads(GOOGLE, Customer_ID="1234567890.0"),
            "b.csv": ads(GOOGLE, "10.50", Customer_ID="123 456 7890")
        },
        "loaded", "10.50",
    ),
    "wide": (
        {
            "a.csv": ads(META, Account_ID="act_123456789"),
            "b.csv": ads(META, "70.00", Account_ID="１２３４５６７８９ ")
        },
        "loaded", "70.00",
    ),
    "idfolder": (
        {"account=123-456-7890/a.csv": ads(GOOGLE), "b.csv": ads(GOOGLE, "11.00", Customer_ID="1234567890")},
        "loaded", "11.00",
    ),
    "case": (
        {"account=Main Shop/a.csv": ads(AMAZON), "account=ｍain  shop/b.csv": ads(AMAZON, "70.00")},
        "loaded", "70.00",
    ),
    "stated": (
        {"account=main/a.csv": ads(META), "account=main/b.csv": ads(META, "70.00", "900")}, "loaded", "70.00",
    ),
    "statedid": (
        {
            "a.csv": ads(TIKTOK, Advertiser_ID="7001"),
            "b.csv": ads(TIKTOK, "70.00", "900", Advertiser_ID="7001")
        },
        "loaded", "70.00",
    ),
    "renamed": (
        {
            "account=m/a.csv": ads(META, Account_name="Acme"),
            "account=m/b.csv": ads(META, "11.00", Account_name="Acme Ltd")
        },
        "loaded", "11.00",
    ),
    "named": (
        {"account=m/a.csv": ads(META, Account_name="Acme"), "account=m/b.csv": ads(META, "70.00", "900")},
        "loaded", "70.00",
    ),
    "unlikenames": (
        {
            "account=m/a.csv": ads(META, Account_name="Acme"),
            "account=m/b.csv": ads(META, "70.00", "900", Account_name="Beta"),
        },
        "account_unclear", "10.00",
    ),
    "names": (
        {"a.csv": ads(META, Account_name="Acme"), "b.csv": ads(META, Account_name="Acme Ltd")},
        "account_twice", "10.00",
    ),
    "folders": (
        {
            "account=acme/a.csv": ads(AMAZON),
            "account=acme ltd/b.csv": ads(AMAZON) + "\n"
        }, "account_twice", "10.00",
    ),
    "nameid": (
        {"a.csv": ads(TIKTOK, Advertiser_name="Acme"), "b.csv": ads(TIKTOK, "10.50", Advertiser_ID="7001")},
        "account_twice", "10.00",
    ),
    "half": (
        {"account=main/a.csv": ads(PINTEREST), "b.csv": ads(PINTEREST) + "\n"}, "account_twice", "10.00",
    ),
    "halfback": (
        {"a.csv": ads(GOOGLE), "account=main/b.csv": ads(GOOGLE, "10.01")}, "account_twice", "10.00",
    ),
    "things": (
        {
            "account=x/a.csv": ads(GOOGLE, Campaign_ID="9"),
            "account=y/b.csv": ads(GOOGLE, "70.00", "900", Campaign_ID="9"),
        },
        "account_twice", "10.00",
    ),
    "two": (
        {"a.csv": ads(GOOGLE, Customer_ID="1112223333"), "b.csv": ads(GOOGLE, Customer_ID="9998887777")},
        "loaded", "20.00",
    ),
    "twonames": (
        {"a.csv": ads(META, Account_name="Acme"), "b.csv": ads(META, "10.50", "110", Account_name="Beta")},
        "loaded", "20.50",
    ),
    "twofolders": (
        {"a.csv": ads(AMAZON), "account=second/b.csv": ads(AMAZON, "70.00", "900")}, "loaded", "80.00",
    ),
    "onefolder": (
        {
            "account=a/a.csv": ads(GOOGLE, Customer_ID="1112223333"),
            "account=a/b.csv": ads(GOOGLE, Customer_ID="9998887777"),
        },
        "loaded", "20.00",
    ),
    "released": (
        {"account=a/a.csv": ads(META), "account=b/b.csv": ads(META) + "\n"}, "account_twice", "20.00",
    ),
    "rejected": (
        {"account=a/a.csv": ads(META), "account=b/b.csv": ads(META) + "\n"}, "account_twice", "10.00",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def second_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, dict[str, str]]]:
    """A warehouse with all cases, the second files on top of a build; what became of each of those."""
    with own_warehouse(tmp_path_factory.mktemp("accounts")) as settings:
        became = {}
        # without a store, in the landing folder itself
        put(settings, "nowhere.csv", ads(GOOGLE, "33.00", Customer_ID="333-444-5555"))
        for store, (files, _, _) in CASES.items():
            name, content = next(iter(files.items()))
            put(settings, f"store={store}/{name}", content)
        build(settings)
        for store, (files, _, _) in CASES.items():
            name, content = list(files.items())[1]
            became[store] = put(settings, f"store={store}/{name}", content, LATER)
        became["somewhere"] = put(
            settings, "store=somewhere/a.csv", ads(GOOGLE, "33.00", Customer_ID="3334445555"), LATER
        )
        release_load(load_id(settings, "store=released/account=b/b.csv"), "two accounts", "t", settings)
        reject(load_id(settings, "store=rejected/account=b/b.csv"), "the same account", settings)
        build(settings, full_refresh=False)
        yield settings, became


@pytest.mark.parametrize("store", CASES)
def test_an_ad_account_counts_once_however_it_is_written(
    second_files: tuple[Settings, dict[str, str]], store: str
) -> None:
    settings, became = second_files
    _, outcome, shown = CASES[store]
    assert (became[store], spend(settings, store)) == (outcome, Decimal(shown))


def test_a_file_without_a_store_does_not_count_beside_its_double_in_one(
    second_files: tuple[Settings, dict[str, str]],
) -> None:
    settings, became = second_files
    assert became["somewhere"] == "account_twice"
    assert spend(settings, "somewhere") is None
    assert spend(settings, "unassigned") == Decimal("33.00")


def test_the_reason_names_both_loads_and_every_way_out(second_files: tuple[Settings, dict[str, str]]) -> None:
    settings, _ = second_files
    first, second = (load_id(settings, f"store=names/{name}.csv") for name in "ab")
    [(details, reason)] = rows(
        settings, "select reason_details, reason from ops.load where load_id = %s and state = 'held'", second
    )
    assert details == {"load_id": second, "other": first}
    for part in (f"load {first}", f"reject LOAD={second}", f"release LOAD={second}", "account=NAME"):
        assert part in reason


def test_what_a_person_has_released_is_not_asked_again(second_files: tuple[Settings, dict[str, str]]) -> None:
    settings, _ = second_files
    file = settings.landing / "store=released/account=b/b.csv"
    assert [item.state for item in load_files([file], settings)] == ["duplicate"]


ORDERS = (
    "Name,Financial Status,Currency,Subtotal,Total,Discount Amount,Refunded Amount,Created at,"
    "Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku{id}\n"
    "#1001,{status},USD,0,0,0,0,2026-03-02 10:00:00 -0500,1,Lamp,{price},A{cell}\n"
)


def order(price: str, number: str | None = None, status: str = "paid") -> str:
    return ORDERS.format(
        price=price, status=status, id=",Id" if number else "", cell=f",{number}" if number else ""
    )


# by store: two files of one order number and second, and what is sold
ORDER_CASES = {
    "ids": (order("100", "11"), order("7", "12"), "107"),
    "sameid": (order("100", "11"), order("100", "11", "pending"), "100"),
    "noid": (order("100"), order("100", None, "pending"), "100"),
    "idlater": (order("100"), order("100", "11", "pending"), "100"),
    "idbefore": (order("100", "11"), order("100", None, "pending"), "100"),
    "unlike": (order("100"), order("7"), "100"),
    "unlikeid": (order("100", "11"), order("7"), "100"),
}


def test_an_order_is_what_the_platform_calls_it_and_no_other_takes_its_place(tmp_path: Path) -> None:
    with own_warehouse(tmp_path) as settings:
        for name, (first, _, _) in ORDER_CASES.items():
            put(settings, f"store={name}/a.csv", first)
        assert build_and_publish(settings).state == "published"
        for name, (_, second, _) in ORDER_CASES.items():
            put(settings, f"store={name}/b.csv", second, LATER)
        assert build_and_publish(settings).state == "published"
        shown = rows(
            settings,
            "select store_id, sum(gross_amount) from marts.fct_sales_line where is_counted group by 1",
        )
        assert dict(shown) == {name: Decimal(total) for name, (_, _, total) in ORDER_CASES.items()}
        assert rows(settings, "select file_path from ops.load where state = 'held' order by 1") == [
            ("store=unlike/b.csv",), ("store=unlikeid/b.csv",)
        ]  # fmt: skip
