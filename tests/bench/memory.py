"""The most memory a process held, its own and that of the processes it started, at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

EVERY = 0.02  # seconds between two looks


def highest() -> int:
    """Return the most memory this process alone ever held, in megabytes: the kernel's other figure counts who started it too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


class Watch:
    """`most` is in megabytes, pages that processes share being counted once (PSS)."""

    def __init__(self) -> None:
        self.most = 0
        self._over = threading.Event()

    def look(self) -> None:
        """Look again and again, until told that it is over."""
        while not self._over.wait(EVERY):
            self.most = max(self.most, sum(_held(process) for process in ("self", *_children())) // 1024)

    def end(self) -> None:
        """Look no more."""
        self._over.set()


@contextmanager
def watched() -> Iterator[Watch]:
    """Watch the memory of the block."""
    watch = Watch()
    thread = threading.Thread(target=watch.look)
    thread.start()
    try:
        yield watch
    finally:
        watch.end()
        thread.join()


def _held(process: str) -> int:
    with suppress(OSError, IndexError):  # it ended in between
        return int(Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").split("\nPss:")[1].split()[0])
    return 0


def _children() -> list[str]:
    found: list[str] = []
    for thread in Path("/proc/self/task").iterdir():
        with suppress(OSError):
            found += (thread / "children").read_text(encoding="ascii").split()
    return found
