"""The frame around every page: title, navigation, and the language its names are in."""

from __future__ import annotations

import streamlit as st

from dashboard.components import links
from dashboard.components.page import current_language
from insight.text import get_text

PAGES = {
    "overview": links.OVERVIEW,
    "network_promotion": links.NETWORK_PROMOTION,
    "site_operation": links.SITE_OPERATION,
    "metrics": links.METRICS,
    "health": links.HEALTH,
    "evidence": links.EVIDENCE,
}

st.set_page_config(page_title="Tradewind", layout="wide")
text = get_text(current_language())
pages = [
    st.Page(path, title=text(f"pages.{name}"), url_path=name.replace("_", "-"), default=name == "overview")
    for name, path in PAGES.items()
]
st.navigation(pages, position="top").run()
