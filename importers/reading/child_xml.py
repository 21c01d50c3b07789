"""XML read as it comes, in constant memory. The gate has refused any DOCTYPE; it is refused again here."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, BinaryIO
from xml.parsers import expat

from importers.reading.child_output import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from xml.etree.ElementTree import Element

CHUNK = 1024 * 1024  # a name or a value that goes on and on is looked at anew with each
ERRORS = (ET.ParseError, expat.ExpatError)
NO_MEMORY = 1  # XML_ERROR_NO_MEMORY, the code of such an error
_DEEP = 16  # levels under which what nobody asked for is forgotten
_DOCTYPES = tuple("<!DOCTYPE".encode(name) for name in ("ascii", "utf-16-le", "utf-16-be"))


def scan(
    stream: BinaryIO,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Call `start`, `end` and `text` for each element of a part; a name is `namespace}local`."""
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = start
    if end is not None:
        parser.EndElementHandler = end
    if text is not None:
        parser.CharacterDataHandler = text
    while chunk := stream.read(CHUNK):
        parser.Parse(chunk, False)
    parser.Parse(b"", True)


def _refuse(*_declaration: object) -> None:
    raise Refused("entities", "doctype")


class Tree:
    """A part as a tree that never holds more than what was just read.

    Elements are made in C, several times faster than by a function of ours per element. The tree is looked at while it
    grows, which only `TreeBuilder.close` of CPython allows; a test holds it.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._builder = ET.TreeBuilder()
        self._parser = ET.XMLParser(target=self._builder)  # noqa: S314  without a DOCTYPE there is no entity
        self._root: Element | None = None
        self._open = True
        self._before = b""  # the last bytes read before the root

    def children(self, crowd: int) -> Iterator[Element]:
        """Yield the children of the root. Raises Refused when one has more children than `crowd`."""
        while self._advance():
            yield from self._take(self._root, crowd)

    def grandchildren(self, parents: Sequence[str], crowd: int) -> Iterator[Element]:
        """Yield the children of these children of the root, forgetting all others; the rest as `children`."""
        while self._advance():
            assert self._root is not None  # noqa: S101  said by _advance
            for parent in self._root:
                if parent.tag in parents:
                    yield from self._take(parent, crowd)
                else:
                    self._forget(parent)
            del self._root[: -1 if self._open else None]

    def _advance(self) -> bool:
        """Read some more; False when nothing is left."""
        while self._open:
            chunk = self._stream.read(CHUNK)
            if not chunk:
                self._parser.close()
                self._open = False
            else:
                if self._root is None:
                    self._look_for_doctype(chunk)
                self._parser.feed(chunk)
            if self._root is None:
                self._root = self._builder.close()
            if self._root is not None:
                return True
        return False

    def _look_for_doctype(self, chunk: bytes) -> None:
        beginning = self._before + chunk
        if any(mark in beginning for mark in _DOCTYPES):
            _refuse()
        self._before = beginning[-32:]

    def _take(self, parent: Element | None, crowd: int) -> list[Element]:
        """Remove from `parent` the children that are complete: those that another one follows, or all at the end."""
        assert parent is not None and self._root is not None  # noqa: S101, PT018  said by _advance
        complete = parent[:]
        if self._open and complete and (parent is self._root or parent is self._root[-1]):
            last = complete.pop()
            if len(last) > crowd:
                raise Refused("damaged", f"more than {crowd} elements in {last.tag}")
        for element in complete:
            if len(element) > crowd:
                raise Refused("damaged", f"more than {crowd} elements in {element.tag}")
        del parent[: len(complete)]
        return complete

    @staticmethod
    def _forget(parent: Element) -> None:
        """Drop what was read of an element that is perhaps still open."""
        for _ in range(_DEEP):
            if not len(parent):
                return
            del parent[:-1]
            parent = parent[0]
