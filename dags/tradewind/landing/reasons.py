"""Every reason for which a file or a record is not loaded: its code, its parameters, the sentence in English.

The code and the parameters are stored beside the sentence (`reason_code`, `reason_details`), so that a page
can say the same in another language. No parameter ever holds the value of a cell. `examples` are records,
each with its own `code`, `row`, `column`, and what else the words for that code need. `{count:file|files}` is
a number with what it counts, one or several.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

# of a file: state `refused`, `waiting`, `duplicate`, `held`, or `superseded` for `rejected`
FILE_REASONS = {
    "empty_file": "The file is empty. Export the report again.",
    "not_a_file": "This is a folder, a link, a pipe or a device and no file. Put the file itself here.",
    "lock_file": "This is no export but Excel's own mark that a workbook is open. Nothing is missing: close "
    "the workbook, and load that.",
    "not_readable": "The file may not be read. Give the user who runs Tradewind the right to read it.",
    "outside_landing": "The path leads out of the landing folder. Put the file itself here.",
    "not_a_table": "The file is {kind}, which is not read. Save it as CSV UTF-8 or as XLSX, or export the "
    "report again in one of these.",
    "nul_bytes": "The header, or a whole block of the file, holds zero bytes, so the file is damaged. Export "
    "the report again.",
    "encoding_unknown": "The file is not UTF-8. It looks like {looks_like}, and an encoding is never "
    "guessed. Save it as CSV UTF-8: in Excel by Save as, CSV UTF-8; in a text editor by Save as, encoding "
    "UTF-8. Or export it again as UTF-8 or XLSX.",
    "delimiter_not_allowed": "The columns are separated by {found}, and report {report} is read with "
    "{expected}. Export it with one of these.",
    "header_too_long": "No header ends within the first {limit} bytes. Check that this is the report's "
    "own export.",
    "too_many_columns": "A line has more than {limit} columns, which no report has. Check that this is the "
    "report's own export.",
    "record_too_long": "A record is longer than {limit} bytes: a quote may be open, or line ends missing. "
    "Export the report again.",
    "no_such_report": "There is no report {report!r}. The known ones are {known}.",
    "unknown_report": "The header fits no known report. Compared with the nearest, {nearest}, it "
    "{difference} (line {row}). Export that report as the platform offers it, or have a contract drafted for "
    "this one (make contract FILE=…).",
    "resembles_no_report": "No known report has the columns in this file's first lines. Export one of "
    "the known reports as the platform offers it, or have a contract drafted for this one (make contract "
    "FILE=…).",
    "header_in_other_language": "The header in line {row} is that of a {platform} report in {language}, "
    "which is not known. Set the language of the account or of the export to English and export the "
    "report again, or add these headers to its contract.",
    "no_data_no_header": "The file says that it holds no data, and has no header, so it is open which "
    "report it is. Nothing is missing if there was nothing to export; else export the report again.",
    "header_does_not_fit": "The header does not fit report {report}: it {difference} (line {row}). Export "
    "that report as the platform offers it, or leave REPORT= away.",
    "header_broken": "A quote stands out of place in the header of report {report} (line {row}), so its "
    "columns cannot be told apart. Export the report again, or correct that line: quotes enclose a whole "
    "name or are left away.",
    "ambiguous_report": "The header fits several reports: {candidates}. Name the right one with REPORT=.",
    "ambiguous_sheet": "Several sheets of the workbook hold the same report: {sheets}. Leave one of them "
    "in it.",
    "ambiguous_list": "Several lists of the JSON document hold the same report: {lists}. Leave one of them "
    "in it.",
    "header_ambiguous": "The header names a column twice ({columns}), so it is open which one counts. "
    "Export report {report} with each column once.",
    "lines_above_header": "The header of report {report} stands in line {row}, with lines above it that "
    "this report "
    "does not have. Remove them.",
    "cut_off": "The file ends within a record (row {row}) that has no line end: it was cut off while it was "
    "exported or copied. Nothing was loaded. Export it again.",
    "period_unknown": "Report {report} holds no dates, and nothing says which days it covers; a single day "
    "in a file's name is mostly that of its download. Put the file in a folder date=YYYY-MM-DD, or for "
    "several days date=YYYY-MM-DD..YYYY-MM-DD, load it with DATE= and the same, or have the first and the "
    "last day in its name: NAME-YYYY-MM-DD-to-YYYY-MM-DD.",
    "folder_date_unclear": "The folder date=… names no day that can be read. Call it date=YYYY-MM-DD, or for "
    "several days date=YYYY-MM-DD..YYYY-MM-DD, the first day first.",
    "folders_differ": "It lies in two folders that say unlike things: {folders}. Leave one of the two, or "
    "give both the same name.",
    "period_differs": "It says its days twice, and not the same: {days}. Correct the one that is wrong, or "
    "leave it away.",
    "period_impossible": "Its days are said to be {days}, and no report covers days before 2000 or after "
    "tomorrow. Correct the name of the file or its folder date=…, or export report {report} again.",
    "account_unclear": "It names campaigns of the same days as load {load_id}, with other numbers or in a "
    "file that alone says its account, so it may be another ad account's. Nothing was loaded. Say whose each "
    "file is: put it in a folder account=NAME, load it with ACCOUNT=NAME, or export it with the ID of its "
    "account. If it corrects load {load_id}, take that one out (make reject LOAD={load_id}) and load this "
    "one again.",
    "account_twice": "It names campaigns of the same days as load {other}, and its account is said in "
    "another way, so both may be one ad account. It is kept, and counts in no number. If they are one, say "
    "the account of both in one way (a folder account=NAME, ACCOUNT=NAME, or the ID in the file) and take "
    "this load out (make reject LOAD={load_id} REASON=…), or take out load {other} and release this one. If "
    "they are two accounts, release it (make release LOAD={load_id} REASON=…): then both count.",
    "ambiguous_numbers": "Numbers in {columns} have three digits behind their only mark, as 1.080, and no "
    "other number of the file shows whether that is a thousand or a decimal mark. Another program than the "
    "platform saved the file: export report {report} again and load it as it comes.",
    "too_many_bad_records": "Wrong records: {bad} of {read}, more than {share}; most often: "
    "{examples} "
    "Nothing was loaded. Correct the file, or export it again.",
    "workbook_unreadable": "The workbook cannot be read ({fault}). Save it again as XLSX, or export CSV.",
    "archive_unreadable": "The compressed file cannot be unpacked ({fault}). Compress it again, or give the "
    "file itself.",
    "json_unreadable": "The JSON file cannot be read ({fault}). Export it again; a large one in smaller "
    "periods, or with one object a line.",
    "json_not_standard": "The JSON file cannot be read from character {character} of line {row} on: {fault}. "
    "Nothing was loaded. Export it again, or have it written as standard JSON.",
    "json_error_answer": "The file is no report: it holds the error with which the platform answered the "
    "export. Open it to read what the platform says (mostly a right, a limit or a date), mend that, and "
    "export the report again.",
    "unpacked": "The file holds {count:file|files}: {loaded} loaded, {duplicate} loaded before, {refused} "
    "refused. Each has a row of its own.",
    "nothing_unpacked": "Nothing in it could be loaded ({count:file|files}); each has a row of its own that "
    "says why.",
    "file_changed": "The file was changed while it was read. It is loaded once it stays the same.",
    "given_up": "Loading the file ended the process {attempts:time|times}, so it is left alone. Split it, or "
    "look into the log of those runs; it is tried again once it changes.",
    "file_gone": "The file was removed before it was read.",
    "reader_failed": "Reading the file failed in a way that nobody foresaw ({error}). Nothing of it was "
    "loaded. Export the report again; if that file fails too, report this with the file's layout.",
    "too_slow": "Reading the file took longer than {seconds:second|seconds}, more than a file of its size "
    "may take. Nothing of it was loaded. Export fewer days, or report this with the file's layout.",
    "database_refused": "The database did not take the records (SQLSTATE {sqlstate}). Nothing was loaded; "
    "report this with the file's layout.",
    "duplicate": "The same bytes were loaded before, as load {load_id}. Nothing was changed.",
    "rejected_before": "The same bytes were taken out by an operator (load {load_id}). Nothing was changed.",
    "rejected": "Taken out by an operator: {note}",
    "held_rows": "{count:of its records breaks|of its records break} a check (row "
    "{rows}): {why} The rest is published without this file. Correct it and load it again, or take it out "
    "(make reject LOAD={load_id} REASON=…), or say that it is right (make release LOAD={load_id} REASON=…).",
    "held_cells": "{count:of its numbers breaks|of its numbers break} a check (row "
    "{rows}, {fields}): {why} The rest is published without this file. Correct it and load it again, or take "
    "it out (make reject LOAD={load_id} REASON=…), or say that it is right (make release LOAD={load_id} "
    "REASON=…).",
    "held_objects": "It breaks a check of {objects} (row {rows}): {why} The rest is published without this "
    "file. Correct it and load it again, or take it out (make reject LOAD={load_id} REASON=…), or say "
    "that it is right (make release LOAD={load_id} REASON=…).",
    "held_days": "What it says of {days} breaks a check: {why} The rest is published without this file. "
    "Export it again and load it, or take it out (make reject LOAD={load_id} REASON=…), or say that it is "
    "right (make release LOAD={load_id} REASON=…).",
    "held_file": "It breaks a check: {why} The rest is published without this file. Correct it and load it "
    "again, or take it out (make reject LOAD={load_id} REASON=…), or say that it is right (make release "
    "LOAD={load_id} REASON=…).",
    "held_alone": "With this file {step} fails, without it everything passes. The rest is published without "
    "it. Correct it and load it again, or take it out (make reject LOAD={load_id} REASON=…); once the cause "
    "is mended elsewhere, have it tried again (make release LOAD={load_id} REASON=…).",
    "held_among": "With this file or another of {count} that came with it {step} fails, and it was not found "
    "out in time which. The rest is published without them. Take out those that are wrong (make reject "
    "LOAD={load_id} REASON=…), and have the others tried again (make release LOAD={load_id} REASON=…).",
}  # fmt: skip

# of a load that counts all the same: they stand in `warnings` of ops.load
WARNINGS = {
    "store_undeclared": "No stores file declares store {store}: its days are those that the cells say, or "
    "UTC's. Add it to the stores file, with its time zone and currency.",
    "same_bytes_elsewhere": "The same bytes count as load {load_id} of store {store} too. If one of the two "
    "lies in the wrong folder, take it out (make reject).",
    "same_records_elsewhere": "{count:of its orders or settlements is|of its orders or settlements are} in "
    "load {load_id} of another store too. Each counts once, for the store of the newest file. If one of the "
    "two lies in the wrong folder, take it out (make reject).",
    "counted_elsewhere": "{count:of its records is|of its records are} in load {load_id} of another store or "
    "account too, number and moment alike, which counts in both. If one of the two lies in the wrong "
    "folder, take it out (make reject).",
    "may_be_cut_off": "Its last record (row {row}) has no line end, as this report's own files have, so the "
    "file may have been cut off in it: of 10000 the beginning, 10, is a number too. Compare it with the "
    "report and, if it was, export it again.",
    "several_channels": "It holds sales of {count} channels, and the stores file does not say which store "
    "each belongs to; the others count for its folder's store. Name them in the column sales_channel there.",
}

# what `kind` of a file that is no table means
KINDS = {
    "bzip2": "a bzip2 archive",
    "seven_zip": "a 7-Zip archive",
    "rar": "a RAR archive",
    "xz": "an xz archive",
    "zstandard": "a Zstandard archive",
    "lz4": "an LZ4 archive",
    "tar": "a tar archive",
    "cabinet": "a Windows cabinet",
    "pdf": "a document for printing (PDF)",
    "rich_text": "a formatted text (RTF)",
    "word": "a text document (Word or OpenDocument)",
    "slides": "a presentation",
    "book": "an e-book",
    "opendocument_sheet": "an OpenDocument spreadsheet (ODS)",
    "opendocument": "an OpenDocument file",
    "numbers": "an Apple Numbers spreadsheet",
    "iwork": "an Apple Pages, Numbers or Keynote document",
    "old_workbook": "an old Excel workbook (XLS)",
    "old_office": "an old Office document (XLS, DOC or MSG)",
    "add_in": "an Excel add-in (XLAM)",
    "drawing": "a drawing (Visio)",
    "binary_workbook": "a binary Excel workbook (XLSB)",
    "xml_spreadsheet": "an XML spreadsheet of Excel 2003",
    "sylk": "a SYLK spreadsheet (SLK)",
    "web_page": "a web page (HTML), whatever its name ends in",
    "web_archive": "a saved web page (MHTML), whatever its name ends in",
    "xml": "an XML document",
    "mail": "an e-mail",
    "image": "an image",
    "column_file": "a column file (Parquet, ORC, Avro or Arrow)",
    "database": "a database file (SQLite or Access)",
    "property_list": "a property list",
    "program": "a program",
}

# the languages of `header_in_other_language`
LANGUAGES = {
    "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese", "nl": "Dutch",
    "sv": "Swedish", "da": "Danish", "pl": "Polish", "ja": "Japanese", "zh": "Chinese", "ko": "Korean",
    "id": "Indonesian", "th": "Thai", "vi": "Vietnamese",
}  # fmt: skip

# characters that a sentence cannot show
CHARACTERS = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "vertical bar"}
# of a longer list these are shown, and how many more there are
SHOWN = 6
# a header's name may be a sentence
MAX_SHOWN_NAME = 80

# what `fault` of an archive, a workbook or a document means
FAULTS = {
    "cut_off": "it ends too early",
    "damaged": "its bytes are damaged",
    "not_utf8": "it is not UTF-8: save it as UTF-8",
    "no_value": "what stands there is no JSON",
    "no_number": "NaN and Infinity are no values in JSON, and null says that there is none",
    "no_literal": "in JSON it is true, false and null, in small letters",
    "comma_at_end": "a comma stands before a closing bracket",
    "single_quotes": "texts stand between single quotes, in JSON between double ones",
    "no_quotes": "a key stands without quotes",
    "comment": "a comment stands there, and JSON has none",
    "several_documents": "another document begins there; of several each must be one object on one line",
    "too_large": "it unpacks to more than is allowed",
    "too_many_files": "it holds too many files",
    "too_slow": "reading it takes too long",
    "too_much_memory": "reading it takes too much memory: export fewer days at a time, or CSV",
    "too_many_faults": "more of its records are no good than anybody would load",
    "too_wide": "its records have too many fields: a key may hold what should be a value",
    "too_deep": "its objects are nested too deeply",
    "nested": "it holds another archive",
    "encrypted": "it is protected by a password",
    "unsafe_name": "a name or a link in it leads out of it",
    "unprintable_name": "a name in it holds a line break or another control character: rename that file",
    "unsafe_content": "it declares entities, which no export does",
    "truncated": "a sheet is full to its last row, so rows may be missing: export fewer days",
    "sparse": "cells stand far off from the table: copy the table alone into a new workbook",
    "repeated_key": "an object names a key twice",
    "no_objects": "it is a list without objects: export it with one object a record, or as CSV",
}

# of one record: it stands in ops.quarantined_row
RECORD_REASONS = {
    "wrong_width": "The record has {found:column|columns} and the header has {expected}. "
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
    "no_json_object": "The record is no JSON object as the standard has it: NaN, single quotes, or a comma "
    "before a bracket make it none.",
    "empty_value": "Column {column} is empty and must not be.",
    "wrong_type": "Column {column} does not hold what it should: {expected}.",
    "decimal_comma": "Column {column} holds a number with a decimal comma, as 1,50, where this file's "
    "numbers have a decimal point (expected {expected}). Set the language or region of the account or of "
    "the export to English and export the report again; if a spreadsheet saved the file, load the "
    "platform's own.",
    "decimal_point": "Column {column} holds a number with a decimal point, as 1.50, where this file's "
    "numbers have a decimal comma (expected {expected}). Export the report again in one language and "
    "region throughout; if a spreadsheet saved the file, load the platform's own.",
    "precision_lost": "Column {column} holds a number with an exponent, or of more than 15 digits. So a "
    "spreadsheet writes what it has rounded, and which digits are lost cannot be seen. Export the report "
    "again, as CSV, and do not save it from a spreadsheet.",
    "ambiguous_number": "Column {column} holds a number in the workbook that could be thousands with a dot "
    "or three decimals. Export the report as CSV.",
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
    template = FILE_REASONS.get(code) or WARNINGS.get(code) or RECORD_REASONS[code]
    readable = {name: _readable(name, value) for name, value in parameters.items()}
    if "missing" in parameters:
        readable["difference"] = _difference(parameters["missing"], parameters["unknown"])
    return template.format_map(readable)


class _Number(int):
    """A number that may be written with what it counts: `{count:file|files}`."""

    def __format__(self, names: str) -> str:
        one, _, many = names.partition("|")
        return f"{int(self)} {one if self == 1 else many}" if many else super().__format__(names)


def _difference(missing: Sequence[Any], unknown: Sequence[Any]) -> str:
    """What a header lacks of a report's columns, and what it has besides."""
    parts = [
        f"{verb} {_listed(names)}{behind}"
        for verb, names, behind in (("lacks", missing, ""), ("has", unknown, " besides"))
        if names
    ]
    return " and ".join(parts) or "has none of its columns"


def _readable(name: str, value: Any) -> Any:
    if name == "fault":
        return FAULTS[value]
    if name == "kind":
        return KINDS[value]
    if name == "language":
        return LANGUAGES[value]
    if name == "looks_like":
        return value or "another encoding"
    if name == "examples":
        return " ".join(f"Record {item['row']}: {describe(item['code'], item)}" for item in value)
    if isinstance(value, list | tuple):
        return _listed(value) or "nothing"
    if isinstance(value, int):
        return _Number(value)
    if name == "expected":
        return _listed(str(value).split(" | "), " | ")
    if name == "found":
        return _named(str(value))
    return "none" if value is None else value


def _listed(items: Sequence[Any], joint: str = ", ") -> str:
    """A list as it stands in a sentence: of many items the first ones, and how many follow."""
    shown = [_named(str(item)) for item in items]
    if len(shown) > SHOWN + 1:
        shown = [*shown[:SHOWN], f"and {len(shown) - SHOWN} more"]
    return joint.join(shown)


def _named(text: str) -> str:
    """A delimiter by its name; a name in which lines break on one line, and cut where it is a whole text."""
    if text in CHARACTERS:
        return CHARACTERS[text]
    text = "".join(character if character.isprintable() else " " for character in text)
    return text if len(text) <= MAX_SHOWN_NAME else text[:MAX_SHOWN_NAME] + "…"
