"""Shop sales by country of the buyer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from insight.database import Snapshot, cached_per_publication
from insight.measures import Money, NotAddableError
from insight.periods import Period

# what is converted is in one currency, whatever it was sold in; else only what was sold in it counts
REPORTED = """
    sum(gross_amount_reporting),
    coalesce(sum(line_count) filter (where gross_amount_reporting is null), 0)::numeric
"""
AS_SOLD = """
    sum(gross_amount) filter (where currency = %(currency)s),
    coalesce(sum(line_count) filter (where currency <> %(currency)s), 0)::numeric
"""


@dataclass(frozen=True, slots=True)
class SalesQuestion:
    """Sales of which days and stores, in which currency: as sold in it, or converted to it."""

    period: Period
    comparison: Period | None
    store_id: str | None
    currency: str
    is_converted: bool


class CountrySales(NamedTuple):
    """Sales of a country over a period, and the order lines that are left out of them."""

    country: str
    is_current: bool
    gross: Money | None
    lines_left_out: Decimal


@cached_per_publication
def read_sales_by_country(snapshot: Snapshot, question: SalesQuestion) -> list[CountrySales]:
    """Gross sales by country."""
    compared = question.comparison or question.period
    rows = snapshot.rows(
        f"""
        select coalesce(country, ''), business_date between %(start)s and %(end)s as is_current,
            {REPORTED if question.is_converted else AS_SOLD}
        from marts.fct_sales_country_daily
        where (business_date between %(start)s and %(end)s
            or business_date between %(comparison_start)s and %(comparison_end)s)
            and (%(store_id)s::text is null or store_id = %(store_id)s)
        group by 1, 2
        """,  # noqa: S608 - one of two texts, chosen above
        {
            "start": question.period.start,
            "end": question.period.end,
            "comparison_start": compared.start,
            "comparison_end": compared.end,
            "store_id": question.store_id,
            "currency": question.currency,
        },
    )
    return [
        CountrySales(country, is_current, None if amount is None else Money(amount, question.currency), lines)
        for country, is_current, amount, lines in rows
    ]


def total_sales(rows: Iterable[CountrySales]) -> CountrySales | None:
    """The sales of all countries together; None where there are none.

    Raises:
        NotAddableError: they are in two currencies, or of the period and the one compared with.
    """
    total: CountrySales | None = None
    for row in rows:
        total = row if total is None else _together(total, row)
    return total


def _together(first: CountrySales, second: CountrySales) -> CountrySales:
    if first.is_current != second.is_current:
        raise NotAddableError("sales of two periods")
    known = [gross for gross in (first.gross, second.gross) if gross is not None]
    gross = known[0] + known[1] if len(known) > 1 else known[0] if known else None
    return CountrySales("", first.is_current, gross, first.lines_left_out + second.lines_left_out)
