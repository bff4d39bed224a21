"""Network promotion: does promotion pay, and where?"""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from dashboard.components import figures
from dashboard.components.blocks import show_figure, show_sentence
from dashboard.components.board import Board
from dashboard.components.filters import Filters
from dashboard.components.page import Context
from dashboard.formatting import plain
from dashboard.palette import INK, colour_of
from dashboard.queries.metrics import read_totals
from dashboard.views import post

POST = "network_promotion"
CLAIMED = "promo_attributed_sales"
SHOP_SALES = "ops_gross_merchandise_value"


def show(context: Context) -> None:
    """The page."""
    post.show(context, POST, _show_claims)


def _show_claims(context: Context, board: Board, filters: Filters) -> None:
    """What each platform claims to have sold, beside what the shops sold: claims overlap and are never
    added."""
    claims: dict[str, Decimal] = {}
    for total in board.totals:
        if total.metric_id == CLAIMED and total.is_current and total.amount.numerator is not None:
            claims[total.platform] = claims.get(total.platform, Decimal(0)) + total.amount.numerator
    if not claims or filters.people is not None or SHOP_SALES not in context.metrics:
        return
    sales = read_totals(context.snapshot, filters.scope(context, (SHOP_SALES,)))
    shop = sum((total.amount.numerator or Decimal(0) for total in sales if total.is_current), Decimal(0))
    st.subheader(context.text("promotion.claims"), anchor=False)
    largest = max(claims, key=lambda platform: claims[platform])
    if shop > 0:
        share = context.format.percent(claims[largest] / shop)
        show_sentence(
            context.text(
                "promotion.claims_share", platform=plain(context.platform_name(largest)), share=plain(share)
            )
        )
    else:
        show_sentence(context.text("promotion.claims_no_sales"))
    platforms = tuple(sorted({total.platform for total in board.totals}))
    rows = [
        _amount(context, context.platform_name(platform), value) for platform, value in sorted(claims.items())
    ]
    colours = [colour_of(platform, platforms) for platform in sorted(claims)]
    rows.append(_amount(context, context.text("promotion.shop_sales"), shop))
    title = f"{context.text('promotion.axis')} ({context.format.currency})"
    figure = figures.amounts(rows, context.axis("money"), title, None, [*colours, INK])
    show_figure(figure, context.text("promotion.claims_alt"), "claims")


def _amount(context: Context, name: str, value: Decimal) -> figures.Change:
    return figures.Change(name, None, float(value), "", context.format.value(value, "money"))
