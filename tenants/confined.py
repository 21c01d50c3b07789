"""Starts one of our modules in a process of its own, that knows nothing of the product and is ended whatever it does.

This side holds the clock; the module limits itself with `tenants.restraint` before it touches what it was given.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

_ROOT = Path(__file__).resolve().parents[1]
_GRACE = 5.0  # seconds for a process that has said everything to end
# No address of a server and no secret. Few arenas: each takes 64 MB of the address space that is limited.
_ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "OPENPYXL_LXML": "False",
    "OPENPYXL_DEFUSEDXML": "True",
    "MALLOC_ARENA_MAX": "2",
    "RAYON_NUM_THREADS": "2",
}


class Confined:
    """The process: what it says is in `output`, and `late` is true once its time was over."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None  # noqa: S101  asked for below
        self.output: IO[bytes] = process.stdout
        self.late = False
        self._process = process

    def stop(self) -> None:
        """End it because its time is over."""
        self.late = True
        self._process.kill()

    def end(self) -> int:
        """Listen no more and return its exit code, or minus the signal that killed it; one that does not end is killed."""
        self.output.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_GRACE)
        self._process.kill()
        return self._process.wait()


@contextlib.contextmanager
def confined(module: str, *arguments: str, wall_seconds: float, given: IO[bytes] | None = None) -> Iterator[Confined]:
    """Run `module` with `arguments` and, on its input, the file `given`; nothing of it is left at the end of the block."""
    process = subprocess.Popen(  # noqa: S603  our own module, no shell
        [sys.executable, "-B", "-E", "-s", "-m", module, *arguments],
        cwd=_ROOT,
        env=_ENVIRONMENT,
        stdin=subprocess.DEVNULL if given is None else given,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    child = Confined(process)
    timer = threading.Timer(wall_seconds, child.stop)
    timer.start()
    try:
        yield child
    finally:
        timer.cancel()
        process.kill()
        child.output.close()
        process.wait()
