"""Zip archives: each file in them written out under a number, within limits."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path, PurePosixPath

from tradewind.disk import takes_no_more
from tradewind.unpacking.limits import allowed_bytes
from tradewind.unpacking.names import unique_names
from tradewind.unpacking.protocol import Parts, Refusal

CHUNK_BYTES = 1 << 20
MAX_MEMBERS = 1000
_ENCRYPTED = 1


def unpack(file: Path, parts: Parts) -> None:
    """Write each file of an archive.

    Raises:
        Refusal: it is damaged, encrypted, too large, or names a place outside the archive.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            members = [member for member in archive.infolist() if not _is_litter(member)]
            if len(members) > MAX_MEMBERS:
                raise Refusal("too_many_files")
            for member in members:
                _check(member)
            left = allowed_bytes(file.stat().st_size)
            names = unique_names([member.filename for member in members], are_files=True)
            for member, name in zip(members, names, strict=True):
                left -= _write(archive, member, parts.next_file(), left)
                parts.announce(name, is_table=False)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError) as error:
        if takes_no_more(error):
            raise
        raise Refusal("damaged") from error


def _is_litter(member: zipfile.ZipInfo) -> bool:
    """Folders, and what macOS, Windows and Excel put beside the files."""
    path = PurePosixPath(member.filename)
    return (
        member.filename.endswith("/")
        or "__MACOSX" in path.parts
        or path.name in (".DS_Store", "Thumbs.db", "desktop.ini")
        or path.name.startswith("~$")
    )


def _check(member: zipfile.ZipInfo) -> None:
    if member.flag_bits & _ENCRYPTED:
        raise Refusal("encrypted")
    name = member.orig_filename
    is_link = stat.S_ISLNK(member.external_attr >> 16)
    leads_out = name.startswith(("/", "\\")) or ":" in name[:3] or ".." in name.replace("\\", "/").split("/")
    if is_link or leads_out:
        raise Refusal("unsafe_name")
    if any(ord(character) < 32 for character in name):
        raise Refusal("unprintable_name")


def _write(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, limit: int) -> int:
    """Write one file; the bytes are counted as they come, whatever the archive says of their number."""
    written = 0
    with archive.open(member) as packed, target.open("wb") as out:
        while chunk := packed.read(CHUNK_BYTES):
            written += len(chunk)
            if written > limit:
                raise Refusal("too_large")
            out.write(chunk)
    return written
