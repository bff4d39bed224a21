"""Reading a load again from the archive, after its contract was mended."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import replace

import psycopg

from tradewind.exports import source
from tradewind.exports.contract import load_contracts
from tradewind.exports.faults import RefusedFileError
from tradewind.landing import identity, ledger
from tradewind.landing.archive import archived_file
from tradewind.landing.files import Stamp, sha256_of
from tradewind.landing.ledger import FileVersion, LoadResult
from tradewind.landing.load import Offered, Task, load_piece
from tradewind.landing.opening import Opener
from tradewind.landing.personal import read_key
from tradewind.landing.raw_tables import ensure_raw_tables
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

CONTAINER = """
select file_path, file_name, file_size
from ops.load
where file_sha256 = %(sha256)s and starts_with(%(path)s, file_path || '/')
order by load_id desc
limit 1
"""


class ReplayError(ValueError):
    """The load cannot be read again; the message says why."""


def replay(load_id: int, settings: Settings) -> LoadResult:
    """Read a load again by its contract as it is now; a new load takes its place, in one transaction.

    If nothing can be loaded, or what is read now is held, the old one stands, and the result says why.

    Raises:
        ReplayError: it does not count, its contract is the same as then, or its bytes are not archived.
    """
    ensure_raw_tables(settings)
    contracts = load_contracts()
    with connect(Role.LOADER, settings, autocommit=True) as connection, ExitStack() as resources:
        found = ledger.find_load(connection, load_id)
        if found is None:
            raise ReplayError(f"nothing was loaded as load {load_id}; `make status` lists the loads")
        version, report, state, contract_sha256 = found
        if state not in ("loaded", "held"):
            raise ReplayError(f"load {load_id} is {state}: replay the one that took its place")
        if report not in contracts:
            raise ReplayError(f"load {load_id} is of report {report}, which has no contract any more")
        if contracts[report].sha256 == contract_sha256:
            raise ReplayError(f"the contract of {report} is still the one that load {load_id} was read by")
        file = archived_file(version.archive_sha256, settings)
        try:
            descriptor = source.open_file(file)
        except (FileNotFoundError, RefusedFileError) as error:
            raise ReplayError(f"the archive does not have the bytes of load {load_id}: {file}") from error
        resources.callback(os.close, descriptor)
        if sha256_of(descriptor) != version.archive_sha256:
            raise ReplayError(f"the archive's bytes are not those of load {load_id}: {file}")
        pieces = Opener(contracts, report, resources).open(descriptor, file, _outer(connection, version))
        (piece,) = [piece for piece in pieces if piece.version.path == version.path]
        task = Task(file, settings, contracts, read_key(settings), report)
        result = load_piece(
            connection, piece, task, Offered(descriptor, Stamp.of(os.fstat(descriptor))), replaces=load_id
        )
        identity.warn(connection, contracts)
        return result


def _outer(connection: psycopg.Connection, version: FileVersion) -> FileVersion:
    """The file as it arrived."""
    if version.archive_sha256 == version.sha256:
        return version
    row = connection.execute(CONTAINER, {"sha256": version.archive_sha256, "path": version.path}).fetchall()[
        0
    ]
    return replace(
        version, path=row[0], name=row[1], size=row[2], sha256=version.archive_sha256, container_sha256=None
    )
