"""A real Chromium in front of the product as it is served, over a database of its own cloned from the world."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, StorageState, expect, sync_playwright
from redis import Redis

from importers.demonstration import workbooks as demo_workbooks
from tenants import embedded
from tenants.embedded import Embedded
from tenants.settings import Settings
from tests.browser.site import Site, serve
from tests.browser.visitors import Visitors
from tests.conftest import TEMPLATE
from tests.factories.world import ALONE_CODE, OUTSIDE, TWO_CAPES_CODE, World

DATABASE = "vigie_browser"
SWITCHES = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
# The demonstration's workbooks, applied from the command line before anybody looks.
KITS = (
    (f"ght:{TWO_CAPES_CODE}", "dsi@deux-caps.example", demo_workbooks.two_capes),
    (f"ght:{ALONE_CODE}", "dsi@roche-vernay.example", demo_workbooks.alone),
    (f"etablissement:{OUTSIDE[0]}", "admin@brumont.example", demo_workbooks.outside),
)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return where Debian's Chromium is; absent, the tests are skipped on a desk and fail in CI."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        why = "no Chromium here: « make chromium » installs it (package chromium of Debian)"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    return path


@pytest.fixture(scope="session")
def site(chromium: str, servers: Embedded, settings: Settings, world_template: World, folder: Path) -> Iterator[Site]:
    """The product running over its own database (a copy of the world's), its own files and its own part of Valkey."""
    embedded.create_database(servers, DATABASE, TEMPLATE)
    own = replace(
        settings,
        database_url=servers.database(DATABASE, "vigie_app"),
        owner_database_url=servers.database(DATABASE, "vigie_owner"),
        # The other tests empty database 0 of Valkey before each test.
        valkey_url=f"{servers.valkey_url}?db=1",
        storage_url=(folder / "browser-evidence").as_uri(),
        web_workers=1,
    )
    # The pieces of the world, as the world's database names them.
    shutil.copytree(folder / "evidence", folder / "browser-evidence")
    with serve(own, folder / "logs") as running:
        _apply_kits(running, folder)
        yield running


def _apply_kits(site: Site, folder: Path) -> None:
    commands = []
    for number, (scope, email, build) in enumerate(KITS):
        path = folder / f"kit-{number}.xlsx"
        path.write_bytes(build())
        commands.append(site.vigie("import", str(path), "--scope", scope, "--as", email, "--apply", "--json"))
    for command in commands:
        told, _ = command.communicate(timeout=120)
        assert command.returncode == 0, told
        assert json.loads(told)["applied"], told


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The driver of the browser."""
    with sync_playwright() as driver:
        expect.set_options(timeout=15_000)
        yield driver


@pytest.fixture(scope="session")
def browser(chromium: str, site: Site, playwright: Playwright) -> Iterator[Browser]:
    """One Chromium for all, closed before the site stops; each visitor has a context of their own."""
    with playwright.chromium.launch(executable_path=chromium, args=list(SWITCHES)) as running:
        yield running


@pytest.fixture(scope="session")
def sessions() -> dict[str, StorageState]:
    """Cookies of the people who signed in already."""
    return {}


@pytest.fixture
def visitors(site: Site, browser: Browser, sessions: dict[str, StorageState]) -> Iterator[Visitors]:
    """People at their browser; the test fails when a page of theirs complains (script error, CSP, server error)."""
    # Ten sign-ins a minute are plenty for a person, not for this folder.
    valkey = Redis.from_url(site.settings.valkey_url)
    for key in valkey.scan_iter("LIMITS:*"):
        valkey.delete(key)
    valkey.close()
    people = Visitors(site, browser, sessions)
    yield people
    assert people.close() == []
