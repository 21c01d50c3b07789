"""What the eye would see wrong on a page: something past the edge, text wider than its box, a date cut in two."""

from __future__ import annotations

from playwright.sync_api import Page

# A region that scrolls by itself (the matrix) may hold more than it shows; what is hidden for the eye is not measured.
WRONG = """() => {
  const wide = document.documentElement.clientWidth, found = [];
  const clipped = [...document.querySelectorAll('body *')].filter((e) => getComputedStyle(e).clipPath !== 'none');
  const own = (e) => e.closest('.v-scroll, .v-skip, svg, details:not([open]) > :not(summary)') || clipped.some((hidden) => hidden.contains(e));
  for (const e of document.querySelectorAll('body *')) {
    if (own(e) || !e.checkVisibility()) continue;  // what is folded keeps the size of another width
    const box = e.getBoundingClientRect();
    if (!box.width || !box.height) continue;
    const name = e.tagName.toLowerCase() + (e.className ? '.' + e.className.split(' ')[0] : '') + ' « ' + e.innerText.slice(0, 40) + ' »';
    if (box.right > wide + 1 || box.left < -1) found.push('past the edge: ' + name);
    const style = getComputedStyle(e);
    const boxed = ['block', 'flex', 'grid', 'table-cell'].includes(style.display) && e.clientWidth;
    if (boxed && e.scrollWidth > e.clientWidth + 1) found.push('wider than its box: ' + name);
  }
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = document.createRange();
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    for (const date of text.data.matchAll(/\\d\\d\\/\\d\\d\\/\\d{4}/g)) {
      range.setStart(text, date.index);
      range.setEnd(text, date.index + 10);
      if (new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1) found.push('a date in two lines: ' + date[0]);
    }
  }
  return [...new Set(found)].slice(0, 10);
}"""


def faults(page: Page) -> list[str]:
    """Return what the eye would see wrong at the present width, and the page itself when it scrolls sideways."""
    wide = page.evaluate("() => document.scrollingElement.scrollWidth")
    width = page.evaluate("() => window.innerWidth")
    sideways = [f"scrolls sideways: {wide} px in {width}"] if wide > width else []
    return sideways + list(page.evaluate(WRONG))
