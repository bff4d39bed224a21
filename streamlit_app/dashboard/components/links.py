"""Links to pages that carry what the reader has chosen."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import NoReturn

import streamlit as st

from dashboard.registry import Page


def streamlit_page(page: Page, title: str = "") -> st.Page:
    """The page as Streamlit knows it, for its navigation and for links to it."""
    # the default page has an address of its own to Streamlit, which is not shown
    path = page.address or page.name
    return st.Page(partial(_open, page), title=title or page.name, url_path=path, default=not page.address)


def _open(page: Page) -> None:
    # what draws a page has links to others, so it is known by its name alone here
    show = import_module(page.view).show
    import_module("dashboard.components.page").run_page(page, show)


def link(page: Page, label: str, parameters: dict[str, str | None] | None = None) -> None:
    """A link to a page with what is set of `parameters`, and the language."""
    st.page_link(streamlit_page(page), label=label, query_params=_chosen(parameters) or None)


def go(page: Page, parameters: dict[str, str | None]) -> NoReturn:
    """Open a page as its link would."""
    st.switch_page(streamlit_page(page), query_params=_chosen(parameters) or None)


def _chosen(parameters: dict[str, str | None] | None) -> dict[str, str]:
    chosen = {name: value for name, value in (parameters or {}).items() if value}
    language = st.query_params.get("lang")
    if language and "lang" not in chosen:
        chosen["lang"] = language
    return chosen
