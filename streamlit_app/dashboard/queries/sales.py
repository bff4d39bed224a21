"""Shop sales by country of the buyer."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from dashboard.database import Snapshot, cached_per_publication
from dashboard.periods import Period


class CountrySales(NamedTuple):
    """Sales of a country over a period; amounts in one currency."""

    country: str
    is_current: bool
    gross_amount: Decimal | None
    order_count: Decimal
    unconverted_lines: Decimal


@cached_per_publication
def read_sales_by_country(
    snapshot: Snapshot,
    period: Period,
    comparison: Period | None,
    store_id: str | None,
    in_store_currency: bool,
) -> list[CountrySales]:
    """Gross sales by country, in the reporting currency or, for one store, in its own."""
    compared = comparison or period
    amount = "gross_amount" if in_store_currency and store_id else "gross_amount_reporting"
    rows = snapshot.rows(
        f"""
        select coalesce(country, ''), business_date between %(start)s and %(end)s as is_current,
            sum({amount}), sum(order_count)::numeric,
            coalesce(sum(line_count) filter (where {amount} is null), 0)::numeric
        from marts.fct_sales_country_daily
        where (business_date between %(start)s and %(end)s
            or business_date between %(comparison_start)s and %(comparison_end)s)
            and (%(store_id)s::text is null or store_id = %(store_id)s)
        group by 1, 2
        """,  # noqa: S608 - one of two column names, chosen above
        {
            "start": period.start,
            "end": period.end,
            "comparison_start": compared.start,
            "comparison_end": compared.end,
            "store_id": store_id,
        },
    )
    return [CountrySales(*row) for row in rows]
