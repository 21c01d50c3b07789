"""Fonts shipped with the product: what the manifest says is what is there."""

from __future__ import annotations

import hashlib
import tomllib

from compliance.reports.printable import FAMILY, FONTS

MANIFEST = tomllib.loads((FONTS / "manifest.toml").read_text())


def test_the_manifest_names_each_font_with_its_hash() -> None:
    found = {path.name: hashlib.sha384(path.read_bytes()).hexdigest() for path in FONTS.glob("*.ttf")}
    assert found == {item["name"]: item["sha384"] for item in MANIFEST["files"]}


def test_the_fonts_are_free_and_come_with_their_licence() -> None:
    assert (MANIFEST["family"], MANIFEST["licence"]) == (FAMILY, "OFL-1.1")
    assert "SIL OPEN FONT LICENSE" in (FONTS / MANIFEST["licence_file"]).read_text()


def test_the_fonts_stay_light() -> None:
    sizes = [path.stat().st_size for path in FONTS.glob("*.ttf")]
    assert max(sizes) < 700_000
    assert sum(sizes) < 1_500_000
