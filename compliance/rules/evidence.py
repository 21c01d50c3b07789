"""Pieces: whether what was received answers what a row asks, in its window of dates.

Source: arrêté of 3 July 2025, annexe 1, column of proofs. Windows use the date of approval or of the event, never that
of the upload (referential, rule 8).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from compliance.rules.verdict import Reason, State, Verdict
from compliance.rules.words import lower_first, short_date

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from compliance.rules.requirement import Piece

    _Teller = Callable[[str, str], Reason]

_NOTHING, _PROMISED, _NEAR, _UNSURE, _COUNTS = range(5)


class EvidenceStatus(StrEnum):
    """What is known of a piece: its file is here, or the register of evidence says how far it is."""

    RECEIVED = "received"
    DECLARED = "declared"  # validated according to the register, its file is not here
    DRAFT = "draft"
    REJECTED = "rejected"


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A piece that answers a row.

    `key` is that of the piece asked; `parties` are the keys of those it holds for, None for the whole candidate.
    `approved_on`, `expires_on` and `received_on` are three dates, never mixed up.
    """

    row: str
    key: str
    filename: str
    parties: frozenset[str] | None = None
    status: EvidenceStatus = EvidenceStatus.RECEIVED
    approved_on: date | None = None
    expires_on: date | None = None
    received_on: date | None = None

    def holds_for(self, party: str) -> bool:
        """Say whether it holds for a party."""
        return self.parties is None or party in self.parties


@dataclass(frozen=True)
class Window:
    """The days between which a piece must have been approved, both included; None on a side that is open.

    `end` is None while its event (a filing) has not happened or has no recorded date; `end_after` and `end_before` are
    the days between which that event takes place for every candidate, when the programme says so.
    """

    start: date | None = None
    end: date | None = None
    end_label: str = ""
    end_after: date | None = None
    end_before: date | None = None

    def end_passed_unknown(self, on: date) -> bool:
        """Say whether the event that ends the window has certainly happened, on a day nobody recorded."""
        return self.end is None and self.end_before is not None and on > self.end_before

    @property
    def text(self) -> str:
        """« du 16/07/2022 au 24/10/2025 (dépôt de la candidature) »."""
        start = f"du {short_date(self.start)} " if self.start else ""
        named = f" ({self.end_label})" if self.end_label else ""
        if self.end:
            return f"{start}au {short_date(self.end)}{named}"
        return f"{start}au {self.end_label}" if self.end_label else start.strip()


ALWAYS = Window()


def piece_verdict(
    alternatives: Sequence[Piece], evidence: Iterable[Evidence], window: Window, on: date, *, held: str = ""
) -> Verdict:
    """Say whether one of several alternative pieces is there, counts on a day, and why not.

    `evidence` is what holds for the party, of this row. `held` is a sentence when a fact kept in Vigie answers the piece.
    MISSING when there is nothing, IN_PROGRESS when what is there does not count, TO_CONFIRM when only the unknown date
    of a filing is in the way.
    """
    ranked: list[tuple[int, Evidence, Piece, Reason]] = []
    for piece in alternatives:
        for each in evidence:
            if each.key == piece.key:
                rank, reason = _standing(piece, each, window, on)
                if rank > _NOTHING:
                    ranked.append((rank, each, piece, reason))
    label = either(alternatives)
    best = max(ranked, key=_furthest, default=None)
    if best is not None and best[0] == _COUNTS:
        return Verdict(State.MET, (best[3],))
    if held:
        return Verdict(State.MET, (Reason("PIECE_HELD", f"{label} : {held}", alternatives[0].key),))
    if best is None:
        asked = Reason("PIECE_EXPECTED", f"Pièce attendue : {label}", alternatives[0].key)
        return Verdict(State.MISSING, (asked,), f"Joindre : {label}")
    rank, each, piece, reason = best
    state = State.TO_CONFIRM if rank == _UNSURE else State.IN_PROGRESS
    return Verdict(state, (reason,), _action(reason.code, piece, each, window))


def _furthest(entry: tuple[int, Evidence, Piece, Reason]) -> tuple[int, date, str, str]:
    """Order pieces: what counts most, then the last approved, then by name, whatever the order they came in."""
    rank, each, _, reason = entry
    return rank, each.approved_on or date.min, each.filename, reason.text


def either(alternatives: Sequence[Piece]) -> str:
    """Name alternatives: « Paramétrage du double facteur, ou motif de désactivation »."""
    first, *others = (piece.label for piece in alternatives)
    return ", ou ".join([first, *(lower_first(label) for label in others)])


def _standing(piece: Piece, each: Evidence, window: Window, on: date) -> tuple[int, Reason]:
    """Rank a piece, with the reason: what counts, what is near, what is promised; what is not known yet is nothing."""

    def told(code: str, text: str) -> Reason:
        return Reason(code, f"{piece.label} : {each.filename}, pièce {text}", piece.key)

    approved = each.approved_on
    days = [day for day in (approved, each.received_on) if day is not None]
    if days and min(days) > on:  # neither approved nor here on that day
        return _NOTHING, told("PIECE_LATER", "connue plus tard")
    if each.status in _PROMISES:
        return _PROMISED, told(*_PROMISES[each.status])
    if each.expires_on is not None and each.expires_on < on:
        return _NEAR, told("PIECE_EXPIRED", f"expirée depuis le {short_date(each.expires_on)}")
    if approved is None:
        if piece.dated:
            return _NEAR, told("PIECE_UNDATED", "sans date d’approbation : la fenêtre ne peut pas être vérifiée")
        return _COUNTS, told("PIECE_OK", "jointe, sans date d’approbation")
    return _dated(piece, approved, window, on, told)


_PROMISES = {
    EvidenceStatus.REJECTED: ("PIECE_REJECTED", "rejetée d’après le registre des preuves"),
    EvidenceStatus.DRAFT: ("PIECE_DRAFT", "pas encore validée d’après le registre des preuves"),
    EvidenceStatus.DECLARED: ("PIECE_DECLARED", "déclarée au registre des preuves, fichier à déposer"),
}


def _dated(piece: Piece, approved: date, window: Window, on: date, told: _Teller) -> tuple[int, Reason]:
    if approved > on:
        return _NEAR, told("PIECE_LATER", f"approuvée le {short_date(approved)}, après le {short_date(on)}")
    if piece.dated:
        return _in_window(approved, window, on, told)
    return _COUNTS, told("PIECE_OK", f"approuvée le {short_date(approved)}")


def _in_window(approved: date, window: Window, on: date, told: _Teller) -> tuple[int, Reason]:
    said = f"approuvée le {short_date(approved)}"
    if window.start is not None and approved < window.start:
        return _NEAR, told("PIECE_BEFORE_WINDOW", f"{said}, avant le {short_date(window.start)}")
    if window.end is not None and approved > window.end:
        text = f"{said}, après le {short_date(window.end)} ({window.end_label})"
        return _NEAR, told("PIECE_AFTER_WINDOW", text)
    if window.end_passed_unknown(on):
        assert window.end_before is not None  # noqa: S101  # what the question above just answered
        if approved > window.end_before:
            text = f"{said}, après la clôture du {short_date(window.end_before)} ({window.end_label})"
            return _NEAR, told("PIECE_AFTER_WINDOW", text)
        if window.end_after is None or approved > window.end_after:
            text = f"{said} ; la date de fin de la fenêtre n’est pas enregistrée ({window.end_label})"
            return _UNSURE, told("PIECE_WINDOW_UNKNOWN", text)
    return _COUNTS, told("PIECE_OK", f"{said}, dans la fenêtre {window.text}" if window.text else said)


def _action(code: str, piece: Piece, each: Evidence, window: Window) -> str:
    label = piece.label
    if code == "PIECE_BEFORE_WINDOW":  # « to approve again » would be too late once the window is closed
        return f"Joindre une version approuvée {window.text} : {label}"
    if code == "PIECE_LATER" and each.approved_on is not None:
        return f"Attendre le {short_date(each.approved_on)} : {label}"
    return {
        "PIECE_REJECTED": f"Remplacer : {label}",
        "PIECE_DRAFT": f"Faire valider : {label}",
        "PIECE_DECLARED": f"Déposer le fichier « {each.filename} »",
        "PIECE_EXPIRED": f"Renouveler : {label}",
        "PIECE_UNDATED": f"Saisir la date d’approbation : {label}",
        "PIECE_AFTER_WINDOW": f"Joindre la version en vigueur au jour du {window.end_label} : {label}",
        "PIECE_WINDOW_UNKNOWN": f"Enregistrer la date : {window.end_label}",
    }.get(code, f"Joindre : {label}")
