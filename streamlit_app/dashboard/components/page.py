"""What every page run does: language, one transaction, banners, and kind words for whatever goes wrong."""

from __future__ import annotations

import logging
from collections.abc import Callable

import psycopg
import streamlit as st

from dashboard.components import choices, states
from dashboard.registry import Page
from insight.context import Context
from insight.database import TooBusyError, Version, get_warehouse
from insight.queries import health
from insight.text import LANGUAGES, Text, choose_language, get_text
from tradewind.settings import get_settings
from tradewind.warehouse import WarehouseNotReadyError

logger = logging.getLogger(__name__)
REFRESH_SECONDS = 2
JUST_READ = "version_just_read"
LANGUAGE_NAMES = {"en": "English", "zh": "中文"}


def current_language() -> str:
    """The reader's language: chosen, else the browser's."""
    return choices.current("lang", LANGUAGES, choose_language(None, st.context.locale))


def run_page(page: Page, show: Callable[[Context, Page], None]) -> None:
    """Run one page: `show` gets its context inside one transaction; nothing it meets becomes a stack
    trace."""
    text = get_text(current_language())
    _show_title(text, page)
    version: Version | None = None
    try:
        with get_warehouse().snapshot() as snapshot:
            version = snapshot.status.version
            context = Context(text, snapshot, get_settings())
            states.show_held_banner(text, context.format, snapshot.status)
            if page.needs_publication and not snapshot.status.is_published:
                files = health.count_files(snapshot)
                states.show_before_first_publication(text, files, context.settings.landing)
            elif page.needs_publication and context.extent.last_day is None:
                states.show_no_numbers(text, context.settings.landing)
            else:
                show(context, page)
    except WarehouseNotReadyError:
        states.show_error(text, "not_started")
    except TooBusyError:
        states.show_error(text, "too_busy")
    except psycopg.errors.QueryCanceled:
        states.show_error(text, "too_slow")
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName, psycopg.errors.UndefinedColumn):
        logger.exception("The warehouse lacks something that the page %s reads", page.name)
        states.show_error(text, "not_built")
    except psycopg.OperationalError:
        states.show_error(text, "no_answer")
    except Exception:
        logger.exception("The page %s failed", page.name)
        states.show_error(text, "unexpected")
    st.session_state[JUST_READ] = version is not None
    _follow_publications(version)


def _show_title(text: Text, page: Page) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title(text(f"titles.{page.name}"), anchor=False)
        default = choose_language(None, st.context.locale)
        choices.segments("lang", text("controls.language"), LANGUAGES, default, LANGUAGE_NAMES.__getitem__)


@st.fragment(run_every=REFRESH_SECONDS)
def _follow_publications(version: Version | None) -> None:
    """Run the page again as soon as there is something newer to see, so that a file shows up by itself."""
    if st.session_state.pop(JUST_READ, False):
        # part of a whole page run, which has only just read the version
        return
    latest = latest_version()
    if latest is not None and latest != version:
        st.rerun()


def latest_version() -> Version | None:
    """The version of what is published now; None while the warehouse does not say."""
    try:
        return get_warehouse().latest_version()
    except WarehouseNotReadyError:
        return None
