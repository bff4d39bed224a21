"""Workbooks written by hand, in the spellings of the standard that programs use."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from tradewind.unpacking.parent import Part, unpack

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_OFFICE = "http://purl.oclc.org/ooxml/officeDocument/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def book(
    *sheets: str | tuple[str, str],
    main: str = "xl/workbook.xml",
    namespace: str = MAIN,
    office: str = OFFICE,
    target: str = "worksheets/sheet{}.xml",
    head: str = "",
    shared: str | None = None,
    styles: str | None = None,
    content_type: str = TYPE,
    main_target: str | None = None,
    extra: dict[str, bytes] | None = None,
    compression: int = zipfile.ZIP_DEFLATED,
) -> bytes:
    """A workbook of sheets, each the XML of its part, or a name and the XML of its rows."""
    folder = main.rpartition("/")[0]
    named = [
        sheet if isinstance(sheet, tuple) else (f"S{number}", sheet) for number, sheet in enumerate(sheets, 1)
    ]
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="rId{number}"/>'
        for number, (name, _) in enumerate(named, 1)
    )
    relations = "".join(
        f'<Relationship Id="rId{number}" Type="{office}/worksheet" Target="{target.format(number)}"/>'
        for number in range(1, len(named) + 1)
    )
    parts: dict[str, str] = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Override PartName="/{main}" '
        f'ContentType="{content_type}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{office}/officeDocument" Target="{main_target or main}"/></Relationships>',
        main: f'<workbook xmlns="{namespace}" xmlns:r="{office}">{head}<sheets>{listed}</sheets></workbook>',
    }
    for number, (_, rows) in enumerate(named, 1):
        path = target.format(number).lstrip("/")
        path = path if target.startswith("/") else f"{folder}/{path}"
        parts[path] = rows if "<" in rows[:1] and "sheetData" in rows else sheet(rows, namespace)
    if shared is not None:
        relations += f'<Relationship Id="t" Type="{office}/sharedStrings" Target="sharedStrings.xml"/>'
        parts[f"{folder}/sharedStrings.xml"] = f'<sst xmlns="{namespace}">{shared}</sst>'
    if styles is not None:
        relations += f'<Relationship Id="s" Type="{office}/styles" Target="styles.xml"/>'
        parts[f"{folder}/styles.xml"] = f'<styleSheet xmlns="{namespace}">{styles}</styleSheet>'
    name = main.rpartition("/")[2]
    parts[f"{folder}/_rels/{name}.rels"] = (
        f'<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>'
    )
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as archive:
        for path, text in parts.items():
            archive.writestr(path, text.encode())
        for path, data in (extra or {}).items():
            archive.writestr(path, data)
    return content.getvalue()


def sheet(rows: str, namespace: str = MAIN) -> str:
    """A sheet with these rows."""
    return f'<worksheet xmlns="{namespace}"><sheetData>{rows}</sheetData></worksheet>'


def row(number: int, *texts: str) -> str:
    """A row of inline texts, which are escaped as XML and as a workbook wants them."""
    cells = "".join(
        f'<c r="{letters(position)}{number}" t="inlineStr">'
        f'<is><t xml:space="preserve">{written(text)}</t></is></c>'
        for position, text in enumerate(texts)
    )
    return f'<row r="{number}">{cells}</row>'


def rows(table: Iterable[Sequence[str]]) -> str:
    """Rows of inline texts."""
    return "".join(row(number, *texts) for number, texts in enumerate(table, 1))


def written(text: str) -> str:
    """A text as a workbook has it: what XML does not keep stands as `_x000D_`."""
    escaped = []
    for character in text.replace("_x", "_x005F_x"):
        code = ord(character)
        is_kept = character in "\t\n" or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or code > 0xFFFF
        escaped.append(character if is_kept else f"_x{code:04X}_")
    return escape("".join(escaped))


def letters(position: int) -> str:
    """The letters of a column, counted from 0."""
    found = ""
    while position >= 0:
        position, rest = position // 26 - 1, position % 26
        found = chr(ord("A") + rest) + found
    return found


def parts_of(folder: Path, content: bytes, kind: str = "workbook") -> list[Part]:
    """The parts of a file, by a child process."""
    folder.mkdir(exist_ok=True)
    file = folder / "file"
    file.write_bytes(content)
    target = folder / "parts"
    target.mkdir()
    return unpack(kind, file, target)
