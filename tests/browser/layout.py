"""What the eye would see wrong on a page: something past the edge, or text that its box cuts."""

from __future__ import annotations

from playwright.sync_api import Page

# A region that scrolls by itself (the matrix) may hold more than it shows; what is hidden for the eye is not measured.
PAST_THE_EDGE = """() => {
  const wide = document.documentElement.clientWidth, found = [];
  const clipped = [...document.querySelectorAll('body *')].filter((e) => getComputedStyle(e).clipPath !== 'none');
  const own = (e) => e.closest('.v-scroll, .v-skip, svg') || clipped.some((hidden) => hidden.contains(e));
  for (const e of document.querySelectorAll('body *')) {
    if (own(e)) continue;
    const box = e.getBoundingClientRect();
    if (!box.width || !box.height) continue;
    const name = e.tagName.toLowerCase() + (e.className ? '.' + e.className.split(' ')[0] : '') + ' « ' + e.innerText.slice(0, 40) + ' »';
    if (box.right > wide + 1 || box.left < -1) found.push('past the edge: ' + name);
    const style = getComputedStyle(e);
    const boxed = ['block', 'flex', 'grid', 'table-cell'].includes(style.display) && e.clientWidth;
    if (boxed && e.scrollWidth > e.clientWidth + 1) found.push('wider than its box: ' + name);
  }
  return [...new Set(found)].slice(0, 10);
}"""


def faults(page: Page) -> list[str]:
    """Return what is past the edge of the page or of its own box, and the page itself when it scrolls sideways."""
    wide = page.evaluate("() => document.scrollingElement.scrollWidth")
    width = page.evaluate("() => window.innerWidth")
    sideways = [f"scrolls sideways: {wide} px in {width}"] if wide > width else []
    return sideways + list(page.evaluate(PAST_THE_EDGE))
