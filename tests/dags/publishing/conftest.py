"""A small candidate with its manifest: a fact by touched days, a dimension compared whole, a view."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tradewind.publishing.models import PublishedModel, read_published_models
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

CANDIDATE_TABLES = """
create table candidate.fct_sample (
    employee_id text not null, store_id text not null, business_date date not null,
    amount numeric, generation int not null, primary key (employee_id, store_id, business_date));
create table candidate.dim_sample (store_id text not null, store_name text, generation int not null);
create view candidate.metric_evidence as
    select f.employee_id, d.store_name, f.amount, f.generation
    from candidate.fct_sample as f inner join candidate.dim_sample as d on d.store_id = f.store_id;
"""


def node(name: str, **meta: Any) -> dict[str, Any]:
    """A model of dbt's manifest, as far as publishing reads it."""
    return {
        "resource_type": "model",
        "name": name,
        "alias": name,
        "schema": "candidate",
        "description": f"One row per {name}.",
        "columns": {"store_id": {"name": "store_id", "description": "The store; it's a key."}},
        "meta": {},
        "config": {"meta": meta},
    }


NODES = (
    node(
        "fct_sample",
        primary_key=["employee_id", "store_id", "business_date"],
        publish={"by": ["store_id", "business_date"]},
    ),
    node("dim_sample", primary_key="store_id", publish="whole"),
    node("metric_evidence", publish="view"),
)


def write_manifest(folder: Path, nodes: tuple[dict[str, Any], ...] = NODES) -> Path:
    """Write a manifest with these nodes."""
    file = folder / "manifest.json"
    file.write_text(json.dumps({"nodes": {f"model.sample.{n['name']}": n for n in nodes}}))
    return file


@pytest.fixture
def manifest_file(tmp_path: Path) -> Path:
    """The manifest of the sample models."""
    return write_manifest(tmp_path)


@pytest.fixture
def models(manifest_file: Path) -> list[PublishedModel]:
    """The sample models."""
    return read_published_models(manifest_file)


@pytest.fixture
def builder(warehouse: Settings) -> Iterator[psycopg.Connection]:
    """An autocommit connection that plays the build."""
    with connect(Role.BUILDER, warehouse, autocommit=True) as connection:
        yield connection


@pytest.fixture
def reader(warehouse: Settings) -> Iterator[psycopg.Connection]:
    """The app's connection, which may only read."""
    with connect(Role.APP, warehouse, autocommit=True) as connection:
        yield connection


def clear(settings: Settings) -> None:
    """Empty the sample schemas and the build ledger, and make the sample candidate anew."""
    with connect(Role.ADMIN, settings, autocommit=True) as admin:
        admin.execute("drop view if exists candidate.metric_evidence cascade")
        for (table,) in admin.execute(
            "select format('%I.%I', schemaname, relname) from pg_stat_user_tables"
            " where schemaname in ('candidate', 'marts')"
        ).fetchall():
            admin.execute(f"drop table {table} cascade")
        admin.execute("drop schema if exists analyst cascade")
        admin.execute("truncate ops.build, ops.load, intermediate.touched, intermediate.touched_span cascade")
    with connect(Role.BUILDER, settings, autocommit=True) as connection:
        connection.execute(CANDIDATE_TABLES)


@pytest.fixture
def warehouse(database_settings: Settings) -> Settings:
    """The sample candidate, empty marts, no builds."""
    clear(database_settings)
    return database_settings


def open_build(builder: psycopg.Connection, *, is_full_refresh: bool = False) -> int:
    """A running build."""
    return builder.execute(
        "insert into ops.build (state, is_full_refresh, project_sha256) values ('running', %s, 'x')"
        " returning build_id",
        [is_full_refresh],
    ).fetchall()[0][0]


def fill(builder: psycopg.Connection, generation: int, *, days: int = 3) -> None:
    """Build a candidate in which every row carries the generation, and every day was touched."""
    builder.execute(
        "begin; truncate candidate.fct_sample, candidate.dim_sample, intermediate.touched; commit"
    )
    builder.execute(
        "insert into candidate.fct_sample select 'e' || e, 's' || s, date '2026-04-01' + d, e * 1.10, %s"
        " from generate_series(1, 3) e, generate_series(1, 2) s, generate_series(1, %s) d",
        [generation, days],
    )
    builder.execute(
        "insert into candidate.dim_sample select 's' || s, 'Store ' || s, %s from generate_series(1, 2) s",
        [generation],
    )
    touch(builder)


def touch(builder: psycopg.Connection, last_date: str = "infinity") -> None:
    """List the days of the sample fact as touched, up to a last one."""
    builder.execute(
        "insert into intermediate.touched select distinct 'fct_sample', store_id, business_date"
        " from candidate.fct_sample where business_date <= %s on conflict do nothing",
        [last_date],
    )


@pytest.fixture
def build(builder: psycopg.Connection) -> Callable[..., int]:
    """Open a build and fill its candidate with a generation."""

    def _build(generation: int, **options: Any) -> int:
        build_id = open_build(builder, **options)
        fill(builder, generation)
        return build_id

    return _build
