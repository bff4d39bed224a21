"""The questions to the warehouse, on numbers that can be checked by hand."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import psycopg
import pytest

from insight import database
from insight.database import Snapshot, TooBusyError, Version, cached_per_publication
from insight.measures import Kind, Metric, Money, NotAddableError, value_of
from insight.periods import Period
from insight.queries import catalogue, evidence, health, metrics
from insight.queries.evidence import Question
from insight.queries.metrics import Scope
from insight.queries.sales import SalesQuestion, read_sales_by_country, total_sales
from insight.readings import total_of
from tests.streamlit_app import warehouse
from tests.streamlit_app.conftest import open_warehouse
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

SEPTEMBER = Period(date(2026, 9, 1), date(2026, 9, 30))
AUGUST = Period(date(2026, 8, 1), date(2026, 8, 31))
GROSS = "ops_gross_merchandise_value"
REPEAT = "ops_repeat_purchase_rate"


def metric_of(metric_id: str) -> Metric:
    (row,) = [row for row in warehouse.LIVE if row[0] == metric_id]
    _, post_id, name, _, kind, unit, adds_up, rule, minimum = row
    return Metric(metric_id, post_id, name, Kind(kind), unit, "higher", True, adds_up, rule, minimum, "")


def scope(metric_id: str, period: Period = SEPTEMBER, **more: object) -> Scope:
    parts = {"comparison": None, "store_id": None, "employee_ids": None, **more}
    return Scope((metric_of(metric_id),), period, **parts)  # type: ignore[arg-type]


def test_totals_are_summed_by_store_for_both_periods(snapshot: Snapshot) -> None:
    totals = metrics.read_totals(snapshot, scope(GROSS, comparison=AUGUST))
    found = {
        (total.store_id, total.is_current): total.amount.numerator
        for total in totals
        if total.definition_code == "gross_sales"
    }
    assert found == {
        ("lumen-au", True): 30_000,
        ("lumen-de", True): 15_000,
        ("lumen-au", False): 31_000,
        ("lumen-de", False): 31_000,
    }


def test_totals_without_a_comparison_have_none(snapshot: Snapshot) -> None:
    assert {total.is_current for total in metrics.read_totals(snapshot, scope(GROSS))} == {True}


def test_totals_are_narrowed_to_store_and_people(snapshot: Snapshot) -> None:
    narrow = scope("promo_click_through_rate", store_id="lumen-au", employee_ids=("E02",))
    totals = metrics.read_totals(snapshot, narrow)
    assert {(total.store_id, total.employee_id) for total in totals} == {("lumen-au", "E02")}
    assert metrics.read_totals(snapshot, scope(GROSS, employee_ids=())) == []


def test_metric_of_a_day_is_read_at_its_last_day(snapshot: Snapshot) -> None:
    totals = metrics.read_totals(snapshot, scope(REPEAT))
    values = {
        (total.definition_code, total.store_id): value_of(Kind.SNAPSHOT, total.amount) for total in totals
    }
    assert values[("window_90d", "lumen-au")] == Decimal("0.2")
    assert {total.amount.taken_on for total in totals} == {date(2026, 9, 30)}


def test_series_gathers_weeks_back_from_the_end(snapshot: Snapshot) -> None:
    fortnight = Period(SEPTEMBER.end - timedelta(days=13), SEPTEMBER.end)
    points = metrics.read_series(snapshot, scope(GROSS, fortnight, store_id="lumen-au"), 7)
    assert [
        (point.day, point.amount.numerator) for point in points if point.definition_code == "gross_sales"
    ] == [
        (date(2026, 9, 23), 7000),
        (date(2026, 9, 30), 7000),
    ]


def test_average_day_counts_every_day_once_however_many_own_it(snapshot: Snapshot) -> None:
    visitors = metric_of("promo_unique_visitors")
    totals = metrics.read_totals(snapshot, scope(visitors.metric_id, store_id="lumen-au"))
    assert len(totals) == 2, "two people share the store"
    whole = total_of(visitors, totals, "daily_visitors")
    assert whole is not None and len(whole.days) == 30
    assert value_of(visitors.kind, whole) == 400


def test_coverage_counts_days_and_names_the_first_that_may_change(snapshot: Snapshot) -> None:
    longer = Period(date(2026, 9, 21), date(2026, 10, 10))
    coverage = metrics.read_coverage(snapshot, scope(GROSS, longer))[(GROSS, "gross_sales", True)]
    assert (coverage.days, coverage.last_day, coverage.immature_from) == (
        10,
        date(2026, 9, 30),
        date(2026, 9, 25),
    )


def test_evidence_adds_up_to_the_published_number(snapshot: Snapshot) -> None:
    question = Question(metric_of(GROSS), "gross_sales", SEPTEMBER.start, SEPTEMBER.end, "lumen-de")
    published = evidence.sum_published(snapshot, question)
    contributed = evidence.sum_contributions(snapshot, question)
    assert published.amount.numerator == contributed.amount.numerator == 15_000
    assert (published.rows, contributed.rows) == (30, 60)


def test_contributions_are_the_largest_first_and_name_their_file(snapshot: Snapshot) -> None:
    question = Question(metric_of(GROSS), "gross_sales", AUGUST.start, SEPTEMBER.end)
    rows = evidence.read_contributions(snapshot, question, 5, 0)
    assert [row.numerator for row in rows] == [500] * 5
    assert rows[0].file_name == "orders.csv"
    assert evidence.read_contributions(snapshot, question, 5, 5)[0] not in rows


def test_raw_record_has_its_personal_cells_masked(snapshot: Snapshot) -> None:
    record = evidence.read_raw_record(snapshot, 1, 1)
    assert record is not None
    assert (record["order_id"], record["email"]) == ("#1001", "•••")
    assert evidence.read_raw_record(snapshot, 1, 99) is None


def test_filter_values_are_values_and_never_sql(snapshot: Snapshot) -> None:
    nasty = "x' or '1'='1"
    metric = replace(metric_of(GROSS), metric_id=nasty)
    question = Question(metric, nasty, SEPTEMBER.start, SEPTEMBER.end, nasty, nasty, (nasty,))
    assert evidence.sum_published(snapshot, question).rows == 0
    assert health.read_loads(snapshot, nasty, nasty, 10) == []


def test_sales_by_country_keep_one_currency_and_count_what_is_in_another(snapshot: Snapshot) -> None:
    def of(store_id: str | None, currency: str) -> dict[str, tuple[Money | None, int]]:
        question = SalesQuestion(SEPTEMBER, None, store_id, currency, is_converted=currency == "USD")
        return {
            row.country: (row.gross, row.lines_left_out) for row in read_sales_by_country(snapshot, question)
        }

    converted = of("lumen-au", "USD")
    assert converted == {"AU": (Money(Decimal(30_000), "USD"), 0), "NZ": (Money(Decimal(60), "USD"), 0)}
    assert of("lumen-au", "AUD") == {"AU": (Money(Decimal(45_000), "AUD"), 0), "NZ": (None, 2)}
    assert of(None, "EUR")["DE"] == (None, 360)


def test_sales_of_two_currencies_or_two_periods_are_never_added(snapshot: Snapshot) -> None:
    question = SalesQuestion(SEPTEMBER, AUGUST, None, "USD", is_converted=True)
    rows = read_sales_by_country(snapshot, question)
    whole = total_sales(row for row in rows if row.is_current)
    assert whole is not None and whole.gross == Money(Decimal(45_060), "USD")
    with pytest.raises(NotAddableError):
        total_sales(rows)
    own = read_sales_by_country(snapshot, replace(question, currency="AUD", is_converted=False))
    with pytest.raises(NotAddableError):
        total_sales(row for row in (*rows, *own) if row.is_current)


def test_evidence_of_what_must_not_be_added_cannot_be_asked_for(snapshot: Snapshot) -> None:
    days = (SEPTEMBER.start, SEPTEMBER.end)
    claims, visitors, repeat = (
        metric_of(name) for name in ("promo_attributed_sales", "promo_unique_visitors", REPEAT)
    )
    for metric, store_id, platform in (
        (claims, "lumen-au", None),
        (visitors, None, "shopify"),
        (repeat, None, "shopify"),
        (repeat, "lumen-au", None),
    ):
        with pytest.raises(NotAddableError):
            Question(metric, "any", *days, store_id, platform)
    snapshots_of_many_days = Question(repeat, "window_90d", *days, "lumen-au", "shopify")
    with pytest.raises(NotAddableError):
        evidence.sum_published(snapshot, snapshots_of_many_days)


def test_target_in_a_stores_currency_is_converted_at_its_first_day(snapshot: Snapshot) -> None:
    found = [target for target in catalogue.read_targets(snapshot) if target.scope_type == "store"]
    assert [(target.target, target.currency) for target in found] == [(Decimal("660.0"), "USD")]


def test_health_tells_files_records_checks_and_publications(snapshot: Snapshot) -> None:
    assert health.count_loads(snapshot) == {"loaded": 1, "refused": 1, "waiting": 1}
    assert [load.file_name for load in health.read_loads(snapshot, "refused", None, 10)] == ["broken.csv"]
    assert health.count_quarantine(snapshot) == [("empty_value", 1, 1)]
    fed = [source for source in health.read_sources(snapshot, "zh") if source.files]
    assert [(source.report, source.last_file_name, source.records_read) for source in fed] == [
        ("test_orders", "orders.csv", 3)
    ]
    assert [source.title for source in fed] == ["测试 > 订单"]
    [in_english] = [source for source in health.read_sources(snapshot, "en") if source.files]
    assert in_english.title == "Orders"
    assert health.read_checks(snapshot)[0].why == "sales cannot be negative"
    assert health.read_publications(snapshot, 5)[0].state == "published"
    assert {row.node for row in health.read_model_times(snapshot)} == {
        "model.tradewind.fct_metric_daily",
        "dbt build",
    }
    assert health.read_header(snapshot, "test_orders") == ["order_id", "email"]
    assert health.read_template(snapshot, "test_orders", "zh") == ["order_id", "电子邮件"]


def test_app_cannot_write(snapshot: Snapshot) -> None:
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        snapshot.rows("delete from marts.fct_metric_daily returning 1")


def test_page_run_sees_one_publication_whole(page_settings: Settings) -> None:
    with open_warehouse(page_settings) as pool, pool.snapshot() as before:
        first = before.rows("select sum(numerator) from marts.fct_metric_daily")
        with connect(Role.ADMIN, page_settings) as admin:
            admin.execute(
                "update marts.fct_metric_daily set numerator = numerator * 2 where metric_id = %s", [GROSS]
            )
        try:
            assert before.rows("select sum(numerator) from marts.fct_metric_daily") == first
        finally:
            with connect(Role.ADMIN, page_settings) as admin:
                admin.execute(
                    "update marts.fct_metric_daily set numerator = numerator / 2 where metric_id = %s",
                    [GROSS],
                )


def test_answer_is_kept_for_its_publication_alone(page_settings: Settings) -> None:
    asked: list[int | None] = []

    @cached_per_publication
    def question(snapshot: Snapshot, number: int) -> int:
        asked.append(snapshot.status.publication_id)
        return number

    with open_warehouse(page_settings) as pool:
        for _ in range(2):
            with pool.snapshot() as snapshot:
                assert (question(snapshot, 1), question(snapshot, 2)) == (1, 2)
        assert len(asked) == 2
        with connect(Role.ADMIN, page_settings) as admin:
            warehouse.publish(admin)
        with pool.snapshot() as snapshot:
            question(snapshot, 1)
        assert len(asked) == 3 and asked[2] != asked[0]


def test_connection_that_died_is_replaced(page_settings: Settings) -> None:
    with open_warehouse(page_settings) as pool:
        with pool.snapshot() as snapshot:
            died = snapshot.connection.info.backend_pid
        with connect(Role.ADMIN, page_settings) as admin:
            admin.execute("select pg_terminate_backend(%s)", [died])
        with pool.snapshot() as snapshot:
            assert snapshot.connection.info.backend_pid != died


def test_reader_is_told_whether_the_warehouse_is_busy_or_gone(
    page_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "POOL_SIZE", 1)
    monkeypatch.setattr(database, "POOL_WAIT_SECONDS", 0.5)
    with open_warehouse(page_settings) as pool, pool.snapshot(), pytest.raises(TooBusyError), pool.snapshot():
        pass
    monkeypatch.setattr(database, "connection_url", lambda *_: "postgresql://nobody@127.0.0.1:9/none")
    with open_warehouse(page_settings) as gone:
        with pytest.raises(psycopg.OperationalError), gone.snapshot():
            pass
        assert gone.latest_version() is None


def test_however_many_pages_are_open_the_server_is_asked_for_news_once_and_counts_nothing(
    page_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    with open_warehouse(page_settings) as pool:
        ask = pool._ask_version

        def note() -> Version | None:
            asked.append(None)
            return ask()

        monkeypatch.setattr(pool, "_ask_version", note)
        with ThreadPoolExecutor(16) as sessions:
            answers = list(sessions.map(lambda _: pool.latest_version(), range(200)))
        first = pool.latest_version()
        assert len(asked) == 1 and set(answers) <= {first, None} and first is not None
        assert not re.search(r"count\(", database.VERSION + database.STATUS)

        with connect(Role.ADMIN, page_settings) as admin:
            warehouse.publish(admin, "held", "marts_gate_failed")
        assert pool.latest_version() == first, "two seconds are not over"
        pool._news_until = 0
        held = pool.latest_version()
        assert held is not None and held.publication_id == first.publication_id + 1
        with pool.snapshot() as snapshot:
            assert snapshot.status.version == held
        with connect(Role.ADMIN, page_settings) as admin:
            warehouse.publish(admin)
        with pool.snapshot() as snapshot:
            assert pool.latest_version() == snapshot.status.version != held, "a page run brings news"
