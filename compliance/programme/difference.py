"""What changes between two versions of the referential of one domain, in sentences a reviewer reads before it takes effect."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from compliance.rules import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from compliance.programme.referential import Limit, Piece, ProgrammeDate, Referential, Row

_NOTHING = "rien"
LABELS = {
    "after": "suit la date",
    "conditions": "conditions calculées",
    "confidence": "confiance",
    "counts_by": "condition qui fait compter une partie",
    "dated": "datée dans la fenêtre",
    "editable": "modifiable",
    "held": "fait tenu dans Vigie",
    "kind": "genre de règle",
    "label": "libellé",
    "limits": "nombres",
    "months": "mois après",
    "named": "fait qui nomme le fichier",
    "not_after": "au plus tard",
    "not_before": "au plus tôt",
    "note": "note",
    "one_of": "au choix parmi",
    "only_ght": "GHT seulement",
    "only_if": "condition",
    "required": "exigée",
    "rule": "règle",
    "scope": "portée",
    "source": "source",
    "threshold": "seuil",
    "title": "titre",
    "to_read": "à lire dans les pièces",
    "types": "types de pièce",
    "unit": "unité",
    "value": "valeur",
    "when": "fait de la condition",
    "whole": "une pour le candidat",
    "window_from": "fenêtre, à partir de",
    "window_to": "fenêtre, jusqu’à",
}
_WORDS = {
    "coverage": "part d’activité",
    "document": "pièces dans leur fenêtre de dates",
    "every_party": "chaque partie",
    "share": "part d’activité",
    "test": "événement qualifiant",
    "trajectory": "trajectoire datée",
}
# Told apart, or never of interest: a row that says no version of its own takes its file's.
APART = frozenset({"code", "key", "version", "pieces", "limits", "on", "confidence"})


@dataclass(frozen=True)
class Change:
    """One difference: what it is about (code of a row, key of a date, empty for the whole) and its sentence, without a stop."""

    about: str
    text: str


def differences(before: Referential, after: Referential) -> tuple[Change, ...]:
    """List what changes from one version to another: heading, dates, then rows, in the order of the new version.

    The version's own name is not a difference. Raises ValueError when they are not of one domain.
    """
    if before.domain != after.domain:
        message = f"ces référentiels sont de deux domaines, {before.domain} et {after.domain}"
        raise ValueError(message)
    heading = (
        Change("", text) for name in ("title", "source", "note") for text in _field("Référentiel", name, before, after)
    )
    return (*heading, *_dates(before, after), *_rows(before, after))


def _dates(before: Referential, after: Referential) -> Iterator[Change]:
    old = {entry.key: entry for entry in before.dates}
    new = {entry.key: entry for entry in after.dates}
    for key, entry in new.items():
        if key not in old:
            yield Change(key, f"Date ajoutée : {entry.label}, {_day(entry)}")
            continue
        if _day(old[key]) != _day(entry):
            yield Change(key, f"{entry.label} : {_day(old[key])} devient {_day(entry)}")
        yield from (Change(key, text) for text in _fields(entry.label, old[key], entry))
    for key, entry in old.items():
        if key not in new:
            yield Change(key, f"Date retirée : {entry.label}, {_day(entry)}")


def _day(entry: ProgrammeDate) -> str:
    return f"{words.short_date(entry.on) if entry.on else 'sans jour'} ({entry.confidence})"


def _rows(before: Referential, after: Referential) -> Iterator[Change]:
    old = {row.code: row for row in before.rows}
    new = {row.code: row for row in after.rows}
    for code, row in new.items():
        if code not in old:
            yield Change(code, f"Ligne ajoutée : {code}, {row.title}")
            continue
        yield from (Change(code, text) for text in _row(old[code], row, before, after))
    for code, row in old.items():
        if code not in new:
            yield Change(code, f"Ligne retirée : {code}, {row.title}")


def _row(old: Row, new: Row, before: Referential, after: Referential) -> Iterator[str]:
    labels = {entry.key: entry.label for entry in (*before.dates, *after.dates)}
    yield from _fields(new.code, old, new, labels)
    if old.confidence != new.confidence:
        yield _sentence(new.code, "confidence", old.confidence, new.confidence)
    yield from _parts(f"{new.code}, pièce", "ajoutée", "retirée", old.pieces, new.pieces)
    yield from _parts(f"{new.code}, nombre", "ajouté", "retiré", old.limits, new.limits)


def _parts(
    subject: str, added: str, removed: str, old: Iterable[Piece | Limit], new: Iterable[Piece | Limit]
) -> Iterator[str]:
    known = {part.key: part for part in old}
    kept = {part.key for part in new}
    for part in new:
        if part.key not in known:
            yield f"{subject} {added} : {_said(part)}"
        else:
            yield from _fields(f"{subject} « {part.label} »", known[part.key], part)
    for key, part in known.items():
        if key not in kept:
            yield f"{subject} {removed} : {_said(part)}"


def _said(part: Any) -> str:
    return f"{part.label}, {_value(part.value)} {part.unit}" if hasattr(part, "unit") else str(part.label)


def _fields(subject: str, old: Any, new: Any, labels: dict[str, str] | None = None) -> Iterator[str]:
    """Compare every key of an entry, those added to the format later included."""
    for field in fields(new):
        if field.name not in APART:
            yield from _field(subject, field.name, old, new, labels)


def _field(subject: str, name: str, old: Any, new: Any, labels: dict[str, str] | None = None) -> Iterator[str]:
    was, now = getattr(old, name), getattr(new, name)
    if was != now:
        yield _sentence(subject, name, was, now, labels)


def _sentence(subject: str, name: str, was: Any, now: Any, labels: dict[str, str] | None = None) -> str:
    before, after = _shown(name, was, labels), _shown(name, now, labels)
    return f"{subject}, {LABELS.get(name, f'clé « {name} »')} : {before} devient {after}"


def _shown(name: str, value: Any, labels: dict[str, str] | None) -> str:
    text = _value(value, labels)
    if text == _NOTHING:
        return text
    return f"« {text} »" if isinstance(value, str) else f"{text} %" if name == "threshold" else text


def _value(value: Any, labels: dict[str, str] | None = None) -> str:
    if value is None or value == "":
        return _NOTHING
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, Decimal):
        return words.trimmed(value)
    if isinstance(value, date):
        return words.short_date(value)
    if isinstance(value, tuple):
        return words.listing([_value(each, labels) for each in value]) or _NOTHING
    text = str(value)
    return (labels or {}).get(text) or _WORDS.get(text, text)
