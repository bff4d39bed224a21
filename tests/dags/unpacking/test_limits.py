"""What a hostile file may take of memory and time, and what an honest one is granted."""

from __future__ import annotations

import gzip
import resource
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.dags.unpacking.books import book, letters, parts_of, row
from tradewind.exports.faults import RefusedFileError
from tradewind.exports.source import open_file
from tradewind.unpacking import parent
from tradewind.unpacking.gzip_file import unpack_gzip

TEXT = '<c r="{0}{1}" t="inlineStr"><is><t>text {0} {1}</t></is></c>'
HONEST_ROWS = 300_000


def honest() -> bytes:
    """A sheet of 300,000 rows, the last of which is a sum."""
    lines = [
        f'<row r="{n}">{TEXT.format("A", n)}<c r="B{n}"><v>{n}</v></c>{TEXT.format("C", n)}</row>'
        for n in range(1, HONEST_ROWS)
    ]
    total = f'<row r="{HONEST_ROWS}"><c r="B{HONEST_ROWS}"><f>SUM(B1:B9)</f><v>45</v></c></row>'
    return book("".join([*lines, total]))


def test_an_honest_sheet_with_one_formula_is_read_in_little_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # an eighth of what a child is granted
    monkeypatch.setattr(parent, "MAX_MEMORY_BYTES", 64 << 20)
    (part,) = parts_of(tmp_path, honest())
    with part.file.open() as lines:
        last = list(lines)[-1]
    assert (last, part.faults) == (",45,\n", {})


@pytest.mark.parametrize(
    ("kind", "content", "fault"),
    [
        (
            "workbook",
            lambda: book(row(1, "a", "b") + '<row r="500000"><c r="GR500000"><v>1</v></c></row>'),
            "sparse",
        ),
        (
            "workbook",
            lambda: book(row(1, "a"), shared="".join(f"<si><t>{n}</t></si>" for n in range(6_000_000))),
            None,
        ),
        (
            "workbook",
            lambda: book(f'<row r="1"><c r="A1" t="inlineStr"><is><t>{"x" * (300 << 20)}</t></is></c></row>'),
            "too_large",
        ),
        ("json", lambda: b'[{"a":[' + b",".join([b'{"b":1}'] * (7 << 20)) + b"]}]", "too_much_memory"),
        ("json", lambda: b'[{"a":1},' + b",".join([b"1"] * (25 << 20)) + b"]", "too_many_faults"),
        ("json", lambda: b"[" + b",".join(b'{"k%d":1}' % n for n in range(100_000)) + b"]", "too_wide"),
    ],
    ids=[
        "one far cell",
        "six million texts",
        "one long text",
        "one large record",
        "records that are none",
        "keys that are values",
    ],
)
def test_b9_a_hostile_file_is_refused_or_read_within_the_limits(
    tmp_path: Path, kind: str, content: Callable[[], bytes], fault: str | None
) -> None:
    data = content()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    if fault is None:
        parts_of(tmp_path, data, kind)
    else:
        with pytest.raises(RefusedFileError) as refusal:
            parts_of(tmp_path, data, kind)
        assert refusal.value.parameters["fault"] == fault
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 60


def test_a_document_of_many_small_records_is_read_in_little_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = 2 << 20
    # twice its text, and an eighth of what its objects would take
    monkeypatch.setattr(parent, "MAX_MEMORY_BYTES", 96 << 20)
    (part,) = parts_of(tmp_path, b"[" + b",".join([b'{"a":1}'] * records) + b"]", "json")
    assert part.file.stat().st_size == 2 * (records + 1)


def test_lines_are_read_in_flat_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parent, "MAX_MEMORY_BYTES", 64 << 20)
    (part,) = parts_of(tmp_path, b'{"a": "some text of a line", "b": 1.50}\n' * 1_000_000, "json")
    assert part.file.stat().st_size == len("some text of a line,1.50\n") * 1_000_000 + len("a,b\n")


def test_b8_many_small_members_are_unpacked_in_linear_time(tmp_path: Path) -> None:
    times = []
    for count in (20_000, 80_000):
        file = tmp_path / f"{count}.gz"
        file.write_bytes(gzip.compress(b"") * count)
        begun = time.process_time()
        unpack_gzip(open_file(file), tmp_path / "unpacked")
        times.append(time.process_time() - begun)
    assert times[1] < 12 * times[0]


@pytest.mark.parametrize("count", [30, 2000])
def test_a_wide_row_is_read(tmp_path: Path, count: int) -> None:
    (part,) = parts_of(
        tmp_path, book(f'<row r="1">{"".join(TEXT.format(letters(n), 1) for n in range(count))}</row>')
    )
    assert part.file.read_text().count(",") == count - 1
