"""JSON as tables: what is accepted, what is not, and how values become cells."""

from __future__ import annotations

import csv
import json
import tracemalloc
from pathlib import Path

import pytest

from tradewind.exports.faults import RefusedFileError
from tradewind.unpacking import json_text
from tradewind.unpacking.parent import Part, kind_of, unpack


def parts_of(tmp_path: Path, text: str | bytes) -> list[Part]:
    file = tmp_path / "document.json"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    folder = tmp_path / "parts"
    folder.mkdir()
    return unpack("json", file, folder)


def rows_of(part: Part) -> list[list[str]]:
    with part.file.open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))


def test_nested_objects_become_dotted_columns(tmp_path: Path) -> None:
    records = [
        {"id": 1, "metric": {"reply": {"calendar": 5, "business": None}}, "tags": ["a", 2], "open": True},
        {"id": 2, "more": {"x": 1.50}},
    ]
    (part,) = parts_of(tmp_path, json.dumps({"next_page": None, "tickets": records}).replace("1.5", "1.50"))
    assert part.name == "tickets"
    assert rows_of(part) == [
        ["next_page:"],
        ["id", "metric.reply.calendar", "metric.reply.business", "tags", "open", "more.x"],
        ["1", "5", "", '["a", 2]', "true", ""],
        ["2", "", "", "", "", "1.50"],
    ]


@pytest.mark.parametrize(
    "text", ['{"a": 9007199254740993, "b": 1E+400}', '[{"a": 9007199254740993, "b": 1E+400}]']
)
def test_b27_numbers_are_exact(tmp_path: Path, text: str) -> None:
    (part,) = parts_of(tmp_path, text)
    assert rows_of(part) == [["a", "b"], ["9007199254740993", "1E+400"]]


@pytest.mark.parametrize(
    ("text", "fault", "row", "character"),
    [
        ("[1,]", "comma_at_end", 1, 3), ('[{"a":1},\n {"ä":",}", "b":2,\n}]', "comma_at_end", 2, 18),
        ("{'a':1}", "single_quotes", 1, 2), ('{"a": \'x"y\'}', "single_quotes", 1, 7),
        ('[{"a":NaN}]', "no_number", 1, 7), ('[{"a":-Infinity}]', "no_number", 1, 7),
        ('{"s": 1,\n "r": [{"a":"NaN"},\n{"a":NaN}]}', "no_number", 3, 6),
        ('[{"a":True}]', "no_literal", 1, 7), ('[{"a": None}]', "no_literal", 1, 8),
        ("{a: 1}", "no_quotes", 1, 2), ('[{"a": "b: c", d: 1}]', "no_quotes", 1, 16),
        ('{"a":1} // no', "comment", 1, 9), ('[{"a":"http://x"}#', "comment", 1, 18),
        ('[{"a":1}]\n[{"a":2}]', "several_documents", 2, 1), ('{"a":1}{"a":2}', "several_documents", 1, 8),
        ('{\n"a":1}\n{\n"a":2}\n', "several_documents", 3, 1),
        ('[{"a":01}]', "no_value", 1, 8), ('[{"a":.5}]', "no_value", 1, 7), ('[{"a":+1}]', "no_value", 1, 7),
        ('[{"a":"\x01"}]', "no_value", 1, 8), ('[{"a":"\\x"}]', "no_value", 1, 8),
        ('[{"a":1}]]', "no_value", 1, 10), ('{"a" 1}', "no_value", 1, 6), ('[{"a":tru}]', "no_value", 1, 7),
        ('[{"a":"\n"}]', "no_value", 1, 8), ('[{"a":"5" TV"}]', "no_value", 1, 11),
        ('[{"a":1} {"a":2}]', "no_value", 1, 10),
    ],
)  # fmt: skip
def test_b27_what_is_no_json_is_refused_by_place_and_cause(
    tmp_path: Path, text: str, fault: str, row: int, character: int
) -> None:
    with pytest.raises(RefusedFileError) as refusal:
        parts_of(tmp_path, text)
    assert refusal.value.code == "json_not_standard"
    assert refusal.value.parameters == {"fault": fault, "row": row, "character": character}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[{"a":1}', "cut_off"), ('[{"a":1},{"a":"https://x', "cut_off"), ('[{"a":1},\n{"a":tr', "cut_off"),
        ('{"rows":[{"a":"it\'s', "cut_off"), (b'[{"a":"\xff"}]', "not_utf8"),
        ('[{"a":1,"a":2}]', "repeated_key"), ('{"a":1,"a":2}', "repeated_key"),
        ('{"a":1,"a":2}\n{"a":1,"a":2}', "repeated_key"), ('{"rows":[{"a":1,"a":2}]}', "repeated_key"),
        ("[1,2]\n[3,4]", "no_objects"),
    ],
)  # fmt: skip
def test_b27_what_cannot_be_read_says_why(tmp_path: Path, text: str | bytes, fault: str) -> None:
    with pytest.raises(RefusedFileError) as refusal:
        parts_of(tmp_path, text)
    assert (refusal.value.code, refusal.value.parameters) == ("json_unreadable", {"fault": fault})


def test_a_broken_first_line_costs_that_record_where_the_second_is_an_object(tmp_path: Path) -> None:
    (part,) = parts_of(tmp_path, '{"a":NaN}\n{"a":1}\n{"a":2}\n')
    assert rows_of(part)[2:] == [["1"], ["2"]]
    assert [(line, fault.code) for line, (fault, _) in part.faults.items()] == [(1, "no_json_object")]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ['[{"a": "é"}, {"a": "日"}]', '{"a": "é"}\r\n{"a": "日"}\r\n'])
def test_json_in_utf_16_is_read_by_its_mark(tmp_path: Path, encoding: str, text: str) -> None:
    content = ("\ufeff" + text).encode(encoding)
    assert kind_of(tmp_path, content) == "json"
    (part,) = parts_of(tmp_path, content)
    assert rows_of(part) == [["a"], ["é"], ["日"]]


@pytest.mark.parametrize("text", ['[{"a": 1}]\x1a', '{"a": 1}\n{"a": 1}\r\n\x1a\x1a'])
def test_the_end_mark_of_dos_is_no_part_of_a_document(tmp_path: Path, text: str) -> None:
    (part,) = parts_of(tmp_path, text)
    assert set(map(tuple, rows_of(part)[1:])) == {("1",)}
    assert not part.faults


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000])
def test_b27_deep_nesting_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(RefusedFileError) as refusal:
        parts_of(tmp_path, text)
    assert refusal.value.parameters["fault"] in ("too_deep", "damaged")


def test_b27_a_key_named_twice_outside_the_records_refuses_the_file(tmp_path: Path) -> None:
    with pytest.raises(RefusedFileError) as refusal:
        parts_of(tmp_path, '{"a": [{"x": 1}], "a": [{"x": 2}]}')
    assert refusal.value.parameters["fault"] == "repeated_key"


def test_b27_a_key_named_twice_within_a_record_is_a_fault_of_that_record(tmp_path: Path) -> None:
    (part,) = parts_of(tmp_path, '[{"a": 1}, {"a": {"b": 1, "b": 2}}, {"a": 3}]')
    ((line, (fault, raw)),) = part.faults.items()
    assert (line, fault.code, raw) == (2, "repeated_key", b'{"a": {"b": 1, "b": 2}}')


@pytest.mark.parametrize(
    ("head", "kind"),
    [(b' \r\n{"a"', "json"), (b"\xef\xbb\xbf[", "json"), (b"Day,Sessions", None), (b"PK\x05\x06", "zip")],
)
def test_a_file_is_what_its_first_bytes_say(tmp_path: Path, head: bytes, kind: str | None) -> None:
    file = tmp_path / "file"
    file.write_bytes(head)
    assert kind_of(file, head) == kind


def test_number_that_is_written_often_takes_the_memory_of_one() -> None:
    text = "[" + "7.25, " * 50_000 + "7.25]"
    tracemalloc.start()
    try:
        numbers = json_text.parse_exactly(text)
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert set(numbers) == {"7.25"}
    # the list alone has eight bytes for each
    assert size < 16 * len(numbers)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[]", "no_data_no_header"), (" [ ]\n", "no_data_no_header"),
        ('{"errors":[{"message":"Access denied"}]}', "json_error_answer"),
        ('{"data": null, "errors":[{"message":"x"}], "extensions": {"cost": 1}}', "json_error_answer"),
        ('{"errors": "Not Found"}', "json_error_answer"),
        ('{"error": {"code": 403, "message": "x", "details": [{"reason": "y"}]}}', "json_error_answer"),
    ],
)  # fmt: skip
def test_an_answer_without_records_says_what_it_is(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(RefusedFileError) as refusal:
        parts_of(tmp_path, text)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    "text",
    ['{"id": 1, "error": "late"}', '{"errors": [], "orders": [{"a": 1}]}', '[{"error": "x"}]',
     '{"errors": [{"a": 1}], "orders": [{"a": 1}]}', '{"error": null, "message": "hello"}'],
)  # fmt: skip
def test_a_record_that_names_an_error_is_read(tmp_path: Path, text: str) -> None:
    assert parts_of(tmp_path, text)
