"""What a zip file is: an archive of exports, a workbook, or a document of another program."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

from tradewind.exports.faults import RefusedFileError

# the loader itself reads the names; where there are more, the child process does, within its limits
MAX_DIRECTORY_BYTES = 1 << 20
MAX_TYPES_BYTES = 1 << 20
CONTENT_TYPES = "[Content_Types].xml"
_END = b"PK\x05\x06"
_END_BYTES = 22
_MAX_COMMENT = 1 << 16
# of archives with more than 4 GB: another end, and where it stands, before the end proper
_LONG_END = b"PK\x06\x06"
_LONG_END_BYTES = 56 + 20
_WORKBOOK_TYPES = (
    b"spreadsheetml.sheet.main",
    b"spreadsheetml.template.main",
    b"ms-excel.sheet.macroenabled.main",
    b"ms-excel.template.macroenabled.main",
)
_OFFICE_KINDS = {
    b"ms-excel.sheet.binary": "binary_workbook",
    b"wordprocessingml": "word",
    b"ms-word": "word",
    b"presentationml": "slides",
    b"ms-powerpoint": "slides",
    b"ms-excel.addin": "add_in",
    b"ms-visio": "drawing",
}
_MIME_KINDS = {
    b"application/vnd.oasis.opendocument.spreadsheet": "opendocument_sheet",
    b"application/vnd.oasis.opendocument.text": "word",
    b"application/vnd.oasis.opendocument.presentation": "slides",
    b"application/vnd.oasis.opendocument": "opendocument",
    b"application/vnd.sun.xml": "opendocument",
    b"application/epub+zip": "book",
}


def is_workbook(file: Path) -> bool:
    """Whether a zip file is an XLSX workbook; otherwise it is an archive.

    Raises:
        RefusedFileError: it is a document of another kind.
    """
    if _directory_bytes(file) > MAX_DIRECTORY_BYTES:
        return False
    try:
        with zipfile.ZipFile(file) as archive:
            return _is_workbook(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OSError):
        # what is wrong with it the child process says
        return False


def _is_workbook(archive: zipfile.ZipFile) -> bool:
    names = archive.namelist()
    # a part's name is the same whatever its case, and some writers use backslashes
    known = {name.replace("\\", "/").lower(): name for name in names}
    if kind := _kind_by_names(known):
        raise RefusedFileError("not_a_table", kind=kind)
    if "mimetype" in known:
        mime = _head(archive, known["mimetype"])
        for beginning, kind in _MIME_KINDS.items():
            if mime.startswith(beginning):
                raise RefusedFileError("not_a_table", kind=kind)
    if CONTENT_TYPES.lower() not in known:
        return False
    # UTF-16 without its zeros reads the same here
    types = _head(archive, known[CONTENT_TYPES.lower()]).replace(b"\0", b"").lower()
    if any(item in types for item in _WORKBOOK_TYPES):
        return True
    for part, kind in _OFFICE_KINDS.items():
        if part in types:
            raise RefusedFileError("not_a_table", kind=kind)
    return "xl/workbook.xml" in known


def _kind_by_names(known: dict[str, str]) -> str | None:
    if "index.zip" in known or any(name.endswith(".iwa") for name in known):
        return "iwork"
    if "androidmanifest.xml" in known:
        return "program"
    if "meta-inf/manifest.mf" in known:
        return "program"
    return None


def _head(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as member:
        return member.read(MAX_TYPES_BYTES)


def _directory_bytes(file: Path) -> int:
    """How long the list of an archive's members is, as its end says; of two possible ends the longer list."""
    with file.open("rb") as archive:
        size = archive.seek(0, 2)
        archive.seek(max(0, size - _LONG_END_BYTES - _END_BYTES - _MAX_COMMENT))
        tail = archive.read()
    sizes = [0]
    for position in (len(tail) - _END_BYTES, tail.rfind(_END, 0, len(tail) - _END_BYTES + 4)):
        if position < 0 or not tail.startswith(_END, position):
            continue
        (length,) = struct.unpack_from("<L", tail, position + 12)
        long_end = position - _LONG_END_BYTES
        if long_end >= 0 and tail.startswith(_LONG_END, long_end):
            (length,) = struct.unpack_from("<Q", tail, long_end + 40)
        sizes.append(length)
    return max(sizes)
