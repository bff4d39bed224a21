"""Every reason for which a file or a record is not loaded: its code, its parameters, the sentence in English.

The code and the parameters are stored beside the sentence (`reason_code`, `reason_details`), so that a page
can say the same in another language. No parameter ever holds the value of a cell. `examples` are records,
each with its own `code`, `row`, `column`, and what else the words for that code need.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# of a file: state `refused`, `waiting`, `duplicate`, or `superseded` for `rejected`
FILE_REASONS = {
    "empty_file": "The file is empty. Export the report again.",
    "not_a_file": "This is a folder, a link or a device and no file. Put the file itself here.",
    "not_readable": "The file may not be read. Give its reader's right to the user who runs Tradewind.",
    "outside_landing": "The path leads out of the landing folder. Put the file itself here.",
    "not_a_table": "The file is {kind}. Export the report as CSV (or as XLSX where the report says so).",
    "nul_bytes": "The header, or a whole block of the file, holds zero bytes, so the file is damaged. Export "
    "the report again.",
    "encoding_unknown": "The file is neither UTF-8 nor marked as UTF-16, and its encoding is not guessed. "
    "Save it as CSV UTF-8.",
    "encoding_not_declared": "The file is in {found}, and report {report} comes in {expected}. Save it "
    "as CSV UTF-8.",
    "delimiter_not_allowed": "The columns are separated by {found!r}, and report {report} allows {expected}. "
    "Export it with one of these.",
    "header_too_long": "No header ends within the first {limit} bytes. Check that this is the report's "
    "own export.",
    "too_many_columns": "A line has more than {limit} columns, which no report has. Check that this is the "
    "report's own export.",
    "record_too_long": "A record is longer than {limit} bytes: a quote may be open, or line ends missing. "
    "Export the report again.",
    "no_such_report": "There is no report {report!r}. The known ones are {known}.",
    "unknown_report": "The header fits no known report. The nearest is {nearest}: missing {missing}, not "
    "known "
    "{unknown} (line {row}). Export that report with these columns, name the report with REPORT=, or add "
    "a contract.",
    "resembles_no_report": "No known report has any of the columns in this file's first lines. Export one "
    "of the known reports, name it with REPORT=, or add a contract.",
    "header_does_not_fit": "The header does not fit report {report}: missing {missing}, not known {unknown} "
    "(line {row}). Export it with these columns, or leave REPORT= away.",
    "ambiguous_report": "The header fits several reports: {candidates}. Name the right one with REPORT=.",
    "ambiguous_sheet": "Several sheets of the workbook hold the same report: {sheets}. Leave one of them "
    "in it.",
    "header_ambiguous": "The header names a column twice ({columns}), so it is open which one counts. "
    "Export report {report} with each column once.",
    "lines_above_header": "The header of report {report} stands in line {row}, with lines above it that "
    "this report "
    "does not have. Remove them.",
    "period_unknown": "Report {report} holds no dates, and nothing says which days it covers. Put the "
    "file in a folder "
    "date=YYYY-MM-DD, or have the days in its name: NAME-YYYY-MM-DD, or NAME-YYYY-MM-DD-to-YYYY-MM-DD.",
    "ambiguous_numbers": "Numbers in {columns} have three digits behind their only mark, as 1.080, and no "
    "other number of the file shows whether that is a thousand or a decimal mark. Another program than the "
    "platform saved the file: export report {report} again and load it as it comes.",
    "too_many_bad_records": "{bad} of {read} records are wrong, more than {share} of them; most often: "
    "{examples} "
    "Nothing was loaded. Correct the file, or export it again.",
    "workbook_unreadable": "The workbook cannot be read ({fault}). Save it again as XLSX, or export CSV.",
    "archive_unreadable": "The compressed file cannot be unpacked ({fault}). Compress it again, or give the "
    "file itself.",
    "json_unreadable": "The JSON file cannot be read ({fault}). Export it again; a large one in smaller "
    "periods, or with one object a line.",
    "unpacked": "The file holds {count} files: {loaded} loaded, {duplicate} loaded before, {refused} "
    "refused. Each has a row of its own.",
    "nothing_unpacked": "None of the {count} files in it could be loaded; each has a row of its own that "
    "says why.",
    "file_changed": "The file was changed while it was read. It is loaded once it stays the same.",
    "given_up": "Loading the file ended the process {attempts} times, so it is left alone. Split it, or look "
    "into the log of those runs; it is tried again once it changes.",
    "file_gone": "The file was removed before it was read.",
    "database_refused": "The database did not take the records (SQLSTATE {sqlstate}). Nothing was loaded; "
    "report this with the file's layout.",
    "duplicate": "The same bytes were loaded before, as load {load_id}. Nothing was changed.",
    "rejected_before": "The same bytes were taken out by an operator (load {load_id}). Nothing was changed.",
    "rejected": "Taken out by an operator: {note}",
}  # fmt: skip

# what `fault` of an archive, a workbook or a document means
FAULTS = {
    "cut_off": "it ends too early",
    "damaged": "its bytes are damaged",
    "too_large": "it unpacks to more than is allowed",
    "too_many_files": "it holds too many files",
    "too_slow": "reading it takes too long",
    "too_deep": "its objects are nested too deeply",
    "nested": "it holds another archive",
    "encrypted": "it is protected by a password",
    "unsafe_name": "a name in it leads out of it",
    "unsafe_content": "it declares entities, which no export does",
    "truncated": "a sheet is full to its last row, so rows may be missing: export fewer days",
    "repeated_key": "an object names a key twice",
}

# of one record: it stands in ops.quarantined_row
RECORD_REASONS = {
    "wrong_width": "The record has {found} columns and the header has {expected}. "
    "A delimiter or a quote may be missing.",
    "stray_quote": "A quote stands where it neither opens nor closes a cell. Quotes within a cell are "
    "doubled.",
    "unclosed_quote": "A quote is opened and not closed.",
    "nul_byte": "The record holds a zero byte, which no text may hold.",
    "control_character": "The record holds the control character 0x01.",
    "invalid_encoding": "The record holds bytes that are not in the file's encoding.",
    "formula_without_result": "A cell holds a formula whose result was not saved. Open the workbook, let it "
    "calculate, and save it again.",
    "error_cell": "A cell holds an error of the spreadsheet, such as #N/A. Correct it, or empty the cell.",
    "repeated_key": "The JSON object names a key twice, so it is open which value counts.",
    "no_json_object": "The record is no JSON object.",
    "empty_value": "Column {column} is empty and must not be.",
    "wrong_type": "Column {column} should hold a {expected} and does not.",
    "precision_lost": "Column {column} holds a number that a spreadsheet has rounded: it has an exponent, or "
    "more than 15 digits. Export the report again, as CSV, and do not save it from a spreadsheet.",
    "too_many_digits": "Column {column} holds a number of more than {limit} digits, which no {expected} has. "
    "The columns may have shifted, or a number of a thing may stand where an amount belongs.",
    "impossible_date": "Column {column} holds a day that is not in the calendar (expected {expected}).",
    "unexpected_value": "Column {column} holds a value that is not of the form {expected}.",
}


def describe(code: str, parameters: Mapping[str, Any]) -> str:
    """The sentence for a reason.

    Raises:
        KeyError: the code is not listed, or a parameter of it is missing.
    """
    template = FILE_REASONS.get(code) or RECORD_REASONS[code]
    return template.format_map({name: _readable(name, value) for name, value in parameters.items()})


def _readable(name: str, value: Any) -> Any:
    if name == "fault":
        return FAULTS[value]
    if name == "examples":
        return " ".join(f"Record {item['row']}: {describe(item['code'], item)}" for item in value)
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "nothing"
    return "none" if value is None else value
