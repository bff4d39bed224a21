"""Workbooks as tables: whatever spelling of the standard a program uses, cells are what Excel shows."""

from __future__ import annotations

import csv
import io
import re
import tempfile
import zipfile
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from tests.dags.unpacking.books import (
    MAIN,
    STRICT,
    STRICT_OFFICE,
    book,
    letters,
    parts_of,
    row,
    rows,
    sheet,
)
from tradewind.exports.faults import RefusedFileError
from tradewind.unpacking import workbook
from tradewind.unpacking.cell_text import as_moment, as_text, format_kind
from tradewind.unpacking.parent import Part
from tradewind.unpacking.protocol import Parts

FORMATS = (
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/>'
    '<numFmt numFmtId="165" formatCode="[h]:mm"/></numFmts>'
    '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/><xf numFmtId="20"/><xf numFmtId="164"/>'
    '<xf numFmtId="165"/><xf numFmtId="10"/><xf numFmtId="2"/><xf numFmtId="57"/></cellXfs>'
    '<dxfs><dxf><numFmt numFmtId="164" formatCode="0.00"/></dxf></dxfs>'
)


def table_of(part: Part) -> list[list[str]]:
    with part.file.open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))


def faults_of(part: Part) -> dict[int, str]:
    return {number: fault.code for number, (fault, _) in part.faults.items()}


def read(tmp_path: Path, content: bytes) -> tuple[list[list[str]], dict[int, str]]:
    (part,) = parts_of(tmp_path, content)
    return table_of(part), faults_of(part)


def prefixed(rows: str) -> str:
    """The sheet with each element under a prefix."""
    plain = re.sub("<(/?)([a-zA-Z])", r"<\1x:\2", rows)
    return f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData>{plain}</x:sheetData></x:worksheet>'


BAD = {
    "error": ('<c r="B2" t="e"><v>#N/A</v></c>', "error_cell"),
    "error of a formula": ('<c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c>', "error_cell"),
    "error without its name": ('<c r="B2" t="e"/>', "error_cell"),
    "attributes turned": ("<c t='e' r='B2'><v>#REF!</v></c>", "error_cell"),
    "formula": ('<c r="B2"><f>1+1</f></c>', "formula_without_result"),
    "formula, empty value": ('<c r="B2"><f>1+1</f><v/></c>', "formula_without_result"),
    "formula, value in two tags": ('<c r="B2"><f>1+1</f><v></v></c>', "formula_without_result"),
    "formula of text": ('<c r="B2" t="str"><f>A1</f><v></v></c>', "formula_without_result"),
    "formula of text, no value": ('<c r="B2" t="str"><f>A1</f></c>', "formula_without_result"),
    "formula, number by name": ('<c r="B2" t="n"><f>A1</f></c>', "formula_without_result"),
    "shared formula": ('<c r="B2"><f t="shared" si="0"/></c>', "formula_without_result"),
    "array formula": ('<c r="B2"><f t="array" ref="B2:B3">A1:A2</f></c>', "formula_without_result"),
    "formula in CDATA": ('<c r="B2"><f><![CDATA[A1&""]]></f></c>', "formula_without_result"),
    "formula, comment": ('<c r="B2"><!-- 7 --><f>A1</f></c>', "formula_without_result"),
}
SPELLINGS = {
    "plain": lambda body: book(body),
    "prefix": lambda body: book(prefixed(body)),
    "strict": lambda body: book(body, namespace=STRICT, office=STRICT_OFFICE),
    "no references": lambda body: book(_without_references(body)),
    "absolute target": lambda body: book(body, target="/xl/worksheets/sheet{}.xml"),
    "elsewhere": lambda body: book(body, main="book/main.xml", target="parts/{}.xml"),
    "absolute main part": lambda body: book(body, main_target="/xl/workbook.xml"),
    "roundabout target": lambda body: book(body, target="worksheets/./sheet{}.xml".replace("./", "")),
    "UTF-16": lambda body: _encoded(book(body), "utf-16"),
    "declared UTF-8": lambda body: _encoded(book(body), "utf-8"),
    "CRLF between tags": lambda body: book(sheet(body.replace("><", ">\r\n<"))),
}


def _without_references(body: str) -> str:
    return re.sub(""" r=["'][A-Z0-9]+["']""", "", body)


def _encoded(content: bytes, encoding: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            text = old.read(name).decode()
            is_sheet = "worksheets" in name and not name.endswith(".rels")
            declared = f'<?xml version="1.0" encoding="{encoding}"?>{text}' if is_sheet else text
            new.writestr(name, declared.encode(encoding) if is_sheet else declared)
    return out.getvalue()


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=list(SPELLINGS))
@pytest.mark.parametrize(("cell", "code"), BAD.values(), ids=list(BAD))
def test_a_cell_without_a_value_sets_its_row_aside_in_every_spelling(
    tmp_path: Path, spelling: object, cell: str, code: str
) -> None:
    body = row(1, "a", "b", "c") + f'<row r="2"><c r="A2"><v>1</v></c>{cell}</row>' + row(3, "x", "y", "z")
    table, faults = _read_here(tmp_path, spelling(body))  # type: ignore[operator]
    assert faults == {1: code}
    assert [table[0], table[2]] == [["a", "b", "c"], ["x", "y", "z"]]


def _read_here(tmp_path: Path, content: bytes) -> tuple[list[list[str]], dict[int, str]]:
    """As `read`, without a process of its own."""
    file = tmp_path / "book.xlsx"
    file.write_bytes(content)
    workbook.unpack(file, Parts(tmp_path))
    noted = [line.split(",") for line in (tmp_path / "0.faults").read_text().splitlines()]
    with (tmp_path / "0").open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines)), {int(item[0][1:]): item[1].strip(' "') for item in noted}


@pytest.mark.parametrize(
    ("head", "faults"),
    [
        ("", {1: "formula_without_result"}),
        ('<calcPr calcId="191029"/>', {}),
        ('<calcPr calcId="124519" fullCalcOnLoad="1"/>', {1: "formula_without_result"}),
    ],
    ids=["no word of calculation", "calculated", "to be calculated"],
)
def test_a_formula_whose_result_is_an_empty_text_is_blank_where_a_program_has_calculated(
    tmp_path: Path, head: str, faults: dict[int, str]
) -> None:
    body = row(1, "a", "b") + '<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="str"><f>""</f><v></v></c></row>'
    assert read(tmp_path, book(body, head=head)) == ([["a", "b"], ["1", ""]], faults)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (
            '<c t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r><rPh sb="0" eb="1"><t>no</t></rPh></is></c>',
            "ab",
        ),
        ('<c t="s"><v>0</v></c>', "shared"),
        ('<c t="s"><v>1</v></c>', "rich text"),
        ('<c t="str"><f>A1</f><v>result</v></c>', "result"),
        ('<c t="b"><v>1</v></c>', "true"),
        ("<c><f>1+1</f><v>2</v></c>", "2"),
        ('<c t="d"><v>2026-01-05T10:20:30</v></c>', "2026-01-05 10:20:30"),
        ('<c t="d"><v>2026-01-05</v></c>', "2026-01-05"),
        ("<c><v>1.10</v></c>", "1.1"),
        ("<c><v>1.1000000000000001</v></c>", "1.1"),
        ("<c><v>1E-7</v></c>", "0.0000001"),
        ("<c><v>-0</v></c>", "-0"),
        ("<c><v>1e400</v></c>", "1e400"),
        ('<c s="1"><v>46143</v></c>', "2026-05-01"),
        ('<c s="2"><v>46143.5</v></c>', "2026-05-01 12:00:00"),
        ('<c s="3"><v>0.25</v></c>', "06:00:00"),
        ('<c s="4"><v>46143</v></c>', "2026-05-01"),
        ('<c s="5"><v>1.5</v></c>', "129600"),
        ('<c s="6"><v>0.125</v></c>', "0.125"),
        ('<c s="8"><v>46143</v></c>', "2026-05-01"),
        ('<c s="1"><v>-5</v></c>', "-5"),
    ],
)
def test_a_cell_is_written_as_a_csv_export_would(tmp_path: Path, cell: str, text: str) -> None:
    shared = '<si><t>shared</t></si><si><r><t>rich </t></r><r><t xml:space="preserve">text</t></r></si>'
    shared = shared.replace("<t>rich ", '<t xml:space="preserve">rich ')
    body = row(1, "a", "b") + f'<row r="2"><c><v>1</v></c>{cell}</row>'
    table, faults = _read_here(tmp_path, book(body, shared=shared, styles=FORMATS))
    assert (table[1], faults) == (["1", text], {})


def test_b23_days_are_counted_from_1904_where_the_workbook_says_so(tmp_path: Path) -> None:
    body = row(1, "a", "b") + '<row r="2"><c><v>1</v></c><c s="1"><v>44681</v></c></row>'
    table, _ = read(tmp_path, book(body, head='<workbookPr date1904="1"/>', styles=FORMATS))
    assert table[1] == ["1", "2026-05-01"]


@pytest.mark.parametrize(
    ("escaped", "code"),
    [
        ("a_x0000_b", "nul_byte"),
        ("_x0000_", "nul_byte"),
        ("a_xD800_b", "invalid_encoding"),
        ("_xDE00__xD83D_", "invalid_encoding"),
    ],
)
@pytest.mark.parametrize("is_shared", [False, True])
def test_an_escape_for_what_no_text_holds_sets_its_row_aside(
    tmp_path: Path, escaped: str, code: str, is_shared: bool
) -> None:
    inline = f'<c t="inlineStr"><is><t>{escaped}</t></is></c>'
    cell = '<c t="s"><v>0</v></c>' if is_shared else inline
    body = row(1, "a", "b") + f'<row r="2"><c><v>1</v></c>{cell}</row>' + row(3, "x", "y")
    table, faults = _read_here(tmp_path, book(body, shared=f"<si><t>{escaped}</t></si>"))
    # as it is written, for whoever looks into quarantine
    assert (table[1], faults) == (["1", escaped], {1: code})


@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        ("_x000D_", "\r"),
        ("_x005F_x000D_", "_x000D_"),
        ("_xD83D__xDE00_", "😀"),
        ("_x12_", "_x12_"),
        ("_x0041_", "A"),
    ],
)
def test_an_escape_is_the_character_that_it_stands_for(tmp_path: Path, escaped: str, text: str) -> None:
    body = (
        row(1, "a", "b") + f'<row r="2"><c><v>1</v></c><c t="inlineStr"><is><t>{escaped}</t></is></c></row>'
    )
    assert _read_here(tmp_path, book(body)) == ([["a", "b"], ["1", text]], {})


TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12
) | st.sampled_from(
    [
        "\r",
        "a\rb",
        "\n",
        "\r\n",
        '"',
        '""',
        "\u0085",
        "\u2028",
        "\ufeff",
        "_x000D_",
        "_x0041_",
        ",",
        " ",
        "&amp;",
        "]]>",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(TEXT, min_size=3, max_size=3), min_size=1, max_size=6), st.booleans())
def test_any_text_comes_back_as_it_was(table: list[list[str]], shared: bool) -> None:
    table = [["first", "b", "c"], *table, ["last", "y", "z"]]
    body, texts = rows(table), None
    if shared:
        found = re.findall(r'<is>(<t xml:space="preserve">.*?</t>)</is>', body, re.DOTALL)
        texts = "".join(f"<si>{text}</si>" for text in found)
        count = iter(range(len(found)))
        body = re.sub(
            r't="inlineStr"><is>.*?</is>', lambda _: f't="s"><v>{next(count)}</v>', body, flags=re.DOTALL
        )
    with tempfile.TemporaryDirectory() as folder:
        assert _read_here(Path(folder), book(body, shared=texts)) == (table, {})


NUMBERS = st.one_of(
    st.integers(0, 10**14).map(str),
    st.floats(0, 1e9, allow_nan=False).map(repr),
    st.decimals(0, 10**6, places=2).map(str),
    st.integers(1, 60_000).map(str),
)


@st.composite
def cells(draw: st.DrawFn) -> str:
    kind = draw(
        st.sampled_from(["number", "number", "shared", "inline", "bool", "blank", "result", "formula"])
    )
    style = draw(st.sampled_from(["", *(f' s="{number}"' for number in range(8))]))
    if kind == "number":
        return f"<c@{style}><v>{draw(NUMBERS)}</v></c>"
    if kind == "shared":
        return f'<c@{style} t="s"><v>{draw(st.integers(0, 2))}</v></c>'
    if kind == "inline":
        text = draw(st.sampled_from(["x", " y ", "a&amp;b", "_x0041_"]))
        return f'<c@{style} t="inlineStr"><is><t>{text}</t></is></c>'
    if kind == "bool":
        return f'<c@{style} t="b"><v>{draw(st.integers(0, 1))}</v></c>'
    if kind == "formula":
        formula = draw(st.sampled_from(["<f>A1&amp;B1</f>", '<f t="shared" si="0"/>', "<f>A1+1</f>"]))
        return f"<c@{style}>{formula}<v>{draw(NUMBERS)}</v></c>"
    if kind == "result":
        return f'<c@{style} t="str"><f>A1</f><v>{draw(st.sampled_from(["x", " y "]))}</v></c>'
    return f"<c@{style}/>"


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_cells_are_what_another_reader_finds(data: st.DataObject) -> None:
    """Calamine is the second opinion where both see the same: no errors, no missing results."""
    kinds = data.draw(st.lists(cells(), min_size=1, max_size=5))
    lines, number = [], 0
    has_places = data.draw(st.booleans())
    for _ in range(data.draw(st.integers(1, 12))):
        number += data.draw(st.sampled_from([1, 1, 1, 3])) if has_places else 1
        # most rows of a table are alike, some are not
        line = kinds if data.draw(st.integers(0, 3)) else data.draw(st.lists(cells(), max_size=6))
        placed = [
            cell.replace("@", f' r="{letters(position)}{number}"' if has_places else "")
            for position, cell in enumerate(line)
        ]
        lines.append(
            f'<row r="{number}">{"".join(placed)}</row>' if has_places else f"<row>{''.join(placed)}</row>"
        )
    content = book(
        "".join(lines),
        styles=FORMATS,
        shared="<si><t>one</t></si><si><t> two </t></si><si><r><t>th</t></r><r><t>ree</t></r></si>",
    )
    found = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    try:
        expected = [[as_text(cell) for cell in line] for line in found.iter_rows()]
    except OverflowError:
        # a number of days that Python has no duration for
        reject()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "book.xlsx")
        file.write_bytes(content)
        workbook.unpack(file, Parts(Path(folder)))
        table = Path(folder, "0")
        ours = list(csv.reader(io.StringIO(table.read_text(), newline=""))) if table.exists() else []
    assert _trimmed(ours) == _trimmed(expected)


def _trimmed(table: list[list[str]]) -> list[list[str]]:
    """Without blank columns and rows behind the last cell that holds anything."""
    rows = [list(line) for line in table]
    for line in rows:
        while line and not line[-1]:
            line.pop()
    while rows and not rows[-1]:
        rows.pop()
    return rows


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("yyyy-mm-dd", "date"),
        ("[$-409]d mmm yy;@", "date"),
        ("h:mm AM/PM", "date"),
        ("[h]:mm:ss", "duration"),
        ("[mm]:ss", "duration"),
        ("0.00", None),
        ('"day" 0', None),
        ("0.0\\d", None),
        ("[Red]0", None),
        ("General", None),
        ("#,##0.00_);[Red](#,##0.00)", None),
        ('yyyy"年"m"月"d"日"', "date"),
        ("@", None),
    ],
)
def test_a_number_format_says_whether_a_number_is_a_date(code: str, kind: str | None) -> None:
    assert format_kind(code) == kind


def test_sheets_of_one_name_are_all_read(tmp_path: Path) -> None:
    parts = parts_of(
        tmp_path, book(("Data", row(1, "a", "b")), ("data", row(1, "c", "d")), ("Data", row(1, "e", "f")))
    )
    assert [(part.name, table_of(part)) for part in parts] == [
        ("Data", [["a", "b"]]), ("data (2)", [["c", "d"]]), ("Data (3)", [["e", "f"]]),
    ]  # fmt: skip


def test_an_empty_sheet_is_no_table(tmp_path: Path) -> None:
    parts = parts_of(
        tmp_path,
        book(("Sheet1", ""), ("Data", row(1, "a", "b")), ("Styled", '<row r="3"><c r="A3" s="1"/></row>')),
    )
    assert [part.name for part in parts] == ["Data"]


def test_rows_that_end_early_are_filled_up(tmp_path: Path) -> None:
    many = "".join(row(number, "x") for number in range(2, 2500))
    (part,) = parts_of(tmp_path, book(row(1, "title") + many + row(2501, "a", 'b\r"', "c")))
    table = table_of(part)
    assert (len(table), table[0], table[-2], table[-1]) == (
        2501,
        ["title", "", ""],
        [""] * 3,
        ["a", 'b\r"', "c"],
    )


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (
            lambda: book(
                row(1, "a", "b") + row(20_000, "c") + '<row r="500000"><c r="GR500000"><v>1</v></c></row>'
            ),
            "sparse",
        ),
        (lambda: book(row(1, "a", "b") + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), "sparse"),
        (
            lambda: book(
                "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 2000))
                + '<row r="2000"><c r="XFD2000"><v>1</v></c></row>'
            ),
            "sparse",
        ),
        (lambda: book(row(1, "a") + '<row r="1"><c r="A1"><v>1</v></c></row>'), "damaged"),
        (
            lambda: book(row(1, "a", "b") + '<row r="2"><c r="A2" t="s"><v>7</v></c></row>', shared=""),
            "damaged",
        ),
        (
            lambda: book(
                row(1, "a", "b") + '<row r="2"><c r="A2" t="s"><v>-1</v></c></row>',
                shared="<si><t>x</t></si>",
            ),
            "damaged",
        ),
        (lambda: book(row(1, "a", "b") + "<row r='2'><c>"), "damaged"),
        (
            lambda: book(f'<!DOCTYPE x [<!ENTITY e "b">]>{sheet(row(1, "a", "&e;"))}'.replace("&amp;", "&")),
            "unsafe_content",
        ),
    ],
    ids=[
        "far cell",
        "last cell",
        "far column",
        "a row twice",
        "no such text",
        "a text before the first",
        "cut off",
        "entities",
    ],
)
def test_a_workbook_that_cannot_be_read_says_why(tmp_path: Path, content: object, fault: str) -> None:
    with pytest.raises(RefusedFileError) as refusal:
        parts_of(tmp_path, content())  # type: ignore[operator]
    assert (refusal.value.code, refusal.value.parameters["fault"]) == ("workbook_unreadable", fault)


def test_rows_within_a_comment_are_none(tmp_path: Path) -> None:
    hidden = "".join(row(number, "x", "y") for number in range(2, 3000))
    table, _ = read(tmp_path, book(row(1, "a", "b") + f"<!-- {hidden} -->" + row(5000, "c", "d")))
    assert (len(table), table[1], table[-1]) == (5000, ["", ""], ["c", "d"])


@pytest.mark.parametrize(
    "cell",
    ['<c r="C{0}"><f>A{0}*2</f><v>{0}</v></c>', '<c r="C{0}" t="inlineStr"><is><t>a&amp;b{0}</t></is></c>'],
)
def test_chunks_that_are_plain_and_chunks_that_are_not_give_the_same(tmp_path: Path, cell: str) -> None:
    lines = [
        f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="B{n}" s="1"><v>{46000 + n % 90}</v></c>'
        + (cell.format(n) if n % 4000 == 0 else f'<c r="C{n}"><v>{n}</v></c>')
        + "</row>"
        for n in range(1, 12_001)
    ]
    table, faults = read(tmp_path, book("".join(lines), styles=FORMATS))
    assert ([line[0] for line in table], faults) == ([str(n) for n in range(1, 12_001)], {})
    assert table[3999][2] == ("4000" if "<f>" in cell else "a&b4000")


def test_blank_columns_on_the_left_are_left_out(tmp_path: Path) -> None:
    text = '<c r="{}2" t="inlineStr"><is><t>{}</t></is></c>'
    body = f'<row r="2">{text.format("C", "id")}{text.format("D", "b")}</row>'
    body += '<row r="3"><c r="C3"><v>1234567890123456789</v></c></row>'
    (part,) = parts_of(tmp_path, book(body))
    assert table_of(part) == [["", ""], ["id", "b"], ["1234567890123456800", ""]]
    ((number, (fault, _)),) = part.faults.items()
    assert (number, fault.code, fault.parameters) == (2, "precision_lost", {"cells": [0]})


EPOCHS = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}  # noqa: DTZ001  a cell has no zone


@pytest.mark.parametrize("is_1904", [False, True])
@settings(max_examples=300, deadline=None)
@given(
    # what a serial number of 15 digits cannot tell from the next second is left out
    second=st.datetimes(datetime(1930, 1, 1), datetime(2150, 1, 1)),  # noqa: DTZ001
    microsecond=st.integers(0, 999_980),
    digits=st.sampled_from([15, 17]),
)
def test_a_moment_is_of_the_second_and_the_day_that_had_begun(
    is_1904: bool, second: datetime, microsecond: int, digits: int
) -> None:
    second = second.replace(microsecond=0)
    behind = second + timedelta(microseconds=microsecond) - EPOCHS[is_1904]
    exact = behind.days + (Decimal(behind.seconds) + Decimal(behind.microseconds) / 10**6) / 86_400
    shown = as_moment(float(f"{exact:.{digits}g}"), "date", is_1904=is_1904)
    # without a time it is a day
    assert as_text(shown) == as_text(second if second.time() != datetime.min.time() else second.date())


@pytest.mark.parametrize(
    ("serial", "text"),
    [
        (46083.99999999884, "2026-03-02 23:59:59"), (46083.999999, "2026-03-02 23:59:59"),
        (46083.5242592593, "2026-03-02 12:34:56"), (46084.0, "2026-03-03"), (46083.00000001, "2026-03-02"),
        (0.9999999, "23:59:59"), (0.5, "12:00:00"),
    ],
)  # fmt: skip
def test_no_moment_is_rounded_into_the_next_day(serial: float, text: str) -> None:
    assert as_text(as_moment(serial, "date", is_1904=False)) == text
