"""Reading pages in tests: their words, their figures, their tables."""

from __future__ import annotations

import html
import re


def words(page: str) -> str:
    """The text of a page: no tag, one kind of space."""
    text = re.sub(r"<(script|style|head)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).replace("\u00a0", " ").replace("\u202f", " ").split())


def facts(page: str) -> dict[str, tuple[str, str]]:
    """The figures beside the answer: label to (text, address behind it)."""
    found = re.findall(r'<dt>(.*?)</dt><dd><a class="v-fig" href="(.*?)">(.*?)</a>', page, re.DOTALL)
    return {words(label): (words(text), html.unescape(href)) for label, href, text in found}


def rows(page: str, caption: str, part: str = "tbody") -> list[list[str]]:
    """The cells of the table whose caption begins with a text; no row when there is no such table."""
    found = re.search(rf"<caption>{caption}.*?<{part}[^>]*>(.*?)</{part}>", page, re.DOTALL)
    if found is None:
        return []
    lines = re.findall(r"<tr.*?</tr>", found[1], re.DOTALL)
    return [[words(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line, re.DOTALL)] for line in lines]


def matrix(page: str) -> list[tuple[str, str]]:
    """The cells of the matrix: (address behind it, words)."""
    return [
        (html.unescape(href), words(text))
        for href, text in re.findall(r'<a class="v-cell[^"]*" href="(.*?)">(.*?)</a>', page, re.DOTALL)
    ]


def number(text: str) -> float:
    """A French figure as a number."""
    return float(re.sub(r"[^\d,]", "", text).replace(",", "."))


def without_token(page: str) -> str:
    """The page but for its form token, which holds the second at which it was made."""
    return re.sub(r'name="csrf_token" value="[^"]*"', "", page)
