"""What a file is that is no table of text, told by its bytes, so that a refusal can name it."""

from __future__ import annotations

import codecs
import re

from tradewind.exports.faults import RefusedFileError

# by the first bytes of a file
_BEGINNINGS = {
    b"BZh": "bzip2",
    b"7z\xbc\xaf": "seven_zip",
    b"Rar!\x1a\x07": "rar",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "zstandard",
    b"\x04\x22\x4d\x18": "lz4",
    b"MSCF\0": "cabinet",
    b"%PDF": "pdf",
    b"%!PS": "pdf",
    b"{\\rtf": "rich_text",
    b"PAR1": "column_file",
    b"ARROW1": "column_file",
    b"Obj\x01": "column_file",
    b"SQLite format 3\0": "database",
    b"\0\1\0\0Standard ": "database",
    b"\x89PNG": "image",
    b"\xff\xd8\xff": "image",
    b"II*\0": "image",
    b"MM\0*": "image",
    b"\0\0\1\0": "image",
    b"\x7fELF": "program",
    b"bplist00": "property_list",
}
# the same for letters with which a header may begin too: then zeros follow
_LETTERS = {
    b"GIF8": "image", b"BM": "image", b"RIFF": "image", b"MZ": "program", b"ORC": "column_file",
    b"\x09\x08": "old_workbook", b"\x09\x04": "old_workbook", b"\x09\x02": "old_workbook",
}  # fmt: skip
_OLE_MAGIC = b"\xd0\xcf\x11\xe0"
_OLE_STREAMS = {
    "EncryptedPackage": "encrypted", "Workbook": "old_workbook", "Book": "old_workbook",
    "WordDocument": "word", "PowerPoint Document": "slides", "__properties_version1.0": "mail",
}  # fmt: skip
_TAR_MAGIC = slice(257, 262)
_SPREADSHEET_XML = re.compile(rb"progid=.Excel\.Sheet|urn:schemas-microsoft-com:office:spreadsheet")
_WEB_PAGE = re.compile(rb"<(?:!--|!doctype\s+html|html|head|body|table|meta|style|script|div)", re.IGNORECASE)
_MARKUP = re.compile(rb"<[?!a-zA-Z]")
_MAIL = re.compile(
    rb"(?:(?:MIME-Version|From|Return-Path|Received|Delivered-To|Date|Subject|Content-Type|Message-ID|To|X-[\w-]+):"
    rb" [^\r\n]{1,900}\r?\n(?:[ \t][^\r\n]{1,900}\r?\n)*){2}",
    re.IGNORECASE,
)
# "From: … To: …" alone may be the days of a report
_MAIL_SIGN = re.compile(
    rb"^(?:MIME-Version|Message-ID|Received|Return-Path|Content-Type):", re.IGNORECASE | re.M
)
_PAGE_IN_MAIL = re.compile(rb"multipart/related|text/html", re.IGNORECASE)


def refuse_other_kinds(head: bytes) -> None:
    """Refuse what its first bytes show to be no table of text.

    Raises:
        RefusedFileError: the file is empty, or of another kind.
    """
    if not head.strip(b" \t\r\n\v\f\0\xef\xbb\xbf"):
        raise RefusedFileError("nul_bytes" if b"\0" in head else "empty_file")
    kind = _binary_kind(head) or _text_kind(head)
    if kind == "encrypted":
        raise RefusedFileError("workbook_unreadable", fault="encrypted")
    if kind:
        raise RefusedFileError("not_a_table", kind=kind)


def _binary_kind(head: bytes) -> str | None:
    if head.startswith(_OLE_MAGIC):
        streams = (kind for name, kind in _OLE_STREAMS.items() if name.encode("utf-16-le") in head)
        return next(streams, "old_office")
    for beginning, kind in _BEGINNINGS.items():
        if head.startswith(beginning):
            return kind
    if b"\0" in head[:64]:
        for beginning, kind in _LETTERS.items():
            if head.startswith(beginning):
                return kind
    return "tar" if head[_TAR_MAGIC] == b"ustar" else None


def _text_kind(head: bytes) -> str | None:
    text = head[:4096]
    for mark in (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        text = text.removeprefix(mark)
    # UTF-16 without its zeros reads the same here
    text = text.replace(b"\0", b"").lstrip()
    if text.startswith(b"<"):
        if _SPREADSHEET_XML.search(text):
            return "xml_spreadsheet"
        return "web_page" if _WEB_PAGE.match(text) or b"<html" in text.lower() else _xml(text)
    if _MAIL.match(text) and _MAIL_SIGN.search(text):
        return "web_archive" if _PAGE_IN_MAIL.search(text) else "mail"
    return "sylk" if text.startswith(b"ID;P") else None


def _xml(text: bytes) -> str | None:
    return "xml" if _MARKUP.match(text) else None
