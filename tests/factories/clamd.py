"""A clamd that speaks INSTREAM, in a thread, on a Unix socket or on TCP: it finds the test string and keeps a size limit."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.factories.pieces import EICAR

LIMIT = 300_000


@contextlib.contextmanager
def clamd(folder: Path | None = None, *, answer: bytes | None = None) -> Iterator[str]:
    """Lend the address of a server; with `answer`, it says that whatever it receives (empty: closes without a word)."""
    if folder is not None:
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        address = str(folder / "clamd.sock")
        server.bind(address)
    else:
        server = socket.create_server(("127.0.0.1", 0))
        address = f"127.0.0.1:{server.getsockname()[1]}"
    server.listen()
    thread = threading.Thread(target=_serve, args=(server, answer), daemon=True)
    thread.start()
    try:
        yield address
    finally:
        # Wakes the thread, which waits in accept().
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(5)


def _serve(server: socket.socket, answer: bytes | None) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = server.accept()
            with connection, connection.makefile("rb") as received, contextlib.suppress(OSError, AssertionError):
                connection.sendall(answer if answer is not None else _said(received))


def _said(received: socket.SocketIO) -> bytes:
    assert received.read(10) == b"zINSTREAM\0"
    content = b""
    while size := struct.unpack("!I", received.read(4))[0]:
        content += received.read(size)
        if len(content) > LIMIT:
            return b"INSTREAM size limit exceeded. ERROR\0"
    return b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"
