"""What platforms claim to have sold, beside what the shops sold: claims overlap and are never added."""

from __future__ import annotations

from decimal import Decimal

from insight import figures
from insight.blocks import Block
from insight.board import Board
from insight.context import Context
from insight.formatting import plain
from insight.measures import value_of
from insight.palette import INK, colour_of
from insight.queries.metrics import read_totals
from insight.readings import total_of
from insight.selection import Filters

CLAIMED = "promo_attributed_sales"
SHOP_SALES = "ops_gross_merchandise_value"


def claims(context: Context, board: Board, filters: Filters) -> Block | None:
    """What each platform claims to have sold, beside what the shops sold; None where nobody claims."""
    claimed, sales = board.judged.get(CLAIMED), context.metrics.get(SHOP_SALES)
    if claimed is None or sales is None or sales.headline_definition_code is None:
        return None
    claimed_sales = {
        variant.key.platform or "": value
        for variant in claimed.reading.variants
        if (value := claimed.reading.value(variant)) is not None
    }
    if not claimed_sales or filters.people is not None:
        return None
    # of the two rules by which sales are counted the one of the card
    totals = read_totals(context.snapshot, filters.scope(context, (SHOP_SALES,)))
    shop = value_of(sales.kind, total_of(sales, totals, sales.headline_definition_code)) or Decimal(0)
    largest = max(claimed_sales, key=lambda platform: claimed_sales[platform])
    sentence = context.text("promotion.claims_no_sales")
    if shop > 0:
        share = plain(context.format.percent(claimed_sales[largest] / shop))
        platform = plain(context.platform_name(largest))
        sentence = context.text("promotion.claims_share", platform=platform, share=share)
    platforms = tuple(sorted({total.platform for total in board.totals}))
    rows = [
        _amount(context, context.platform_name(platform), value)
        for platform, value in sorted(claimed_sales.items())
    ]
    colours = [colour_of(platform, platforms) for platform in sorted(claimed_sales)]
    rows.append(_amount(context, context.text("promotion.shop_sales"), shop))
    title = f"{context.text('promotion.axis')} ({context.format.currency})"
    figure = figures.amounts(rows, context.axis("money"), title, None, [*colours, INK])
    return Block(sentence, figure, context.text("promotion.claims_alt"))


def _amount(context: Context, name: str, value: Decimal) -> figures.Change:
    return figures.Change(name, None, float(value), "", context.format.value(value, "money"))
