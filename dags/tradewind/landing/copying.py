"""The rows of an export on their way into its raw table, and what is too bad to go there."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from tradewind.exports import source
from tradewind.exports.blocks import BadRecord, Block
from tradewind.exports.export import Export
from tradewind.exports.faults import MAY_BE_CUT_OFF, Fault, RefusedFileError
from tradewind.exports.personal import Pseudonymiser
from tradewind.exports.rows import RowReader
from tradewind.landing.barrier import Clock
from tradewind.landing.personal import Originals, set_apart
from tradewind.landing.raw_tables import raw_table
from tradewind.settings import Settings

# bad records are kept in memory until the file is read; more than this means that the file is no good
MAX_QUARANTINED_BYTES = 64 << 20


@dataclass
class Reading:
    """What was read of an export so far."""

    loaded: int = 0
    ignored: int = 0
    bad: list[BadRecord] = field(default_factory=list)
    bad_bytes: int = 0
    cut: Fault | None = None

    @property
    def open_end(self) -> int | None:
        """The row of a last record that counts as it stands, and may be the beginning of another."""
        return self.cut.parameters["row"] if self.cut and self.cut.code == MAY_BE_CUT_OFF else None

    @property
    def read(self) -> int:
        """All records but those that the contract says are none."""
        return self.loaded + len(self.bad)

    def require_sound(self, settings: Settings) -> None:
        """Hold the file to its end, and to the share of bad records that it may have.

        Raises:
            RefusedFileError: it breaks off in a record, or has more that are bad.
        """
        if self.cut and self.open_end is None:
            raise RefusedFileError(self.cut.code, **self.cut.parameters)
        if self.bad and self.bad[-1].fault.code == "cut_off":
            raise RefusedFileError("cut_off", row=self.bad[-1].row_number)
        is_over = len(self.bad) > settings.max_bad_record_share * self.read
        if is_over or self.bad_bytes > MAX_QUARANTINED_BYTES:
            raise RefusedFileError(
                "too_many_bad_records", read=self.read, bad=len(self.bad), examples=_examples(self.bad),
                share=f"{settings.max_bad_record_share * 100:g}%",
            )  # fmt: skip


def copy_export(
    connection: psycopg.Connection,
    export: Export,
    load_id: int,
    settings: Settings,
    pseudonymise: Pseudonymiser,
) -> Reading:
    """Copy an export into its raw table as it is read, with its originals apart.

    Raises:
        RefusedFileError: too much of it is bad.
    """
    rows = export.rows(pseudonymise)
    with Originals() as originals:
        with connection.cursor() as cursor, cursor.copy(copy_statement(export, rows)) as copy:
            reading = read_rows(
                export, rows, load_id, copy.write, lambda values: originals.add(load_id, values)
            )
        # behind the COPY: one that breaks off quotes a row in the server's log
        reading.require_sound(settings)
        set_apart(connection, {load_id: export.contract}, originals, pseudonymise)
    return reading


def read_rows(
    export: Export,
    rows: RowReader,
    load_id: int,
    send: Callable[[bytes | memoryview], object],
    keep_originals: Callable[[Mapping[str, str]], object],
) -> Reading:
    """Read an export to its end, or until there is too much in it that is bad.

    Raises:
        RefusedFileError: it takes longer than a file of its size may.
    """
    reading = Reading()
    blocks = export.blocks(rows, load_id)
    size = os.fstat(export.descriptor).st_size
    clock = Clock(size)
    for block in _ahead(blocks) if size > source.CHUNK_BYTES else blocks:
        clock.check()
        if block.payload:
            send(block.payload)
        keep_originals(block.originals)
        reading.loaded += block.loaded
        reading.ignored += block.ignored
        reading.bad += block.bad
        reading.cut = reading.cut or block.cut
        reading.bad_bytes += sum(len(record.raw) for record in block.bad)
        if reading.bad_bytes > MAX_QUARANTINED_BYTES:
            break
    return reading


def copy_statement(export: Export, rows: RowReader) -> sql.Composed:
    """The COPY that takes the blocks of an export; equal ones take those of several in turn."""
    columns = sql.SQL(", ").join(map(sql.Identifier, rows.target_columns))
    return sql.SQL(
        "copy {} (load_id, row_number, {}) from stdin (format csv, delimiter {}, quote {}, force_null ({}))"
    ).format(
        raw_table(export.contract.report),
        columns,
        sql.Literal(rows.delimiter),
        sql.Literal(rows.quote),
        columns,
    )


def _ahead(blocks: Iterator[Block]) -> Iterator[Block]:
    """The same blocks, the next one being read and checked while the server takes the one before."""
    with ThreadPoolExecutor(1, thread_name_prefix="read") as reader:
        coming = reader.submit(next, blocks, None)
        while (block := coming.result()) is not None:
            coming = reader.submit(next, blocks, None)
            yield block


def _examples(bad: list[BadRecord]) -> list[dict[str, Any]]:
    """The first record of each of the most frequent faults, by code and column."""
    kinds = Counter((record.fault.code, record.fault.column) for record in bad)
    first = {(record.fault.code, record.fault.column): record for record in reversed(bad)}
    return [{**first[kind].details(), "code": kind[0]} for kind, _ in kinds.most_common(3)]
