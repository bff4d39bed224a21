"""The rows that differ between candidate and marts, and nothing but them, moved over."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg import sql

from tradewind.publishing.errors import PublicationError
from tradewind.publishing.models import CANDIDATE, MARTS, Partition, PublishedModel
from tradewind.publishing.relations import Column, column_list, relation


@dataclass(frozen=True)
class RowChanges:
    """How many rows a publication took out and put in; a changed row counts in both."""

    deleted: int = 0
    inserted: int = 0

    def __add__(self, other: RowChanges) -> RowChanges:
        return RowChanges(self.deleted + other.deleted, self.inserted + other.inserted)


def insert_all(connection: psycopg.Connection, model: PublishedModel, columns: list[Column]) -> RowChanges:
    """Fill a table that was just created."""
    names = column_list([column.name for column in columns])
    cursor = connection.execute(
        sql.SQL("insert into {} ({}) select {} from {}").format(
            relation(MARTS, model.name), names, names, relation(CANDIDATE, model.name)
        )
    )
    return RowChanges(inserted=cursor.rowcount)


def move_differences(
    connection: psycopg.Connection, model: PublishedModel, columns: list[Column], partition: Partition | None
) -> RowChanges:
    """Make the marts table equal to the candidate, in the touched partitions or (None) everywhere.

    Raises:
        PublicationError: a row moved between partitions without both being listed as touched.
    """
    names = [column.name for column in columns]
    parts = {
        "marts": relation(MARTS, model.name),
        "candidate": relation(CANDIDATE, model.name),
        "same_key": _same_key(model.primary_key),
        # a row that changed its partition still stands under its old one, unless that one was touched too
        "same_place": _same_key((*model.primary_key, *(partition.by if partition else ()))),
        "same_row": _same_row([name for name in names if name not in model.primary_key]),
        "names": column_list(names),
        "candidate_names": column_list(names, "c"),
        "marts_scope": _scope("m", partition),
        "candidate_scope": _scope("c", partition),
    }
    deleted = connection.execute(
        sql.SQL(
            "delete from {marts} as m where {marts_scope}"
            " and not exists (select from {candidate} as c where {same_key} and {same_row})"
        ).format(**parts)
    )
    try:
        inserted = connection.execute(
            sql.SQL(
                "insert into {marts} ({names}) select {candidate_names} from {candidate} as c"
                " where {candidate_scope} and not exists (select from {marts} as m where {same_place})"
            ).format(**parts)
        )
    except psycopg.errors.UniqueViolation as error:
        # the server's own message would repeat the key's values
        raise PublicationError(
            "touched_incomplete",
            f"a row of {model.name} moved to another partition, and one of the two is not listed as "
            "touched: publish with a full refresh, and mend meta.reach of the model",
        ) from error
    return RowChanges(deleted.rowcount, inserted.rowcount)


def _same_key(names: tuple[str, ...]) -> sql.Composable:
    # plain equality, so that the server may hash or merge; keys are never NULL
    return sql.SQL(" and ").join(
        sql.SQL("{} = {}").format(sql.Identifier("c", name), sql.Identifier("m", name)) for name in names
    )


def _same_row(names: list[str]) -> sql.Composable:
    if not names:
        return sql.SQL("true")
    return sql.SQL("row({}) is not distinct from row({})").format(
        column_list(names, "c"), column_list(names, "m")
    )


def _scope(alias: str, partition: Partition | None) -> sql.Composable:
    if partition is None:
        return sql.SQL("true")
    return sql.SQL("({}) in (select {} from intermediate.touched where model = {})").format(
        column_list(partition.by, alias), column_list(partition.by), sql.Literal(partition.model)
    )
