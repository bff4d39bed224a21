"""Data health, the files: by source, one by one, and the records set aside."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from dashboard.components import choices
from dashboard.components.blocks import Layout, choose_row, show_table
from insight.context import Context
from insight.formatting import file_text, plain, shorten, shorten_path
from insight.queries import health
from insight.queries.health import Exclusion, Load, QuarantinedRow, Source
from insight.reasons import reason_in_words
from insight.selection import UNASSIGNED
from tradewind.settings import EXAMPLES_DIR

ALL = "all"
SHOWN_FILES = 500
SHOWN_RECORDS = 500
OUR_PLATFORM = "tradewind"
# names and paths are cut in the middle, by us, where a cell would cut off their end
SHOWN_LAST_NAME = 23
SHOWN_NAME = 35
SHOWN_PATH = 46


def show_sources(context: Context) -> None:
    """One line a source: last file, its age, rows in = loaded + set aside."""
    text = context.text
    sources = health.read_sources(context.snapshot, text.language)
    fed = [source for source in sources if source.files]
    st.markdown(text("health.sources_sentence", fed=len(fed), all=len(sources)))
    if fed:
        st.caption(text("health.states_help"))
        columns: dict[str, list[Any]] = {
            text("health.source"): [shorten_path(source.title, SHOWN_PATH) for source in fed],
            text("health.age"): [_age(context, source.last_file_at) for source in fed],
            text("health.file_count"): [source.files for source in fed],
            text("health.files_refused"): [source.files_refused for source in fed],
            text("health.records_read"): [int(source.records_read) for source in fed],
            text("health.records_loaded"): [int(source.records_loaded) for source in fed],
            text("health.records_aside"): [int(source.records_quarantined) for source in fed],
            text("health.last_file"): [
                shorten(file_text(source.last_file_name or "–"), SHOWN_LAST_NAME) for source in fed
            ],
        }
        names = {text("health.source"): shorten_path, text("health.last_file"): shorten}
        show_table(columns, "sources", text("health.sources_alt"), Layout(names=names))
    missing = [source for source in sources if not source.files]
    if missing:
        st.subheader(text("health.missing_sources", count=len(missing)), anchor=False)
        st.markdown(text("health.where_to_drop"))
        st.code(str(context.settings.landing), language=None)
        absent = {text("health.source"): [source.title for source in missing]}
        show_table(absent, "missing_sources", text("health.missing_alt"))
    _offer_templates(context, sources)


def _offer_templates(context: Context, sources: list[Source]) -> None:
    """Our own files, to be filled in: their header row, and a filled example."""
    templates = [source for source in sources if source.platform == OUR_PLATFORM]
    if not templates:
        return
    text = context.text
    st.subheader(text("health.templates"), anchor=False)
    st.markdown(text("health.templates_help"))
    chosen = st.selectbox(
        text("health.template"), templates, format_func=lambda source: source.title.rpartition(" > ")[2]
    )
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(
        health.read_template(context.snapshot, chosen.report, text.language)
    )
    downloads = {"template": line.getvalue()}
    example = EXAMPLES_DIR / f"{chosen.report.removeprefix(f'{OUR_PLATFORM}_')}.csv"
    if example.is_file():
        # the columns of the example are those of the template, in their order
        _, _, rows = example.read_text(encoding="utf-8").partition("\n")
        downloads["example"] = line.getvalue() + rows
    for place, (name, content) in zip(st.columns(2), downloads.items(), strict=False):
        # a byte order mark, so that spreadsheets read what is filled in as UTF-8
        place.download_button(
            text(f"health.{name}_download"),
            content.encode("utf-8-sig"),
            f"{chosen.report}{'' if name == 'template' else '_example'}.csv",
            "text/csv",
            on_click="ignore",
            width="stretch",
        )


def show_files(context: Context) -> None:
    """Files, newest first; a file opens to its reason and its records set aside."""
    text = context.text
    left, right = st.columns(2)
    with left:
        state = choices.select(
            "state",
            text("health.state"),
            (ALL, *health.LOAD_STATES),
            ALL,
            lambda name: text("health.all_states") if name == ALL else text.lookup("load_states", name),
        )
    titles = _titles(context)
    with right:
        report = choices.select(
            "report",
            text("health.source"),
            (ALL, *titles),
            ALL,
            lambda name: titles.get(name, text("health.all_sources")),
        )
    loads = health.read_loads(
        context.snapshot, None if state == ALL else state, None if report == ALL else report, SHOWN_FILES
    )
    if not loads:
        st.info(text("health.no_files"))
        return
    st.markdown(text("health.choose_file"))
    st.caption(text("health.states_help"))
    columns = _file_columns(context, loads, titles)
    # the reason is read in full once a file is opened
    layout = Layout(
        names={text("health.file"): shorten, text("health.source"): shorten_path},
        gives_way=text("health.reason"),
    )
    place = choose_row(columns, f"files_{state}_{report}", text("health.files_alt"), layout)
    opened = loads[place] if place is not None else _load_of_url(context)
    if opened is not None:
        st.query_params["load"] = str(opened.load_id)
        _show_file(context, opened, titles)


def _titles(context: Context) -> dict[str, str]:
    """The reports' titles in the page's language."""
    sources = health.read_sources(context.snapshot, context.text.language)
    return {source.report: source.title for source in sources}


def _age(context: Context, moment: datetime | None) -> str:
    return context.format.duration(datetime.now(UTC) - moment) if moment else "–"


def _load_of_url(context: Context) -> Load | None:
    wanted = st.query_params.get("load", "")
    return (
        health.read_load(context.snapshot, int(wanted)) if wanted.isdecimal() and len(wanted) < 19 else None
    )


def _file_columns(context: Context, loads: list[Load], titles: dict[str, str]) -> dict[str, list[Any]]:
    """What the files are; why they are not loaded only where one of them is not."""
    text = context.text
    columns: dict[str, list[Any]] = {
        text("health.file"): [shorten(file_text(load.file_name), SHOWN_NAME) for load in loads],
        text("health.state"): [text.lookup("load_states", load.state) for load in loads],
        text("health.source"): [
            shorten_path(titles.get(load.report or "", load.report or "–"), SHOWN_PATH) for load in loads
        ],
        text("filters.store"): [
            "–" if load.store_id in ("", UNASSIGNED) else load.store_id for load in loads
        ],
        text("health.records_loaded"): [load.records_loaded for load in loads],
        text("health.records_aside"): [load.records_quarantined for load in loads],
        text("health.age"): [_age(context, load.finished_at or load.started_at) for load in loads],
    }
    reasons = [_reason(context, load) for load in loads]
    return {**columns, text("health.reason"): reasons} if any(reasons) else columns


def _reason(context: Context, load: Load) -> str:
    if load.state == "superseded" and load.superseded_by is not None and not load.reason:
        return context.text("health.superseded_by", load=load.superseded_by)
    language = context.text.language
    reason = reason_in_words(language, "load_reasons", load.reason_code, load.reason, load.reason_details)
    warnings = (
        reason_in_words(language, "load_warnings", item["code"], item["reason"], item["details"])
        for item in load.warnings
    )
    return " ".join(filter(None, [reason, *warnings]))


def _show_file(context: Context, load: Load, titles: dict[str, str]) -> None:
    text, formats = context.text, context.format
    st.subheader(plain(file_text(load.file_name)), anchor=False)
    st.markdown(
        text(
            "health.file_facts",
            state=text.lookup("load_states", load.state),
            path=plain(file_text(load.file_path)),
            source=plain(titles.get(load.report or "", load.report or text("health.unknown_report"))),
            when=plain(formats.time(load.finished_at or load.started_at)),
        )
    )
    if load.records_read or load.records_ignored:
        st.markdown(_count_records(context, load))
    reason = _reason(context, load)
    if reason:
        st.markdown(f"**{text('health.reason')}**: {plain(reason)}")
    rows = health.read_quarantine(context.snapshot, load.load_id, SHOWN_RECORDS)
    if rows:
        st.markdown(f"**{text('health.aside_of_file', count=formats.count(load.records_quarantined))}**")
        _show_records(context, rows, "file_quarantine")


def _count_records(context: Context, load: Load) -> str:
    text, formats = context.text, context.format
    words = text(
        "health.file_records",
        read=formats.count(load.records_read),
        loaded=formats.count(load.records_loaded),
        aside=formats.count(load.records_quarantined),
    )
    if load.records_ignored:
        words += text("health.file_ignored", count=formats.count(load.records_ignored))
    return words


def show_quarantine(context: Context) -> None:
    """Records set aside, by reason and one by one; and loaded records that a rule keeps out of a number."""
    text, formats = context.text, context.format
    counts = health.count_quarantine(context.snapshot)
    rows = health.read_quarantine(context.snapshot, None, SHOWN_RECORDS)
    if counts:
        st.markdown(
            text("health.quarantine_sentence", count=formats.count(health.count_set_aside(context.snapshot)))
        )
        columns: dict[str, list[Any]] = {
            text("health.reason"): [text.lookup("row_reason_names", code) for code, _, _ in counts],
            text("health.records"): [count for _, count, _ in counts],
            text("health.file_count"): [files for _, _, files in counts],
        }
        show_table(columns, "quarantine_counts", text("health.quarantine_counts_alt"))
        _show_records(context, rows, "quarantine", with_file=True)
    else:
        st.success(text("health.nothing_aside"))
    if context.status.is_published:
        excluded = health.read_exclusions(context.snapshot)
        rules = [text.lookup("exclusion_rules", row.rule_code) for row in excluded]
        _records_in_marts(context, "exclusions", excluded, rules)
        flagged = health.read_flags(context.snapshot)
        signs = [text.lookup("record_flags", row.rule_code) for row in flagged]
        _records_in_marts(context, "flags", flagged, signs)


def _records_in_marts(context: Context, name: str, found: list[Exclusion], rules: list[str]) -> None:
    """Records by rule and report: kept out of a number, or counted and odd."""
    if not found:
        return
    text, formats = context.text, context.format
    st.subheader(text(f"health.{name}"), anchor=False)
    st.markdown(text(f"health.{name}_help"))
    titles = _titles(context)
    columns: dict[str, list[Any]] = {
        text("health.rule"): rules,
        text("health.source"): [
            shorten_path(titles.get(row.report, row.report), SHOWN_PATH) for row in found
        ],
        text("health.records"): [row.records for row in found],
        text("health.first_day"): [formats.day(row.first_day) for row in found],
        text("health.last_day"): [formats.day(row.last_day) for row in found],
    }
    names = {text("health.source"): shorten_path}
    show_table(columns, name, text(f"health.{name}"), Layout(names=names))


def _show_records(context: Context, rows: list[QuarantinedRow], key: str, *, with_file: bool = False) -> None:
    text = context.text
    columns: dict[str, list[Any]] = {
        text("health.file"): [shorten(file_text(row.file_name), SHOWN_NAME) for row in rows],
        text("evidence.row"): [row.row_number for row in rows],
        text("evidence.column"): [row.column_name or "–" for row in rows],
        text("health.reason"): [
            reason_in_words(text.language, "row_reasons", row.reason_code, row.reason, row.reason_details)
            for row in rows
        ],
    }
    if not with_file:
        del columns[text("health.file")]
    names = {text("health.file"): shorten} if with_file else {}
    show_table(columns, key, text("health.quarantine_alt"), Layout(names=names))
