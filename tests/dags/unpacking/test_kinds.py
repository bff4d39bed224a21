"""A zip file is an archive, a workbook, or a document of another program, which is named."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from tests.dags.unpacking.books import book, row
from tradewind.exports.faults import RefusedFileError
from tradewind.landing.reasons import KINDS
from tradewind.unpacking import kinds
from tradewind.unpacking.parent import kind_of

OPEN_DOCUMENT = b"application/vnd.oasis.opendocument."


def zipped(members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return content.getvalue()


def typed(part: str) -> dict[str, bytes]:
    return {
        "[Content_Types].xml": f'<Types><Override ContentType="application/vnd.{part}"/></Types>'.encode()
    }


@pytest.mark.parametrize(
    ("members", "kind"),
    [
        ({"mimetype": OPEN_DOCUMENT + b"spreadsheet", "content.xml": b""}, "opendocument_sheet"),
        ({"content.xml": b"", "mimetype": OPEN_DOCUMENT + b"spreadsheet-template"}, "opendocument_sheet"),
        ({"mimetype": OPEN_DOCUMENT + b"text", "content.xml": b""}, "word"),
        ({"mimetype": OPEN_DOCUMENT + b"presentation"}, "slides"),
        ({"mimetype": b"application/epub+zip"}, "book"),
        (typed("ms-excel.sheet.binary.macroEnabled.main"), "binary_workbook"),
        (typed("openxmlformats-officedocument.wordprocessingml.document.main+xml"), "word"),
        (typed("openxmlformats-officedocument.presentationml.presentation.main+xml"), "slides"),
        ({"META-INF/MANIFEST.MF": b"", "A.class": b""}, "program"),
        ({"Index/Document.iwa": b"", "Index/Tables/DataList.iwa": b""}, "iwork"),
    ],
)
def test_a_document_of_another_program_is_named(tmp_path: Path, members: dict[str, bytes], kind: str) -> None:
    file = tmp_path / "file"
    file.write_bytes(zipped(members))
    with pytest.raises(RefusedFileError) as refusal:
        kind_of(file, file.read_bytes()[:8])
    assert (refusal.value.code, refusal.value.parameters) == ("not_a_table", {"kind": kind})
    assert kind in KINDS


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (book(row(1, "a")), "workbook"),
        (book(row(1, "a"), main="elsewhere/book.xml"), "workbook"),
        (book(row(1, "a"), content_type="application/vnd.ms-excel.sheet.macroEnabled.main+xml"), "workbook"),
        (zipped({"orders.csv": b"a,b", "mimetype": b"text/csv"}), "zip"),
        (zipped({"[Content_Types].xml": b"<Types/>", "a.csv": b""}), "zip"),
        (zipped({}), "zip"),
        (b"PK\x03\x04 and nothing more", "zip"),
    ],
)
def test_what_is_no_document_is_a_workbook_or_an_archive(tmp_path: Path, content: bytes, kind: str) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    assert kind_of(file, content[:8]) == kind


def test_a_long_list_of_members_is_not_read_in_the_loader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    file.write_bytes(zipped({f"{number}.csv": b"" for number in range(200)}))
    monkeypatch.setattr(kinds, "MAX_DIRECTORY_BYTES", 5000)
    monkeypatch.setattr(zipfile, "ZipFile", lambda *_: pytest.fail("it was read"))
    assert kind_of(file, file.read_bytes()[:8]) == "zip"


def test_types_in_utf_16_are_read(tmp_path: Path) -> None:
    file = tmp_path / "file"
    types = typed("ms-excel.sheet.binary.macroEnabled.main")["[Content_Types].xml"].decode()
    file.write_bytes(zipped({"[Content_Types].xml": types.encode("utf-16")}))
    with pytest.raises(RefusedFileError):
        kind_of(file, file.read_bytes()[:8])


def test_a_formatted_text_is_no_json(tmp_path: Path) -> None:
    assert kind_of(tmp_path / "file", rb"{\rtf1\ansi a}") is None
    assert kind_of(tmp_path / "file", rb'{"a": 1}') == "json"
