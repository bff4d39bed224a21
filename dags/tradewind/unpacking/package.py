"""The parts of a workbook's package, found by its relations: sheets, number formats, shared texts."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO
from urllib.parse import unquote

from tradewind.unpacking.cell_text import (
    DATE_FORMATS,
    DURATION_FORMATS,
    TextFaultError,
    format_kind,
    unescaped,
)
from tradewind.unpacking.number_texts import is_like_number
from tradewind.unpacking.xml_stream import XmlReader, read_xml

_PLAIN_TEXT = re.compile(r'<si><t( xml:space="preserve")?>([^<]*+)</t></si>')
BLANKS = " \t\r\n"


@dataclass(frozen=True)
class Sheet:
    """A sheet by its name and the path of its part."""

    name: str
    path: str
    is_visible: bool


@dataclass
class Book:
    """What all sheets of a workbook share."""

    is_1904: bool = False
    # whether a program that calculates has saved it: then a formula without a result has an empty one
    is_calculated: bool = False
    # by style: `date`, `duration`, or None for a plain number
    formats: list[str | None] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    # reason codes of shared texts that no file may hold, by index
    bad_texts: dict[int, str] = field(default_factory=dict)
    # indexes of shared texts that are written like numbers
    number_texts: set[int] = field(default_factory=set)


class Package:
    """A workbook's parts. Names of parts are the same whatever their case."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._members = {_part_name(member.filename): member for member in archive.infolist()}
        main = [path for kind, path, _ in self._relations("") if kind == "officedocument"]
        self._main = next((path for path in main if path in self._members), "xl/workbook.xml")
        self._targets = list(self._relations(self._main))

    def open(self, path: str) -> IO[bytes]:
        """Open a part.

        Raises:
            KeyError: there is none of that name.
        """
        return self._archive.open(self._members[path])

    def sheets(self) -> list[Sheet]:
        """The worksheets in their order."""
        paths = {identity: path for kind, path, identity in self._targets if kind == "worksheet"}
        return [
            Sheet(
                attributes.get("name", ""),
                paths[attributes["id"]],
                attributes.get("state", "visible") == "visible",
            )
            for name, attributes in self._elements(self._main)
            if name == "sheet" and attributes.get("id") in paths
        ]

    def book(self) -> Book:
        """Number formats, shared texts, and how days are counted."""
        book = Book()
        for name, attributes in self._elements(self._main):
            if name == "workbookPr":
                book.is_1904 = attributes.get("date1904", "0") in ("1", "true")
            elif name == "calcPr":
                book.is_calculated = attributes.get("fullCalcOnLoad", "0") not in ("1", "true")
        folder = posixpath.dirname(self._main)
        styles = self._related("styles", f"{folder}/styles.xml")
        if styles in self._members:
            book.formats = _formats(self._elements(styles))
        texts = self._related("sharedstrings", f"{folder}/sharedstrings.xml")
        if texts in self._members:
            with self.open(texts) as stream:
                _TextReader(book).read(stream)
            book.number_texts = {index for index, text in enumerate(book.texts) if is_like_number(text)}
        return book

    def _related(self, kind: str, usual: str) -> str:
        return next((path for found, path, _ in self._targets if found == kind), usual)

    def _relations(self, source: str) -> Iterator[tuple[str, str, str]]:
        """Kind, path and id of each part that a part names."""
        folder, name = posixpath.split(source)
        path = f"{folder}/_rels/{name}.rels".lstrip("/")
        if path not in self._members:
            return
        for element, attributes in self._elements(path):
            if element == "Relationship" and attributes.get("TargetMode") != "External":
                target = posixpath.join("/", folder, unquote(attributes.get("Target", "")).replace("\\", "/"))
                # strict workbooks have other addresses for the same kinds
                kind = attributes.get("Type", "").rpartition("/")[2].lower()
                yield kind, _part_name(posixpath.normpath(target)), attributes.get("Id", "")

    def _elements(self, path: str) -> Iterator[tuple[str, dict[str, str]]]:
        with self.open(path) as stream:
            yield from read_xml(stream)


class _TextReader(XmlReader):
    """Reads the shared texts into a book; runs of one text are joined, its phonetic reading is left out."""

    list_name, closing = "sst", b"</si>"

    def __init__(self, book: Book) -> None:
        super().__init__()
        self._book = book
        self._pieces: list[str] = []
        self._text: list[str] | None = None
        self._is_kept = False
        self._depth_of_reading = 0

    def take_plain(self, chunk: str) -> bool:
        """Take a chunk of whole texts, or return False for one that is not plain."""
        found = _PLAIN_TEXT.findall(chunk)
        # nothing but such texts has this many tags
        if chunk.count("<") != 4 * len(found) or "&" in chunk or "\r" in chunk:
            return False
        if "_x" in chunk:
            for kept, text in found:
                self._add(text if kept else text.strip(BLANKS))
        else:
            self._book.texts += [text if kept else text.strip(BLANKS) for kept, text in found]
        return True

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if name == "si":
            self._pieces = []
        elif name == "rPh":
            self._depth_of_reading += 1
        elif name == "t" and not self._depth_of_reading:
            self._text = []
            self._is_kept = attributes.get("space") == "preserve"

    def data(self, text: str) -> None:
        """A piece of text."""
        if self._text is not None:
            self._text.append(text)

    def end(self, name: str) -> None:
        """An element ends."""
        if name == "t" and self._text is not None:
            text = "".join(self._text)
            self._pieces.append(text if self._is_kept else text.strip(BLANKS))
            self._text = None
        elif name == "rPh":
            self._depth_of_reading -= 1
        elif name == "si":
            self._add("".join(self._pieces))

    def _add(self, text: str) -> None:
        texts = self._book.texts
        try:
            texts.append(unescaped(text))
        except TextFaultError as fault:
            self._book.bad_texts[len(texts)] = str(fault)
            texts.append(text)


def _formats(elements: Iterator[tuple[str, dict[str, str]]]) -> list[str | None]:
    """What the styles of cells make of a number; other lists have elements of the same names."""
    custom: dict[str, str | None] = {}
    formats: list[str | None] = []
    section = ""
    for name, attributes in elements:
        if name in ("numFmts", "cellXfs", "cellStyleXfs", "dxfs", "cellStyles", "tableStyles", "extLst"):
            section = name
        elif name == "numFmt" and section == "numFmts":
            custom[attributes.get("numFmtId", "")] = format_kind(attributes.get("formatCode", ""))
        elif name == "xf" and section == "cellXfs":
            formats.append(_format(attributes.get("numFmtId", "0"), custom))
    return formats


def _format(number: str, custom: dict[str, str | None]) -> str | None:
    if number in custom:
        return custom[number]
    if not number.isdecimal():
        return None
    return "date" if int(number) in DATE_FORMATS else "duration" if int(number) in DURATION_FORMATS else None


def _part_name(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()
