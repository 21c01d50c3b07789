"""What the process that opens a file has found so far, and the bounds it keeps."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from compliance.inspection.identifiers import Finder

_PIECE = 64 * 1024  # characters looked through at a time


class Bounded(Exception):
    """A bound was reached: what was found stays, the rest was not read. The text is a French sentence."""


@dataclass
class Findings:
    """Everything that is said of a file. `depth` counts the files inside files being read."""

    limits: dict[str, int]
    media_type: str = "application/octet-stream"
    encrypted: bool = False
    macros: bool = False
    executable: bool = False
    polyglot: bool = False
    external_links: int = 0
    embedded_files: int = 0
    pages: int | None = None
    partly_read: bool = False
    problem: str = ""
    depth: int = 0
    _text: list[str] = field(default_factory=list)
    _length: int = 0
    _waiting: list[str] = field(default_factory=list)
    _waiting_length: int = 0
    _unpacked: int = 0
    _finder: Finder = field(default_factory=Finder)
    _started: float = field(default_factory=time.process_time)  # what the process spent before it looks at the file

    def text(self, piece: str) -> None:
        """Take the next piece of the text of the document."""
        if self._length < self.limits["excerpt"] and self.depth == 0:
            self._text.append(piece[: self.limits["excerpt"] - self._length])
            self._length += len(self._text[-1])
        self._waiting.append(piece)
        self._waiting_length += len(piece)
        if self._waiting_length >= _PIECE:
            self._look()

    def number(self, value: int) -> None:
        """Take a number that the document holds as such, not as text."""
        self._finder.number(value)

    def end_of_part(self) -> None:
        """Say that the text read so far and the text to come are not beside each other."""
        self._look()
        self._finder.end()
        self.text("\n")

    def spend(self, size: int) -> None:
        """Count bytes once unpacked. Raises Bounded past the limit."""
        self._unpacked += size
        if self._unpacked > self.limits["unpacked"]:
            raise Bounded("Une fois décompressé, ce fichier est démesurément gros : il n’a pas été lu en entier.")

    @contextmanager
    def tolerating(self, sentence: str) -> Iterator[None]:
        """Make of whatever a damaged part provokes one sentence; the rest is read. Bounds still stop the whole."""
        try:
            yield
        except (Bounded, MemoryError):
            raise
        except Exception:  # noqa: BLE001  parsers raise anything on a damaged file
            self.partly_read = True
            self.say(sentence)

    def check_time(self) -> None:
        """Raise Bounded when the time given to this file is nearly spent."""
        if time.process_time() - self._started > self.limits["cpu_seconds"] * 0.8:
            raise Bounded("Ce fichier est trop long à lire : il n’a pas été lu en entier.")

    def say(self, sentence: str) -> None:
        """Keep the first problem met."""
        self.problem = self.problem or sentence

    def told(self) -> dict[str, Any]:
        """Return what the process writes."""
        self._look()
        return {
            "media_type": self.media_type,
            "encrypted": self.encrypted,
            "macros": self.macros,
            "executable": self.executable,
            "polyglot": self.polyglot,
            "external_links": self.external_links,
            "embedded_files": self.embedded_files,
            "pages": self.pages,
            "identifiers": self._finder.count,
            "partly_read": self.partly_read,
            "problem": self.problem,
            "text": "".join(self._text),
        }

    def _look(self) -> None:
        waiting, self._waiting, self._waiting_length = "".join(self._waiting), [], 0
        if waiting:
            self._finder.feed(waiting)
