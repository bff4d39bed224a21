"""Evidence: the contributions a number is the sum of, down to the row of the file."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from dashboard.components import choices, links, states
from dashboard.components.blocks import WIDE, Layout, choose_row, show_table
from dashboard.components.filters import ALL, choose_people
from dashboard.registry import HEALTH, Page
from insight.context import Context
from insight.formatting import file_text, plain, shorten
from insight.measures import Kind, Metric, parts_of, value_of
from insight.periods import Period
from insight.queries import evidence, health
from insight.queries.evidence import Contribution, Question, Sums
from insight.selection import members
from insight.wording import value_name

PAGE_ROWS = 50
SHOWN_NAME = 23


def show(context: Context, _page: Page) -> None:
    """The page."""
    live = tuple(name for name, metric in context.metrics.items() if metric.is_implemented)
    if not live:
        states.show_no_numbers(context.text, context.settings.landing)
        return
    metric, question = _ask(context, live)
    published = evidence.sum_published(context.snapshot, question)
    if published.rows == 0:
        states.show_nothing_here(context.text, metric.waiting_for, context.settings.landing)
        return
    contributed = evidence.sum_contributions(context.snapshot, question)
    _show_number(context, metric, question, published, contributed)
    chosen = _show_contributions(context, metric, question, contributed)
    if chosen is not None:
        _show_row(context, *chosen)


def _ask(context: Context, live: tuple[str, ...]) -> tuple[Metric, Question]:
    text = context.text
    top = st.columns(3)
    with top[0]:
        metric_id = choices.select(
            "metric", text("focus.metric"), live, live[0], lambda name: context.metrics[name].name
        )
    metric = context.metrics[metric_id]
    sides = evidence.read_sides(context.snapshot, metric_id)
    codes = tuple(dict.fromkeys(side.definition_code for side in sides)) or (
        metric.headline_definition_code or "",
    )
    first = metric.headline_definition_code if metric.headline_definition_code in codes else codes[0]
    with top[1]:
        code = choices.select(
            "rule", text("focus.rule"), codes, str(first), lambda rule: context.rule_name(metric_id, rule)
        )
    with top[2]:
        period = _choose_days(context)
    low = st.columns(3)
    sides = [side for side in sides if side.definition_code == code]
    # what must not be added up has no "all"
    stores: tuple[str, ...] = (ALL, *context.stores)
    if metric.kind.counts_people:
        stores = tuple(sorted({side.store_id for side in sides})) or ("",)
    with low[0]:
        store = choices.select(
            "store",
            text("filters.store"),
            stores,
            stores[0],
            lambda name: text("filters.all_stores") if name == ALL else context.store_name(name),
        )
    platforms = tuple(sorted({side.platform for side in sides if store in (ALL, side.store_id)}))
    may_add = metric.is_additive_across_platforms and not metric.kind.counts_people
    options = (ALL, *platforms) if may_add else platforms or ("",)
    with low[1]:
        platform = choices.select(
            "platform",
            text("evidence.platform"),
            options,
            options[0],
            lambda name: text("evidence.all_platforms") if name == ALL else context.platform_name(name),
        )
    with low[2]:
        people = choose_people(context, metric.post_id)
    question = Question(
        metric,
        code,
        period.start,
        period.end,
        None if store == ALL else store,
        None if platform == ALL else platform,
        members(context, None if people == ALL else people),
    )
    shown = replace(metric, unit=metric.unit_of(code))
    return shown, _at_its_day(context, metric, question)


def _choose_days(context: Context) -> Period:
    first_day, last_day = context.extent.first_day, context.extent.last_day
    assert first_day is not None and last_day is not None  # noqa: S101 - the page has numbers
    chosen = choices.custom_days(context.text("filters.days"), first_day, last_day)
    return chosen or Period(last_day.replace(day=1), last_day)


def _at_its_day(context: Context, metric: Metric, question: Question) -> Question:
    """A metric taken at a day is read from the last day of the period that has it."""
    if metric.kind is not Kind.SNAPSHOT:
        return question
    day = evidence.last_day_with_data(context.snapshot, question) or question.end
    return replace(question, start=day, end=day)


def _show_number(
    context: Context, metric: Metric, question: Question, published: Sums, contributed: Sums
) -> None:
    text, formats = context.text, context.format
    value = value_of(metric.kind, published.amount)
    unit = _parts_unit(context, question)
    left, right = st.columns((1, 2))
    with left:
        st.metric(plain(value_name(context, metric)), formats.value(value, metric.unit))
        st.caption(formats.days(question.start, question.end))
    with right:
        st.markdown(_made_of(context, metric, published))
        contributions = parts_of(metric.kind, contributed.amount)
        for name, shown in parts_of(metric.kind, published.amount).items():
            added = contributions[name]
            key = "evidence.adds_up" if shown == added else "evidence.differs"
            st.markdown(
                text(
                    key,
                    part=text(f"metrics.{name}"),
                    rows=formats.count(contributed.rows),
                    sum=plain(formats.exact(added, unit)),
                    shown=plain(formats.exact(shown, unit)),
                    difference=plain(formats.exact(shown - added, unit)),
                )
            )


def _made_of(context: Context, metric: Metric, published: Sums) -> str:
    row = context.metric_rows[metric.metric_id]
    if metric.kind is Kind.DISTINCT:
        return context.text("evidence.daily_average", days=len(published.amount.days))
    formula = f"`{row.numerator_text.replace('`', '')}`"
    if metric.kind.is_quotient:
        formula += f" ÷ `{row.denominator_text.replace('`', '')}`"
    return context.text("evidence.formula", formula=formula)


def _show_contributions(
    context: Context, metric: Metric, question: Question, contributed: Sums
) -> tuple[int, int] | None:
    """The table, largest contributions first; the (load, row) that is opened."""
    text = context.text
    st.subheader(text("evidence.contributions"), anchor=False)
    pages = max(-(-contributed.rows // PAGE_ROWS), 1)
    page = 1
    if pages > 1:
        page = int(
            st.number_input(text("evidence.page", pages=pages), 1, pages, 1, key="evidence_page", width=220)
        )
    rows = evidence.read_contributions(context.snapshot, question, PAGE_ROWS, (page - 1) * PAGE_ROWS)
    st.markdown(text("evidence.choose_row"))
    # another question is another table: a choice in the old one must not open a row of the new
    key = f"contributions_{page}_{hash(question)}"
    layout = Layout(WIDE, names={text("evidence.file"): shorten})
    place = choose_row(_columns(context, metric, question, rows), key, text("evidence.contributions"), layout)
    if place is not None:
        row = rows[place]
        if row.load_id is not None and row.row_number is not None:
            st.query_params["load"], st.query_params["row"] = str(row.load_id), str(row.row_number)
            return row.load_id, row.row_number
    load, number = st.query_params.get("load", ""), st.query_params.get("row", "")
    if load.isdecimal() and number.isdecimal() and len(load) < 19 and len(number) < 19:
        return int(load), int(number)
    return None


def _parts_unit(context: Context, question: Question) -> str:
    """What numerator and denominator are, which need not be the unit of the value."""
    rule = context.definitions.get((question.metric.metric_id, question.definition_code))
    return rule.parts_unit if rule else "count"


def _columns(
    context: Context, metric: Metric, question: Question, rows: list[Contribution]
) -> dict[str, list[Any]]:
    text, formats = context.text, context.format
    unit = _parts_unit(context, question)
    columns: dict[str, list[Any]] = {
        text("evidence.day"): [formats.day(row.business_date) for row in rows],
        text("evidence.what"): [row.description or row.event_model for row in rows],
        text("metrics.numerator"): [formats.exact(row.numerator, unit) for row in rows],
    }
    if metric.kind.is_quotient:
        columns[text("metrics.denominator")] = [formats.exact(row.denominator, unit) for row in rows]
    return {
        **columns,
        text("filters.store"): [context.store_name(row.store_id) for row in rows],
        text("evidence.platform"): [context.platform_name(row.platform) for row in rows],
        text("evidence.person"): [context.person_name(row.employee_id) for row in rows],
        text("evidence.file"): [shorten(file_text(row.file_name or "–"), SHOWN_NAME) for row in rows],
        text("evidence.row"): [row.row_number for row in rows],
    }


def _show_row(context: Context, load_id: int, row_number: int) -> None:
    """The raw row and the file it stands in."""
    text, formats = context.text, context.format
    file = evidence.read_source_file(context.snapshot, load_id)
    if file is None:
        st.info(text("evidence.no_such_row"))
        return
    st.subheader(
        text("evidence.raw_row", row=formats.count(row_number), file=plain(file_text(file.file_name))),
        anchor=False,
    )
    st.markdown(
        text(
            "evidence.file_facts",
            path=plain(file_text(file.file_path)),
            state=text.lookup("load_states", file.state),
            loaded=plain(formats.time(file.finished_at)),
            records=formats.count(file.records_loaded),
            all=formats.count(file.records_read),
        )
    )
    links.link(HEALTH, text("evidence.open_file"), {"section": "files", "load": str(load_id)})
    record = evidence.read_raw_record(context.snapshot, load_id, row_number)
    if record is None:
        st.info(text("evidence.no_such_row"))
        return
    # the database returns the cells in an order of its own; the reader compares them with the file
    order = [name for name in health.read_header(context.snapshot, file.report or "") if name in record]
    others = [name for name in record if name not in (*order, "load_id", "row_number")]
    cells = {name: record[name] for name in (*order, *others)}
    columns = {
        text("evidence.column"): list(cells),
        text("evidence.cell"): ["" if cell is None else str(cell) for cell in cells.values()],
    }
    show_table(columns, "raw_row", text("evidence.raw_row_alt"))
