"""The bytes of a file: opened without ever hanging, and read as text only as declared."""

from __future__ import annotations

import codecs
import errno
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from tradewind.exports.contract import Contract
from tradewind.exports.faults import RefusedFileError

HEAD_BYTES = 1 << 20
# a write that a crash has cut off leaves whole sectors of zeros; what else such a file lost, nobody knows
NUL_BLOCK = bytes(512)
CHUNK_BYTES = 4 << 20
_EAST_ASIAN = ("cp932", "gb18030", "big5")
_NOT_ASCII = re.compile("[^\x00-\x7f]")
_MULTIBYTE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]")
_BOMS = (
    (codecs.BOM_UTF32_LE, None),
    (codecs.BOM_UTF32_BE, None),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# a link; a socket or a device without its driver
_NO_FILE = {errno.ELOOP, errno.ENXIO, errno.ENODEV}
GZIP_MAGIC = b"\x1f\x8b"
_OLE_MAGIC = b"\xd0\xcf\x11\xe0"
_ENCRYPTED_WORKBOOK = "EncryptedPackage".encode("utf-16-le")
_OTHER_KINDS = {
    b"BZh": "a bzip2 archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"%PDF": "a PDF",
    _OLE_MAGIC: "an old Excel workbook (XLS)",
    b"\x89PNG": "an image",
}


def open_file(path: Path) -> int:
    """Open a regular file for reading; the caller closes the descriptor.

    Raises:
        RefusedFileError: it is no regular file, a link, or may not be read.
        FileNotFoundError: it is gone.
        OSError: the machine opens no more files.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except PermissionError as error:
        raise RefusedFileError("not_readable") from error
    except OSError as error:
        if error.errno not in _NO_FILE:
            raise
        raise RefusedFileError("not_a_file") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise RefusedFileError("not_a_file")
    return descriptor


def read_head(descriptor: int) -> bytes:
    """The beginning of the file, in which the header has to stand."""
    return os.pread(descriptor, HEAD_BYTES, 0)


def refuse_other_kinds(head: bytes) -> None:
    """Refuse what its first bytes show to be no table of text.

    Raises:
        RefusedFileError: the file is empty, or of another kind.
    """
    if not head.strip(b" \t\r\n\0\xef\xbb\xbf"):
        raise RefusedFileError("nul_bytes" if b"\0" in head else "empty_file")
    if head.startswith(_OLE_MAGIC) and _ENCRYPTED_WORKBOOK in head:
        raise RefusedFileError("workbook_unreadable", fault="encrypted")
    for magic, kind in _OTHER_KINDS.items():
        if head.startswith(magic):
            raise RefusedFileError("not_a_table", kind=kind)
    if re.match(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|\?xml)", head[:200], re.IGNORECASE):
        raise RefusedFileError("not_a_table", kind="a web page")


def marked_encoding(head: bytes) -> tuple[str, int]:
    """Encoding and length of the byte-order mark; without one UTF-8 is tried.

    Raises:
        RefusedFileError: the bytes look like UTF-16 or UTF-32 that does not say so, or a block is zeros.
    """
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            if encoding is None:
                raise RefusedFileError("encoding_unknown")
            return encoding, len(mark)
    if NUL_BLOCK in head:
        raise RefusedFileError("nul_bytes")
    if head[:4096].count(0) * 5 > len(head[:4096]):
        raise RefusedFileError("encoding_unknown")
    return "utf-8", 0


def decode_head(head: bytes, encoding: str, mark: int) -> str | None:
    """The head as text, or None where it is not in this encoding; a character cut off at its end is left
    out.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        return decoder.decode(head[mark:])
    except UnicodeDecodeError as error:
        # a bad byte behind the header is for the record it stands in
        before = head[mark : mark + error.start]
        return before[: before.rfind(b"\n") + 1].decode() if encoding == "utf-8" and b"\n" in before else None


def legacy_encoding(descriptor: int, contract: Contract) -> str | None:
    """The contract's encoding for a file that is not UTF-8, or None where UTF-8 it is.

    One bad byte among proper multi-byte characters is a bad record, not another encoding. The bytes of an
    East Asian encoding are proper now and then by chance, so there the many count, not the one.
    """
    legacy = next((item for item in contract.encodings if not item.startswith("utf")), None)
    if legacy is None:
        return None
    if legacy in _EAST_ASIAN:
        return legacy if _is_mostly_not_utf8(descriptor) else None
    decoder = codecs.getincrementaldecoder("utf-8")()
    has_fault = False
    for chunk in raw_chunks(descriptor, 0):
        if _MULTIBYTE.search(chunk):
            return None
        if not has_fault and not chunk.isascii():
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                has_fault = True
    return legacy if has_fault else None


def _is_mostly_not_utf8(descriptor: int) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    proper = broken = 0
    for chunk in raw_chunks(descriptor, 0):
        if chunk.isascii():
            continue
        text = decoder.decode(chunk)
        bad = text.count("\ufffd")
        broken += bad
        proper += len(_NOT_ASCII.findall(text)) - bad
    return broken > proper


def raw_chunks(descriptor: int, offset: int) -> Iterator[bytes]:
    """The bytes of the file from `offset` on."""
    while chunk := os.pread(descriptor, CHUNK_BYTES, offset):
        offset += len(chunk)
        yield chunk


def utf8_chunks(descriptor: int, offset: int, encoding: str) -> Iterator[bytes]:
    """The same as UTF-8. What cannot be decoded stays as bytes that are no UTF-8, and is found where it
    stands.
    """
    chunks = raw_chunks(descriptor, offset)
    return chunks if encoding == "utf-8" else _transcoded(chunks, encoding)


def _transcoded(chunks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)(_on_error(encoding))
    for chunk in chunks:
        yield decoder.decode(chunk).encode("utf-8", "surrogatepass")
    if rest := decoder.decode(b"", final=True):
        yield rest.encode("utf-8", "surrogatepass")


def original_bytes(raw: bytes, encoding: str) -> bytes:
    """A record's bytes as they stood in the file."""
    if encoding == "utf-8":
        return raw
    return raw.decode("utf-8", "surrogatepass").encode(encoding, _on_error(encoding))


def _on_error(encoding: str) -> str:
    return "surrogatepass" if encoding.startswith("utf-16") else "surrogateescape"
