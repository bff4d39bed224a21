"""The trade shop's daily files, in the layout of the public online retail set."""

from __future__ import annotations

from datetime import date

from infra.demo.events import InvoiceLine, World
from infra.demo.exports.landing import Landing, csv_text, day_after

COLUMNS = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"


def write(world: World, landing: Landing) -> None:
    """Write one file a day that has invoices."""
    days: dict[date, list[InvoiceLine]] = {}
    for line in world.invoices:
        days.setdefault(line.placed_at.date(), []).append(line)
    for day, lines in days.items():
        rows = [
            (
                line.invoice,
                line.stock_code,
                line.description,
                line.quantity,
                f"{line.placed_at:%Y-%m-%d %H:%M:%S}",
                line.unit_price,
                f"{line.customer}.0" if line.customer else "",
                line.country,
            )
            for line in lines
        ]
        landing.write(
            f"store=lumen-trade/{day:%Y-%m-%d}.csv",
            csv_text(COLUMNS, rows).encode(),
            day_after(day),
            report="online_retail",
            records=len(rows),
        )
