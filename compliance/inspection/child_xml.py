"""The text of an XML part of an office document, streamed: runs joined, cells and paragraphs apart; and where it leads outside."""

from __future__ import annotations

from functools import partial
from typing import IO
from xml.parsers import expat

from compliance.inspection.findings import Bounded, Findings

_BLOCK = 64 * 1024
# Local names after which what comes next is not beside what came before: paragraphs, cells, lines, shared strings.
_ENDS = {"p", "h", "c", "si", "br", "cr", "tr", "tc", "row", "table-cell", "line-break", "comment", "is"}
_SPACES = {"tab", "s", "noBreakHyphen"}
_SOURCES = {"section-source", "table-source", "cell-range-source", "dde-source"}  # of OpenDocument, read from elsewhere
_VALUES = ("value", "string-value")  # of an OpenDocument cell: its number as stored, whatever its text shows
# Relationships that make an office program fetch something when it opens the document; a hyperlink waits for a click.
_FETCHED = {
    *("attachedtemplate", "externallink", "externallinkpath", "oleobject", "frame", "subdocument", "image"),
    *("linkedobject", "connections"),
}


def read(part: IO[bytes], findings: Findings, *, relationships: bool = False) -> None:
    """Take the text of a part, block after block; of a list of relationships, take the links instead. Raises expat.ExpatError."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    if relationships:
        parser.StartElementHandler = partial(_relationship, findings)
    else:
        parser.StartElementHandler = partial(_start, findings)
        parser.EndElementHandler = partial(_end, findings)
        parser.CharacterDataHandler = findings.text
    while block := part.read(_BLOCK):
        findings.spend(len(block))
        findings.check_time()
        parser.Parse(block, False)
    parser.Parse(b"", True)
    findings.end_of_part()


def _refuse(*_: object) -> None:
    raise Bounded("Ce document contient des déclarations XML interdites (DOCTYPE) : il n’a pas été lu.")


def _start(findings: Findings, name: str, attributes: dict[str, str]) -> None:
    local = name.rpartition(" ")[2]
    if local in _SPACES:
        findings.text(" ")
    elif local in _SOURCES:
        findings.external_links += 1
    elif local == "table-cell":
        for key, value in attributes.items():
            if key.rpartition(" ")[2] in _VALUES:
                findings.text(f"\n{value}\n")


def _end(findings: Findings, name: str) -> None:
    if name.rpartition(" ")[2] in _ENDS:
        findings.text("\n")


def _relationship(findings: Findings, name: str, attributes: dict[str, str]) -> None:
    findings.external_links += name.rpartition(" ")[2] == "Relationship" and _is_fetched(attributes)


def _is_fetched(attributes: dict[str, str]) -> bool:
    """Tell whether an office program opens the target by itself, or whether the target is a file of somebody's network."""
    if attributes.get("TargetMode") != "External":
        return False
    kind = attributes.get("Type", "").rpartition("/")[2].lower()
    target = attributes.get("Target", "").lower()
    return kind in _FETCHED or (kind == "hyperlink" and target.startswith(("file:", "\\\\", "smb:")))
