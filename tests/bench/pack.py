"""Build the dossier of a folder of pieces in a process of its own, as the job does, and say what it cost: ``pack.py FOLDER STORE``.

FOLDER holds the pieces as files; STORE is the address of the store they are put in first (not counted), and the ZIP at the end (counted apart).
"""

from __future__ import annotations

import json
import sys
import time
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

from compliance.reports.dossier_zip import Piece
from compliance.services import dossier_files
from tenants.storage import Storage
from tests.bench.memory import highest, watched
from tests.factories.canonical import sample

OWNER = UUID(int=1)


def _source(folder: Path, store: Storage) -> dossier_files.Source:
    doc, pieces = sample(), []
    for row in doc["rows"]:
        row["pieces"] = []
    for place, path in enumerate(sorted(folder.iterdir())):
        row, name = doc["rows"][place % len(doc["rows"])], path.name
        with path.open("rb") as content:
            sha256, size = store.put(OWNER, content)
        listed: dict[str, Any] = {
            "name": f"pieces/{row['code']}/{name}", "filename": name, "sha256": sha256, "size": size, "document_type": "K0",
            "approved_on": None, "effective_on": None, "received_at": "2026-10-02T07:15:00Z", "expires_on": None, "establishment": "CH",
        }  # fmt: skip
        row["pieces"].append(listed)
        pieces.append(Piece(listed["name"], sha256, size, partial(store.chunks, OWNER, sha256)))
    return dossier_files.Source(OWNER, doc, pieces)


def main(folder: Path, url: str) -> None:
    """Print the seconds of each part (documents, archive, storing), the most memory held, its child included (megabytes), size and SHA-256."""
    store = Storage(url)
    source = _source(folder, store)
    moments: list[float] = []

    def tell(step: str, _percent: int) -> None:
        if not moments or (len(moments) == 1 and step.startswith("Assemblage")):
            moments.append(time.perf_counter())

    with watched() as watch, dossier_files.built(source, tell) as files:
        moments.append(time.perf_counter())
        sha256, size = store.put(OWNER, files.zip)
        moments.append(time.perf_counter())
    told = dict(zip(("documents", "archive", "stored"), (round(b - a, 2) for a, b in pairwise(moments)), strict=True))
    print(json.dumps(told | {"mb": max(watch.most, highest()), "size": size, "sha256": sha256}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
