"""Erasing a person: from raw, from the originals, from the bytes of quarantined records; with proof."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from tradewind.exports.contract import Contract, load_contracts
from tradewind.exports.personal import PSEUDONYM_DIGITS, normalise_value, subject_of
from tradewind.landing.archive import archived_file
from tradewind.landing.personal import (
    ERASURE_LOCK,
    RawTable,
    digest_of,
    find_table,
    new_name,
    new_token,
    read_key,
)
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

# a pseudonym, and no null token or blank cell
_PSEUDONYM = f"^[0-9a-f]{{{PSEUDONYM_DIGITS}}}$"
_FILES = """
select distinct same.file_path
from ops.load as l
inner join ops.load as same on same.file_sha256 = l.file_sha256 or same.load_id = l.load_id
where l.load_id = any(%s)
order by 1
"""


_ARCHIVED = """
select distinct archive_sha256 from ops.load where load_id = any(%s) and archive_sha256 is not null order by 1
"""


class NobodyNamedError(ValueError):
    """No value was given to look for."""


@dataclass(frozen=True)
class Erasure:
    """What was found of a person, place by place, and what is left; holds no value."""

    # the places: `raw.<report>`, `personal.original`, `ops.quarantined_row`
    before: dict[str, int]
    after: dict[str, int]
    load_ids: list[int]
    # of the files whose records name the person, and of their copies: paths as the ledger has them; and those
    # of the archive
    files: list[str]


def erase(person: str, settings: Settings) -> Erasure:
    """Erase all that a value (an e-mail address, a customer's number, a name …) leads to, in one transaction.

    Rows stay, for numbers rest on them; whatever in them belongs to this person alone gives way to random
    tokens, one for each pseudonym, so that two purchases of one customer stay those of one customer.

    Raises:
        NobodyNamedError: the value is blank.
    """
    if not normalise_value(person):
        raise NobodyNamedError("say whom to erase: PERSON=… in the environment, or a line on standard input")
    contracts = load_contracts()
    pseudonymise = read_key(settings)
    rules = {column.pseudonym_of for item in contracts.values() for column in item.columns}
    subjects = {subject_of(person, re.compile(rule) if rule else None) for rule in rules}
    values = subjects | {person.strip()}
    with connect(Role.LOADER, settings) as connection:
        connection.execute("select pg_advisory_xact_lock(%s)", [ERASURE_LOCK])
        tables = _tables(connection, contracts)
        names = {
            digest_of(name)
            for table in tables
            for name in table.kept_values(connection, sql.SQL("true"))
            if subject_of(name) in subjects
        }
        marks = {*map(pseudonymise, subjects), *names}
        before, load_ids = _count_rows(connection, tables, marks)
        own = sorted({*marks, *_only_in_rows_of(connection, tables, marks)} - names)
        before["personal.original"] = _count_originals(connection, own)
        tokens = {pseudonym: new_token() for pseudonym in own} | dict.fromkeys(names, new_name())
        for table in tables:
            if f"raw.{table.report}" in before:
                table.replace(connection, tokens, sql.SQL("true"))
        connection.execute("select personal.erase_originals(%s)", [own])
        quarantined = list(_quarantined(connection, values))
        before["ops.quarantined_row"] = len(quarantined)
        _empty(connection, quarantined)
        after, _ = _count_rows(connection, tables, marks)
        after["personal.original"] = _count_originals(connection, own)
        after["ops.quarantined_row"] = len(list(_quarantined(connection, values)))
        everywhere = sorted({*load_ids, *(load_id for load_id, _ in quarantined)})
        files = [path for (path,) in connection.execute(_FILES, [everywhere]).fetchall()]
        hashes = connection.execute(_ARCHIVED, [everywhere]).fetchall()
        files += [str(file) for (sha256,) in hashes if (file := archived_file(sha256, settings)).exists()]
        _record(connection, before, load_ids, own)
    return Erasure(before, {place: after.get(place, 0) for place in before}, everywhere, files)


def _tables(connection: psycopg.Connection, contracts: dict[str, Contract]) -> list[RawTable]:
    reports = connection.execute(
        "select tablename::text from pg_tables where schemaname = 'raw' order by 1"
    ).fetchall()
    return [find_table(connection, report, contracts.get(report)) for (report,) in reports]


def _count_rows(
    connection: psycopg.Connection, tables: Iterable[RawTable], marks: Iterable[str]
) -> tuple[dict[str, int], list[int]]:
    """Rows that name the person by table, where there are any, and the loads they came with."""
    counts: Counter[str] = Counter()
    load_ids = []
    for table in tables:
        statement = sql.SQL("select t.load_id, count(*) from {} as t where {} group by 1").format(
            table.name, table.names_one_of(marks)
        )
        for load_id, count in connection.execute(statement).fetchall():
            counts[f"raw.{table.report}"] += count
            load_ids.append(load_id)
    return dict(counts), sorted(load_ids)


def _only_in_rows_of(
    connection: psycopg.Connection, tables: Iterable[RawTable], marks: Iterable[str]
) -> set[str]:
    """The pseudonyms in the person's rows that stand in no row of anybody else, in any table."""
    found: set[str] = set()
    for table in tables:
        statement = sql.SQL(
            "select distinct cell from {} as t, unnest({}) as cell where cell ~ {} and {}"
        ).format(table.name, table.cells, _PSEUDONYM, table.names_one_of(marks))
        found.update(cell for (cell,) in connection.execute(statement).fetchall())
    for table in tables if found else ():
        statement = sql.SQL(
            "select distinct cell from {} as t, unnest({}) as cell"
            " where cell = any({}::text[]) and not coalesce({}, false)"
        ).format(table.name, table.cells, sorted(found), table.names_one_of(marks))
        found.difference_update(cell for (cell,) in connection.execute(statement).fetchall())
    return found


def _empty(connection: psycopg.Connection, quarantined: list[tuple[int, int]]) -> None:
    connection.execute(
        "update ops.quarantined_row as q set raw_record = '' from unnest(%s::bigint[], %s::bigint[])"
        " as found (load_id, row_number) where (q.load_id, q.row_number) = (found.load_id, found.row_number)",
        [[load_id for load_id, _ in quarantined], [row_number for _, row_number in quarantined]],
    )


def _count_originals(connection: psycopg.Connection, pseudonyms: list[str]) -> int:
    [(count,)] = connection.execute("select personal.count_originals(%s)", [pseudonyms]).fetchall()
    return int(count)


def _quarantined(connection: psycopg.Connection, values: set[str]) -> Iterator[tuple[int, int]]:
    """The quarantined records whose bytes hold one of the values as a word or words of its own."""
    words = {form for value in values for form in (normalise_value(value), value.replace('"', '""'))}
    pattern = re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in sorted(words)))
    with connection.cursor("quarantined") as cursor:
        cursor.execute(
            "select q.load_id, q.row_number, q.raw_record, coalesce(l.dialect ->> 'encoding', 'utf-8')"
            " from ops.quarantined_row as q inner join ops.load as l on l.load_id = q.load_id"
            " where q.raw_record <> ''"
        )
        for load_id, row_number, raw, encoding in cursor:
            text = raw.decode(encoding, "replace")
            if pattern.search(text) or pattern.search(normalise_value(text)):
                yield load_id, row_number


def _record(
    connection: psycopg.Connection, counts: dict[str, int], load_ids: list[int], pseudonyms: list[str]
) -> None:
    [(erasure_id,)] = connection.execute(
        "insert into ops.erasure (load_ids, counts) values (%s, %s) returning erasure_id",
        [load_ids, Jsonb(counts)],
    ).fetchall()
    connection.execute(
        "insert into ops.erased_pseudonym (pseudonym, erasure_id)"
        " select pseudonym, %s from unnest(%s::text[]) as pseudonym on conflict do nothing",
        [erasure_id, pseudonyms],
    )
