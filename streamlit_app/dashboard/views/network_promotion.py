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
from dashboard.measures import value_of
from dashboard.palette import INK, colour_of
from dashboard.queries.metrics import read_totals
from dashboard.readings import total_of
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
    claimed, sales = board.judged.get(CLAIMED), context.metrics.get(SHOP_SALES)
    if claimed is None or sales is None or sales.headline_definition_code is None:
        return
    claims = {
        variant.key.platform or "": value
        for variant in claimed.reading.variants
        if (value := claimed.reading.value(variant)) is not None
    }
    if not claims or filters.people is not None:
        return
    # of the two rules by which sales are counted the one of the card
    totals = read_totals(context.snapshot, filters.scope(context, (SHOP_SALES,)))
    shop = value_of(sales.kind, total_of(sales, totals, sales.headline_definition_code)) or Decimal(0)
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
