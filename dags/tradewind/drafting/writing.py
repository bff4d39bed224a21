"""The draft as YAML: each guess with what speaks for it beside it, in the order of the contracts."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tradewind.drafting.columns import DraftColumn
from tradewind.drafting.file_facts import DraftFacts
from tradewind.drafting.guess import Guess, count
from tradewind.drafting.layout import Layout
from tradewind.drafting.shape_fit import ShapeFit, holds_more_than_goods
from tradewind.exports.shapes import load_shapes

MAX_LINE = 340
# plain in YAML, and no other type there
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./%-]*(?: [A-Za-z0-9_./%-]+)*")
_WORDS_OF_YAML = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}


@dataclass(frozen=True)
class Sheet:
    """All guesses of one draft."""

    report: str
    file_type: str
    is_transposed: bool
    encoding: Guess
    layout: Layout
    columns: Sequence[DraftColumn]
    facts: DraftFacts
    key: Guess
    fits: list[ShapeFit]
    record_note: str
    notes: list[str] = field(default_factory=list)
    all_required: bool = False
    # columns that not every record of the file bears out
    loose: frozenset[str] | set[str] = frozenset()


def write_contract(sheet: Sheet) -> str:
    """The contract as YAML."""
    platform = sheet.report.split("_")[0]
    words = sheet.report.replace("_", " ")
    lines = [
        f"# A draft, {sheet.record_note}. Beside each guess stands what speaks for it; answer each QUESTION,",
        "# then delete the comments.",
        *(f"# {_short(note)}" for note in sheet.notes),
        f"report: {sheet.report}",
        f"platform: {_scalar(platform)} # QUESTION: the first word of the report's name; is it the platform?",
        f"title: {_scalar(words.capitalize())} # QUESTION: where on the platform is it exported?",
        f"description: {_scalar(_grain(sheet))} # QUESTION: what is a row, and what are its traps?",
        *_layout(sheet),
        *_facts(sheet),
        _line("key", _flow(sheet.key.value), sheet.key),
        "columns:",
    ]
    keyed = {name for name in sheet.key.value if not name.startswith("load.")}
    whole = next((fit for fit in sheet.fits if fit.is_whole), None)
    mapped = {column.position for column in whole.fields.values()} if whole else set()
    wanted = _not_empty(sheet, keyed)
    for column in sheet.columns:
        reasons = {
            "the key needs it": column.key_name in keyed,
            "the mapping needs it": column.position in mapped,
            "no record may lack it": column.key_name in wanted,
            "so that no file of another report is taken for this one": sheet.all_required,
        }
        reason = next((text for text, holds in reasons.items() if holds), None)
        lines += _column(column, reason, not_empty=column.key_name in wanted)
    return "\n".join([*lines, *_shape(sheet, whole)]) + "\n"


def _grain(sheet: Sheet) -> str:
    names = [name.removeprefix("load.") for name in sheet.key.value]
    return f"One row per {' and '.join(names)}."


def _layout(sheet: Sheet) -> list[str]:
    layout = sheet.layout
    tokens = sorted({token for column in sheet.columns for token in column.type.null_tokens})
    lines = []
    if sheet.file_type == "csv":
        lines += [
            _line("delimiters", _flow([layout.delimiter.value]), layout.delimiter),
            _line("encodings", _flow(_encodings(sheet)), sheet.encoding),
            _line("quoted", _scalar(layout.quoted.value), layout.quoted),
        ]
        if not layout.has_last_line_end:
            lines.append("last_line_end: false # the file ends without one")
    else:
        lines.append(f"file_types: [{sheet.file_type}] # what the file is")
    if sheet.is_transposed:
        lines.append("transposed: true # the first line holds days, the first column the headers")
    lines.append(_line("preamble", _flow(layout.preamble.value), layout.preamble))
    if layout.totals.value:
        lines.append(_line("total_rows", _flow(layout.totals.value), layout.totals))
    if tokens:
        lines.append(
            f"null_tokens: {_flow(tokens)} # texts for nothing, in columns whose other cells are of a type"
        )
    return lines


def _encodings(sheet: Sheet) -> list[str]:
    # an export in a legacy encoding that holds no accented letter is UTF-8 as well
    return list(dict.fromkeys(["utf-8", sheet.encoding.value]))


def _facts(sheet: Sheet) -> list[str]:
    facts = sheet.facts
    lines = []
    if facts.period.value:
        lines.append(_line("  period", _flow(facts.period.value), facts.period))
    if facts.currency.value:
        lines.append(_line("  currency", _flow(facts.currency.value), facts.currency))
    head = ["facts:"] if lines else []
    for name, guess in (("period", facts.period), ("currency", facts.currency)):
        if not guess.value:
            head.insert(0, f"# no facts.{name}: {_short(guess.comment)}")
    lines = [*head, *lines]
    if facts.is_dated and any(name.startswith("load.") for name in sheet.key.value):
        lines.append("period_required: true # the key needs the file's days")
    return lines


def _not_empty(sheet: Sheet, keyed: set[str]) -> set[str]:
    """Columns that each record has to have; at least one."""
    found = {
        column.key_name
        for column in sheet.columns
        # that a column is full in one file does not say that it is in the next one; a key has to be
        if column.is_full and column.key_name in keyed and column.key_name not in sheet.loose
    }
    if found:
        return found
    full = [column for column in sheet.columns if column.is_full]
    # with no record that shows it, the key is what a record cannot be without
    first = full[0] if full else max(sheet.columns, key=lambda column: column.filled)
    return {first.key_name}


def _column(column: DraftColumn, reason: str | None, *, not_empty: bool) -> list[str]:
    kind = column.type
    lines = [
        f"  - name: {column.key_name}{_beside(column.name)}",
        f"    headers: {_flow([column.contract_header])}",
        f"    type: {kind.name}{_beside(kind.guess)}",
    ]
    if reason:
        lines.append(f"    required: true # {reason}")
    if not_empty:
        known = f"filled in each of {count(column.records, 'record')}"
        if not column.is_full:
            known = "QUESTION: one column has to be, or blank lines count as rows; is it this one?"
        lines.append(f"    not_empty: true # {known}")
    if column.personal.value:
        lines.append(f"    personal: true{_beside(column.personal)}")
    if column.may_repeat:
        lines.append("    may_repeat: true # QUESTION: the header comes twice; the first one counts")
    if kind.formats and kind.formats != ["%Y-%m-%d"]:
        beside = (
            f" # {_short(kind.format_evidence)}" if kind.format_evidence else " # all filled cells fit it"
        )
        lines.append(f"    formats: {_flow(kind.formats, quote=True)}{beside}")
    if column.is_currency:
        lines.append('    pattern: "[A-Z]{3}" # every filled cell is the code of a currency')
    return lines


def _shape(sheet: Sheet, whole: ShapeFit | None) -> list[str]:
    if whole is None:
        near = [fit for fit in sheet.fits if not fit.is_whole]
        if not near:
            return ["# no shape: the headers' words fit the fields of none; see exports/shapes.yml"]
        fit = near[0]
        whole_amounts = [
            f"# {column.key_name} is not taken for the price of goods: it may hold postage and tax"
            for column in sheet.columns
            if column.is_number
            and column.concept in ("gross_amount", "amount", "unit_price")
            and holds_more_than_goods(column.header)
        ]
        return [
            f"# QUESTION: shape {fit.shape} lacks {', '.join(fit.missing)} alone; name the column, uncomment",
            *whole_amounts,
            f"# shape: {fit.shape}",
            "# mapping:",
            *(f"#   {name}: {column.key_name}" for name, column in fit.fields.items()),
        ]
    rivals = [
        fit.shape for fit in sheet.fits if fit.is_whole and fit is not whole and fit.score == whole.score
    ]
    question = f"QUESTION: {' and '.join(rivals)} fits as well; " if rivals else ""
    known = count(len(whole.fields), "field")
    lines = [
        f"shape: {whole.shape} # {question}{known} found by the headers' words, all required ones among them",
        "mapping:",
        *(
            f"  {name}: {column.key_name} # the words of its header, and its type"
            for name, column in whole.fields.items()
        ),
    ]
    has_amounts = any(load_shapes()[whole.shape].fields[name].type == "amount" for name in whole.fields)
    own = next((column for column in sheet.columns if column.is_currency), None)
    if own and has_amounts:
        lines.append(f"  currency: {own.key_name} # each row has its own")
    elif has_amounts and not sheet.facts.currency.value:
        lines.append(
            "  # QUESTION: nothing names the amounts' currency; write currency: {value: EUR}, or the code "
            "that holds"
        )
    return lines


def _line(key: str, value: str, guess: Guess) -> str:
    return f"{key}: {value}{_beside(guess)}"


def _beside(guess: Guess) -> str:
    return f" # {_short(guess.comment)}"


def _short(text: str) -> str:
    """One line, whatever stood in a header."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_LINE else line[: MAX_LINE - 1] + "…"


def _flow(value: Any, *, quote: bool = False) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_flow(item, quote=quote) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    return _quoted(value) if quote else _scalar(value)


def _quoted(text: str) -> str:
    """The text in quotes; what YAML does not allow as it stands is escaped."""
    return json.dumps(text, ensure_ascii=not text.isprintable())


def _scalar(value: Any) -> str:
    if isinstance(value, str) and (
        not _PLAIN.fullmatch(value) or value.casefold() in _WORDS_OF_YAML or re.search("%", value)
    ):
        return _quoted(value)
    return value if isinstance(value, str) else json.dumps(value)
