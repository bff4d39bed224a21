"""What the page of network promotion has of its own."""

from __future__ import annotations

import streamlit as st

from dashboard.components.blocks import show_block
from insight.blocks.claims import claims
from insight.board import Board
from insight.context import Context
from insight.selection import Filters


def show_claims(context: Context, board: Board, filters: Filters) -> None:
    """What platforms claim, beside what the shops sold."""
    block = claims(context, board, filters)
    if block is not None:
        st.subheader(context.text("promotion.claims"), anchor=False)
        show_block(block, "claims")
