"""The pages, and links to them that carry what the reader has chosen."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

OVERVIEW = "app_pages/overview.py"
NETWORK_PROMOTION = "app_pages/network_promotion.py"
SITE_OPERATION = "app_pages/site_operation.py"
METRICS = "app_pages/metric_catalogue.py"
HEALTH = "app_pages/data_health.py"
EVIDENCE = "app_pages/evidence.py"

POST_PAGES = {"network_promotion": NETWORK_PROMOTION, "site_operation": SITE_OPERATION}


def link(page: str, label: str, parameters: dict[str, str | None] | None = None) -> None:
    """A link to a page with what is set of `parameters`, and the language."""
    st.page_link(page, label=label, query_params=_chosen(parameters) or None)


def go(page: str, parameters: dict[str, str | None]) -> NoReturn:
    """Open a page as its link would."""
    st.switch_page(page, query_params=_chosen(parameters) or None)


def _chosen(parameters: dict[str, str | None] | None) -> dict[str, str]:
    chosen = {name: value for name, value in (parameters or {}).items() if value}
    language = st.query_params.get("lang")
    if language and "lang" not in chosen:
        chosen["lang"] = language
    return chosen
