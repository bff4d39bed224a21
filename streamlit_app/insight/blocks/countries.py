"""Where the buyers are: gross sales by country."""

from __future__ import annotations

from insight import figures
from insight.blocks import Block
from insight.context import Context
from insight.formatting import plain
from insight.measures import Money
from insight.palette import ACCENT
from insight.queries.sales import SalesQuestion, read_sales_by_country, total_sales
from insight.selection import Filters

COUNTRIES = 12


def countries(context: Context, filters: Filters, currency: str) -> Block | None:
    """Sales by country in one currency; None where no sale has a country."""
    is_converted = currency == context.format.currency
    rows = read_sales_by_country(
        context.snapshot,
        SalesQuestion(filters.period, filters.comparison, filters.store_id, currency, is_converted),
    )
    now = {row.country: row.gross for row in rows if row.is_current and row.gross and row.gross.amount}
    whole = total_sales(row for row in rows if row.is_current)
    if not now or whole is None or whole.gross is None:
        return None
    before = {row.country: row.gross for row in rows if not row.is_current}
    ranked = sorted(now.items(), key=lambda sales: -sales[1].amount)
    words = _sentence(context, ranked, whole.gross)
    if whole.lines_left_out:
        left_out = context.format.count(whole.lines_left_out)
        words += context.text(
            "operation.unconverted" if is_converted else "operation.other_currencies", count=left_out
        )
    shown = [_row(context, country, gross, before.get(country)) for country, gross in ranked[:COUNTRIES]]
    compared = None
    if filters.comparison is not None and before:
        compared = context.format.days(filters.comparison.start, filters.comparison.end)
    title = f"{context.text('operation.gross_sales')} ({currency})"
    figure = figures.amounts(shown, context.axis("money"), title, compared, [ACCENT] * len(shown))
    return Block(words, figure, context.text("operation.countries_alt"))


def _sentence(context: Context, ranked: list[tuple[str, Money]], whole: Money) -> str:
    first, gross = ranked[0]
    share = gross.share_of(whole)
    words = context.text(
        "operation.countries_sentence",
        country=plain(_country(context, first)),
        share=plain(
            context.text("numbers.not_available") if share is None else context.format.percent(share)
        ),
        amount=plain(context.format.value(whole.amount, "money", whole.currency)),
        count=len(ranked),
    )
    if len(ranked) > COUNTRIES:
        words += context.text("operation.countries_more", count=len(ranked) - COUNTRIES)
    return words


def _row(context: Context, country: str, gross: Money, before: Money | None) -> figures.Change:
    return figures.Change(
        _country(context, country),
        None if before is None else float(before.amount),
        float(gross.amount),
        "" if before is None else context.format.value(before.amount, "money", before.currency),
        context.format.value(gross.amount, "money", gross.currency),
    )


def _country(context: Context, country: str) -> str:
    return (
        context.format.country(country)
        if country not in ("", "unknown")
        else context.text("operation.unknown_country")
    )
