"""XML read as it comes, in flat memory: by expat, and by plain patterns where a chunk is plain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, Any
from xml.parsers import expat

from tradewind.unpacking.protocol import Refusal

CHUNK_BYTES = 256 << 10
# the same elements have these namespaces in transitional and in strict workbooks
_MAIN = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
_DECLARED_ENCODING = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["'](?!utf-?8["'])""", re.IGNORECASE)


def local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition(" ")[2]


def new_parser() -> Any:
    """A parser that knows namespaces and refuses a document that declares a type: no export has entities."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_declaration
    return parser


def _refuse_declaration(*_: object) -> None:
    raise Refusal("unsafe_content")


def read_xml(stream: IO[bytes]) -> Iterator[tuple[str, dict[str, str]]]:
    """The elements of a part, in the order in which they begin, with their attributes, without namespaces."""
    found: list[tuple[str, dict[str, str]]] = []
    parser = new_parser()
    parser.StartElementHandler = lambda name, attributes: found.append(
        (local(name), {local(key): value for key, value in attributes.items()})
    )
    while chunk := stream.read(CHUNK_BYTES):
        parser.Parse(chunk, False)
        yield from found
        found.clear()
    parser.Parse(b"", True)
    yield from found


class XmlReader:
    """Reads one long list of elements, such as the rows of a sheet.

    Most writers spell them in one plain way, which patterns read several times as fast as a parser. A chunk
    of whole elements goes to `take_plain`, which takes all of it or nothing; what it does not take goes to
    expat, which then simply has not seen those before it.
    """

    # the name of the list, and how each of its elements ends where the spelling is plain
    list_name: str
    closing: bytes

    def __init__(self) -> None:
        self._parser = new_parser()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self.data
        # the elements around the present place, and around the elements of the list
        self._depth = 0
        self._list_depth = 0

    def take_plain(self, chunk: str) -> bool:
        """Take a chunk of whole elements, or return False for one that is not plain."""
        raise NotImplementedError

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element of a workbook begins."""

    def end(self, name: str) -> None:
        """An element of a workbook ends."""

    def data(self, text: str) -> None:
        """A piece of text."""

    def read(self, stream: IO[bytes]) -> None:
        """Read the whole part."""
        for _ in self.steps(stream):
            pass

    def steps(self, stream: IO[bytes]) -> Iterator[None]:
        """Read the part; a step is a chunk."""
        rest = stream.read(CHUNK_BYTES)
        may_be_plain = False
        if not _DECLARED_ENCODING.match(rest) and (begins := self._list_begins(rest)):
            self._parser.Parse(rest[:begins], False)
            may_be_plain, rest = self._depth == self._list_depth, rest[begins:]
        while chunk := stream.read(CHUNK_BYTES):
            rest += chunk
            end = rest.rfind(self.closing) + len(self.closing) if may_be_plain else 0
            if end < len(self.closing):
                end = len(rest)
            whole, rest = rest[:end], rest[end:]
            if not (may_be_plain and self._takes(whole)):
                self._parser.Parse(whole, False)
                # what follows may stand in the comment that begins here
                may_be_plain = may_be_plain and b"<!" not in whole and b"<?" not in whole
            yield
        end = rest.rfind(self.closing) + len(self.closing)
        if may_be_plain and end >= len(self.closing) and self._takes(rest[:end]):
            rest = rest[end:]
        self._parser.Parse(rest, True)
        yield

    def _list_begins(self, head: bytes) -> int:
        found = head.find(b"<" + self.list_name.encode())
        return head.find(b">", found) + 1 if found >= 0 else 0

    def _takes(self, whole: bytes) -> bool:
        if self._depth != self._list_depth:
            return False
        try:
            return self.take_plain(whole.decode())
        except UnicodeDecodeError:
            return False

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        namespace, _, known = name.rpartition(" ")
        if namespace in _MAIN or not namespace:
            if known == self.list_name:
                self._list_depth = self._depth
            self.start(known, {local(key): value for key, value in attributes.items()})

    def _end(self, name: str) -> None:
        self._depth -= 1
        namespace, _, known = name.rpartition(" ")
        if namespace in _MAIN or not namespace:
            self.end(known)
