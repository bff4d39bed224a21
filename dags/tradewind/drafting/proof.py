"""What the loader would make of a file by a draft, and which known reports the file is near to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from tradewind.drafting.tables import Table
from tradewind.exports.contract import Contract
from tradewind.exports.export import open_export
from tradewind.exports.faults import RefusedFileError
from tradewind.exports.headers import normalise

# a known report that shares fewer of the file's headers is no neighbour
MIN_SHARED = 0.6
MAX_LACKING = 0.5


@dataclass(frozen=True)
class Proof:
    """The loader's counts: every record is loaded, left out as a total, or in quarantine."""

    loaded: int
    ignored: int
    quarantined: int
    # by reason code and column
    faults: Counter[tuple[str, str | None]] = field(default_factory=Counter)


def read_back(table: Table, contract: Contract) -> Proof:
    """Read the whole file as the loader would, by this contract alone.

    Raises:
        RefusedFileError: the loader would refuse it.
    """
    export = open_export(
        table.descriptor, table.path, {contract.report: contract}, None, None, table.faults,
        any_preamble=table.file_type == "json", is_ours=table.is_ours,
    )  # fmt: skip
    loaded = ignored = 0
    faults: Counter[tuple[str, str | None]] = Counter()
    for block in export.blocks(export.rows(str), 0):
        loaded += block.loaded
        ignored += block.ignored
        faults.update((bad.fault.code, bad.fault.column) for bad in block.bad)
    return Proof(loaded, ignored, faults.total(), faults)


@dataclass(frozen=True)
class Neighbour:
    """A known report: the one that the file is, or the nearest one with what keeps the file from being it."""

    report: str
    is_same: bool
    # how much of the file's headers it has, and how much of its own required ones the file lacks
    shared: float = 1.0
    lacks: float = 0.0
    missing: tuple[str, ...] = ()


def find_neighbour(
    table: Table, header: tuple[str, ...], contracts: Mapping[str, Contract]
) -> Neighbour | None:
    """The known report that the file is, else the one with most of its headers, if it is near at all."""
    usable = {
        name: item
        for name, item in contracts.items()
        if table.file_type in item.file_types and not item.transposed
    }
    try:
        export = open_export(
            table.descriptor, table.path, usable, None, None, table.faults,
            any_preamble=table.file_type == "json", is_ours=table.is_ours,
        )  # fmt: skip
        return Neighbour(export.contract.report, is_same=True)
    except RefusedFileError as refusal:
        if refusal.code == "ambiguous_report":
            return Neighbour(" and ".join(refusal.parameters["candidates"]), is_same=True)
    found: list[Neighbour] = []
    for name, contract in contracts.items():
        names = {column.name for cell in header if (column := contract.by_header.get(normalise(cell)))}
        shared = len(names) / len([cell for cell in header if cell.strip()])
        required = [column for column in contract.columns if column.required and column.name not in names]
        missing = tuple(column.all_headers()[0] for column in required)
        lacks = len(missing) / max(1, sum(column.required for column in contract.columns))
        found.append(Neighbour(name, is_same=False, shared=shared, lacks=lacks, missing=missing))
    near = [item for item in found if item.shared >= MIN_SHARED and item.lacks <= MAX_LACKING]
    return max(near, key=lambda item: (item.shared, -item.lacks), default=None)


def fits_of_others(contract: Contract, contracts: Mapping[str, Contract]) -> list[str]:
    """The known reports whose files this contract would take for its own."""
    required = [column for column in contract.columns if column.required]
    return [
        name
        for name, other in contracts.items()
        if all(
            any(normalise(header) in other.by_header for header in column.all_headers())
            for column in required
        )
    ]
