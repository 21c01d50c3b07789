r"""The antivirus of the installation: clamd's INSTREAM, over a Unix socket or TCP.

Protocol (clamd(8)): `zINSTREAM\0`, then pieces each preceded by its length on four bytes, then a length of zero; the answer is
`stream: OK`, `stream: <name> FOUND` or `INSTREAM size limit exceeded. ERROR`, ended by a zero. Past its limit clamd closes at once.
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

_PIECE = 64 * 1024
_LONGEST_ANSWER = 4096
CONNECT_SECONDS, ANSWER_SECONDS = 5.0, 120.0


class Outcome(StrEnum):
    """What the antivirus says; `NOT_SCANNED`: none is configured."""

    CLEAN = "clean"
    FOUND = "found"
    NOT_SCANNED = "not_scanned"
    UNREACHABLE = "unreachable"
    TOO_LARGE = "too_large"

    @property
    def label(self) -> str:
        """How people read it."""
        return {
            Outcome.CLEAN: "aucun virus trouvé",
            Outcome.FOUND: "virus trouvé",
            Outcome.NOT_SCANNED: "non analysé",
            Outcome.UNREACHABLE: "non analysé : l’antivirus ne répond pas",
            Outcome.TOO_LARGE: "non analysé : trop gros pour l’antivirus",
        }[self]


@dataclass(frozen=True)
class Scan:
    """The outcome of one scan, and the name of the virus when one was found."""

    outcome: Outcome
    virus: str = ""


def scan(address: str, content: BinaryIO, *, seconds: float = ANSWER_SECONDS) -> Scan:
    """Have a file scanned by the clamd at `address`: a path, or `host:port`; empty: none. Raises nothing of the network."""
    if not address:
        return Scan(Outcome.NOT_SCANNED)
    try:
        with _connected(address) as connection:
            connection.settimeout(seconds)
            whole = _sent(connection, content)
            answer = _answer(connection)
    except (OSError, ValueError):
        return Scan(Outcome.UNREACHABLE)
    return _read(answer, whole=whole)


def _connected(address: str) -> socket.socket:
    if address.startswith("/"):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(CONNECT_SECONDS)
        try:
            connection.connect(address)
        except OSError:
            connection.close()
            raise
        return connection
    host, _, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS)


def _sent(connection: socket.socket, content: BinaryIO) -> bool:
    """Send the file; tell whether the whole of it was taken. clamd closes in the middle when the file passes its limit."""
    try:
        connection.sendall(b"zINSTREAM\0")
        while piece := content.read(_PIECE):
            connection.sendall(struct.pack("!I", len(piece)) + piece)
        connection.sendall(struct.pack("!I", 0))
    except (BrokenPipeError, ConnectionResetError):
        return False
    return True


def _answer(connection: socket.socket) -> str:
    said = b""
    try:
        while b"\0" not in said and len(said) < _LONGEST_ANSWER and (piece := connection.recv(_LONGEST_ANSWER)):
            said += piece
    except ConnectionResetError:  # closed with our bytes unread: what it said before may be lost
        pass
    return said.partition(b"\0")[0].decode("utf-8", "replace").strip()


def _read(answer: str, *, whole: bool) -> Scan:
    if answer.endswith(" FOUND"):
        name = answer.removesuffix(" FOUND").rpartition(": ")[2]
        return Scan(Outcome.FOUND, "".join(character for character in name if character.isprintable())[:200])
    if "size limit exceeded" in answer or (not whole and not answer):
        return Scan(Outcome.TOO_LARGE)
    if whole and answer == "stream: OK":
        return Scan(Outcome.CLEAN)
    return Scan(Outcome.UNREACHABLE)
