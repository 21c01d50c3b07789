"""Texts compared as people read them: without case, accents or spaces that nobody sees."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Spaces of every width, and marks that are invisible.
_SPACES = re.compile(r"[\s\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_ESCAPE = re.compile(r"_x(00(?:0[1-9A-Fa-f]|1[0-9A-Fa-f]))_")  # control characters, never the one no database keeps
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_NEUTRALISED = re.compile(r"'(?='*[=+@\t\r-])")
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2212"
_SHORT = 200  # characters
_STOP_WORDS = frozenset(re.findall(r"\w+", "a au aux d de des du en et ou l la le les un une par pour sur the of"))


def fold(text: str) -> str:
    """Fold a text: lower case, no accents, single spaces; one apostrophe, one dash, no star at the end."""
    # Long texts come once: keeping them would only fill the memory.
    return _folded(text) if len(text) <= _SHORT else _folded.__wrapped__(text)


@lru_cache(maxsize=4096)
def _folded(text: str) -> str:
    text = unicodedata.normalize("NFKD", clean(text)).replace("œ", "oe").replace("Œ", "oe").replace("æ", "ae")
    text = "".join(character for character in text if not unicodedata.combining(character)).casefold()
    text = re.sub(r"[’‘`´]", "'", text)
    text = re.sub(f"[{_DASHES}]", "-", text)
    return _SPACES.sub(" ", text).strip(" *:").strip()


@lru_cache(maxsize=4096)
def essence(text: str) -> str:
    """Keep the folded words that carry meaning: what the similarity of two headers is measured on."""
    words = re.findall(r"[a-z0-9]+", fold(text))
    return " ".join(word for word in words if word not in _STOP_WORDS) or " ".join(words)


def clean(text: str) -> str:
    """Return the text as it was typed: NFC, spreadsheet escapes undone, no invisible mark, no space around."""
    text = _ESCAPE.sub(lambda match: chr(int(match.group(1), 16)), text) if "_x" in text else text
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text)) if not text.isascii() else text
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ").replace("\u202f", " ")
    return text.strip() if "\n" not in text else "\n".join(line.strip() for line in text.split("\n")).strip()


def one_line(text: str) -> str:
    """Return clean text with single spaces only: names and labels."""
    return _SPACES.sub(" ", clean(text)).strip()


def has_control(text: str) -> bool:
    """Tell whether clean text holds characters that are not text."""
    return _CONTROL.search(text) is not None


def is_blank(text: str) -> bool:
    """Tell whether a cell holds nothing: spaces of any kind, or a lone dash."""
    stripped = clean(text)
    return not stripped or (len(stripped) <= 3 and all(character in _DASHES for character in stripped))


def unquoted(text: str) -> str:
    """Drop the apostrophe that keeps a spreadsheet from computing a text (`'=1+1`), as CSV exports write it."""
    return text[1:] if _NEUTRALISED.match(text) else text


def quoted(text: str) -> str:
    """Write a text that `unquoted` gives back: one that begins like a neutralised text takes one more apostrophe."""
    return f"'{text}" if _NEUTRALISED.match(text) else text


def pieces(text: str, separators: str) -> list[str]:
    """Split a cell on a pattern into clean texts of one line each, without the empty ones."""
    return [one_line(part) for part in re.split(separators, clean(text)) if not is_blank(part)]
