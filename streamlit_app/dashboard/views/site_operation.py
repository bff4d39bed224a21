"""Site operation: do the shops sell what they should, and to whom?"""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from dashboard.components import choices, figures
from dashboard.components.blocks import show_figure, show_sentence
from dashboard.components.board import Board
from dashboard.components.filters import Filters
from dashboard.components.page import Context
from dashboard.formatting import plain
from dashboard.palette import ACCENT
from dashboard.queries.sales import CountrySales, read_sales_by_country
from dashboard.views import post

POST = "site_operation"
COUNTRIES = 12


def show(context: Context) -> None:
    """The page."""
    post.show(context, POST, _show_countries)


def _show_countries(context: Context, _board: Board, filters: Filters) -> None:
    if filters.people is not None:
        return
    st.subheader(context.text("operation.countries"), anchor=False)
    currency = _choose_currency(context, filters)
    in_store_currency = currency != context.format.currency
    rows = read_sales_by_country(
        context.snapshot, filters.period, filters.comparison, filters.store_id, in_store_currency
    )
    now = {row.country: row for row in rows if row.is_current and row.gross_amount}
    if not now:
        st.caption(context.text("operation.no_countries"))
        return
    before = {row.country: row.gross_amount for row in rows if not row.is_current}
    ranked = sorted(now.values(), key=lambda row: -(row.gross_amount or 0))
    show_sentence(_sentence(context, ranked, currency))
    shown = [_row(context, row, before.get(row.country), currency) for row in ranked[:COUNTRIES]]
    compared = None
    if filters.comparison is not None and before:
        compared = context.format.days(filters.comparison.start, filters.comparison.end)
    title = f"{context.text('operation.gross_sales')} ({currency})"
    figure = figures.amounts(shown, context.axis("money"), title, compared, [ACCENT] * len(shown))
    show_figure(figure, context.text("operation.countries_alt"), "countries")


def _choose_currency(context: Context, filters: Filters) -> str:
    """The reporting currency, or the store's own where one store is chosen: never two in one chart."""
    reporting = context.format.currency
    own = context.stores[filters.store_id].currency if filters.store_id in context.stores else None
    if not own or own == reporting:
        return reporting
    return choices.segments(
        "currency", context.text("filters.currency"), (reporting, own), reporting, str, hide_label=False
    )


def _sentence(context: Context, ranked: list[CountrySales], currency: str) -> str:
    whole = sum((row.gross_amount or Decimal(0) for row in ranked), Decimal(0))
    first = ranked[0]
    words = context.text(
        "operation.countries_sentence",
        country=plain(_country(context, first.country)),
        share=plain(context.format.percent((first.gross_amount or Decimal(0)) / whole)),
        amount=plain(context.format.value(whole, "money", currency)),
        count=len(ranked),
    )
    if len(ranked) > COUNTRIES:
        words += context.text("operation.countries_more", count=len(ranked) - COUNTRIES)
    left_out = sum((row.unconverted_lines for row in ranked), Decimal(0))
    if left_out:
        words += context.text("operation.unconverted", count=context.format.count(left_out))
    return words


def _row(context: Context, row: CountrySales, before: Decimal | None, currency: str) -> figures.Change:
    return figures.Change(
        _country(context, row.country),
        None if before is None else float(before),
        float(row.gross_amount or 0),
        "" if before is None else context.format.value(before, "money", currency),
        context.format.value(row.gross_amount, "money", currency),
    )


def _country(context: Context, country: str) -> str:
    return (
        context.format.country(country)
        if country not in ("", "unknown")
        else context.text("operation.unknown_country")
    )
