"""Re-create the vendored browser files from npm: ``python tools/vendor.py``.

Needs the npm client (nothing here is needed to install or run Vigie). Each file is written beside its licence, and
listed with its SHA-384 in the ``manifest.json`` of its folder; a test compares them. To upgrade, change a version here.
"""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Asset:
    """One file of an npm package. ``licence`` is its SPDX identifier."""

    name: str
    version: str
    licence: str
    source: str
    licence_file: str
    folder: str

    @property
    def file(self) -> str:
        """Name of the vendored file."""
        return Path(self.source).name


ASSETS = (
    Asset("htmx.org", "4.0.1", "0BSD", "dist/htmx.min.js", "LICENSE", "tenants/static/vendor"),
    Asset("axe-core", "4.14.1", "MPL-2.0", "axe.min.js", "LICENSE", "tests/browser/vendor"),
)


def sha384(content: bytes) -> str:
    """Return a digest in the form of a subresource integrity attribute."""
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


def _members(asset: Asset) -> tuple[bytes, bytes]:
    """Fetch a package with npm and return the file and its licence."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", "--pack-destination", folder, f"{asset.name}@{asset.version}"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - constants of this file
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as archive:
            read = [archive.extractfile(f"package/{name}") for name in (asset.source, asset.licence_file)]
            if None in read:
                message = f"{asset.name} {asset.version}: {asset.source} or {asset.licence_file} is not in the package"
                raise FileNotFoundError(message)
            file, licence = (item.read() for item in read if item)
    return file, licence


def main() -> None:
    """Write every asset, its licence and the manifests."""
    manifests: dict[str, list[dict[str, str]]] = {}
    for asset in ASSETS:
        content, licence = _members(asset)
        folder = ROOT / asset.folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / asset.file).write_bytes(content)
        (folder / f"{asset.file}.LICENSE.txt").write_bytes(licence)
        entry = {
            "name": asset.name,
            "version": asset.version,
            "licence": asset.licence,
            "file": asset.file,
            "sha384": sha384(content),
        }
        manifests.setdefault(asset.folder, []).append(entry)
        print(f"{asset.folder}/{asset.file}: {asset.name} {asset.version}, {len(content)} bytes")
    for name, entries in manifests.items():
        text = json.dumps(entries, indent=2, ensure_ascii=False) + "\n"
        (ROOT / name / "manifest.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
