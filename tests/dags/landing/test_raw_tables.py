"""The tables of schema raw: a row of a load is found without reading the table."""

from __future__ import annotations

from datetime import date, timedelta

from tests.dags.landing.conftest import Query
from tests.dags.landing.test_load import HEADER, load, put
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect


def test_after_a_large_load_every_page_belongs_to_a_range(landing: Settings, query: Query) -> None:
    days = [date(2020, 1, 1) + timedelta(days=n) for n in range(2000)]
    result = load(landing, put(landing, "visitors.csv", HEADER + "".join(f"{day},1,2\n" for day in days)))
    assert result.records_loaded == 2000
    (index,) = query("select indexname from pg_indexes where tablename = 'shopify_visitors'")
    with connect(Role.ADMIN, landing) as admin:
        left = admin.execute("select brin_summarize_new_values(('raw.' || %s)::regclass)", index).fetchone()
    assert left == (0,)
