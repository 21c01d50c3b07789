"""Rows whose rule is not computed yet: what is expected, what is attached, and « à instruire » until someone reads it.

Source: arrêté of 3 July 2025, annexe 1, column of proofs of every row other than D2.O1.C.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from compliance.rules.verdict import Reason, State, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date


class ExpectedPiece(Protocol):
    """A piece the referential asks for."""

    @property
    def key(self) -> str:
        """Stable name of the piece."""

    @property
    def label(self) -> str:
        """What a person reads."""

    @property
    def required(self) -> bool:
        """False when it may be attached, without being asked."""

    @property
    def only_ght(self) -> bool:
        """Asked of a GHT alone."""

    @property
    def only_if(self) -> str:
        """French condition under which it is asked, empty if always."""

    @property
    def one_of(self) -> str:
        """Name shared by alternatives, one of which is enough."""

    @property
    def note(self) -> str:
        """What the text says beside it."""


class ExpectedRow(Protocol):
    """A row of the referential, as far as its pieces go."""

    @property
    def code(self) -> str:
        """Code of the row."""

    @property
    def only_ght(self) -> bool:
        """Asked of a GHT alone."""

    @property
    def pieces(self) -> tuple[ExpectedPiece, ...]:
        """What is expected."""


@dataclass(frozen=True)
class Attached:
    """A piece attached to a row: the key of the piece it answers, its file name and its day of approval."""

    key: str
    filename: str
    approved_on: date | None = None


@dataclass(frozen=True)
class _Need:
    """One thing expected: a piece, or alternatives of which one is enough."""

    pieces: tuple[ExpectedPiece, ...]

    @property
    def conditional(self) -> bool:
        return all(not piece.required or piece.only_if for piece in self.pieces)

    @property
    def label(self) -> str:
        first, *others = (piece.label for piece in self.pieces)
        return ", ou ".join([first, *(_lower_first(label) for label in others)])

    @property
    def sentence(self) -> str:
        first = self.pieces[0]
        if first.only_if:
            return f"À joindre si {first.only_if} : {self.label}"
        return f"Pièce attendue : {self.label}" if first.required else f"Peut être joint : {self.label}"

    def met_by(self, keys: set[str]) -> bool:
        return any(piece.key in keys for piece in self.pieces)


def expected_pieces(row: ExpectedRow, *, ght: bool) -> tuple[ExpectedPiece, ...]:
    """List the pieces asked of this candidate: those asked of a GHT alone are left out outside a GHT."""
    return tuple(piece for piece in row.pieces if ght or not piece.only_ght)


def instruct(row: ExpectedRow, pieces: Sequence[Attached], *, ght: bool) -> Verdict:
    """Say what a row expects and what is attached; never MET, someone has to read the pieces.

    MISSING when none of the pieces asked is attached, TO_INSTRUCT as soon as one is (one asked under a condition
    included: attaching it says the condition holds). NOT_APPLICABLE for a row asked of a GHT alone, outside a GHT.
    """
    if row.only_ght and not ght:
        text = f"{row.code} n’est demandé qu’aux GHT"
        return Verdict(State.NOT_APPLICABLE, (Reason("ONLY_GHT", text, row.code),))
    needs = _needs(expected_pieces(row, ght=ght))
    keys = {piece.key for piece in pieces}
    open_needs = [need for need in needs if not need.met_by(keys)]
    asked = {piece.key for need in needs for piece in need.pieces if piece.required}
    reasons = (*_attached(needs, pieces), *(_still_expected(need) for need in open_needs))
    state = State.TO_INSTRUCT if asked & keys else State.MISSING
    lacking = [need for need in open_needs if not need.conditional]
    action = f"Joindre : {lacking[0].label}" if lacking else "Vérifier que les pièces jointes répondent à la règle"
    return Verdict(state, reasons, action)


def _lower_first(label: str) -> str:
    """Write a label inside a sentence; an acronym keeps its capitals."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def _needs(pieces: Sequence[ExpectedPiece]) -> tuple[_Need, ...]:
    groups: dict[str, list[ExpectedPiece]] = {}
    for piece in pieces:
        groups.setdefault(f"one of {piece.one_of}" if piece.one_of else piece.key, []).append(piece)
    return tuple(_Need(tuple(group)) for group in groups.values())


def _attached(needs: Sequence[_Need], pieces: Sequence[Attached]) -> tuple[Reason, ...]:
    """List what is attached in the order of the row, then what answers none of its pieces."""
    labels = {piece.key: piece.label for need in needs for piece in need.pieces}
    order = {key: place for place, key in enumerate(labels)}
    known = sorted((p for p in pieces if p.key in labels), key=lambda p: (order[p.key], p.filename))
    others = sorted((p for p in pieces if p.key not in labels), key=lambda p: (p.filename, p.key))
    return (
        *(Reason("PIECE_ATTACHED", f"Joint : {labels[p.key]} ({p.filename})", p.key) for p in known),
        *(Reason("PIECE_OTHER", f"Joint, hors liste attendue : {p.filename}", p.key) for p in others),
    )


def _still_expected(need: _Need) -> Reason:
    code = "PIECE_CONDITIONAL" if need.conditional else "PIECE_EXPECTED"
    return Reason(code, need.sentence, need.pieces[0].key)
