"""Network promotion: does promotion pay, and where?"""

from __future__ import annotations

import streamlit as st

from dashboard.components.blocks import show_block
from dashboard.views import post
from insight.blocks.claims import claims
from insight.board import Board
from insight.context import Context
from insight.selection import Filters

POST = "network_promotion"


def show(context: Context) -> None:
    """The page."""
    post.show(context, POST, _show_claims)


def _show_claims(context: Context, board: Board, filters: Filters) -> None:
    block = claims(context, board, filters)
    if block is not None:
        st.subheader(context.text("promotion.claims"), anchor=False)
        show_block(block, "claims")
