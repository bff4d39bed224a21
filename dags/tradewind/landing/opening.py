"""What a file of landing holds: one export, or several, each with a row of its own in the ledger."""

from __future__ import annotations

import csv
import os
import tempfile
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from tradewind.exports import source
from tradewind.exports.contract import Contract
from tradewind.exports.export import Export, open_export
from tradewind.exports.facts import folder_facts
from tradewind.exports.faults import RefusedFileError
from tradewind.exports.recognise import Header
from tradewind.exports.typed_cells import Rewrite, rewrite_table, rewrites_of
from tradewind.landing.barrier import refusal_of
from tradewind.landing.files import sha256_of
from tradewind.landing.ledger import FileVersion
from tradewind.unpacking.gzip_file import unpack_gzip
from tradewind.unpacking.parent import Part, kind_of, unpack

# refusals of what is no report at all
NO_REPORT = (
    "unknown_report", "resembles_no_report", "header_does_not_fit", "empty_file", "header_in_other_language",
    "no_data_no_header",
)  # fmt: skip
# a sheet that somebody keeps by hand; turning it takes all of it at once
MAX_TRANSPOSED_BYTES = 1 << 20


@dataclass(frozen=True)
class Piece:
    """One export, or the refusal of what should have been one."""

    version: FileVersion
    opened: Export | RefusedFileError


def is_text(descriptor: int, file: Path) -> bool:
    """Whether a file is what it holds: not packed, no workbook, no document."""
    head = source.read_head(descriptor)
    return not head.startswith(source.GZIP_MAGIC) and kind_of(file, head) is None


class Opener:
    """Opens one file of landing; `resources` closes what was opened, and removes what was unpacked."""

    def __init__(self, contracts: Mapping[str, Contract], report: str | None, resources: ExitStack) -> None:
        self._contracts = contracts
        self._report = report
        self._resources = resources

    def open(self, descriptor: int, file: Path, version: FileVersion) -> list[Piece]:
        """The pieces of a file: itself, or what it holds.

        Raises:
            RefusedFileError: nothing of it can be opened.
        """
        return self._open(descriptor, file, version, PurePath(version.path), is_inner=False)

    def _open(
        self, descriptor: int, file: Path, version: FileVersion, path: PurePath, *, is_inner: bool
    ) -> list[Piece]:
        if path.name.startswith("~$"):
            raise RefusedFileError("lock_file")
        head = source.read_head(descriptor)
        if head.startswith(source.GZIP_MAGIC):
            if is_inner:
                raise RefusedFileError("archive_unreadable", fault="nested")
            file = self._folder() / "unpacked"
            unpack_gzip(descriptor, file)
            path = path.with_name(path.name.removesuffix(".gz"))
            return self._open(self._descriptor(file), file, version, path, is_inner=True)
        kind = kind_of(file, head)
        if kind is None:
            return [Piece(version, self._open_text(descriptor, file, path, version))]
        if kind == "zip" and is_inner:
            raise RefusedFileError("archive_unreadable", fault="nested")
        parts = unpack(kind, file, self._folder())
        if not parts:
            raise RefusedFileError("empty_file")
        if kind == "zip":
            return [piece for part in parts for piece in self._open_member(part, version)]
        return self._open_tables(parts, "xlsx" if kind == "workbook" else "json", path, version)

    def _open_member(self, part: Part, version: FileVersion) -> list[Piece]:
        descriptor = self._descriptor(part.file)
        inner = _inner_version(version, part, descriptor)
        try:
            return self._open(descriptor, part.file, inner, PurePath(inner.path), is_inner=True)
        except BaseException as error:
            # one member does not end the others
            return [Piece(inner, refusal_of(error, inner.path))]

    def _open_tables(
        self, parts: list[Part], file_type: str, path: PurePath, version: FileVersion
    ) -> list[Piece]:
        """The tables that are known reports; what else a workbook or a document holds is beside the point.

        A workbook may hold any report that comes as text: people open such files and save them as XLSX.
        """
        types = {file_type, "csv"} if file_type == "xlsx" else {file_type}
        contracts = {
            name: item
            for name, item in self._contracts.items()
            if types.intersection(item.file_types) and not item.transposed
        }
        found: list[tuple[Part, Export | RefusedFileError]] = []
        strange: list[RefusedFileError] = []
        for part in parts:
            descriptor = self._descriptor(part.file)
            try:
                export = open_export(
                    descriptor, path, contracts, self._named_report(path), version.modified_at, part.faults,
                    number_texts=part.number_texts, any_preamble=file_type == "json", is_ours=True,
                )  # fmt: skip
                if file_type == "xlsx" and (rewrites := rewrites_of(export.header, part.number_texts)):
                    part = self._rewritten(part, export.header, rewrites)
                    contract = export.contract
                    export = open_export(
                        self._descriptor(part.file), path, {contract.report: contract}, contract.report,
                        version.modified_at, part.faults, number_texts=part.number_texts, is_ours=True,
                    )  # fmt: skip
                found.append((part, export))
            except RefusedFileError as refusal:
                if refusal.code in NO_REPORT:
                    strange.append(refusal)
                else:
                    found.append((part, refusal))
        if not found:
            # what is nearest to a report says most, and an empty table least
            raise max(
                strange, key=lambda refusal: ("nearest" in refusal.parameters, refusal.code != "empty_file")
            )
        if len(found) == 1:
            return [Piece(version, found[0][1])]
        reports = Counter(item.contract.report for _, item in found if isinstance(item, Export))
        same = [
            part.name
            for part, item in found
            if isinstance(item, Export) and reports[item.contract.report] > 1
        ]
        if same and file_type == "xlsx":
            raise RefusedFileError("ambiguous_sheet", sheets=same)
        if same:
            raise RefusedFileError("ambiguous_list", lists=same)
        return [
            Piece(_inner_version(version, part, self._descriptor(part.file)), item) for part, item in found
        ]

    def _rewritten(self, part: Part, header: Header, rewrites: dict[int, Rewrite]) -> Part:
        """The table of a workbook with its dates and numbers as the report writes them."""
        file = self._folder() / "rewritten"
        faults = dict(part.faults)
        with (
            part.file.open(encoding="utf-8", newline="") as lines,
            file.open("w", encoding="utf-8", newline="") as out,
        ):
            for row, fault in rewrite_table(lines, out, header, rewrites):
                faults.setdefault(row, (fault, None))
        return replace(part, file=file, faults=faults)

    def _open_text(self, descriptor: int, file: Path, path: PurePath, version: FileVersion) -> Export:
        contracts = {
            name: item
            for name, item in self._contracts.items()
            if "csv" in item.file_types and not item.transposed
        }
        report = self._named_report(path)
        try:
            return open_export(descriptor, path, contracts, report, version.modified_at)
        except RefusedFileError as refusal:
            transposed = {name: item for name, item in self._contracts.items() if item.transposed}
            if (
                refusal.code not in ("unknown_report", "resembles_no_report", "no_such_report")
                or not transposed
            ):
                raise
            turned = self._turn(descriptor, file)
            if turned is None:
                raise
            try:
                return open_export(self._descriptor(turned), path, transposed, report, version.modified_at)
            except RefusedFileError:
                raise refusal from None

    def _turn(self, descriptor: int, file: Path) -> Path | None:
        """The table with its columns as rows, or None where it is no small table of text."""
        if os.fstat(descriptor).st_size > MAX_TRANSPOSED_BYTES:
            return None
        try:
            with file.open(encoding="utf-8-sig", newline="") as lines:
                rows = [row for row in csv.reader(lines, strict=True) if any(cell.strip() for cell in row)]
        except (csv.Error, UnicodeDecodeError):
            return None
        if len({len(row) for row in rows}) != 1:
            return None
        turned = self._folder() / "turned"
        with turned.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out, lineterminator="\n").writerows(zip(*rows, strict=True))
        return turned

    def _named_report(self, path: PurePath) -> str | None:
        return self._report or folder_facts(path).get("report")

    def _folder(self) -> Path:
        return Path(self._resources.enter_context(tempfile.TemporaryDirectory(prefix="tradewind-")))

    def _descriptor(self, file: Path) -> int:
        descriptor = source.open_file(file)
        self._resources.callback(os.close, descriptor)
        return descriptor


def _inner_version(version: FileVersion, part: Part, descriptor: int) -> FileVersion:
    return replace(
        version,
        container_sha256=version.archive_sha256,
        path=f"{version.path}/{part.name}",
        name=PurePath(part.name).name,
        sha256=sha256_of(descriptor),
        size=os.fstat(descriptor).st_size,
    )
