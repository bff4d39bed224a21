"""A warehouse of these tests' own, in which the whole company has been built and published once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.dbt_project import company
from tests.dbt_project.arrivals import arrive, build
from tests.warehouses import own_warehouse
from tradewind.landing import ensure_raw_tables
from tradewind.settings import Settings


@pytest.fixture(scope="package")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with own_warehouse(tmp_path_factory.mktemp("dbt")) as settings:
        ensure_raw_tables(settings)
        arrive(settings, *company.EVERYTHING)
        build(settings)
        yield settings
