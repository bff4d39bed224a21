"""A contract drafted from one file: the guesses put together, checked as a contract, and read back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from tradewind.drafting.cell_types import CellType, holds_days
from tradewind.drafting.columns import DraftColumn, draft_columns
from tradewind.drafting.encodings import guess_encoding
from tradewind.drafting.file_facts import draft_facts
from tradewind.drafting.guess import DraftError, Guess, asked, count
from tradewind.drafting.keys import guess_key
from tradewind.drafting.layout import Layout, read_layout
from tradewind.drafting.proof import Neighbour, Proof, find_neighbour, fits_of_others, read_back
from tradewind.drafting.shape_fit import fit_shapes
from tradewind.drafting.tables import Table, open_table, turn_table
from tradewind.drafting.writing import Sheet, write_contract
from tradewind.exports.contract import Contract

_REPORT = re.compile("[a-z][a-z0-9_]{0,62}")


@dataclass(frozen=True)
class Draft:
    """A drafted contract as YAML, and what the loader made of the file by it."""

    report: str
    text: str
    contract: Contract
    proof: Proof
    questions: int
    neighbour: Neighbour | None
    shape: str | None

    def next_steps(self, *, is_saved: bool) -> list[str]:
        """What the loader makes of the file, and what is to be done next, a sentence a line."""
        proof = self.proof
        lines = [
            f"Read back by this draft: {count(proof.loaded, 'record')} would be loaded, {proof.ignored:,} "
            f"left out as totals or blank, {proof.quarantined:,} quarantined."
        ]
        for (code, column), number in sorted(proof.faults.items(), key=str):
            lines.append(f"  {count(number, 'record')}: {code}" + (f" in column {column}" if column else ""))
        if self.neighbour and self.neighbour.is_same:
            return [
                *lines,
                f"The file is report {self.neighbour.report} already: make load reads it as it is.",
            ]
        if self.neighbour:
            missing = ", ".join(self.neighbour.missing) or "nothing"
            lines.append(
                f"Near to report {self.neighbour.report}, which has {self.neighbour.shared:.0%} of its "
                f"headers; for that one it lacks: {missing}. If it is a new version of it, add the headers "
                "there instead."
            )
        lines.append("Next:")
        steps = [] if is_saved else ["write it beside the others: the same command with SAVE=1"]
        place = f"dags/tradewind/exports/contracts/{self.report}.yml"
        steps.append(
            f"answer {count(self.questions, 'QUESTION')} in {place}, title and description among them"
        )
        if self.shape:
            steps.append(f"check the mapping to shape {self.shape}: with it the rows count without SQL")
        else:
            steps.append(
                "map it to a shape (exports/NEW_REPORT.md), or write a staging model (dbt_project/README.md)"
            )
        steps += ["load it: make load FILE=…", "check it: make test TESTS=tests/dags/exports"]
        return [*lines, *(f"  {number}. {step}" for number, step in enumerate(steps, 1))]


def draft_contract(
    file: Path, contracts: Mapping[str, Contract], report: str | None = None, sheet_name: str | None = None
) -> Draft:
    """Draft the contract of a file, or of one sheet of it; `contracts` are the known ones.

    Raises:
        FileNotFoundError: there is no such file.
        RefusedFileError: the loader reads no such file, whatever the contract says.
        DraftError: it holds no table with a header, or a name is missing.
    """
    name = _report_name(file, report)
    with ExitStack() as resources:
        table = open_table(file, resources, sheet_name)
        table, encoding, layout, is_whole = _read(table, resources)
        columns, notes = draft_columns(layout.header, layout.records, comes_typed=table.is_ours)
        if not columns:
            raise DraftError("No column has a header.")
        facts = draft_facts(columns, layout.above, table.path.stem)
        key = guess_key(columns, layout.records, has_period=facts.is_dated)
        fits = fit_shapes(columns)
        sheet = Sheet(
            report=name,
            file_type=table.file_type,
            is_transposed=table.is_transposed,
            encoding=encoding,
            layout=layout,
            columns=columns,
            facts=facts,
            key=key,
            fits=fits,
            notes=[*([table.note] if table.note else []), *layout.notes, *notes],
            record_note=_record_note(layout, is_whole=is_whole),
        )
        neighbour = find_neighbour(table, layout.header, contracts)
        others = {item: contract for item, contract in contracts.items() if item != name}
        sheet, contract, proof = _settle(sheet, table, others)
        text = write_contract(sheet)
        return Draft(
            report=name,
            text=text,
            contract=contract,
            proof=proof,
            questions=text.count("QUESTION: "),
            neighbour=neighbour,
            shape=contract.shape,
        )


def save_draft(draft: Draft, folder: Path) -> Path:
    """Write the contract into a folder; a file that is there is never overwritten.

    Raises:
        DraftError: there is such a contract already, or the file is of a known report.
    """
    if draft.neighbour and draft.neighbour.is_same:
        raise DraftError(
            f"The file is report {draft.neighbour.report} already, and a second contract for it would make "
            "it ambiguous. Nothing was written."
        )
    target = folder / f"{draft.report}.yml"
    try:
        with target.open("x", encoding="utf-8") as out:
            out.write(draft.text)
    except FileExistsError as error:
        raise DraftError(
            f"There is a contract {target.name} already. Choose another with REPORT=; nothing was written."
        ) from error
    return target


def _report_name(file: Path, report: str | None) -> str:
    if report is None:
        stem = file.name.removesuffix(".gz").rsplit(".", 1)[0].casefold()
        stem = re.sub(r"\([0-9]+\)|[0-9]{1,4}[-_./][0-9]{1,2}[-_./][0-9]{1,4}|[0-9]{6,}", " ", stem)
        report = "_".join(re.findall("[a-z0-9]+", stem)).lstrip("0123456789_")[:60].rstrip("_")
    if not _REPORT.fullmatch(report):
        raise DraftError(
            "The file's name gives no name for the report. Say REPORT=<platform>_<report>, in small letters, "
            "digits and underscores."
        )
    return report


def _read(table: Table, resources: ExitStack) -> tuple[Table, Guess, Layout, bool]:
    """The layout of a table, or of the same one turned where its first line holds days and no header."""
    data, is_whole = table.read()
    encoding, text = guess_encoding(data)
    try:
        return table, encoding, read_layout(text), is_whole
    except DraftError:
        turned = turn_table(table, resources)
        if turned is None:
            raise
        encoding, text = guess_encoding(turned.read()[0])
        try:
            layout = read_layout(text)
        except DraftError:
            layout = None
        if layout is None or not holds_days([row[0] for row in layout.records]):
            raise
        return turned, encoding, layout, is_whole


def _record_note(layout: Layout, *, is_whole: bool) -> str:
    number = count(len(layout.records), "record")
    return f"drafted from {number}" + ("" if is_whole else ", the first ones of a large file")


def _settle(sheet: Sheet, table: Table, others: Mapping[str, Contract]) -> tuple[Sheet, Contract, Proof]:
    """The draft that is a valid contract and reads its file; what the loader will not take becomes text."""
    contract = _validated(sheet)
    if others_like_it := fits_of_others(contract, others):
        sheet = replace(sheet, all_required=True)
        contract = _validated(sheet)
        if still := fits_of_others(contract, others):
            note = f"QUESTION: files of {', '.join(still)} fit this header too; absent: can tell them apart"
            sheet = replace(sheet, notes=[*sheet.notes, note])
        else:
            note = f"every column is required, or files of {', '.join(others_like_it)} would be taken for it"
            sheet = replace(sheet, notes=[*sheet.notes, note])
    proof = read_back(table, contract)
    wrong = {column for _, column in proof.faults if column}
    if wrong:
        sheet = _as_text(sheet, wrong)
        contract = _validated(sheet)
        proof = read_back(table, contract)
    return sheet, contract, proof


def _as_text(sheet: Sheet, names: set[str]) -> Sheet:
    """The same with these columns as text: the file's later records do not bear their type out."""
    changed: list[DraftColumn] = []
    for column in sheet.columns:
        if column.key_name in names:
            question = f"some records are no {column.type.name}, so it is text"
            column = replace(column, type=CellType(asked("text", question)))
        changed.append(column)
    return replace(sheet, columns=changed, fits=fit_shapes(changed), loose=sheet.loose | names)


def _validated(sheet: Sheet) -> Contract:
    content: Any = yaml.safe_load(write_contract(sheet))
    return Contract.model_validate(content)
