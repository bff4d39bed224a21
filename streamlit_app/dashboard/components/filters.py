"""The filter bar on top of a page: period, comparison, store, and team or person."""

from __future__ import annotations

import streamlit as st

from dashboard.components import choices
from insight.context import Context
from insight.periods import (
    COMPARISONS,
    PRESET_DAYS,
    months_between,
    resolve_comparison,
    resolve_period,
)
from insight.selection import TEAM, UNASSIGNED, Filters, members

ALL = "all"
KEPT = ("period", "compare", "store", "people", "from", "to")


def chosen_parameters() -> dict[str, str | None]:
    """What is chosen in the bar, for a link to another page."""
    return {name: st.query_params.get(name) for name in KEPT}


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
