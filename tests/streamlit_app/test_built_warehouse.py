"""The pages on a warehouse that dbt built, with values as the product makes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from dashboard.registry import PAGES
from insight.context import Context
from insight.database import Snapshot
from insight.measures import Kind, parts_of
from insight.periods import Period
from insight.queries import evidence
from insight.queries.evidence import Question
from insight.queries.metrics import Scope, read_coverage, read_totals
from insight.readings import read_metric
from insight.text import get_text
from tests.streamlit_app import warehouse
from tests.streamlit_app.conftest import RunPage
from tests.streamlit_app.test_pages import words_of
from tests.warehouses import own_database
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

COLUMNS = """
select table_name || '.' || column_name, data_type from information_schema.columns
where table_schema = 'marts' and table_name = any(%s)
"""
# a whole number of either size, which the pages read alike
SIZES = {"integer": "bigint"}


@pytest.fixture(scope="module")
def page_settings(built_server: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with own_database(built_server, tmp_path_factory.mktemp("built")) as settings:
        yield settings


@pytest.fixture
def context(snapshot: Snapshot, page_settings: Settings) -> Context:
    return Context(get_text("en"), snapshot, page_settings)


@pytest.fixture
def period(context: Context) -> Period:
    extent = context.extent
    assert extent.first_day is not None and extent.last_day is not None
    return Period(extent.first_day, extent.last_day)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("page", [page.name for page in PAGES])
def test_every_page_shows_what_dbt_built(run_page: RunPage, page: str, language: str) -> None:
    test = run_page(page, lang=language, period="182d")
    words = words_of(test)
    assert not test.exception and "could not be shown" not in words and "无法显示本页" not in words
    if page in ("overview", "site_operation"):
        assert {frame.label: frame.value for frame in test.metric} or test.dataframe


def test_card_is_what_sql_says_of_each_that_may_be_added(
    snapshot: Snapshot, context: Context, period: Period
) -> None:
    """Worked out once more, by platform and store one by one."""
    metrics = [metric for metric in context.metrics.values() if metric.is_implemented]
    scope = Scope(tuple(metrics), period)
    totals, coverage = read_totals(snapshot, scope), read_coverage(snapshot, scope)
    seen = 0
    for metric in metrics:
        reading = read_metric(metric, totals, coverage)
        for variant in (*reading.variants, *reading.others):
            assert variant.now is not None
            key = variant.key
            ((numerator, denominator),) = snapshot.rows(
                """
                select sum(numerator), sum(denominator) from marts.fct_metric_daily as f
                where metric_id = %(metric)s and definition_code = %(rule)s
                    and (%(platform)s::text is null or platform = %(platform)s)
                    and (%(store)s::text is null or store_id = %(store)s)
                    and (not %(snapshot)s or business_date = (
                        select max(business_date) from marts.fct_metric_daily as l
                        where (l.metric_id, l.definition_code, l.platform, l.store_id)
                            = (f.metric_id, f.definition_code, f.platform, f.store_id)
                    ))
                """,
                {
                    "metric": key.metric_id, "rule": key.definition_code, "platform": key.platform,
                    "store": key.store_id, "snapshot": metric.kind is Kind.SNAPSHOT,
                },
            )  # fmt: skip
            assert (variant.now.numerator, variant.now.denominator) == (numerator, denominator), key
            seen += 1
    assert seen >= len(metrics), "every live index has numbers in the company"


def test_evidence_of_every_number_adds_up(snapshot: Snapshot, context: Context, period: Period) -> None:
    differ, seen = [], set()
    for metric in context.metrics.values():
        for side in evidence.read_sides(snapshot, metric.metric_id):
            question = Question(
                metric, side.definition_code, period.start, period.end, side.store_id, side.platform
            )
            if metric.kind is Kind.SNAPSHOT:
                day = evidence.last_day_with_data(snapshot, question)
                assert day is not None
                question = Question(metric, side.definition_code, day, day, side.store_id, side.platform)
            published, contributed = (
                parts_of(metric.kind, sums(snapshot, question).amount)
                for sums in (evidence.sum_published, evidence.sum_contributions)
            )
            seen.add(metric.metric_id)
            if published != contributed:
                differ.append((question, published, contributed))
    assert not differ
    assert seen == {metric.metric_id for metric in context.metrics.values() if metric.is_implemented}


def test_small_warehouse_has_no_column_that_dbt_does_not_make(page_settings: Settings) -> None:
    """`marts.sql` is a copy of what the pages read, for numbers that a reader can check by hand."""
    copied = Path(warehouse.__file__).with_name("marts.sql").read_bytes()
    names = re.findall(r"create table marts\.(\w+)", copied.decode())

    def columns(connection: psycopg.Connection) -> dict[str, str]:
        rows = connection.execute(COLUMNS, [names]).fetchall()
        return {name: SIZES.get(kind, kind) for name, kind in rows}

    with connect(Role.ADMIN, page_settings) as connection:
        built = columns(connection)
        connection.execute("drop schema marts cascade; create schema marts")
        connection.execute(copied)
        assert columns(connection).items() <= built.items()
        connection.rollback()


def test_rules_of_the_small_warehouse_are_those_that_there_are(snapshot: Snapshot) -> None:
    rows = snapshot.rows("select metric_id, definition_code from marts.dim_definition")
    used = {(metric_id, code) for metric_id, rules in warehouse.RULES.items() for code, _ in rules}
    assert used <= set(rows)


def test_every_amount_of_money_is_in_one_currency(snapshot: Snapshot) -> None:
    rows = snapshot.rows(
        "select metric_id, count(distinct currency), sum(numerator) from marts.fct_metric_daily "
        "where currency is not null group by 1"
    )
    assert rows and all(currencies == 1 and isinstance(total, Decimal) for _, currencies, total in rows)
