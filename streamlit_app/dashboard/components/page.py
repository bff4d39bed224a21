"""What every page run does: language, one transaction, banners, and kind words for whatever goes wrong."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import psycopg
import streamlit as st

from dashboard.components import choices, figures, states
from dashboard.database import Snapshot, Status, TooBusyError, get_warehouse
from dashboard.formatting import Formatter
from dashboard.measures import Kind, Metric
from dashboard.queries import catalogue
from dashboard.text import LANGUAGES, Text, choose_language, get_text
from tradewind.settings import Settings, get_settings
from tradewind.warehouse import WarehouseNotReadyError

logger = logging.getLogger(__name__)
REFRESH_SECONDS = 2
JUST_READ = "version_just_read"
LANGUAGE_NAMES = {"en": "English", "zh": "中文"}


@dataclass(frozen=True)
class Context:
    """All that a view needs: words, formats, and the transaction it reads through."""

    text: Text
    snapshot: Snapshot
    settings: Settings

    @property
    def status(self) -> Status:
        """What is published and what is on its way."""
        return self.snapshot.status

    @cached_property
    def extent(self) -> catalogue.Extent:
        """First and last day that has numbers."""
        return catalogue.read_extent(self.snapshot)

    @cached_property
    def format(self) -> Formatter:
        """Formats of the page's language."""
        currency = self.extent.currency if self.status.is_published else None
        return Formatter(self.text, currency or self.settings.reporting_currency)

    @cached_property
    def metric_rows(self) -> dict[str, catalogue.MetricRow]:
        """The catalogue by metric, in its order."""
        return {row.metric_id: row for row in catalogue.read_metrics(self.snapshot)}

    @cached_property
    def metrics(self) -> dict[str, Metric]:
        """The metrics with names in the page's language."""
        return {
            row.metric_id: Metric(
                row.metric_id,
                row.post_id,
                self.text.pick(row.name_en, row.name_zh),
                Kind(row.kind),
                row.unit,
                row.direction,
                row.is_implemented,
                row.is_additive_across_platforms,
                row.headline_definition_code,
                row.min_denominator,
                self.text.pick(row.waiting_for_en, row.waiting_for_zh),
                {
                    rule.definition_code: rule.unit
                    for rule in self.definitions.values()
                    if rule.metric_id == row.metric_id
                },
            )
            for row in self.metric_rows.values()
        }

    @cached_property
    def stores(self) -> dict[str, catalogue.Store]:
        """All stores, in the order that gives them their colours."""
        return {store.store_id: store for store in catalogue.read_stores(self.snapshot)}

    @cached_property
    def employees(self) -> dict[str, catalogue.Employee]:
        """Everybody on the roster."""
        return {person.employee_id: person for person in catalogue.read_employees(self.snapshot)}

    @cached_property
    def definitions(self) -> dict[tuple[str, str], catalogue.Definition]:
        """The counting rules by metric and code."""
        return {
            (row.metric_id, row.definition_code): row for row in catalogue.read_definitions(self.snapshot)
        }

    def axis(self, unit: str) -> figures.Scale:
        """How an axis of a unit is drawn in the page's language."""
        return figures.scale(unit, self.text.language)

    def store_name(self, store_id: str) -> str:
        """A store's name."""
        if store_id in ("", "unassigned"):
            return self.text("names.no_store")
        return self.stores[store_id].store_name if store_id in self.stores else store_id

    def person_name(self, employee_id: str) -> str:
        """A person's name."""
        if employee_id in ("", "unassigned"):
            return self.text("names.no_owner")
        return self.employees[employee_id].employee_name if employee_id in self.employees else employee_id

    def platform_name(self, platform: str | None) -> str:
        """A platform's name."""
        return self.text.lookup("platforms", platform or "none")

    def rule_name(self, metric_id: str, definition_code: str) -> str:
        """The name of a counting rule."""
        rule = self.definitions.get((metric_id, definition_code))
        return self.text.pick(rule.name_en, rule.name_zh) if rule else definition_code


def current_language() -> str:
    """The reader's language: chosen, else the browser's."""
    return choices.current("lang", LANGUAGES, choose_language(None, st.context.locale))


def run_page(show: Callable[[Context], None], title_key: str, *, needs_publication: bool = True) -> None:
    """Run one page: `show` gets its context inside one transaction; nothing it meets becomes a stack
    trace."""
    text = get_text(current_language())
    _show_title(text, title_key)
    version: tuple[Any, ...] | None = None
    try:
        with get_warehouse().snapshot() as snapshot:
            version = snapshot.status.version
            context = Context(text, snapshot, get_settings())
            states.show_held_banner(text, context.format, snapshot.status)
            if needs_publication and not snapshot.status.is_published:
                states.show_before_first_publication(text, snapshot.status, context.settings.landing)
            elif needs_publication and context.extent.last_day is None:
                states.show_no_numbers(text, context.settings.landing)
            else:
                show(context)
    except WarehouseNotReadyError:
        states.show_error(text, "not_started")
    except TooBusyError:
        states.show_error(text, "too_busy")
    except psycopg.errors.QueryCanceled:
        states.show_error(text, "too_slow")
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName, psycopg.errors.UndefinedColumn):
        logger.exception("The warehouse lacks something that the page %s reads", title_key)
        states.show_error(text, "not_built")
    except psycopg.OperationalError:
        states.show_error(text, "no_answer")
    except Exception:
        logger.exception("The page %s failed", title_key)
        states.show_error(text, "unexpected")
    st.session_state[JUST_READ] = version is not None
    _follow_publications(version)


def _show_title(text: Text, title_key: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title(text(f"titles.{title_key}"), anchor=False)
        default = choose_language(None, st.context.locale)
        choices.segments("lang", text("controls.language"), LANGUAGES, default, LANGUAGE_NAMES.__getitem__)


@st.fragment(run_every=REFRESH_SECONDS)
def _follow_publications(version: tuple[Any, ...] | None) -> None:
    """Run the page again as soon as there is something newer to see, so that a file shows up by itself."""
    if st.session_state.pop(JUST_READ, False):
        # part of a whole page run, which has only just read the version
        return
    latest = latest_version()
    if latest is not None and latest != version:
        st.rerun()


def latest_version() -> tuple[Any, ...] | None:
    """The version of what is published now; None while the warehouse does not say."""
    try:
        with get_warehouse().snapshot() as snapshot:
            return snapshot.status.version
    except (psycopg.Error, TooBusyError, WarehouseNotReadyError):
        return None
