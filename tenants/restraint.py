"""What a process that opens a file of a user may still do: little memory, little time, no network, no program, no writing.

Standard library only: the processes that call it know nothing else of the product.
"""

from __future__ import annotations

import os
import resource
import sys
from typing import Any

_FORBIDDEN = (
    "socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system", "os.spawn", "os.startfile", "ctypes.",
    "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.chown",
    "os.lchown", "os.utime", "os.setxattr", "os.removexattr", "os.kill", "os.putenv", "shutil.", "tempfile.", "pty.",
    "sqlite3.",
)  # fmt: skip
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def restrain(memory: int, cpu_seconds: int) -> None:
    """Limit this process, for ever: `memory` in bytes of address space, `cpu_seconds` before SIGXCPU (killed a second later)."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.addaudithook(_forbid)


def _forbid(event: str, arguments: tuple[Any, ...]) -> None:
    """No network, no other program, and no file but to read it, whatever a part of the file asks for."""
    if event.startswith(_FORBIDDEN) or (event == "open" and int(arguments[2] or 0) & _WRITING):
        raise PermissionError(event)
