"""Marts that were published before a metric said its kind are read by the pages, and follow a build."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra.stack.schema import SQL_DIR
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

BEFORE = """
create table marts.dim_metric (metric_id text primary key, aggregation_class text, unit text);
insert into marts.dim_metric values ('promo_return_on_investment', 'ratio_of_sums', 'ratio'),
    ('ops_repeat_purchase_rate', 'ratio_of_sums', 'ratio'),
    ('promo_unique_visitors', 'distinct_count', 'count'),
    ('ops_gross_merchandise_value', 'sum', 'money');
create table marts.dim_definition (metric_id text, definition_code text);
insert into marts.dim_definition values ('promo_return_on_investment', 'roas'),
    ('promo_return_on_investment', 'roi'), ('ops_gross_merchandise_value', 'gross_sales'),
    ('promo_unique_visitors', 'daily_visitors');
create table marts.fct_metric_daily (metric_id text, business_date date, is_mature boolean not null);
insert into marts.fct_metric_daily values ('m', '2026-04-01', true), ('m', '2026-04-02', false);
create table marts.fct_site_operation_daily (employee_id text, business_date date, order_count numeric,
    gross_sales_amount_reporting numeric);
create view marts.analysts_own as select gross_sales_amount_reporting from marts.fct_site_operation_daily;
"""


@pytest.fixture
def older(database_settings: Settings) -> Iterator[Settings]:
    with connect(Role.PUBLISHER, database_settings) as publisher:
        publisher.execute(BEFORE)
    yield database_settings
    with connect(Role.ADMIN, database_settings) as admin:
        admin.execute(
            "drop table marts.dim_metric, marts.dim_definition, marts.fct_metric_daily,"
            " marts.fct_site_operation_daily cascade"
        )


def test_published_numbers_are_taken_over(older: Settings) -> None:
    with connect(Role.ADMIN, older) as admin:
        admin.execute((SQL_DIR / "0020_metrics_described_once.sql").read_bytes())
        assert admin.execute("select metric_id, kind from marts.dim_metric order by 1").fetchall() == [
            ("ops_gross_merchandise_value", "sum"),
            ("ops_repeat_purchase_rate", "snapshot"),
            ("promo_return_on_investment", "ratio"),
            ("promo_unique_visitors", "distinct"),
        ]
        assert admin.execute(
            "select definition_code, unit, parts_unit from marts.dim_definition order by 1"
        ).fetchall() == [
            ("daily_visitors", "count", "count"),
            ("gross_sales", "money", "money"),
            ("roas", "multiple", "money"),
            ("roi", "ratio", "money"),
        ]
        assert admin.execute(
            "select business_date::text, matures_on::text from marts.fct_metric_daily order by 1"
        ).fetchall() == [("2026-04-01", "2026-04-01"), ("2026-04-02", None)]
        columns = admin.execute(
            "select table_name || '.' || column_name from information_schema.columns"
            " where table_schema = 'marts'"
            " and table_name in ('fct_metric_daily', 'fct_site_operation_daily') order by 1"
        ).fetchall()
        # what a view of the analyst's reads stays, and so does the view
        assert [name for (name,) in columns] == [
            "fct_metric_daily.business_date",
            "fct_metric_daily.matures_on",
            "fct_metric_daily.metric_id",
            "fct_site_operation_daily.business_date",
            "fct_site_operation_daily.employee_id",
            "fct_site_operation_daily.gross_sales_amount_reporting",
        ]
