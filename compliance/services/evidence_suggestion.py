"""Which row a dropped file may answer, and why: the register of evidence that names it, else its name, else its text.

A suggestion is only ever what a form shows first: somebody confirms it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rapidfuzz import fuzz

from compliance.rules.requirement import Piece, Row
from compliance.rules.words import listing
from compliance.services.evidence import same_name

MOST = 3  # suggestions shown for a file
OTHER = "other"
_NEAR = 86  # two words that differ by a typing mistake (rapidfuzz ratio, 0 to 100)
_ENOUGH = 75  # percent of the letters of a label found in a name, or in a text
_READ = 600  # characters of text: a document says what it is at its beginning
_SHORT = re.compile(
    r"\b(de|du|des|la|le|les|l|d|et|ou|un|une|en|par|pour|avec|au|aux|chaque|son|sa|ses|moins|autres|pendant|sur|vers|cas|strictement)\b"
)
# What people write for a type of piece beside its label (practice of the establishments; words.md).
_ALIASES: Mapping[str, tuple[str, ...]] = {
    "pssi": ("pssi", "politique sécurité systèmes information"),
    "organisation_note": ("note organisation", "organisation projet"),
    "governance_scheme": ("gouvernance", "organigramme"),
    "governance_minutes": ("compte rendu directoire", "compte rendu codir", "cr directoire", "cr codir"),
    "plan_blanc": ("plan blanc",),
    "alert_procedure": ("procédure alerte",),
    "bia": ("bia", "bilan impact activité"),
    "critical_activities": ("activités critiques",),
    "pcra": ("pcra", "pca", "pra", "plan continuité activité", "plan reprise activité"),
    "scenario": ("scénario",),
    "retex": ("retex", "retour expérience"),
    "test_schedule": ("calendrier tests", "planning tests", "planning exercices"),
    "backup_policy": ("politique sauvegarde",),
    "backup_plans": ("plan sauvegarde",),
    "backup_reports": ("rapport sauvegarde",),
    "ads_score": ("ads", "oradad"),
    "architecture_diagram": ("schéma architecture", "architecture"),
    "second_factor_setup": ("mfa", "double facteur"),
    "test_book": ("cahier tests", "cahier recette"),
}


@dataclass(frozen=True)
class Suggestion:
    """A row and type of piece, and the sentence that says why; `approved_on` as the register says, ISO or ""."""

    row: str
    kind: str
    why: str
    approved_on: str = ""

    def told(self) -> dict[str, str]:
        """As it is stored."""
        return asdict(self)


@dataclass(frozen=True)
class Named:
    """A document of the register of evidence (K5): its file, what it proves, its type."""

    file: str
    objectives: Sequence[str]
    document_type: str
    validated_on: str


def suggest(path: str, text: str, rows: Sequence[Row], register: Iterable[Named]) -> list[Suggestion]:
    """Return what a file may be, the surest first, each row and type once."""
    name = path.rpartition("/")[2]
    found: dict[tuple[str, str], Suggestion] = {}
    for each in (
        *_by_register(name, rows, register),
        *_by_words(path, rows, "le nom"),
        *_by_words(text[:_READ], rows, "le texte"),
    ):
        found.setdefault((each.row, each.kind), each)
    return list(found.values())[:MOST]


def _by_register(name: str, rows: Sequence[Row], register: Iterable[Named]) -> Iterator[Suggestion]:
    codes = {row.code: row for row in rows}
    for each in register:
        if same_name(each.file) != same_name(name):
            continue
        for code in each.objectives:
            row = codes.get(code)
            kinds = [piece.key for piece in row.pieces if each.document_type in piece.types] if row else []
            for kind in kinds or ([OTHER] if row else []):
                yield Suggestion(code, kind, "d’après le registre des preuves", each.validated_on)


def _by_words(text: str, rows: Sequence[Row], where: str) -> Iterator[Suggestion]:
    words = _words(text)
    if not words:
        return
    coded = {row.code for row in rows if _has_code(text, row.code)}
    ranked: list[tuple[int, int, int, Suggestion]] = []
    asked = [(row, piece) for row in rows for piece in row.pieces]
    for place, (row, piece) in enumerate(asked):
        if coded and row.code not in coded:
            continue
        score, length, seen = max((_score(phrase, words) for phrase in _phrases(piece)), key=lambda each: each[:2])
        if score >= _ENOUGH:
            why = f"d’après {where} : « {listing(seen)} »"
            ranked.append((-score, -length, place, Suggestion(row.code, piece.key, why)))
    yield from (suggestion for *_, suggestion in sorted(ranked, key=lambda each: each[:3]))
    for code in sorted(coded):
        yield Suggestion(code, OTHER, f"d’après {where}, qui cite {code}")


def _phrases(piece: Piece) -> list[list[str]]:
    return [words for phrase in (piece.label, *_ALIASES.get(piece.key, ())) if (words := _words(phrase))]


def _score(phrase: Sequence[str], words: Sequence[str]) -> tuple[int, int, list[str]]:
    """The percentage of the letters of a phrase found among words, the letters of the phrase, and the words found."""
    seen = [each for word in phrase if (each := next((other for other in words if _near(word, other)), ""))]
    held = sum(len(word) for word in phrase if any(_near(word, other) for other in words))
    total = sum(map(len, phrase))
    return held * 100 // total, total, list(dict.fromkeys(seen))


def _near(word: str, other: str) -> bool:
    # An acronym is exact: BIA is not « via ».
    return word == other or (min(len(word), len(other)) > 4 and fuzz.ratio(word, other) >= _NEAR)


def _has_code(text: str, code: str) -> bool:
    spelt = re.escape(code).replace(r"\.", r"[ ._-]?")
    return bool(re.search(rf"(?<![0-9A-Za-z]){spelt}(?![0-9A-Za-z])", text, re.IGNORECASE))


def _words(text: str) -> list[str]:
    """The words of a text as people compare them: no accent, no case, no small word, no plural."""
    plain = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("’", " ")).encode("ascii", "ignore").decode()
    plain = _SHORT.sub(" ", re.sub(r"[^0-9a-z]+", " ", plain.lower()))
    return list(dict.fromkeys(word.rstrip("s") if len(word) > 4 else word for word in plain.split()))


def read_back(told: Sequence[Mapping[str, Any]]) -> list[Suggestion]:
    """Return suggestions as they were stored."""
    return [
        Suggestion(**{name: str(each.get(name, "")) for name in ("row", "kind", "why", "approved_on")}) for each in told
    ]
