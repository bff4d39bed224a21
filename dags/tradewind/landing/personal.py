"""Personal values at loading: the key, the originals set apart, erased persons kept out."""

from __future__ import annotations

import hashlib
import secrets
import struct
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

from tradewind.exports.contract import EXTRA_COLUMNS, Contract
from tradewind.exports.personal import PSEUDONYM_DIGITS, Pseudonymiser, subject_of
from tradewind.exports.source import CHUNK_BYTES
from tradewind.landing.raw_tables import raw_table
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

# loads take it shared and an erasure alone: what is erased cannot come back through a load begun before
ERASURE_LOCK = 7_215_312
MEMORY_BYTES = 32 << 20
# binary, because the server quotes a line of text in its message when a COPY fails
_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TAIL = b"\xff\xff"
_UUID_BYTES = PSEUDONYM_DIGITS // 2
# three fields: the load's id, a pseudonym and, behind its length, the value
_BEGINNING = struct.Struct(">hiqi")
_LENGTH = struct.Struct(">i")


class Originals:
    """The originals of some loads, on their way to the database; on disk, nameless, when they are many."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(MEMORY_BYTES)  # noqa: SIM115  closed by __exit__
        self.is_empty = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, load_id: int, values: Mapping[str, str]) -> None:
        """Add values of a load by their pseudonyms; the same may be added again."""
        beginning, length = _BEGINNING.pack(3, 8, load_id, _UUID_BYTES), _LENGTH.pack
        fields: list[bytes] = []
        for pseudonym, value in values.items():
            encoded = value.encode()
            fields += (beginning, bytes.fromhex(pseudonym), length(len(encoded)), encoded)
        self._file.write(b"".join(fields))
        self.is_empty = self.is_empty and not values

    def write_to(self, copy: psycopg.Copy) -> None:
        """Send them all as the rows of a binary COPY of a bigint, a uuid and a text."""
        self._file.seek(0)
        copy.write(_HEAD)
        while chunk := self._file.read(CHUNK_BYTES):
            copy.write(chunk)
        copy.write(_TAIL)


def read_key(settings: Settings) -> Pseudonymiser:
    """The warehouse's own pseudonyms, for one run of the loader."""
    with connect(Role.LOADER, settings) as connection:
        [pads] = connection.execute("select inner_pad, outer_pad from ops.pseudonym_pads()").fetchall()
    return Pseudonymiser(*pads)


@dataclass(frozen=True)
class RawTable:
    """A raw table, and what in it means somebody: pseudonyms, and digests of kept values.

    No statement holds a kept value, because a server may write statements to its log.
    """

    report: str
    columns: list[str]
    kept: list[str]

    @property
    def name(self) -> sql.Identifier:
        """The table, for use in a statement."""
        return raw_table(self.report)

    @property
    def cells(self) -> sql.Composable:
        """The pseudonymised cells of a row `t` as an array of texts."""
        return sql.SQL(
            "({} || case when t.{extra} is null then '{{}}' else"
            " array(select e.value from jsonb_each_text(t.{extra}) as e) end)"
        ).format(_array(self.columns), extra=sql.Identifier(EXTRA_COLUMNS))

    def names_one_of(self, marks: Iterable[str]) -> sql.Composable:
        """The condition that a row `t` holds one of the pseudonyms, or a kept value of one of the digests."""
        return sql.SQL("({} || {}) && {}::text[]").format(
            self.cells, _array(self.kept, sql.SQL("md5(t.{})")), list(marks)
        )

    def kept_values(self, connection: psycopg.Connection, condition: sql.Composable) -> list[str]:
        """The distinct values of the kept columns in the rows `t` of a condition."""
        if not self.kept:
            return []
        rows = connection.execute(
            sql.SQL("select distinct cell from {} as t, unnest({}) as cell where cell <> '' and {}").format(
                self.name, _array(self.kept), condition
            )
        ).fetchall()
        return [value for (value,) in rows]

    def replace(
        self, connection: psycopg.Connection, tokens: Mapping[str, str], condition: sql.Composable
    ) -> None:
        """Put tokens in the place of pseudonyms, and of kept values by their digests, in rows `t`."""
        connection.execute(
            "create temporary table if not exists token (mark text primary key, token text not null)"
            " on commit drop"
        )
        connection.execute("truncate pg_temp.token")
        connection.execute(
            "insert into pg_temp.token select * from unnest(%s::text[], %s::text[])",
            [list(tokens), list(tokens.values())],
        )
        assignment = "{c} = coalesce((select k.token from pg_temp.token as k where k.mark = {mark}), t.{c})"
        assignments = [
            sql.SQL(assignment).format(
                c=sql.Identifier(column), mark=sql.SQL(mark).format(sql.Identifier(column))
            )
            for columns, mark in ((self.columns, "t.{}"), (self.kept, "md5(t.{})"))
            for column in columns
        ]
        assignments.append(
            sql.SQL(
                "{extra} = case when t.{extra} is not null then (select jsonb_object_agg(e.key,"
                " coalesce(to_jsonb(k.token), e.value)) from jsonb_each(t.{extra}) as e"
                " left join pg_temp.token as k on to_jsonb(k.mark) = e.value) end"
            ).format(extra=sql.Identifier(EXTRA_COLUMNS))
        )
        connection.execute(
            sql.SQL("update {} as t set {} where {} and {}").format(
                self.name, sql.SQL(", ").join(assignments), condition, self.names_one_of(tokens)
            )
        )


def find_table(connection: psycopg.Connection, report: str, contract: Contract | None) -> RawTable:
    """The raw table of a report; columns that the contract does not know, or no longer, count as personal."""
    rows = connection.execute(
        "select column_name::text from information_schema.columns"
        " where table_schema = 'raw' and table_name = %s and data_type = 'text' order by ordinal_position",
        [report],
    ).fetchall()
    known = contract.by_name if contract else {}
    names = [name for (name,) in rows]
    return RawTable(
        report,
        [name for name in names if name not in known or known[name].is_pseudonymised],
        [name for name in names if name in known and known[name].kept],
    )


def set_apart(
    connection: psycopg.Connection,
    contracts: Mapping[int, Contract],
    originals: Originals,
    pseudonymise: Pseudonymiser,
) -> None:
    """Store the originals of loads in their own transaction; a person who was erased stays so.

    In the rows of these loads the pseudonyms, and names that are kept, of erased persons give way to tokens.
    `contracts` are those of the loads.
    """
    naming = [load_id for load_id, item in contracts.items() if any(column.kept for column in item.columns)]
    if originals.is_empty and not naming:
        return
    connection.execute("select pg_advisory_xact_lock_shared(%s)", [ERASURE_LOCK])
    erased = {} if originals.is_empty else _store(connection, originals)
    for load_id in sorted({*erased, *naming}):
        table = find_table(connection, contracts[load_id].report, contracts[load_id])
        of_load = sql.SQL("t.load_id = {}").format(load_id)
        tokens = _erased_names(connection, table.kept_values(connection, of_load), pseudonymise)
        tokens |= {pseudonym: new_token() for pseudonym in erased.get(load_id, ())}
        if tokens:
            table.replace(connection, tokens, of_load)


def _store(connection: psycopg.Connection, originals: Originals) -> dict[int, list[str]]:
    """Insert what is nobody's who was erased; returns the pseudonyms of erased persons by load."""
    [[anybody_erased]] = connection.execute("select exists (select from ops.erased_pseudonym)")
    if not anybody_erased:
        _copy(connection, originals, "personal", "incoming")
        return {}
    connection.execute(
        "create temporary table incoming_original (load_id bigint, pseudonym uuid, value text) on commit drop"
    )
    _copy(connection, originals, "pg_temp", "incoming_original")
    connection.execute(
        """
        insert into personal.incoming (pseudonym, value, load_id)
        select i.pseudonym, i.value, i.load_id
        from pg_temp.incoming_original as i
        where not exists (select from ops.erased_pseudonym as e where e.pseudonym::uuid = i.pseudonym)
        """
    )
    found = connection.execute(
        "select distinct i.load_id, e.pseudonym from ops.erased_pseudonym as e"
        " inner join pg_temp.incoming_original as i on e.pseudonym::uuid = i.pseudonym"
    ).fetchall()
    erased: dict[int, list[str]] = {}
    for load_id, pseudonym in found:
        erased.setdefault(load_id, []).append(pseudonym)
    return erased


def _copy(connection: psycopg.Connection, originals: Originals, *table: str) -> None:
    statement = sql.SQL("copy {} (load_id, pseudonym, value) from stdin (format binary)").format(
        sql.Identifier(*table)
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        originals.write_to(copy)


def _erased_names(
    connection: psycopg.Connection, names: Iterable[str], pseudonymise: Pseudonymiser
) -> dict[str, str]:
    """A token for the digest of each name that an erased person has."""
    by_name = {name: pseudonymise(subject_of(name)) for name in names}
    rows = connection.execute(
        "select pseudonym from ops.erased_pseudonym where pseudonym = any(%s)", [list(by_name.values())]
    ).fetchall()
    erased = {pseudonym for (pseudonym,) in rows}
    return {digest_of(name): new_name() for name, pseudonym in by_name.items() if pseudonym in erased}


def new_token() -> str:
    """What stands for an erased pseudonym: it looks like one, and nothing leads to it."""
    return secrets.token_hex(PSEUDONYM_DIGITS // 2)


def new_name() -> str:
    """What stands for an erased name that pages show."""
    return f"erased {secrets.token_hex(4)}"


def digest_of(name: str) -> str:
    """A kept value's digest, as the server makes it."""
    return hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()


def _array(columns: Iterable[str], cell: sql.SQL | None = None) -> sql.Composable:
    cell = cell or sql.SQL("t.{}")
    return sql.SQL("array[{}]::text[]").format(
        sql.SQL(", ").join(cell.format(sql.Identifier(name)) for name in columns)
    )
