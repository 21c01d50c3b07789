"""Text as the shipped fonts can print it: no missing glyph (PDF/UA and PDF/A refuse one), nothing invisible or reordered."""

from __future__ import annotations

import re
import struct
import unicodedata
from functools import lru_cache
from pathlib import Path

FONTS = Path(__file__).parent / "fonts"
FAMILY = "Inter"
BREAK = "\u200b"  # zero-width space: a place where a line may end
LONGEST_RUN = 18  # characters without a place to break, about a narrow column

_AFTER_SIGN = re.compile(r"([._/\\@&=,;:-])(?=\w)")


def printable(text: str, *, longest: int = LONGEST_RUN) -> str:
    """``text`` in NFC, on one line, in the order it is stored, with what the fonts can print.

    Controls and invisible marks go, a character the fonts do not have is shown by its number (``[U+1F525]``), a word
    over ``longest`` characters gets places to break.
    """
    covered = _covered()
    text = "".join(_shown(char, covered) for char in unicodedata.normalize("NFC", text))
    return " ".join(_breakable(word, longest) if len(word) > longest else word for word in text.split(" "))


def _shown(char: str, covered: frozenset[int]) -> str:
    if char in "\t\n\r\v\f\u2028\u2029":
        return " "
    category = unicodedata.category(char)
    if category in ("Cc", "Cf") or "\ufe00" <= char <= "\ufe0f":
        return ""
    if ord(char) not in covered or category in ("Co", "Cs"):
        return f"[U+{ord(char):04X}]"
    return char


def _breakable(word: str, longest: int) -> str:
    pieces = _AFTER_SIGN.sub(r"\1" + BREAK, word).split(BREAK)
    return BREAK.join(piece[start : start + longest] for piece in pieces for start in range(0, len(piece), longest))


@lru_cache(maxsize=1)
def _covered() -> frozenset[int]:
    """Characters every shipped font can draw."""
    return frozenset.intersection(*(frozenset(_characters(path.read_bytes())) for path in sorted(FONTS.glob("*.ttf"))))


def _characters(font: bytes) -> list[int]:
    """Characters of a TrueType font, from the format 12 part of its ``cmap`` table (OpenType specification)."""
    cmap = _table(font, b"cmap")
    (count,) = struct.unpack_from(">H", font, cmap + 2)
    for place in range(count):
        (offset,) = struct.unpack_from(">L", font, cmap + 4 + 8 * place + 4)
        start = cmap + offset
        if struct.unpack_from(">H", font, start) == (12,):
            (groups,) = struct.unpack_from(">L", font, start + 12)
            spans = (struct.unpack_from(">LL", font, start + 16 + 12 * group) for group in range(groups))
            return [char for first, last in spans for char in range(first, last + 1)]
    raise ValueError("the font has no format 12 character map")


def _table(font: bytes, tag: bytes) -> int:
    (count,) = struct.unpack_from(">H", font, 4)
    for place in range(count):
        name, _, offset, _ = struct.unpack_from(">4sLLL", font, 12 + 16 * place)
        if name == tag:
            return int(offset)
    raise ValueError(f"the font has no {tag!r} table")
