"""Eight loaders with one fault each, as real loaders have had them: a checker that passes one proves nothing.

Each is the real loader with a function replaced, in the loader's process alone.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import psycopg

from tradewind.exports.blocks import Block, BlockReader
from tradewind.landing import copying, ledger, load


@dataclass(frozen=True)
class Variant:
    """A broken loader, and the points at which it must be killed for its fault to show."""

    break_loader: Callable[[], None]
    points: tuple[str, ...]
    prepare: str | None = None


def _commit_each_statement() -> None:
    """Autocommit instead of one transaction."""

    @contextlib.contextmanager
    def transaction(connection: psycopg.Connection, *_arguments: Any, **_named: Any) -> Iterator[None]:
        yield

    psycopg.Connection.transaction = transaction


def _enter_in_the_ledger_first() -> None:
    """The ledger row comes before and apart from the rows."""
    open_load = ledger.open_load

    def open_load_apart(connection: psycopg.Connection, *arguments: Any) -> int:
        with _another(connection) as apart:
            return open_load(apart, *arguments)

    ledger.open_load = open_load_apart


def _load_again_on_retry() -> None:
    """Nobody asks whether the bytes are there already."""
    ledger.find_same = lambda *_arguments: None


def _drop_the_last_line() -> None:
    """The last record of each file is cut off."""
    blocks = BlockReader.blocks

    def shorter_blocks(reader: BlockReader, chunks: Iterable[bytes]) -> Iterator[Block]:
        held: Block | None = None
        for block in blocks(reader, chunks):
            if held:
                yield held
            held = block
        if held and held.loaded:
            payload = bytes(held.payload)
            held.payload = payload[: payload.rstrip(b"\n").rfind(b"\n") + 1]
            held.loaded -= 1
            yield held

    BlockReader.blocks = shorter_blocks


def _skip_bad_records() -> None:
    """What cannot be loaded is left out, and the ledger balances."""
    close_load = ledger.close_load

    def close_without_bad(connection: psycopg.Connection, load_id: int, **counts: int) -> None:
        close_load(connection, load_id, **{**counts, "quarantined": 0})

    ledger.quarantine = lambda *_arguments: None
    ledger.close_load = close_without_bad


def _swap_columns() -> None:
    """The cells of the last two columns change places."""
    copy_statement = copying.copy_statement

    def swapped(export: Any, rows: Any) -> Any:
        *others, one, other = rows.target_columns
        return copy_statement(
            export,
            SimpleNamespace(target_columns=[*others, other, one], quote=rows.quote, delimiter=rows.delimiter),
        )

    copying.copy_statement = swapped


def _number_each_block_anew() -> None:
    """Row numbers begin at 1 in each block."""
    read = BlockReader._read

    def read_from_one(reader: BlockReader, data: bytes) -> Any:
        reader._next_row = 1
        return read(reader, data)

    BlockReader._read = read_from_one


def _quarantine_afterwards() -> None:
    """Bad records are written when the load is committed."""
    quarantine, load_in_transaction = ledger.quarantine, load.load_piece
    waiting: dict[psycopg.Connection, tuple[Any, ...]] = {}

    def keep_for_later(connection: psycopg.Connection, *arguments: Any) -> None:
        waiting[connection] = arguments

    def load_then_quarantine(connection: psycopg.Connection, *arguments: Any) -> Any:
        result = load_in_transaction(connection, *arguments)
        if connection in waiting:
            quarantine(connection, *waiting.pop(connection))
        return result

    ledger.quarantine, load.load_piece = keep_for_later, load_then_quarantine


@contextlib.contextmanager
def _another(connection: psycopg.Connection) -> Iterator[psycopg.Connection]:
    dsn, password = connection.info.dsn, connection.info.password
    with psycopg.connect(dsn, password=password, autocommit=True) as other:
        yield other


VARIANTS = {
    "autocommit": Variant(_commit_each_statement, ("after_open_load", "between_blocks", "after_copy")),
    "ledger_first": Variant(
        _enter_in_the_ledger_first, ("after_open_load", "between_blocks", "before_commit")
    ),
    # the database's own guard would refuse the second load; this is the loader without either
    "no_dedupe": Variant(
        _load_again_on_retry,
        ("commit_acknowledged",),
        prepare="drop index ops.load_same_bytes_once",
    ),
    "last_line_dropped": Variant(_drop_the_last_line, ("between_blocks",)),
    "bad_rows_skipped": Variant(_skip_bad_records, ("after_copy",)),
    "columns_swapped": Variant(_swap_columns, ("between_blocks",)),
    "rows_numbered_anew": Variant(_number_each_block_anew, ("between_blocks",)),
    "quarantine_apart": Variant(_quarantine_afterwards, ("commit_acknowledged",)),
}
