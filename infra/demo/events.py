"""What happens in the simulation. One event is what one record of an export says, before any file exists."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True)
class AdDay:
    """A day of one advertisement row; `group` is the ad group or search term, amounts are the account's."""

    store_id: str
    platform: str
    campaign: str
    campaign_type: str
    group: str
    day: date
    currency: str
    spend: Decimal
    impressions: int
    reach: int
    clicks: int
    conversions: Decimal
    conversion_value: Decimal


@dataclass(frozen=True)
class Visits:
    """A day of a shop's visitors and sessions."""

    store_id: str
    day: date
    visitors: int
    sessions: int


@dataclass(frozen=True)
class PageDay:
    """A day of one page, seen by people who came from advertisements."""

    store_id: str
    day: date
    path: str
    views: int
    active_users: int
    sessions: int
    bounced: int
    seconds: int


@dataclass(frozen=True)
class OrderLine:
    """A product of an order; `price` for one, before discounts and tax."""

    sku: str
    quantity: int
    price: Decimal

    @property
    def gross(self) -> Decimal:
        """Price times quantity."""
        return self.price * self.quantity


@dataclass
class Order:
    """A shop order. One that `is_spoilt` was damaged in a file that somebody edited by hand."""

    store_id: str
    number: int
    customer: int
    placed_at: datetime
    lines: list[OrderLine]
    discount_code: str
    discount: Decimal
    shipping: Decimal
    tax: Decimal
    refund: Decimal = Decimal(0)
    refunded_at: datetime | None = None
    cancelled_at: datetime | None = None
    is_spoilt: bool = False

    @property
    def gross(self) -> Decimal:
        """Sum of the lines before discount."""
        return sum((line.gross for line in self.lines), Decimal(0))

    @property
    def total(self) -> Decimal:
        """What the customer was charged."""
        return self.gross - self.discount + self.shipping + self.tax


@dataclass(frozen=True)
class ListingDay:
    """A day of one marketplace listing."""

    store_id: str
    day: date
    sku: str
    sessions: int
    page_views: int
    units: int
    order_items: int
    sales: Decimal
    business_units: int
    buy_box: int


@dataclass(frozen=True)
class MarketplaceOrder:
    """A marketplace's order item as its settlement shows it: principal, fees (negative), perhaps a refund."""

    store_id: str
    order_id: str
    sku: str
    quantity: int
    principal: Decimal
    commission: Decimal
    fulfilment_fee: Decimal
    posted_at: datetime
    refunded_at: datetime | None


@dataclass(frozen=True)
class AdCharge:
    """Advertising kept back from a settlement: the same money as in the report of the ads."""

    store_id: str
    posted_at: datetime
    amount: Decimal
    tax: Decimal


@dataclass(frozen=True)
class InvoiceLine:
    """A line of the trade shop. Cancellations and stock corrections have negative quantities."""

    invoice: str
    stock_code: str
    description: str
    quantity: int
    placed_at: datetime
    unit_price: Decimal
    customer: int | None
    country: str


@dataclass
class World:
    """Everything that happened."""

    ads: list[AdDay] = field(default_factory=list)
    # the same rows of June as the first download showed them, before conversions were restated
    first_reported_ads: list[AdDay] = field(default_factory=list)
    visits: list[Visits] = field(default_factory=list)
    pages: list[PageDay] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    listings: list[ListingDay] = field(default_factory=list)
    marketplace_orders: list[MarketplaceOrder] = field(default_factory=list)
    ad_charges: list[AdCharge] = field(default_factory=list)
    invoices: list[InvoiceLine] = field(default_factory=list)
