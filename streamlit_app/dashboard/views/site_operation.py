"""Site operation: do the shops sell what they should, and to whom?"""

from __future__ import annotations

import streamlit as st

from dashboard.components import choices, figures
from dashboard.components.blocks import show_figure, show_sentence
from dashboard.components.board import Board
from dashboard.components.filters import Filters
from dashboard.components.page import Context
from dashboard.formatting import plain
from dashboard.measures import Money
from dashboard.palette import ACCENT
from dashboard.queries.sales import SalesQuestion, read_sales_by_country, total_sales
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
    is_converted = currency == context.format.currency
    rows = read_sales_by_country(
        context.snapshot,
        SalesQuestion(filters.period, filters.comparison, filters.store_id, currency, is_converted),
    )
    now = {row.country: row.gross for row in rows if row.is_current and row.gross and row.gross.amount}
    whole = total_sales(row for row in rows if row.is_current)
    if not now or whole is None or whole.gross is None:
        st.caption(context.text("operation.no_countries"))
        return
    before = {row.country: row.gross for row in rows if not row.is_current}
    ranked = sorted(now.items(), key=lambda sales: -sales[1].amount)
    words = _sentence(context, ranked, whole.gross)
    if whole.lines_left_out:
        left_out = context.format.count(whole.lines_left_out)
        words += context.text(
            "operation.unconverted" if is_converted else "operation.other_currencies", count=left_out
        )
    show_sentence(words)
    shown = [_row(context, country, gross, before.get(country)) for country, gross in ranked[:COUNTRIES]]
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
