"""The filter bar on top of a page: period, comparison, store, and team or person."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard.components import choices
from dashboard.components.page import Context
from dashboard.measures import Kind, Metric
from dashboard.periods import (
    COMPARISONS,
    PRESET_DAYS,
    Period,
    months_between,
    resolve_comparison,
    resolve_period,
)
from dashboard.queries.metrics import Scope

ALL = "all"
TEAM = "team:"
UNASSIGNED = "unassigned"


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader has chosen, resolved to days, stores and people."""

    period: Period
    comparison: Period | None
    comparison_choice: str
    store_id: str | None
    people: str | None
    employee_ids: tuple[str, ...] | None

    def scope(self, context: Context, metric_ids: tuple[str, ...], period: Period | None = None) -> Scope:
        """The question about some metrics within what is chosen, over `period` where that differs."""
        metrics = tuple(context.metrics[name] for name in metric_ids)
        comparison = self.comparison if period is None else None
        return Scope(metrics, period or self.period, comparison, self.store_id, self.employee_ids)

    def target_scopes(self, context: Context, metric: Metric) -> list[tuple[str, str]]:
        """Whose target applies, nearest first.

        A wider scope's target holds for a narrower one where it is a rate; a sum's is for its own alone.
        """
        wider = [("post", metric.post_id), ("company", "")]
        if self.people is not None and self.store_id is not None:
            own = []
        elif self.people is None:
            own = [("store", self.store_id)] if self.store_id else []
        elif self.people.startswith(TEAM):
            own = [("team", self.people.removeprefix(TEAM))]
        else:
            person = context.employees.get(self.people)
            own = [
                ("employee", self.people),
                *([("team", person.team_id)] if person and person.team_id else []),
            ]
        if metric.kind is Kind.SUM:
            return own[:1] if self.people or self.store_id else wider
        return own + wider

    def parameters(self) -> dict[str, str | None]:
        """The same choice for a link to another page."""
        names = ("period", "compare", "store", "people", "from", "to")
        return {name: st.query_params.get(name) for name in names}


def show_filters(context: Context, post_id: str | None = None) -> Filters:
    """Draw the bar and return what is chosen; with a post, its teams and people can be chosen too."""
    first_day, last_day = context.extent.first_day, context.extent.last_day
    assert first_day is not None and last_day is not None  # noqa: S101 - the page has numbers
    columns = st.columns(4 if post_id else 3)
    with columns[0]:
        period_choice = _choose_period(context, months_between(first_day, last_day))
    custom = None
    if period_choice == "custom":
        with columns[0]:
            custom = choices.custom_days(context.text("filters.days"), first_day, last_day)
    period = resolve_period(period_choice, last_day, custom)
    with columns[1]:
        comparison_choice = choices.select(
            "compare",
            context.text("filters.compare"),
            COMPARISONS,
            COMPARISONS[0],
            lambda choice: context.text(f"filters.compare_{choice}"),
        )
    with columns[2]:
        store = choices.select(
            "store",
            context.text("filters.store"),
            (ALL, *context.stores),
            ALL,
            lambda store_id: (
                context.text("filters.all_stores") if store_id == ALL else context.store_name(store_id)
            ),
        )
    people = ALL
    if post_id:
        with columns[3]:
            people = choose_people(context, post_id)
    comparison = resolve_comparison(comparison_choice, period)
    chosen = None if people == ALL else people
    return Filters(
        period,
        comparison,
        comparison_choice,
        None if store == ALL else store,
        chosen,
        members(context, chosen),
    )


def _choose_period(context: Context, months: list[str]) -> str:
    def show(choice: str) -> str:
        if choice in PRESET_DAYS or choice == "custom":
            return context.text(f"filters.period_{choice}")
        return context.format.month(choice)

    return choices.select(
        "period", context.text("filters.period"), (*PRESET_DAYS, *months, "custom"), "28d", show
    )


def choose_people(context: Context, post_id: str) -> str:
    """Choose everybody, a team, a person, or nobody's part, of a post."""
    staff = [person for person in context.employees.values() if person.post_id == post_id]
    teams = {person.team_id: person.team_name for person in staff if person.team_id}
    options = (
        ALL,
        *(f"{TEAM}{team}" for team in sorted(teams)),
        *(person.employee_id for person in staff),
        UNASSIGNED,
    )

    def show(option: str) -> str:
        if option == ALL:
            return context.text("filters.everybody")
        if option.startswith(TEAM):
            team = option.removeprefix(TEAM)
            return context.text("filters.team", name=teams.get(team) or team)
        return context.person_name(option)

    return choices.select("people", context.text("filters.people"), options, ALL, show)


def members(context: Context, people: str | None) -> tuple[str, ...] | None:
    """The people a choice stands for; None for everybody."""
    if people is None:
        return None
    if people.startswith(TEAM):
        team = people.removeprefix(TEAM)
        return tuple(person.employee_id for person in context.employees.values() if person.team_id == team)
    return (people,)
