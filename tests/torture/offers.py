"""Files as platforms export them, small but with everything that can be lost: made here, so that it is known
what each holds.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from pathlib import Path

from tests.torture.checker import Amount, Offer

# enough for several pages of a table and several blocks of a copy; so few bad records do not refuse the file
LARGE_ROWS = 1200
BAD_ROWS = 5
# too large to be loaded with others, and hashed before it is copied
CAMPAIGN_ROWS = 800
# small, with one bad record
ORDER_ROWS = 120


@dataclass(frozen=True)
class Batch:
    """The files of one strike: as they lie in landing, and as the checker is told of them."""

    paths: tuple[Path, ...]
    offers: tuple[Offer, ...]


class Platform:
    """Puts batches of files into a landing folder, and keeps account of everything that it ever offered."""

    def __init__(self, landing: Path, rng: random.Random) -> None:
        self._landing = landing
        self._rng = rng
        self._number = 0
        self.offers: list[Offer] = []

    def offer(self) -> Batch:
        """A new batch: a large file with bad records and its copy, one in UTF-16; and small ones: orders of
        persons with a bad record and their copy, a new version of a file that was there before, a file of no
        known report.
        """
        self._number += 1
        large = self._ads(f"ads-{self._number}.csv")
        orders = self._orders(f"orders-{self._number}.csv")
        return self._put(
            large,
            replace(large, path=f"ads-{self._number} (copy).csv"),
            self._campaigns(f"campaigns-{self._number}.csv"),
            orders,
            replace(orders, path=f"orders-{self._number} (copy).csv"),
            self._visitors("visitors.csv"),
            self._unknown(f"unknown-{self._number}.csv"),
        )

    def offer_large(self) -> Batch:
        """The large file alone: whatever happens, happens to it."""
        self._number += 1
        return self._put(self._ads(f"ads-{self._number}.csv"))

    def offer_for_small_disk(self) -> Batch:
        """A file alone whose table lies on the small disk."""
        self._number += 1
        return self._put(self._pins(f"pins-{self._number}.csv"))

    def _put(self, *offers: Offer) -> Batch:
        names = {offer.path for offer in offers}
        self.offers = [replace(old, is_replaced=old.path in names or old.is_replaced) for old in self.offers]
        self.offers += offers
        for offer in offers:
            _write(self._landing / offer.path, offer.content)
        return Batch(tuple(self._landing / offer.path for offer in offers), offers)

    def _ads(self, path: str) -> Offer:
        """Quoted cells with line breaks and quotes in them, text in many scripts, five bad records."""
        bad = frozenset(self._rng.sample(range(1, LARGE_ROWS), BAD_ROWS))
        # campaigns of its own: other numbers of the same ones would be another account's
        own = self._number
        names = [
            f'"Spring\r\nsale {own}, ""big"""', f"Été {own}", f'"a,{own}"', f"日本 {own}", f"plain {own}",
            f'"ünï {own} ""x"" "',
        ]  # fmt: skip
        lines = ["Day,Campaign name,Ad name,Amount spent (EUR),Impressions,Link clicks"]
        for number in range(1, LARGE_ROWS + 1):
            ad = f"ad {number} {'x' * 60}"
            cells = [self._day(), self._rng.choice(names), ad, self._money(), self._count(), self._count()]
            if number in bad:
                # too few cells, too many, or one that is not of its type; of a bad record whose quotes span
                # lines the loader would keep each line apart
                cells[1] = f"plain {own}"
                cells = self._rng.choice([cells[:-1], [*cells, "7"], [*cells[:-1], "many"]])
            lines.append(",".join(cells))
        return Offer(
            path,
            "\n".join([*lines, ""]).encode(),
            "meta_ads_campaign_daily",
            columns=_places("day campaign_name ad_name amount_spent impressions link_clicks"),
            amounts=(Amount("amount_spent", currency="EUR"),),
            bad=bad,
        )

    def _campaigns(self, path: str) -> Offer:
        """UTF-16 with tabs, a currency in each row, no line end behind the last."""
        lines = ["Day\tCampaign\tCurrency code\tClicks\tImpr.\tCost\tConv. value"]
        for number in range(CAMPAIGN_ROWS):
            currency = self._rng.choice(["EUR", "USD", "GBP"])
            numbers = [self._count(), self._count(), self._money(), self._money()]
            lines.append("\t".join([self._day(), f"Größe {self._number}/{number}", currency, *numbers]))
        return Offer(
            path,
            ("\ufeff" + "\n".join(lines)).encode("utf-16-le"),
            "google_ads_campaign_daily",
            columns=_places("day campaign currency_code clicks impr cost conv_value"),
            amounts=tuple(Amount(name, currency_column="currency_code") for name in ("cost", "conv_value")),
            encoding="utf-16-le",
            delimiter="\t",
        )

    def _orders(self, path: str) -> Offer:
        """A column of persons, whose pseudonyms are not compared."""
        bad = self._rng.randint(1, ORDER_ROWS)
        lines = [
            "Name,Email,Financial Status,Currency,Subtotal,Total,Created at,Lineitem quantity,Lineitem name,"
            "Lineitem price"
        ]
        for number in range(1, ORDER_ROWS + 1):
            amount = "many" if number == bad else self._money()
            day = f"{self._day()} 10:00:00 -0500"
            buyer = f"buyer{self._rng.randint(1, 50)}@example.com"
            lines.append(f"#{number},{buyer},paid,EUR,{amount},{amount},{day},1,Lamp,{self._money()}")
        return Offer(
            path,
            "\n".join([*lines, ""]).encode(),
            "shopify_orders",
            columns=_places("name _ financial_status currency subtotal total created_at", without="_"),
            amounts=(Amount("total", currency_column="currency"),),
            bad=frozenset([bad]),
        )

    def _visitors(self, path: str) -> Offer:
        """The same path in every batch, other bytes each time; CRLF, equal rows, blank lines."""
        lines = ["Day,Online store visitors,Sessions", f"2026-01-01,{self._number},{self._count()}"]
        lines += ["2026-01-02,7,9", "2026-01-02,7,9", "", f"{self._day()},,"]
        lines += [f"{self._day()},{self._count()},0", ""]
        return Offer(
            path,
            "\r\n".join(lines).encode(),
            "shopify_visitors",
            columns=_places("day online_store_visitors sessions"),
        )

    def _pins(self, path: str) -> Offer:
        """Large, and nothing in it but rows."""
        lines = ["Date,Campaign name,Ad group name,Spend in account currency,Impressions,Outbound clicks"]
        for number in range(LARGE_ROWS):
            numbers = [self._money(), self._count(), self._count()]
            lines.append(",".join([self._day(), f"pins {self._number}", f"group {number}", *numbers]))
        return Offer(
            path,
            "\n".join([*lines, ""]).encode(),
            "pinterest_ads_daily",
            columns=_places("date campaign_name ad_group_name spend_in_account_currency impressions"),
            amounts=(Amount("spend_in_account_currency", currency="EUR"),),
        )

    def _unknown(self, path: str) -> Offer:
        return Offer(path, f"no,such,report\n1,2,{self._number}\n".encode(), None)

    def _day(self) -> str:
        return f"2026-{self._rng.randint(1, 12):02d}-{self._rng.randint(1, 28):02d}"

    def _count(self) -> str:
        return str(self._rng.randint(0, 9999))

    def _money(self) -> str:
        return f"{self._rng.randint(0, 99999)}.{self._rng.randint(0, 99):02d}"


def _places(names: str, without: str = "") -> dict[str, int]:
    return {name: place for place, name in enumerate(names.split()) if name != without}


def _write(file: Path, content: bytes) -> None:
    """As a download does it: whole, under its name, in one step."""
    unfinished = file.with_name(f".{file.name}.part")
    unfinished.write_bytes(content)
    unfinished.replace(file)
