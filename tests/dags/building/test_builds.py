"""When a build begins, what it takes in, and how it ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tradewind.building import BuildInProgressError, close_build, lock, open_build
from tradewind.building.builds import INVOCATION_NODE, Build
from tradewind.building.project import project_sha256, target_dir
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect


@pytest.fixture
def settings(database_settings: Settings) -> Iterator[Settings]:
    yield database_settings
    lock.release()
    _execute(database_settings, "truncate ops.load, ops.build restart identity cascade")


def test_first_build_is_a_full_refresh_of_all_pending_loads(settings: Settings) -> None:
    _add_load(settings, "shopify_orders")
    build = open_build(settings)
    assert build is not None
    assert build.is_full_refresh
    assert _fetch(settings, "select load_id, load_state from ops.build_load") == [(1, "loaded")]


def test_nothing_pending_and_nothing_changed_is_no_build(settings: Settings) -> None:
    _finish(open_build(settings), settings)
    assert open_build(settings) is None
    assert open_build(settings, full_refresh=True) is not None


def test_later_build_is_incremental_unless_time_zones_may_move(settings: Settings) -> None:
    _finish(open_build(settings), settings)
    _add_load(settings, "shopify_orders")
    build = open_build(settings)
    assert build is not None
    assert not build.is_full_refresh
    close_build(build.build_id, "failed", "a test's", settings)

    _add_load(settings, "tradewind_stores")
    build = open_build(settings)
    assert build is not None
    assert build.is_full_refresh


def test_another_reporting_currency_builds_everything_anew(settings: Settings) -> None:
    _finish(open_build(settings), settings)
    in_euros = settings.model_copy(update={"reporting_currency": "EUR"})
    build = open_build(in_euros)
    assert build is not None
    assert build.is_full_refresh


@pytest.mark.parametrize(
    ("report", "is_read"),
    [("shopify_orders", True), ("amazon_all_orders", True), ("asana_tasks", True), ("etsy_listings", False)],
)
def test_another_contract_of_a_report_that_models_read_builds_everything_anew(
    settings: Settings, report: str, is_read: bool
) -> None:
    _finish(open_build(settings), settings)
    before = _fetch(settings, f"select contract_sha256 from ops.report where report = '{report}'")[0][0]
    _execute(settings, f"update ops.report set contract_sha256 = repeat('0', 64) where report = '{report}'")
    try:
        build = open_build(settings)
        assert (build is not None and build.is_full_refresh) is is_read
    finally:
        _execute(settings, f"update ops.report set contract_sha256 = '{before}' where report = '{report}'")


def test_a_build_begins_with_what_the_loads_left(settings: Settings) -> None:
    _add_load(settings, "shopify_visitors", records=5000)
    _execute(
        settings,
        "insert into raw.shopify_visitors (load_id, row_number, day)"
        " select 1, n, repeat('x', 100) from generate_series(1, 5000) as n",
    )
    _execute(
        settings,
        "insert into personal.incoming select md5((n % 3)::text)::uuid, 'person', 9 - n"
        " from generate_series(1, 6) as n",
    )
    _execute(settings, "insert into personal.original select md5('0')::uuid, 'known', 1")
    rows = "select reltuples::int from pg_class where oid = 'raw.shopify_visitors'::regclass"
    # ranges of pages that the index knows nothing of, which it would read in every search
    unknown = (
        "select brin_summarize_new_values(indexrelid) from pg_index"
        " where indrelid = 'raw.shopify_visitors'::regclass"
    )
    assert _fetch(settings, rows) == [(-1,)]
    build = open_build(settings)
    assert build is not None
    assert _fetch(settings, rows) == [(5000,)]
    assert _fetch(settings, unknown) == [(0,)]
    originals = "select value, first_load_id from personal.original order by 1, 2"
    assert _fetch(settings, originals) == [("known", 1), ("person", 4), ("person", 5)]
    assert _fetch(settings, "select count(*) from personal.incoming") == [(0,)]


def test_a_few_rows_are_worth_no_new_statistics(settings: Settings) -> None:
    _add_load(settings, "shopify_orders", records=999)
    build = open_build(settings)
    assert build is not None
    rows = "select reltuples::int from pg_class where oid = 'raw.shopify_orders'::regclass"
    assert _fetch(settings, rows) == [(-1,)]


def test_two_builds_never_run_at_once(settings: Settings) -> None:
    build = open_build(settings)
    assert build is not None
    with pytest.raises(BuildInProgressError):
        open_build(settings)
    close_build(build.build_id, "held", "a test's", settings)
    assert _fetch(settings, "select state, reason from ops.build") == [("held", "a test's")]
    assert open_build(settings) is not None


def test_a_build_whose_process_is_gone_is_abandoned(settings: Settings) -> None:
    gone = open_build(settings)
    assert gone is not None
    lock.release()  # what the server does when the process dies
    following = open_build(settings)
    assert following is not None
    assert _fetch(settings, "select build_id, state from ops.build order by 1") == [
        (gone.build_id, "abandoned"),
        (following.build_id, "running"),
    ]


def test_the_lock_ends_with_a_build_that_publishing_closed(settings: Settings) -> None:
    build = open_build(settings)
    assert build is not None
    _execute(settings, "update ops.build set state = 'published'")
    assert open_build(settings) is not None


def test_project_digest_sees_every_file_but_readmes(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Settings, "dbt_project_dir", property(lambda _: tmp_path))
    (tmp_path / "a.sql").write_text("select 1")
    before = project_sha256(settings)
    (tmp_path / "README.md").write_text("words")
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "b.sql").write_text("select 2")
    assert project_sha256(settings) == before
    (tmp_path / "a.sql").write_text("select 2")
    assert project_sha256(settings) != before


def test_dbt_keeps_its_files_in_the_state_folder(settings: Settings) -> None:
    assert settings.state_dir in target_dir(settings).parents


def _finish(build: Build | None, settings: Settings) -> None:
    assert build is not None
    _execute(
        settings,
        "insert into ops.dbt_result (build_id, node, resource_type, status, execution_seconds)"
        f" values ({build.build_id}, '{INVOCATION_NODE}', 'invocation', 'success', 1)",
    )
    _execute(settings, "update ops.build set state = 'published'")


def _add_load(settings: Settings, report: str, records: int = 0) -> None:
    _execute(
        settings,
        "insert into ops.load (file_name, file_path, file_sha256, file_size, file_modified_at, report, state,"
        " records_read, records_loaded)"
        f" select 'f', 'f', encode(sha256('{report}'), 'hex'), 1, now(), '{report}', 'loaded', {records},"
        f" {records}",
    )


def _execute(settings: Settings, statement: str) -> None:
    with connect(Role.ADMIN, settings) as connection:
        connection.execute(statement.encode())


def _fetch(settings: Settings, statement: str) -> list[tuple]:
    with connect(Role.ADMIN, settings) as connection:
        return connection.execute(statement.encode()).fetchall()
