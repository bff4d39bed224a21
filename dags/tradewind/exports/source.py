"""The bytes of a file: opened without ever hanging, and read as text only as declared."""

from __future__ import annotations

import codecs
import errno
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from tradewind.exports.encodings import Evidence, seven_bit_encoding, weigh
from tradewind.exports.faults import RefusedFileError

HEAD_BYTES = 1 << 20
# a write that a crash has cut off leaves whole sectors of zeros; what else such a file lost, nobody knows
NUL_BLOCK = bytes(512)
CHUNK_BYTES = 4 << 20
_BOMS = (
    (codecs.BOM_UTF32_LE, None),
    (codecs.BOM_UTF32_BE, None),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# a link; a socket or a device without its driver
_NO_FILE = {errno.ELOOP, errno.ENXIO, errno.ENODEV}
# behind the last line, or the line end behind it
_END_MARKS = re.compile(rb"\x1a+\Z|(?<=[\r\n])\x1a+[\r\n]*\Z")
_MAX_END_MARKS = 4096
GZIP_MAGIC = b"\x1f\x8b"
_EBCDIC = re.compile(rb"[\x81-\x89\x91-\x99\xa2-\xa9\xc1-\xc9\xd1-\xd9\xe2-\xe9\xf0-\xf9]")


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


def marked_encoding(head: bytes) -> tuple[str, int]:
    """Encoding and length of the byte-order mark; without one UTF-8 is tried.

    Raises:
        RefusedFileError: the bytes look like UTF-16 or UTF-32 that does not say so, or like another encoding
            that is no ASCII or hides behind it, or a block is zeros.
    """
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            if encoding is None:
                raise RefusedFileError("encoding_unknown", looks_like="UTF-32")
            return encoding, len(mark)
    if NUL_BLOCK in head:
        raise RefusedFileError("nul_bytes")
    start = head[:4096]
    if start.count(0) * 5 > len(start):
        is_wide = start[1::2].count(0) * 3 > len(start) or start[::2].count(0) * 3 > len(start)
        wide = "UTF-32" if start.count(0) * 3 > 2 * len(start) else "UTF-16"
        raise RefusedFileError("encoding_unknown", looks_like=wide if is_wide else None)
    # a mainframe's text has its letters and digits where ASCII has none, and no line feed of ours
    if b"\n" not in start and len(_EBCDIC.findall(start)) * 2 > len(start) and not _is_utf8(start):
        raise RefusedFileError("encoding_unknown", looks_like="EBCDIC")
    if hidden := seven_bit_encoding(head):
        raise RefusedFileError("encoding_unknown", looks_like=hidden)
    return "utf-8", 0


def decode_head(head: bytes, encoding: str, mark: int) -> str:
    """The head as text, a character cut off at its end left out; bytes that are none stay as escapes, and
    are found in the record they stand in.
    """
    return codecs.getincrementaldecoder(encoding)(_on_error(encoding)).decode(head[mark:])


def raw_chunks(descriptor: int, offset: int) -> Iterator[bytes]:
    """The bytes of the file from `offset` on."""
    while chunk := os.pread(descriptor, CHUNK_BYTES, offset):
        offset += len(chunk)
        yield chunk


def utf8_chunks(descriptor: int, offset: int, encoding: str) -> Iterator[bytes]:
    """The same as UTF-8, without the mark with which DOS ended a text. What cannot be decoded stays as bytes
    that are no UTF-8, and is found where it stands.
    """
    chunks = raw_chunks(descriptor, offset)
    if not encoding.startswith("utf-16"):
        chunks = _before(_end_of_text(descriptor), chunks, offset)
    return chunks if encoding == "utf-8" else _transcoded(chunks, encoding)


def _end_of_text(descriptor: int) -> int:
    """Where the text ends: before Ctrl-Z, with which old programs fill up a block, else with the file."""
    size = os.fstat(descriptor).st_size
    start = max(0, size - _MAX_END_MARKS)
    found = _END_MARKS.search(os.pread(descriptor, _MAX_END_MARKS, start))
    return start + found.start() if found else size


def _before(end: int, chunks: Iterator[bytes], offset: int) -> Iterator[bytes]:
    for chunk in chunks:
        if chunk := chunk[: max(0, end - offset)]:
            yield chunk
        offset += len(chunk)


def _transcoded(chunks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)(_on_error(encoding))
    for chunk in chunks:
        yield decoder.decode(chunk).encode("utf-8", "surrogatepass")
    # half a character at the end, of UTF-16 say: kept as what is no character, so that its record shows it
    rest, _ = decoder.getstate()
    if rest:
        yield "".join(chr(0xDC00 + byte) for byte in rest).encode("utf-8", "surrogatepass")


def encode(text: str, encoding: str) -> bytes:
    """The bytes from which `decode_head` made a text."""
    return text.encode(encoding, _on_error(encoding))


def original_bytes(raw: bytes, encoding: str) -> bytes:
    """A record's bytes as they stood in the file."""
    if encoding == "utf-8":
        return raw
    return raw.decode("utf-8", "surrogatepass").encode(encoding, _on_error(encoding))


def _is_utf8(data: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return True


def weigh_words(descriptor: int) -> Evidence:
    """What the words of an unmarked file say of its encoding."""
    return weigh(raw_chunks(descriptor, 0))


def _on_error(encoding: str) -> str:
    return "surrogatepass" if encoding.startswith("utf-16") else "surrogateescape"
