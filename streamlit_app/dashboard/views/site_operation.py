"""What the page of site operation has of its own."""

from __future__ import annotations

import streamlit as st

from dashboard.components import choices
from dashboard.components.blocks import show_block
from insight.blocks.countries import countries
from insight.board import Board
from insight.context import Context
from insight.selection import Filters


def show_countries(context: Context, _board: Board, filters: Filters) -> None:
    """Where the buyers are."""
    if filters.people is not None:
        return
    st.subheader(context.text("operation.countries"), anchor=False)
    block = countries(context, filters, _choose_currency(context, filters))
    if block is None:
        st.caption(context.text("operation.no_countries"))
    else:
        show_block(block, "countries")


def _choose_currency(context: Context, filters: Filters) -> str:
    """The reporting currency, or the store's own where one store is chosen: never two in one chart."""
    reporting = context.format.currency
    own = context.stores[filters.store_id].currency if filters.store_id in context.stores else None
    if not own or own == reporting:
        return reporting
    return choices.segments(
        "currency", context.text("filters.currency"), (reporting, own), reporting, str, hide_label=False
    )
