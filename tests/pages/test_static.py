"""Style sheets, icons and vendored files: complete, ours, and what the manifest says."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest

from compliance.rules.verdict import State

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "tenants" / "static"
CSS = "".join(path.read_text(encoding="utf-8") for path in sorted((STATIC / "css").glob("*.css")))
TEMPLATES = [
    path
    for package in ("tenants", "compliance", "importers")
    for path in (ROOT / package / "templates").rglob("*.html")
]


def declarations(block: str) -> list[str]:
    return [part.strip() for part in block.split(";") if part.strip()]


def test_the_two_dark_blocks_are_identical() -> None:
    tokens = (STATIC / "css" / "tokens.css").read_text(encoding="utf-8")
    system = re.search(r':root:not\(\[data-theme="light"\]\) \{(.*?)\}', tokens, re.DOTALL)
    chosen = re.search(r'\n:root\[data-theme="dark"\] \{(.*?)\}', tokens, re.DOTALL)
    assert system is not None
    assert chosen is not None
    assert len(declarations(system[1])) > 20
    assert declarations(system[1]) == declarations(chosen[1])


def test_style_sheets_fetch_nothing() -> None:
    assert set(re.findall(r"url\(([^)]*)\)", CSS)) == {"#hatch"}
    assert "@import" not in CSS


def test_every_token_that_is_used_is_defined() -> None:
    assert set(re.findall(r"var\((--[\w-]+)", CSS)) - set(re.findall(r"(--[\w-]+)\s*:", CSS)) == set()


def test_every_class_of_a_template_has_a_rule() -> None:
    used = set()
    for path in TEMPLATES:
        for value in re.findall(r'class="([^"]*)"', path.read_text(encoding="utf-8")):
            used |= set(re.findall(r"(?<![\w{-])v-[\w-]+[a-z](?![\w{-])", re.sub(r"\{\{.*?\}\}", "{", value)))
    markers = {"v-first", "v-rec", "v-key", "v-per", "v-verdict", "v-ttl"}
    assert {name for name in used if f".{name}" not in CSS} - markers == set()


@pytest.mark.parametrize("state", State)
def test_every_state_has_its_icon_and_its_colour(state: State) -> None:
    assert f'<symbol id="{state}"' in (STATIC / "icons.svg").read_text(encoding="utf-8")
    assert f".v-is-{state}" in CSS


@pytest.mark.parametrize("folder", ["tenants/static/vendor", "tests/browser/vendor"])
def test_vendored_files_are_those_of_the_manifest(folder: str) -> None:
    entries = json.loads((ROOT / folder / "manifest.json").read_text(encoding="utf-8"))
    for entry in entries:
        content = (ROOT / folder / entry["file"]).read_bytes()
        assert entry["sha384"] == "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()
        assert (ROOT / folder / f"{entry['file']}.LICENSE.txt").stat().st_size > 0
        assert entry["version"]
        assert entry["licence"]
    scripts = {path.name for path in (ROOT / folder).glob("*.js")}
    assert scripts == {entry["file"] for entry in entries}
