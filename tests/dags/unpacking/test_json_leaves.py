"""Nothing of a document is lost: each value is in a table, above its header, or in quarantine, as written."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dags.unpacking.books import parts_of
from tradewind.unpacking import json_document, json_text
from tradewind.unpacking.json_records import as_json, cell_text
from tradewind.unpacking.json_text import Pairs, parse_exactly
from tradewind.unpacking.protocol import Parts, Refusal, RowFault

ODD = [
    "\r",
    "\n",
    "\r\n",
    "\u0085",
    "\u2028",
    '"',
    '""',
    "\ufeff",
    "_x000D_",
    "a\0b",
    "\ud800",
    "\udc00\ud800",
    ",",
    "😀",
    " a  b ",
]
KEYS = st.sampled_from(["", "a", "b", "a.b", ".", "d.e", "d", "e", "é", "\ud800", "\0", '"', "\n"]) | st.text(
    max_size=3
)
NUMBERS = st.sampled_from(
    ["0", "-0", "-0.0", "1.50", "1e5", "1E400", "123456789012345678901", "-12", "0.1", "9007199254740993"]
).map(json_text.Number)
SCALARS = st.none() | st.booleans() | NUMBERS | st.text(max_size=5) | st.sampled_from(ODD)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
RECORDS = st.dictionaries(KEYS, VALUES, max_size=4)


class Found:
    """The parts of a document, written without a process of its own."""

    def __init__(self, text: str) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "file").write_text(text, encoding="utf-8", newline="")
            json_document.unpack(folder / "file", Parts(folder))
            self.tables: list[list[list[str]]] = []
            self.faults: list[list[RowFault]] = []
            for number in range(len(list(folder.glob("*.faults")))):
                with (folder / str(number)).open(encoding="utf-8", newline="") as lines:
                    self.tables.append(list(csv.reader(lines)))
                noted = (folder / f"{number}.faults").read_text().splitlines()
                self.faults.append([RowFault(*json.loads(line)) for line in noted])


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Each value that is no object, with its dotted path; lists are values."""
    if not isinstance(value, dict):
        yield path, value
        return
    for key, item in value.items():
        yield from (
            (f"{key}.{inner}" if isinstance(item, dict) else key, leaf) for inner, leaf in leaves(item)
        )


def check_rows(records: list[Any], found: Found, preamble: int = 0) -> None:
    (table,), (faults,) = found.tables, found.faults
    header, *rows = table[preamble:]
    set_aside = {fault.row - preamble: fault for fault in faults}
    assert len(rows) == len(records)
    assert not [fault for fault in set_aside if not 1 <= fault <= len(records)]
    for number, (record, row) in enumerate(zip(records, rows, strict=True), 1):
        if number in set_aside:
            # the record as it was written, and in the table nothing of it
            assert not any(row)
            assert parse_exactly(set_aside[number].record or "") == record
            continue
        assert isinstance(record, dict)
        cells = {name: cell for name, cell in zip(header, row, strict=True) if cell}
        expected = {
            path.encode("utf-8", "backslashreplace").decode().replace("\0", "\\u0000"): cell_text(leaf)
            for path, leaf in leaves(record)
        }
        assert cells == {path: text for path, text in expected.items() if text}


@settings(max_examples=300, deadline=None)
@given(
    st.lists(RECORDS | SCALARS, min_size=1, max_size=6).filter(
        lambda records: any(map(dict, [r for r in records if isinstance(r, dict)]))
    )
)
def test_each_value_of_a_list_is_in_its_row_or_set_aside_with_it(records: list[Any]) -> None:
    found = Found(as_json(records))
    if found.tables:
        check_rows(records, found)
    else:
        assert not any(leaf for record in records if isinstance(record, dict) for leaf in leaves(record))


@settings(max_examples=200, deadline=None)
@given(st.lists(RECORDS.filter(bool), min_size=2, max_size=6))
def test_each_value_of_lines_is_in_its_row_or_set_aside_with_it(records: list[Any]) -> None:
    found = Found("\n".join(map(as_json, records)))
    if found.tables:
        check_rows(records, found)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.text(st.characters(categories=["Ll"]), min_size=1, max_size=3).filter(lambda key: key != "rows"),
        SCALARS,
        max_size=4,
    )
)
def test_each_value_outside_the_lists_stands_above_the_header(outside: dict[str, Any]) -> None:
    found = Found(as_json({**outside, "rows": [{"a": json_text.Number("1")}]}))
    (table,) = found.tables
    assert table[len(outside) :] == [["a"], ["1"]]
    for (path, value), line in zip(outside.items(), table, strict=False):
        text = ",".join(line).removeprefix(f"{path}:").strip()
        written = cell_text(value)
        assert text == written or json.loads(text) == written


@pytest.mark.parametrize(
    ("text", "table"),
    [
        ('[{"": "lost", "a": 1}]', [["", "a"], ["lost", "1"]]),
        ('[{"": {"": 1}, "a": 2}]', [[".", "a"], ["1", "2"]]),
        ('[{"a": {"": 1, "b": 2}}]', [["a.", "a.b"], ["1", "2"]]),
        ('[{"d.e": 1}, {"d": {"e": 2}}]', [["d.e"], ["1"], ["2"]]),
        ('[{"a": [{"b": 1}]}]', [["a"], ['[{"b": 1}]']]),
        ('[{"a": -0, "b": 1E400, "c": 123456789012345678901, "d": 1.50, "e": -0.0}]',
         [["a", "b", "c", "d", "e"], ["-0", "1E400", "123456789012345678901", "1.50", "-0.0"]]),
        ('[{"a\\u0000": 1}]', [["a\\u0000"], ["1"]]),
        ("\n\n" + '{"a": 1}\n\n{"a": 2}\n', [["a"], ["1"], ["2"]]),
    ],
)  # fmt: skip
def test_a_value_is_kept_under_any_key(text: str, table: list[list[str]]) -> None:
    found = Found(text)
    assert (found.tables, found.faults) == ([table], [[]])


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ('{"d.e": 1, "d": {"e": 2}}', "repeated_key"),
        ('{"d": {"e": 2}, "d.e": null}', "repeated_key"),
        ('{"d": {"e": {"f": 1}}, "d.e": {"f": 1}}', "repeated_key"),
        ('{"": {"a": 1}, ".a": 2}', "repeated_key"),
        ('{"a": [{"b": 1, "b": 2}]}', "repeated_key"),
        ('{"a": "x\\u0000y"}', "nul_byte"),
        ('{"a": "\\ud800"}', "invalid_encoding"),
        ('{"a": ["\\ud800"], "b": "\\udc00"}', "invalid_encoding"),
        ("[1, 2]", "no_json_object"),
        ("-0", "no_json_object"),
    ],
)
def test_a_record_of_which_one_row_cannot_hold_all_is_set_aside_whole(record: str, code: str) -> None:
    for text in (f'[{{"x": 1}}, {record}, {{"x": 3}}]', f'{{"x": 1}}\n{record}\n{{"x": 3}}'):
        found = Found(text)
        ((fault,),) = found.faults
        assert (fault.row, fault.code, fault.record) == (2, code, record)
        column = found.tables[0][0].index("x")
        assert [row[column] for row in found.tables[0]] == ["x", "1", "", "3"]


def test_blocks_give_what_one_value_after_the_other_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where records are cut into blocks makes no difference, whatever they hold."""
    nested = [
        {"id": n, "lines": [{"id": n, "x": "},{"}, {"id": -n}], "text": '"},{"id":' * (n % 3)}
        for n in range(300)
    ]
    odd = [{"id": 1, "a": "é"}, 7, {"id": 2, "b": {"c": None}}, ["x"], {"id": 3}] * 20
    for records in (nested, odd):
        for text in (
            json.dumps(records),
            json.dumps(records, indent=1),
            json.dumps({"x": {"y": records}, "z": records}),
        ):
            results = []
            for size in (1, 40, 700, 1 << 20):
                monkeypatch.setattr(json_text, "BLOCK_BYTES", size)
                found = Found(text)
                results.append((found.tables, found.faults))
            assert all(result == results[0] for result in results)
            assert len(results[0][0][-1]) >= len(records) + 1


@pytest.mark.parametrize(
    "lines", [['{"a":[{"x":1}', '{"y":2}]}', '{"c":1},0,{"d":2}'], ['{"c":1},{"d":2}', '{"a":{"x":1}', "}"]]
)
def test_lines_that_are_values_only_together_are_set_aside_each(lines: list[str]) -> None:
    found = Found("\n".join(['{"k": 1}', *lines, '{"k": 2}']))
    assert [fault.code for fault in found.faults[0]] == ["no_json_object"] * 3
    assert [fault.record for fault in found.faults[0]] == lines


@pytest.mark.parametrize(
    "text", ["[[1, 2], [3]]", "[1, 2]", '["a"]', '["a", "b"]\n[1, 2]\n', "[[], []]", "[null]"]
)
def test_a_list_without_objects_is_refused_by_that_name(text: str) -> None:
    with pytest.raises(Refusal, match="no_objects"):
        Found(text)


def test_a_long_list_beside_the_records_does_not_hide_them(tmp_path: Path) -> None:
    (part,) = parts_of(
        tmp_path, json.dumps({"ids": list(range(20_000)), "rows": [{"a": 1}]}).encode(), "json"
    )
    with part.file.open(encoding="utf-8", newline="") as lines:
        above, *table = list(csv.reader(lines))
    assert table == [["a"], ["1"]]
    assert ",".join(above).startswith("ids: [0, 1, 2") and above[-1].endswith("…")


def test_many_values_beside_the_records_share_the_lines_above_the_header() -> None:
    outside = {f"key{number}": number for number in range(200)}
    found = Found(json.dumps({**outside, "rows": [{"a": 1}]}))
    *above, header, row = found.tables[0]
    assert (header, row) == (["a"], ["1"])
    assert len(above) <= json_document.MAX_OUTSIDE
    text = "\n".join(",".join(line) for line in above)
    assert all(f"key{number}: {number}" in text for number in range(200))


def test_lists_of_one_path_have_names_of_their_own(tmp_path: Path) -> None:
    document = {"a.b": [{"x": 1}], "a": {"b": [{"y": 2}]}, "": [{"z": 3}]}
    parts = parts_of(tmp_path, json.dumps(document).encode(), "json")
    assert [part.name for part in parts] == ["a.b", "a.b (2)", "(3)"]


def test_objects_that_name_a_key_twice_keep_both_in_quarantine() -> None:
    assert as_json(Pairs([("a", "\ud800"), ("a", json_text.Number("1.0"))])) == '{"a": "\\ud800", "a": 1.0}'
