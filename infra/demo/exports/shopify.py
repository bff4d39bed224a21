"""Shopify's orders export (79 columns, one row a line), sales by variant, and visitors over time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal

from infra.demo.company import MONTHS, STORES
from infra.demo.events import Order, World
from infra.demo.exports.landing import Landing, csv_text, month_closed, month_of, names
from infra.demo.products import BY_SKU
from infra.demo.simulation.chance import CENT

ORDER_COLUMNS = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,"
    "Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,"
    "Lineitem quantity,Lineitem name,Lineitem price,Lineitem compare at price,Lineitem sku,"
    "Lineitem requires shipping,Lineitem taxable,Lineitem fulfillment status,Billing Name,Billing Street,"
    "Billing Address1,Billing Address2,Billing Company,Billing City,Billing Zip,Billing Province,"
    "Billing Country,Billing Phone,Shipping Name,Shipping Street,Shipping Address1,Shipping Address2,"
    "Shipping Company,Shipping City,Shipping Zip,Shipping Province,Shipping Country,Shipping Phone,Notes,"
    "Note Attributes,Cancelled at,Payment Method,Payment Reference,Refunded Amount,Vendor,"
    "Outstanding Balance,Employee,Location,Device ID,Id,Tags,Risk Level,Source,Lineitem discount,"
    "Tax 1 Name,Tax 1 Value,Tax 2 Name,Tax 2 Value,Tax 3 Name,Tax 3 Value,Tax 4 Name,Tax 4 Value,"
    "Tax 5 Name,Tax 5 Value,Phone,Receipt Number,Duties,Billing Province Name,Shipping Province Name,"
    "Payment ID,Payment Terms Name,Next Payment Due At,Payment References"
)
SALES_COLUMNS = (
    "Day,Product title,Product variant SKU,Month,Net items sold,Gross sales,Discounts,Returns,Net sales,"
    "Taxes,Total sales,Orders"
)
ZERO = Decimal(0)
SHOPS = ("lumen-au", "lumen-us")
# Australia's August was downloaded twice: once before the late refunds were booked
EARLY_MONTH = date(2026, 8, 1)
EARLY_DOWNLOAD = datetime(2026, 9, 3, 9, tzinfo=UTC)


def write(world: World, landing: Landing) -> None:
    """Write the three reports of both shops, a file a month each."""
    for store_id in SHOPS:
        orders = [order for order in world.orders if order.store_id == store_id]
        sales = _sales_rows(orders)
        for month in MONTHS:
            placed = [order for order in orders if order.placed_at.month == month.month]
            _write_orders(landing, store_id, month, placed, month_closed(month), "")
            if store_id == "lumen-au" and month == EARLY_MONTH:
                _write_orders(landing, store_id, month, placed, EARLY_DOWNLOAD, "_early")
            _write_sales(landing, store_id, month, sales)
            _write_visitors(landing, store_id, month, world)


def _write_orders(
    landing: Landing, store_id: str, month: date, orders: list[Order], downloaded_at: datetime, suffix: str
) -> None:
    # the newest order stands first, as in the platform's own list
    rows = [row for order in reversed(orders) for row in _order_rows(order, downloaded_at)]
    landing.write(
        f"store={store_id}/orders/orders_export_{month_of(month)}{suffix}.csv",
        csv_text(ORDER_COLUMNS, rows).encode(),
        downloaded_at,
        report="shopify_orders",
        records=len(rows),
    )


def _order_rows(order: Order, downloaded_at: datetime) -> Iterator[list[str]]:
    for position, line in enumerate(order.lines):
        cells = {
            "Name": f"#{order.number}",
            "Email": f"buyer{order.customer:05}@{order.store_id}.example.com",
            "Created at": _moment(order.placed_at),
            "Lineitem quantity": str(line.quantity),
            "Lineitem name": BY_SKU[line.sku].title,
            "Lineitem price": str(line.price),
            "Lineitem sku": line.sku,
            "Lineitem requires shipping": "true",
            "Lineitem taxable": "true",
            "Lineitem fulfillment status": "pending" if order.cancelled_at else "fulfilled",
            "Vendor": BY_SKU[line.sku].vendor,
            "Lineitem discount": "0.00",
        }
        if position == 0:
            cells |= _order_cells(order, downloaded_at)
        row = [cells.get(column, "") for column in names(ORDER_COLUMNS)]
        yield _spoilt(row) if order.is_spoilt else row


def _order_cells(order: Order, downloaded_at: datetime) -> dict[str, str]:
    is_refunded = order.refunded_at is not None and order.refunded_at <= downloaded_at
    refund = order.refund if is_refunded else Decimal("0.00")
    status = "paid"
    if refund:
        status = "refunded" if refund == order.total else "partially_refunded"
    country = STORES[order.store_id].country
    return {
        "Financial Status": status,
        "Paid at": _moment(order.placed_at),
        "Fulfillment Status": "unfulfilled" if order.cancelled_at else "fulfilled",
        "Accepts Marketing": "yes" if order.customer % 3 else "no",
        "Currency": STORES[order.store_id].currency,
        "Subtotal": str(order.gross - order.discount),
        "Shipping": str(order.shipping),
        "Taxes": str(order.tax),
        "Total": str(order.total),
        "Discount Code": order.discount_code,
        "Discount Amount": str(order.discount),
        "Shipping Method": "Standard",
        "Billing Name": f"Buyer {order.customer:05}",
        "Billing Country": country,
        "Shipping Name": f"Buyer {order.customer:05}",
        "Shipping Country": country,
        "Cancelled at": _moment(order.cancelled_at) if order.cancelled_at else "",
        "Payment Method": "Shopify Payments",
        "Refunded Amount": str(refund),
        "Outstanding Balance": "0.00",
        "Id": str(6_798_000_000_000 + order.number * 32_768),
        "Risk Level": "Low",
        "Source": "web",
        "Tax 1 Name": "GST 10%" if country == "AU" else "State Tax 7%",
        "Tax 1 Value": str(order.tax),
    }


def _spoilt(row: list[str]) -> list[str]:
    """What a careless hand leaves: a letter in the price, or a row cut off in the middle."""
    number = int(row[0].removeprefix("#"))
    if number % 2:
        return row[:20]
    price = names(ORDER_COLUMNS).index("Lineitem price")
    return [*row[:price], row[price].replace(".", ",") + "O", *row[price + 1 :]]


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S %z}"


def _write_sales(landing: Landing, store_id: str, month: date, rows: list[tuple[str, ...]]) -> None:
    held = [row for row in rows if row[0].startswith(month_of(month))]
    landing.write(
        f"store={store_id}/sales/Total sales by product variant - {month_of(month)}.csv",
        csv_text(SALES_COLUMNS, held).encode(),
        month_closed(month),
        report="shopify_sales_by_variant",
        records=len(held),
    )


@dataclass
class _Sold:
    """What the report says of a product and day."""

    items: int = 0
    gross: Decimal = ZERO
    discounts: Decimal = ZERO
    returns: Decimal = ZERO
    shipping: Decimal = ZERO
    orders: int = 0

    def cells(self) -> tuple[str, ...]:
        """The report's amounts: discounts and returns negative, tax at a tenth."""
        net = self.gross - self.discounts - self.returns
        tax = (net / 10).quantize(CENT, ROUND_HALF_UP)
        total = net + tax + self.shipping
        amounts = (self.gross, -self.discounts, -self.returns, net, tax, total)
        return (str(self.items), *(_plain(amount) for amount in amounts), str(self.orders))


def _sales_rows(orders: list[Order]) -> list[tuple[str, ...]]:
    """Sales on the order's day, returns on their own, shipping on a row without product; sorted by day."""
    sold: dict[tuple[date, str], _Sold] = defaultdict(_Sold)
    for order in orders:
        day = order.placed_at.date()
        for line, discount in zip(order.lines, _spread(order), strict=True):
            product = sold[day, line.sku]
            product.items += line.quantity
            product.gross += line.gross
            product.discounts += discount
            product.orders += 1
        if order.shipping:
            sold[day, ""].shipping += order.shipping
        if order.refunded_at:
            sold[order.refunded_at.date(), order.lines[0].sku].returns += order.refund
    return [
        (
            day.isoformat(),
            BY_SKU[sku].title if sku else "",
            sku,
            day.replace(day=1).isoformat(),
            *product.cells(),
        )
        for (day, sku), product in sorted(sold.items())
    ]


def _spread(order: Order) -> list[Decimal]:
    """The order's discount over its lines, the last one taking what rounding leaves."""
    shares = [
        (order.discount * line.gross / order.gross).quantize(CENT, ROUND_HALF_UP) for line in order.lines[:-1]
    ]
    return [*shares, order.discount - sum(shares, Decimal(0))]


def _plain(amount: Decimal) -> str:
    """Without trailing zeros, as the report prints it."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _write_visitors(landing: Landing, store_id: str, month: date, world: World) -> None:
    rows = [
        (visits.day.isoformat(), visits.visitors, visits.sessions)
        for visits in world.visits
        if visits.store_id == store_id and visits.day.month == month.month
    ]
    landing.write(
        f"store={store_id}/visitors/Visitors over time - {month_of(month)}.csv",
        csv_text("Day,Online store visitors,Sessions", rows).encode(),
        month_closed(month, day=2),
        report="shopify_visitors",
        records=len(rows),
    )
