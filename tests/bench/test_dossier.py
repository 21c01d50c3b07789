"""What a large dossier costs: memory that does not grow with its pieces, and a time near that of zipping the same files."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.bench

PIECES, MEGABYTE = 500, 1 << 20


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Pieces that do not compress, as scanned PDF do not."""
    place = tmp_path / "pieces"
    place.mkdir()
    for number in range(PIECES):
        (place / f"piece_{number:03}.pdf").write_bytes(os.urandom(MEGABYTE))
    return place


def zipped(folder: Path, out: Path) -> float:
    """Seconds to zip the files without compression: the least that anybody can do."""
    start = time.perf_counter()
    with zipfile.ZipFile(out, "w") as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, path.name)
    return time.perf_counter() - start


def packed(folder: Path, store: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.pack", str(folder), store.as_uri()]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    told: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return told


def test_five_hundred_pieces_cost_at_most_three_zips_and_little_memory(folder: Path, tmp_path: Path) -> None:
    floors, costs = [], []
    for turn in range(3):
        floors.append(zipped(folder, tmp_path / "floor.zip"))
        costs.append(packed(folder, tmp_path / f"store-{turn}"))
        shutil.rmtree(tmp_path / f"store-{turn}")
    ratio = min(cost["archive"] for cost in costs) / min(floors)
    print(f"zip {min(floors):.2f} s, ratio {ratio:.1f}; dossier {costs}")
    assert ratio <= 3
    assert max(cost["mb"] for cost in costs) < 256
    assert len({cost["sha256"] for cost in costs}) == 1
    assert costs[0]["size"] > PIECES * MEGABYTE
