"""Every page, in both languages, as a reader meets it."""

from __future__ import annotations

import json
from typing import NoReturn

import psycopg
import pytest
from pandas.api.types import is_integer_dtype
from streamlit.testing.v1 import AppTest

from dashboard.components.blocks import BOXES_TO_TICK, MARGINS
from dashboard.registry import PAGES
from insight.database import TooBusyError
from tests.streamlit_app import warehouse
from tests.streamlit_app.conftest import RunPage, open_page
from tradewind.settings import Settings
from tradewind.warehouse import Role, WarehouseNotReadyError, connect


def words_of(test: AppTest) -> str:
    """All that a page says."""
    parts = [
        element.value for kind in ("title", "subheader", "markdown", "caption") for element in test.get(kind)
    ]
    return "\n".join(str(part) for part in parts)


@pytest.mark.parametrize("page", [page.name for page in PAGES])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_page_runs_without_an_error_in_both_languages(run_page: RunPage, page: str, language: str) -> None:
    test = run_page(page, lang=language)

    assert not test.exception
    words = words_of(test)
    assert "could not be shown" not in words and "无法显示本页" not in words
    assert any("\u4e00" <= letter <= "\u9fff" for letter in test.title[0].value) == (language == "zh")


def test_overview_says_what_is_off_since_when_and_whose(run_page: RunPage) -> None:
    words = words_of(run_page("overview", lang="en"))
    assert "**Gross sales** is off target at 42\\.0K USD, its target is 56\\.0K USD" in words
    assert "since the week of 27 Aug" in words
    assert "Most of it is Lumen Home Deutschland" in words and "Priya Nair" in words


def test_overview_lists_every_live_index_with_the_worst_first(run_page: RunPage) -> None:
    table = run_page("overview", lang="en").dataframe[0].value
    assert table["Standing"].iloc[0] == "▼ off target"
    values = dict(zip(table["Index"], table["Value"], strict=True))
    assert values["Conversion rate"] == "1.00% – 2.00%"
    assert values["Repurchase rate"] == "10.0% – 20.0%"


def test_values_that_must_not_be_added_stand_side_by_side(run_page: RunPage) -> None:
    words = words_of(run_page("network_promotion", lang="en"))
    assert "must not be added or averaged" in words
    assert "rule roas: Google Ads **2\\.25×** · Meta Ads **2\\.25×**" in words


def test_shop_sales_beside_the_claims_are_those_of_one_rule(run_page: RunPage) -> None:
    charts = run_page("network_promotion", lang="en").get("plotly_chart")
    (claims,) = [chart for chart in charts if "claim" in chart.proto.alt]
    (bars,) = [trace for trace in json.loads(claims.proto.spec)["data"] if trace.get("orientation") == "h"]
    assert dict(zip(bars["y"], bars["customdata"], strict=True))["Shop sales (cap)"] == "42.0K USD"


def test_sales_in_another_currency_than_the_stores_are_left_out_and_counted(run_page: RunPage) -> None:
    test = run_page("site_operation", lang="en", store="lumen-au", currency="AUD")
    assert "2 order lines are in other currencies and are left out" in words_of(test)


def test_silent_post_names_the_files_it_waits_for(run_page: RunPage) -> None:
    english, chinese = words_of(run_page("overview", lang="en")), words_of(run_page("overview", lang="zh"))
    assert "tickets \\(Zendesk\\)" in english and "工单（Zendesk）" in chinese


def test_state_stands_in_the_url_and_wrong_values_fall_back(run_page: RunPage) -> None:
    test = run_page("site_operation", lang="en", store="lumen-de", period="7d", metric="' or 1=1")
    assert test.selectbox(key="choice_store").value == "lumen-de"
    assert test.selectbox(key="choice_period").value == "7d"
    assert test.selectbox(key="choice_metric").value == "ops_gross_merchandise_value"
    assert test.query_params["store"] == "lumen-de" and "metric" not in test.query_params


def test_chosen_store_goes_into_the_url_and_changes_the_number(run_page: RunPage) -> None:
    test = run_page("site_operation", lang="en")
    test.selectbox(key="choice_store").set_value("lumen-de").run()
    assert test.query_params["store"] == "lumen-de"
    assert {metric.label: metric.value for metric in test.metric}["Gross sales"] == "14.0K USD"


def test_names_of_people_are_no_links(run_page: RunPage) -> None:
    words = words_of(run_page("network_promotion", lang="en"))
    assert "Jonas" in words and "://x" not in words


def test_catalogue_finds_by_word_and_post(run_page: RunPage) -> None:
    everything = run_page("metrics", lang="en")
    assert len(everything.expander) == len(warehouse.LIVE) + len(warehouse.WAITING)
    found = run_page("metrics", lang="en", q="repurchase", post="site_operation")
    assert ["Repurchase rate" in expander.label for expander in found.expander] == [True]
    assert "`window_90d`" in words_of(found)


def test_search_is_typed_or_stands_in_the_url_and_is_kept_short(run_page: RunPage) -> None:
    typed = run_page("metrics", lang="en").text_input(key="q").set_value("repurchase").run()
    assert len(typed.expander) == len(run_page("metrics", lang="en", q="repurchase").expander) == 1
    long = run_page("metrics", lang="en", q="x" * 200)
    assert not long.exception and not long.expander


def test_evidence_adds_up_and_opens_the_row_of_the_file(run_page: RunPage) -> None:
    test = run_page(
        "evidence", lang="en", metric="ops_gross_merchandise_value", store="lumen-de", load="1", row="1",
        **{"from": "2026-09-01", "to": "2026-09-30"},
    )  # fmt: skip
    words = words_of(test)
    assert "Adds up" in words and "15,000\\.00 USD" in words
    assert "Row 1 of orders\\.csv" in words
    cells = test.dataframe[-1].value
    assert cells.iloc[:, 1].tolist() == ["#1001", "•••"]


def test_evidence_with_a_nonsense_address_still_answers(run_page: RunPage) -> None:
    test = run_page(
        "evidence", lang="en", metric="x", load="999", row="-1", **{"from": "soon", "to": "2026-99-99"}
    )
    assert not test.exception
    assert "Adds up" in words_of(test)


def test_data_health_counts_files_that_are_held_back(run_page: RunPage, page_settings: Settings) -> None:
    change = "update ops.load set state = %s where load_id = 1 and state = %s"
    with connect(Role.ADMIN, page_settings) as connection:
        connection.execute(change, ["held", "loaded"])
    try:
        words = words_of(run_page("health", lang="en"))
    finally:
        with connect(Role.ADMIN, page_settings) as connection:
            connection.execute(change, ["loaded", "held"])
    assert "Files: **0** loaded, **1** refused, **1** held back, **1** waiting" in words


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ("sources", "report types have brought files"),
        ("files", "Choose a file"),
        ("quarantine", "could not be loaded"),
        ("checks", "checks passed"),
        ("publications", "decisions"),
        ("models", "1 models, seeds and tests took 0.420 s; the slowest, `fct_metric_daily`"),
    ],
)
def test_every_section_of_data_health_opens(run_page: RunPage, section: str, expected: str) -> None:
    assert expected in words_of(run_page("health", lang="en", section=section))


def test_file_opens_to_its_records_set_aside(run_page: RunPage) -> None:
    test = run_page("health", lang="en", section="files", load="1")
    assert "orders\\.csv" in words_of(test)
    assert test.dataframe[-1].value.iloc[0].tolist()[-1] == "order_id is empty"


def test_failed_check_is_said_in_words_above_the_table(run_page: RunPage, page_settings: Settings) -> None:
    with connect(Role.ADMIN, page_settings) as admin:
        warehouse.publish(admin, "held", "marts_gate_failed")
    try:
        words = words_of(run_page("health", lang="en", section="checks"))
        assert "1 of 1 checks failed" in words
        assert "▼ failed" in words and "3 of 10 wrong" in words and "sales cannot be negative" in words
    finally:
        with connect(Role.ADMIN, page_settings) as admin:
            warehouse.publish(admin)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("page", "section", "window"),
    [
        ("health", "sources", 1024),
        ("health", "files", 1024),
        ("health", "quarantine", 1024),
        ("health", "checks", 1280),
        ("health", "publications", 1024),
        ("health", "models", 1024),
        ("evidence", "", 1280),
        ("overview", "", 1280),
    ],
)
def test_table_fits_its_window_and_groups_whole_numbers(
    run_page: RunPage, page: str, section: str, window: int, language: str
) -> None:
    parameters = {"section": section} if section else {"metric": "ops_conversion_rate"}
    tables = run_page(page, lang=language, **parameters).dataframe
    assert tables
    for table in tables:
        config = json.loads(table.proto.columns)
        config.pop("_index", None)
        assert config.keys() == set(table.value.columns)
        boxes = BOXES_TO_TICK if table.proto.selection_mode else 0
        assert sum(column.get("width") or 0 for column in config.values()) + boxes <= window - MARGINS
        for name, cells in table.value.items():
            if is_integer_dtype(cells.dtype):
                assert config[name]["type_config"]["format"] == "%,d", name


def test_held_publication_is_said_with_since_when_and_why(run_page: RunPage, page_settings: Settings) -> None:
    with connect(Role.ADMIN, page_settings) as admin:
        warehouse.publish(admin, "held", "marts_gate_failed")
    try:
        english, chinese = run_page("overview", lang="en"), run_page("overview", lang="zh")
        assert "held back" in english.warning[0].value
        assert "did not pass their checks" in english.warning[0].value
        assert "暂缓发布" in chinese.warning[0].value
        assert len(english.dataframe[0].value), "the last good numbers stay up"
    finally:
        with connect(Role.ADMIN, page_settings) as admin:
            warehouse.publish(admin)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (psycopg.OperationalError("no"), "does not answer"),
        (psycopg.errors.QueryCanceled("slow"), "longer than 30 seconds"),
        (WarehouseNotReadyError("no secrets"), "never started"),
        (TooBusyError(), "Too many readers"),
        (ValueError("secret detail"), "could not be shown"),
    ],
)
def test_error_is_said_in_words_without_its_trace(
    run_page: RunPage, monkeypatch: pytest.MonkeyPatch, error: Exception, expected: str
) -> None:
    def fail() -> NoReturn:
        raise error

    monkeypatch.setattr("dashboard.components.page.get_warehouse", fail)
    monkeypatch.setattr("dashboard.components.page.latest_version", lambda: None)
    test = run_page("overview", lang="en")
    words = words_of(test)
    assert not test.exception
    assert expected in words and "secret detail" not in words and "Traceback" not in words


def test_choice_is_kept_when_the_menu_leads_to_another_page(run_page: RunPage) -> None:
    test = run_page("site_operation", lang="zh", store="lumen-de")
    test.query_params.clear()
    open_page(test, "network_promotion").run()
    assert test.title[0].value == "推广是否划算，划算在哪里？"
    assert test.selectbox(key="choice_store").value == "lumen-de"
    assert (test.query_params["store"], test.query_params["lang"]) == ("lumen-de", "zh")
