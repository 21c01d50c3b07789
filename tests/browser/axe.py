"""Accessibility of a page, judged by axe-core (vendored: tests/browser/vendor)."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

SCRIPT = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa")


def violations(page: Page, only: tuple[str, ...] = RULES) -> list[str]:
    """Return what axe-core finds wrong: the rule, why it matters, and where.

    The script is evaluated by the driver, since the policy of the page blocks added scripts. `only`: tags or rules of axe-core.
    """
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(f"() => {{ {SCRIPT} }}")
    found = page.evaluate(
        "async (tags) => (await axe.run(document, {runOnly: tags, resultTypes: ['violations']})).violations",
        list(only),
    )
    return [
        f"{each['id']}: {each['help']} ({'; '.join(' '.join(node['target']) for node in each['nodes'][:5])})"
        for each in found
    ]
