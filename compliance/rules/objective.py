"""What was promised beside what was measured, in words: a plan and its exercise, a system and its restore test.

Theory differs from reality (lessons.md, trade article of September 2025): only the difference tells what to revise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from compliance.rules.words import duration, plural, trimmed

if TYPE_CHECKING:
    from decimal import Decimal


_NOTHING = {"promis": "rien n’était promis"}


@dataclass(frozen=True)
class Gap:
    """One measure beside its objective. `text` says the difference, `worse` whether the objective was missed.

    `promised` is empty when nothing was: a measure alone is neither better nor worse.
    """

    label: str
    promised: str
    measured: str
    text: str
    worse: bool


def delay(label: str, promised: int | None, measured: int | None, word: str = "promis") -> Gap | None:
    """Compare two lengths of time, in minutes: « 20 min de plus que promis »; None when nothing was measured."""
    if measured is None:
        return None
    if promised is None:
        return Gap(label, "", duration(measured), _NOTHING.get(word, "sans objectif"), worse=False)
    return Gap(
        label,
        duration(promised),
        duration(measured),
        _said(measured - promised, duration(abs(measured - promised)), word),
        worse=measured > promised,
    )


def share(label: str, promised: Decimal | None, measured: Decimal | None, word: str = "promis") -> Gap | None:
    """Compare two shares (0 to 100): « 15 points de moins que promis »; None when nothing was measured."""
    if measured is None:
        return None
    shown = f"{trimmed(measured)} %"
    if promised is None:
        return Gap(label, "", shown, _NOTHING.get(word, "sans objectif"), worse=False)
    points = abs(measured - promised)
    text = _said(measured - promised, f"{trimmed(points)} {plural(points, 'point', 'points')}", word)
    return Gap(label, f"{trimmed(promised)} %", shown, text, worse=measured < promised)


def _said(difference: Decimal | int, much: str, word: str) -> str:
    if not difference:
        return f"comme {word}"
    than = f"qu’{word}" if word[0] in "aeiou" else f"que {word}"
    return f"{much} de {'plus' if difference > 0 else 'moins'} {than}"
