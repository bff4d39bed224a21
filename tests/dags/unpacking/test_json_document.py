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
    "text",
    ["[1,]", '{"a":1,}', "{'a':1}", '[{"a":01}]', '[{"a":.5}]', '[{"a":+1}]', '[{"a":NaN}]',
     '[{"a":-Infinity}]', '[{"a":"\x01"}]', '[{"a":"\\x"}]', '[{"a":1}', '[{"a":1}]]', '{"a" 1}',
     '[{"a":tru}]', '[{"a":"\n"}]',
     b'[{"a":"\xff"}]', '{"a":1} // no', '[{"a":1}#'],
)  # fmt: skip
def test_b27_what_is_no_json_is_refused(tmp_path: Path, text: str | bytes) -> None:
    with pytest.raises(RefusedFileError) as refusal:
        parts_of(tmp_path, text)
    assert (refusal.value.code, refusal.value.parameters["fault"]) == ("json_unreadable", "damaged")


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
