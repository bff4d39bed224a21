"""A bad file end to end: the gate fails, the publication is held, and a rejection clears it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.dags.publishing.conftest import clear, fill, open_build, write_manifest
from tests.dags.quality.conftest import Land
from tests.dags.quality.landing_rows import GOOD_ROWS
from tradewind.landing import reject
from tradewind.publishing import hold, publish
from tradewind.quality import run_gate
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect


@pytest.fixture
def reader(warehouse: Settings) -> Iterator[psycopg.Connection]:
    clear(warehouse)
    with connect(Role.APP, warehouse, autocommit=True) as connection:
        yield connection


def published_generations(reader: psycopg.Connection) -> list[tuple]:
    return reader.execute("select distinct generation from marts.fct_sample").fetchall()


def last_publication(reader: psycopg.Connection) -> tuple:
    return reader.execute(
        "select state, reason_code, reason from ops.publication order by publication_id desc limit 1"
    ).fetchall()[0]


def test_bad_file_holds_until_it_is_rejected(
    database_settings: Settings,
    reader: psycopg.Connection,
    builder: psycopg.Connection,
    build_id: int,
    land: Land,
    great_expectations: Any,
    tmp_path: Path,
) -> None:
    manifest_file = write_manifest(tmp_path)
    land("shopify_visitors", GOOD_ROWS["shopify_visitors"])
    assert run_gate("landing", build_id, database_settings).passed
    fill(builder, 1)
    publish(build_id, database_settings, manifest_file=manifest_file)

    bad_build = open_build(builder)
    bad = land("shopify_visitors", [{"day": "2026-04-02", "online_store_visitors": "1", "sessions": "-5"}])
    outcome = run_gate("landing", bad_build, database_settings)
    assert not outcome.passed
    hold(bad_build, "landing_gate_failed", "; ".join(map(str, outcome.failures)), database_settings)
    state, code, reason = last_publication(reader)
    assert (state, code) == ("held", "landing_gate_failed")
    assert "sessions_are_not_negative (1 rows, 1 broken): Sessions are the denominator" in reason
    assert published_generations(reader) == [(1,)]
    assert reader.execute("select load_id from ops.pending_load").fetchall() == [(bad,)]

    reject(bad, "sessions below zero", database_settings)
    good_build = open_build(builder)
    builder.execute(
        "insert into ops.build_load select %s, load_id, load_state from ops.pending_load", [good_build]
    )
    assert run_gate("landing", good_build, database_settings).passed
    fill(builder, 2)
    publish(good_build, database_settings, manifest_file=manifest_file)
    assert last_publication(reader) == ("published", None, None)
    assert published_generations(reader) == [(2,)]
    assert reader.execute("select * from ops.pending_load").fetchall() == []
