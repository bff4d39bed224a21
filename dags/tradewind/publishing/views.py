"""Views of marts: the candidate's own views, turned to look at the marts tables."""

from __future__ import annotations

import re

import psycopg
from psycopg import sql

from tradewind.publishing.errors import PublicationError, SchemaChangeError
from tradewind.publishing.models import CANDIDATE, MARTS, PublishedModel
from tradewind.publishing.relations import read_columns, relation


def publish_view(connection: psycopg.Connection, model: PublishedModel) -> None:
    """Create the view in marts, or replace it when its definition changed; else do nothing.

    The definition is the server's own rendering of the candidate's view, so an unchanged one is recognised.
    Replacing in place keeps the views that others built on it; only changed columns need the view made anew.

    Raises:
        PublicationError: the view reads a relation that is not published.
        SchemaChangeError: its columns changed and other views stand on it.
    """
    definition = _definition(connection, CANDIDATE, model.name)
    if definition is None:
        raise PublicationError(
            "candidate_missing", f"{CANDIDATE}.{model.name} is not a view: build the models before publishing"
        )
    definition = re.sub(rf"\b{CANDIDATE}\.", f"{MARTS}.", definition)
    if _definition(connection, MARTS, model.name) == definition:
        return
    columns = read_columns(connection, CANDIDATE, model.name)
    published = read_columns(connection, MARTS, model.name)
    if columns[: len(published)] != published:
        _drop(connection, model)
    connection.execute(
        sql.SQL("create or replace view {} with (security_invoker = true) as {}").format(
            relation(MARTS, model.name),
            sql.SQL(definition),
        )
    )
    _refuse_unpublished_sources(connection, model)


def _definition(connection: psycopg.Connection, schema: str, name: str) -> str | None:
    row = connection.execute(
        "select pg_get_viewdef(c.oid) from pg_class as c"
        " inner join pg_namespace as n on n.oid = c.relnamespace"
        " where n.nspname = %s and c.relname = %s and c.relkind = 'v'",
        [schema, name],
    ).fetchone()
    return row[0] if row else None


def _drop(connection: psycopg.Connection, model: PublishedModel) -> None:
    try:
        connection.execute(sql.SQL("drop view {}").format(relation(MARTS, model.name)))
    except psycopg.errors.DependentObjectsStillExist as error:
        raise SchemaChangeError(
            f"the columns of view {MARTS}.{model.name} change, and other views stand on it: have their "
            "owners drop them and make them again after the publication, or add columns at the end only "
            f"({error.diag.message_detail})"
        ) from error


def _refuse_unpublished_sources(connection: psycopg.Connection, model: PublishedModel) -> None:
    sources = connection.execute(
        "select distinct n.nspname || '.' || s.relname from pg_rewrite as r"
        " inner join pg_depend as d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid"
        " inner join pg_class as s on d.refclassid = 'pg_class'::regclass and s.oid = d.refobjid"
        " inner join pg_namespace as n on n.oid = s.relnamespace"
        " where r.ev_class = to_regclass(%s) and s.oid <> r.ev_class"
        " and n.nspname not in (%s, 'pg_catalog', 'information_schema') order by 1",
        [f'{MARTS}."{model.name}"', MARTS],
    ).fetchall()
    if sources:
        raise PublicationError(
            "view_reads_unpublished",
            f"view {model.name} reads {', '.join(name for (name,) in sources)}, which is not published: "
            f"it may read published models of {CANDIDATE} only",
        )
