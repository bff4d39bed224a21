"""What a publication does to marts and to the ledger."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.dags.publishing.conftest import NODES, fill, node, open_build, touch, write_manifest
from tradewind.publishing import PublicationError, SchemaChangeError, hold, publish
from tradewind.publishing.publication import PUBLICATION_LOCK
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

Build = Callable[..., int]


def rows(connection: psycopg.Connection, query: str) -> list[tuple]:
    return connection.execute(query).fetchall()


def test_first_publication_makes_keyed_indexed_described_tables(
    warehouse: Settings, manifest_file: Path, reader: psycopg.Connection, build: Build
) -> None:
    publication = publish(build(1), warehouse, manifest_file=manifest_file)

    assert (publication.state, publication.rows_inserted, publication.rows_deleted) == ("published", 20, 0)
    assert rows(reader, "select count(*), min(generation) from marts.fct_sample") == [(18, 1)]
    assert rows(reader, "select count(*) from marts.metric_evidence") == [(18,)]
    indexes = " ".join(
        definition
        for (definition,) in rows(reader, "select indexdef from pg_indexes where schemaname = 'marts'")
    )
    assert "fct_sample_pkey ON marts.fct_sample USING btree (employee_id, store_id, business_date)" in indexes
    assert "(store_id, business_date)" in indexes
    assert "(employee_id, business_date)" in indexes
    assert "dim_sample_pkey" in indexes
    assert rows(
        reader,
        "select attname from pg_attribute where attrelid = 'marts.fct_sample'::regclass and attnum > 0"
        " and not attnotnull",
    ) == [("amount",)]
    assert rows(
        reader,
        "select obj_description('marts.fct_sample'::regclass),"
        " obj_description('marts.metric_evidence'::regclass),"
        " col_description('marts.fct_sample'::regclass, 2)",
    ) == [("One row per fct_sample.", "One row per metric_evidence.", "The store; it's a key.")]


def test_only_differing_rows_are_written(
    warehouse: Settings,
    manifest_file: Path,
    builder: psycopg.Connection,
    reader: psycopg.Connection,
    build: Build,
) -> None:
    publish(build(1), warehouse, manifest_file=manifest_file)
    before = dict(rows(reader, "select ctid::text, xmin::text from marts.fct_sample"))
    build_id = open_build(builder)
    touch(builder)
    builder.execute(
        "update candidate.fct_sample set amount = null where employee_id = 'e1' and store_id = 's1'"
    )
    builder.execute("delete from candidate.fct_sample where employee_id = 'e2' and store_id = 's2'")
    builder.execute("insert into candidate.fct_sample values ('e9', 's1', '2026-04-02', 1, 1)")

    publication = publish(build_id, warehouse, manifest_file=manifest_file)

    assert (publication.rows_deleted, publication.rows_inserted) == (6, 4)
    after = dict(rows(reader, "select ctid::text, xmin::text from marts.fct_sample"))
    assert len(set(before.items()) & set(after.items())) == 12
    difference = "select count(*) from (table marts.fct_sample except all table candidate.fct_sample) as d"
    with connect(Role.PUBLISHER, warehouse) as publisher:
        assert rows(publisher, difference) == [(0,)]


def test_changes_outside_the_touched_days_wait_for_a_full_refresh(
    warehouse: Settings,
    manifest_file: Path,
    builder: psycopg.Connection,
    reader: psycopg.Connection,
    build: Build,
) -> None:
    publish(build(1), warehouse, manifest_file=manifest_file)
    build_id = open_build(builder)
    builder.execute("update candidate.fct_sample set generation = 2")
    touch(builder, "2026-04-02")
    assert publish(build_id, warehouse, manifest_file=manifest_file).rows_inserted == 6

    held = open_build(builder, is_full_refresh=True)
    hold(held, "gate_failed", "a planted fault", warehouse)
    publish(open_build(builder), warehouse, manifest_file=manifest_file)
    assert rows(reader, "select distinct generation from marts.fct_sample") == [(2,)]


def test_row_that_left_an_untouched_day_is_refused_without_its_values(
    warehouse: Settings, tmp_path: Path, builder: psycopg.Connection, reader: psycopg.Connection, build: Build
) -> None:
    fact = node("fct_sample", primary_key=["employee_id", "store_id"], publish={"by": ["business_date"]})
    manifest_file = write_manifest(tmp_path, (fact,))
    builder.execute("alter table candidate.fct_sample drop constraint fct_sample_pkey")
    first = build(1)
    builder.execute("delete from candidate.fct_sample where business_date > '2026-04-02'")
    publish(first, warehouse, manifest_file=manifest_file)
    build_id = open_build(builder)
    builder.execute("update candidate.fct_sample set business_date = '2026-05-01'")
    builder.execute("delete from intermediate.touched")
    builder.execute("insert into intermediate.touched values ('fct_sample', 's1', '2026-05-01')")

    with pytest.raises(PublicationError, match="full refresh") as error:
        publish(build_id, warehouse, manifest_file=manifest_file)
    assert "e1" not in str(error.value)
    assert rows(reader, "select distinct business_date::text from marts.fct_sample") == [("2026-04-02",)]


def test_ledger_is_written_with_the_rows(
    warehouse: Settings,
    manifest_file: Path,
    reader: psycopg.Connection,
    builder: psycopg.Connection,
    build: Build,
) -> None:
    with connect(Role.LOADER, warehouse) as loader:
        load_id = loader.execute(
            "insert into ops.load"
            " (file_name, file_path, file_sha256, file_size, file_modified_at, report, state) values"
            " ('a.csv', 'a.csv', repeat('0', 64), 1, now(), 'sample', 'loaded') returning load_id"
        ).fetchall()[0][0]
    assert rows(reader, "select load_id, load_state from ops.pending_load") == [(load_id, "loaded")]
    build_id = build(1)
    builder.execute("insert into ops.build_load values (%s, %s, 'loaded')", [build_id, load_id])

    publication = publish(build_id, warehouse, manifest_file=manifest_file)

    assert rows(reader, "select * from ops.pending_load") == []
    assert rows(reader, "select state, finished_at is not null from ops.build") == [("published", True)]
    assert rows(reader, "select publication_id, state, rows_inserted from ops.publication") == [
        (publication.publication_id, "published", 20)
    ]


def test_publishing_again_changes_nothing(
    warehouse: Settings,
    manifest_file: Path,
    builder: psycopg.Connection,
    reader: psycopg.Connection,
    build: Build,
) -> None:
    build_id = build(1)
    first = publish(build_id, warehouse, manifest_file=manifest_file)
    fill(builder, 2)
    assert publish(build_id, warehouse, manifest_file=manifest_file) == first
    assert hold(build_id, "late", "a stale copy woke up", warehouse) == first
    assert rows(reader, "select distinct generation from marts.fct_sample") == [(1,)]


def test_unchanged_view_is_left_alone(
    warehouse: Settings, manifest_file: Path, reader: psycopg.Connection, build: Build
) -> None:
    publish(build(1), warehouse, manifest_file=manifest_file)
    made_by = "select xmin::text from pg_class where oid = 'marts.metric_evidence'::regclass"
    before = rows(reader, made_by)
    publish(build(2), warehouse, manifest_file=manifest_file)
    assert rows(reader, made_by) == before
    assert rows(reader, "select distinct generation from marts.metric_evidence") == [(2,)]


def test_analysts_view_and_rights_survive_rebuild_new_column_and_new_evidence(
    warehouse: Settings,
    manifest_file: Path,
    builder: psycopg.Connection,
    reader: psycopg.Connection,
    build: Build,
) -> None:
    publish(build(1), warehouse, manifest_file=manifest_file)
    with connect(Role.ADMIN, warehouse, autocommit=True) as admin:
        admin.execute(
            "create schema analyst; grant usage on schema analyst to tradewind_reader;"
            "create view analyst.mine as select employee_id, amount from marts.fct_sample;"
            "create view analyst.evidence as select employee_id from marts.metric_evidence;"
            "grant select on analyst.mine to tradewind_reader;"
            "alter table marts.fct_sample enable row level security;"
            "create policy own on marts.fct_sample for select to tradewind_reader using (store_id = 's1');"
            "revoke select on marts.dim_sample from tradewind_reader"
        )
    builder.execute("drop table candidate.fct_sample cascade")
    builder.execute(
        "create table candidate.fct_sample (note text not null, employee_id text not null,"
        " store_id text not null, business_date date not null, amount numeric, generation int)"
    )
    builder.execute(
        "insert into candidate.fct_sample"
        " select 'new', 'e1', 's' || s, '2026-04-02', 1, 2 from generate_series(1, 2) s"
    )
    builder.execute(
        "create view candidate.metric_evidence as"
        " select f.employee_id, d.store_name, f.amount, f.generation, f.note"
        " from candidate.fct_sample as f inner join candidate.dim_sample as d using (store_id)"
    )
    publish(open_build(builder), warehouse, manifest_file=manifest_file)

    assert rows(reader, "select store_id, note, generation from marts.fct_sample") == [("s1", "new", 2)]
    with connect(Role.ADMIN, warehouse, autocommit=True) as admin:
        assert rows(admin, "select count(*) from analyst.mine") == [(2,)]
        assert rows(admin, "select count(*) from analyst.evidence") == [(2,)]
        assert rows(admin, "select note from marts.metric_evidence") == [("new",), ("new",)]
        required = (
            "select attname from pg_attribute where attrelid = 'marts.fct_sample'::regclass and attnotnull"
        )
        assert {"note"} <= {name for (name,) in rows(admin, required)}
        assert ("generation",) not in rows(admin, required)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute("select * from marts.dim_sample")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("alter table candidate.fct_sample drop column amount cascade", "drop column amount"),
        (
            "drop view candidate.metric_evidence; alter table candidate.fct_sample alter amount type bigint",
            r"amount is numeric, the model now makes it bigint",
        ),
    ],
)
def test_change_that_a_table_cannot_follow_says_what_to_run(
    warehouse: Settings,
    manifest_file: Path,
    builder: psycopg.Connection,
    reader: psycopg.Connection,
    build: Build,
    change: str,
    message: str,
) -> None:
    publish(build(1), warehouse, manifest_file=manifest_file)
    build_id = build(2)
    builder.execute(change)
    with pytest.raises(SchemaChangeError, match=message):
        publish(build_id, warehouse, manifest_file=manifest_file)
    assert rows(reader, "select distinct generation from marts.fct_sample") == [(1,)]
    assert rows(reader, "select distinct generation from marts.dim_sample") == [(1,)]


def test_changed_primary_key_says_what_to_run(
    warehouse: Settings, tmp_path: Path, build: Build, manifest_file: Path
) -> None:
    publish(build(1), warehouse, manifest_file=manifest_file)
    other = node("dim_sample", primary_key=["store_id", "generation"], publish="whole")
    with pytest.raises(SchemaChangeError, match=r"add primary key \(store_id, generation\)"):
        publish(build(2), warehouse, manifest_file=write_manifest(tmp_path, (NODES[0], other)))


def test_view_over_unpublished_relations_is_refused(
    warehouse: Settings, manifest_file: Path, builder: psycopg.Connection, build: Build
) -> None:
    build_id = build(1)
    builder.execute(
        "create or replace view candidate.metric_evidence as"
        " select null::text as employee_id, store_id as store_name, 1.0 as amount, 1 as generation"
        " from intermediate.touched"
    )
    with pytest.raises(PublicationError, match=r"reads intermediate\.touched"):
        publish(build_id, warehouse, manifest_file=manifest_file)


@pytest.mark.parametrize("meta", [{"publish": "sometimes"}, {"publish": "whole"}, {"publish": {"by": []}}])
def test_wrong_meta_names_the_model(tmp_path: Path, warehouse: Settings, meta: dict) -> None:
    with pytest.raises(PublicationError, match="dim_sample"):
        publish(1, warehouse, manifest_file=write_manifest(tmp_path, (node("dim_sample", **meta),)))


def test_partition_column_that_may_be_null_is_refused(
    warehouse: Settings, tmp_path: Path, build: Build, builder: psycopg.Connection
) -> None:
    fact = node("fct_sample", primary_key=["employee_id", "store_id"], publish={"by": ["business_date"]})
    builder.execute("alter table candidate.fct_sample drop constraint fct_sample_pkey")
    builder.execute("alter table candidate.fct_sample alter business_date drop not null")
    with pytest.raises(PublicationError, match=r"fct_sample\.business_date may be NULL"):
        publish(build(1), warehouse, manifest_file=write_manifest(tmp_path, (fact,)))


def test_missing_manifest_says_so(tmp_path: Path, warehouse: Settings) -> None:
    with pytest.raises(PublicationError, match="build the models first"):
        publish(1, warehouse, manifest_file=tmp_path / "manifest.json")


def test_held_build_shows_why_and_the_next_good_one_clears_it(
    warehouse: Settings, manifest_file: Path, reader: psycopg.Connection, build: Build
) -> None:
    publish(build(1), warehouse, manifest_file=manifest_file)
    bad = build(2)
    held = hold(bad, "gate_failed", "spend of 2 rows is negative", warehouse)
    assert hold(bad, "gate_failed", "again", warehouse) == held
    assert rows(reader, "select state, reason from ops.build order by build_id desc limit 1") == [
        ("held", "spend of 2 rows is negative")
    ]
    assert rows(reader, "select distinct generation from marts.fct_sample") == [(1,)]
    with pytest.raises(PublicationError, match="is held"):
        publish(bad, warehouse, manifest_file=manifest_file)

    publish(build(3), warehouse, manifest_file=manifest_file)
    assert rows(reader, "select state, reason_code from ops.publication order by publication_id") == [
        ("published", None), ("held", "gate_failed"), ("published", None),
    ]  # fmt: skip
    assert rows(reader, "select distinct generation from marts.fct_sample") == [(3,)]


def test_p4_stale_copy_of_an_abandoned_build_writes_nothing(
    warehouse: Settings,
    manifest_file: Path,
    builder: psycopg.Connection,
    reader: psycopg.Connection,
    build: Build,
) -> None:
    publish(build(1), warehouse, manifest_file=manifest_file)
    stale = build(2)
    builder.execute("update ops.build set state = 'abandoned' where build_id = %s", [stale])
    for late in (
        lambda: publish(stale, warehouse, manifest_file=manifest_file),
        lambda: hold(stale, "x", "y", warehouse),
    ):
        with pytest.raises(PublicationError, match="is abandoned"):
            late()
    assert rows(reader, "select distinct generation from marts.fct_sample") == [(1,)]


def test_p16_lock_held_by_another_is_waited_for_and_tried_again(
    warehouse: Settings, manifest_file: Path, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tradewind.publishing.publication.LOCK_TIMEOUT", "50ms")
    pauses: list[float] = []
    other = connect(Role.ADMIN, warehouse)
    other.execute("select pg_advisory_xact_lock(%s)", [PUBLICATION_LOCK])

    def release_after_two(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            other.close()

    monkeypatch.setattr("tradewind.publishing.publication.time.sleep", release_after_two)
    assert publish(build(1), warehouse, manifest_file=manifest_file).state == "published"
    assert len(pauses) == 2
    assert pauses[0] != pauses[1]
