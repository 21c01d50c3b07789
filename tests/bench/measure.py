"""One deposit in a process of its own, as a worker runs it: time, memory and statements, as JSON on the last line.

``python -m tests.bench.measure EMAIL SCOPE FILE`` with the settings of an installation in the environment.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path

from sqlalchemy import event

from importers import service
from importers.faults import FaultClass
from tenants.cli import Installation
from tenants.db import db
from tenants.permissions import Permission
from tests.bench.memory import highest
from wsgi import create_app


def main(email: str, scope: str, path: Path) -> None:
    """Read, check and apply a file; tell what it cost."""
    installation = Installation(os.environ, create_app)
    statements = 0
    with installation.app.app_context():
        engine = db.engine

        @event.listens_for(engine, "before_cursor_execute")
        def _count(*_: object) -> None:
            nonlocal statements
            statements += 1

    idle = highest()
    start = time.perf_counter()
    with installation.acting(scope, email, Permission.IMPORT):
        report, applied, _ = service.import_now(path, apply_rows=True)
    seconds = time.perf_counter() - start
    told = {
        "seconds": seconds,
        "applied": applied,
        "rows": report.written,
        "errors": report.count(FaultClass.ERROR),
        "statements": statements,
        "idle_mb": idle,
        "worker_mb": highest(),
        "child_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
