"""The shape of marts: tables made once from the candidate, then only extended, so that dependents survive."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg import sql

from tradewind.publishing.errors import PublicationError, SchemaChangeError
from tradewind.publishing.models import CANDIDATE, MARTS, PublishedModel

# the ways the dashboards look rows up; a table gets those whose columns it has
ACCESS_PATHS = (
    ("metric_id", "business_date"),
    ("employee_id", "business_date"),
    ("store_id", "business_date"),
)


@dataclass(frozen=True)
class Column:
    """A column as Postgres's catalogue has it."""

    name: str
    type: str
    is_required: bool


def relation(schema: str, name: str) -> sql.Identifier:
    """The quoted, qualified name of a table or view."""
    return sql.Identifier(schema, name)


def column_list(names: list[str] | tuple[str, ...], alias: str | None = None) -> sql.Composed:
    """Quoted column names, comma-separated, behind `alias.` when one is given."""
    return sql.SQL(", ").join(
        sql.Identifier(alias, name) if alias else sql.Identifier(name) for name in names
    )


def read_columns(connection: psycopg.Connection, schema: str, name: str) -> list[Column]:
    """The columns of a relation in their order; empty when there is no such relation."""
    rows = connection.execute(
        "select a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull from pg_attribute as a"
        " inner join pg_class as c on c.oid = a.attrelid"
        " inner join pg_namespace as n on n.oid = c.relnamespace"
        " where n.nspname = %s and c.relname = %s and a.attnum > 0 and not a.attisdropped order by a.attnum",
        [schema, name],
    )
    return [Column(*row) for row in rows.fetchall()]


def read_candidate_columns(connection: psycopg.Connection, model: PublishedModel) -> list[Column]:
    """The columns of the model's candidate relation.

    Raises:
        PublicationError: the relation is missing, or a key or partition column is missing or may be NULL.
    """
    columns = read_columns(connection, CANDIDATE, model.name)
    if not columns:
        raise PublicationError(
            "candidate_missing", f"{CANDIDATE}.{model.name} is not there: build the models before publishing"
        )
    needed = {*model.primary_key, *(model.partition.by if model.partition else ())}
    if missing := needed - {column.name for column in columns}:
        raise PublicationError(
            "wrong_model_meta", f"{CANDIDATE}.{model.name} has no column {', '.join(sorted(missing))}"
        )
    partition = model.partition.by if model.partition else ()
    if nullable := [column.name for column in columns if column.name in partition and not column.is_required]:
        raise PublicationError(
            "wrong_model_meta",
            f"{CANDIDATE}.{model.name}.{nullable[0]} may be NULL, and such rows would be in no partition: "
            "give the column a not_null constraint in the model",
        )
    return columns


def create_table(connection: psycopg.Connection, model: PublishedModel, columns: list[Column]) -> None:
    """Create the marts table, without key and indexes: `index_table` adds them once the first rows are in."""
    definitions = [
        sql.SQL("{} {}{}").format(
            sql.Identifier(column.name),
            sql.SQL(column.type),
            sql.SQL(" not null" if column.is_required else ""),
        )
        for column in columns
    ]
    connection.execute(
        sql.SQL("create table {} ({})").format(relation(MARTS, model.name), sql.SQL(", ").join(definitions))
    )


def index_table(connection: psycopg.Connection, model: PublishedModel, columns: list[Column]) -> None:
    """Give a new table its primary key, indexes for the access paths it has columns for, and statistics."""
    table = relation(MARTS, model.name)
    connection.execute(
        sql.SQL("alter table {} add primary key ({})").format(table, column_list(model.primary_key))
    )
    names = {column.name for column in columns}
    for path in ACCESS_PATHS:
        if names.issuperset(path) and model.primary_key[: len(path)] != path:
            connection.execute(sql.SQL("create index on {} ({})").format(table, column_list(path)))
    connection.execute(sql.SQL("analyze {}").format(table))


def add_new_columns(connection: psycopg.Connection, model: PublishedModel, candidate: list[Column]) -> bool:
    """Add the columns that the model has gained, as nullable ones; returns whether there were any.

    Raises:
        SchemaChangeError: a column is gone or has another type, or the primary key is another.
    """
    table = relation(MARTS, model.name)
    published = {column.name: column for column in read_columns(connection, MARTS, model.name)}
    _refuse_what_cannot_follow(connection, model, candidate, published)
    added = [column for column in candidate if column.name not in published]
    for column in added:
        connection.execute(
            sql.SQL("alter table {} add column {} {}").format(
                table,
                sql.Identifier(column.name),
                sql.SQL(column.type),
            )
        )
    for column in candidate:
        if column.name in published and published[column.name].is_required and not column.is_required:
            if column.name in model.primary_key:
                continue
            connection.execute(
                sql.SQL("alter table {} alter column {} drop not null").format(
                    table, sql.Identifier(column.name)
                )
            )
    return bool(added)


def require_filled_columns(
    connection: psycopg.Connection, model: PublishedModel, candidate: list[Column]
) -> None:
    """Set NOT NULL where the model promises it and the table does not yet, once its rows are in."""
    published = {column.name: column for column in read_columns(connection, MARTS, model.name)}
    for column in candidate:
        if column.is_required and not published[column.name].is_required:
            connection.execute(
                sql.SQL("alter table {} alter column {} set not null").format(
                    relation(MARTS, model.name), sql.Identifier(column.name)
                )
            )


def describe(connection: psycopg.Connection, model: PublishedModel) -> None:
    """Copy the descriptions of the model and its columns into Postgres's comments, where they differ."""
    present: dict[str, str] = dict(
        connection.execute(
            "select coalesce(a.attname, ''), d.description from pg_description as d"
            " left join pg_attribute as a on a.attrelid = d.objoid and a.attnum = d.objsubid and a.attnum > 0"
            " where d.objoid = to_regclass(%s) and d.classoid = 'pg_class'::regclass",
            [f'{MARTS}."{model.name}"'],
        ).fetchall()
    )
    existing = {column.name for column in read_columns(connection, MARTS, model.name)}
    relation_name = relation(MARTS, model.name)
    if model.description and present.get("") != model.description:
        connection.execute(
            sql.SQL("comment on {} {} is {}").format(
                sql.SQL("view" if model.is_view else "table"), relation_name, sql.Literal(model.description)
            )
        )
    for name, text in model.column_descriptions.items():
        if text and name in existing and present.get(name) != text:
            connection.execute(
                sql.SQL("comment on column {}.{} is {}").format(
                    relation_name, sql.Identifier(name), sql.Literal(text)
                )
            )


def _refuse_what_cannot_follow(
    connection: psycopg.Connection,
    model: PublishedModel,
    candidate: list[Column],
    published: dict[str, Column],
) -> None:
    table = f"{MARTS}.{model.name}"
    wanted = {column.name: column.type for column in candidate}
    for name, column in published.items():
        if name not in wanted:
            raise SchemaChangeError(
                f"{table} has column {name}, which the model no longer has. Bring it back to the model, or, "
                f"once nothing reads it, run as administrator: alter table {table} drop column {name};"
            )
        if column.type != wanted[name]:
            raise SchemaChangeError(
                f"{table}.{name} is {column.type}, the model now makes it {wanted[name]}. Give the column "
                f"a new name in the model, or, once no view reads it, run as administrator: "
                f"alter table {table} alter column {name} type {wanted[name]};"
            )
    key = ", ".join(_read_primary_key(connection, model))
    if key != ", ".join(model.primary_key):
        raise SchemaChangeError(
            f"the primary key of {table} is ({key}), the model's is ({', '.join(model.primary_key)}). Run as "
            f"administrator: alter table {table} drop constraint {model.name}_pkey, "
            f"add primary key ({', '.join(model.primary_key)});"
        )


def _read_primary_key(connection: psycopg.Connection, model: PublishedModel) -> list[str]:
    rows = connection.execute(
        "select a.attname from pg_constraint as c"
        " cross join lateral unnest(c.conkey) with ordinality as k (attnum, position)"
        " inner join pg_attribute as a on a.attrelid = c.conrelid and a.attnum = k.attnum"
        " where c.conrelid = to_regclass(%s) and c.contype = 'p' order by k.position",
        [f'{MARTS}."{model.name}"'],
    )
    return [name for (name,) in rows.fetchall()]
