"""The frame around every page: title, navigation, and the language its names are in."""

from __future__ import annotations

import streamlit as st

from dashboard.components.links import streamlit_page
from dashboard.components.page import current_language
from dashboard.registry import PAGES
from insight.text import get_text

st.set_page_config(page_title="Tradewind", layout="wide")
text = get_text(current_language())
st.navigation([streamlit_page(page, text(f"pages.{page.name}")) for page in PAGES], position="top").run()
